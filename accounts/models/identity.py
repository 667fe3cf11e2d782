"""Who somebody is: a change of name or birth date, which waits for a second advisor."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models.birth import born_once
from accounts.models.people import Client
from accounts.notation import birth_dates, names
from auth_codes.models import Concerned, DualControlAct, approved_by_another

IDENTITY_FIELDS = ("title", "given_names", "family_name", "birth_name", "birth_date", "birth_year")


class IdentityChange(DualControlAct):
    """That a client is to be somebody of another name or birth date; see clients/identity_changes.py."""

    SUBJECT = ("client",)

    client = models.ForeignKey(Client, models.PROTECT, related_name="identity_changes", verbose_name="client")
    old_title = models.CharField(max_length=3)
    old_given_names = models.CharField(max_length=80, blank=True)
    old_family_name = models.CharField(max_length=80)
    # Of the database too, as on the sheet.
    old_birth_name = models.CharField(max_length=80, blank=True, default="", db_default="")
    old_birth_date = models.DateField(null=True)
    old_birth_year = models.PositiveSmallIntegerField(null=True)
    title_asked = models.CharField("civilité", max_length=3, choices=Client.Title)
    given_names = models.CharField("prénoms", max_length=80, blank=True)
    family_name = models.CharField("nom", max_length=80)
    birth_name = models.CharField("nom de naissance", max_length=80, blank=True, default="", db_default="")
    birth_date = models.DateField("date de naissance", null=True)
    birth_year = models.PositiveSmallIntegerField("année de naissance", null=True)

    class Meta(DualControlAct.Meta):
        verbose_name = _("changement d’identité")
        verbose_name_plural = "changements d’identité"
        constraints = [
            models.UniqueConstraint(fields=["client"], condition=Q(decision=""), name="one_open_identity_change"),
            approved_by_another("identity_change_approved_by_another"),
            born_once("identity_change_to_one_birth"),
            born_once("identity_change_from_one_birth", day="old_birth_date", year="old_birth_year"),
        ]

    def __str__(self) -> str:
        return f"changement d’identité du client {self.client_id}"

    @staticmethod
    def waiting_in_words(number: int) -> str:
        one = "{} changement d’identité attend l’approbation d’un second conseiller"
        several = "{} changements d’identité attendent l’approbation d’un second conseiller"
        return ngettext(one, several, number).format(number)

    def concerned(self) -> list[Concerned]:
        return [Concerned(self.client.user, self.client.pk)]

    @property
    def name_before(self) -> str:
        return names.in_full(title=self.old_title, given_names=self.old_given_names, family_name=self.old_family_name)

    @property
    def name_asked(self) -> str:
        return names.in_full(title=self.title_asked, given_names=self.given_names, family_name=self.family_name)

    @property
    def birth_before(self) -> str:
        return birth_dates.in_words(self.old_birth_date, self.old_birth_year)

    @property
    def birth_asked(self) -> str:
        return birth_dates.in_words(self.birth_date, self.birth_year)
