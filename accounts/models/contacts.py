"""What was changed of how a client is reached, and who has confirmed it since."""

from collections.abc import Iterable
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Client


class ContactChangeQuerySet(models.QuerySet["ContactChange"]):
    """Changes by what has become of them."""

    def unconfirmed(self) -> Self:
        """Those that nobody has confirmed yet, the oldest first: no time that passes takes one out."""
        return self.filter(confirmed_at=None).order_by("pk")

    def own(self) -> Self:
        """Those that the client made himself."""
        return self.filter(by_himself=True)

    def of(self, contacts: Iterable[str]) -> Self:
        """Those of these contacts."""
        return self.filter(contact__in=list(contacts))


class ContactChange(models.Model):
    """That a member of staff or the client himself changed one contact, from `old` to `new`, as they read on the sheet.

    Each writer of a value has a row of his own, and a confirmation ends all rows of the contact: so the constraint
    keeps everybody who wrote since the last confirmation from giving the next one, but for a client: what
    he changed himself, by his code and a strong moyen, is confirmed by himself once it has rested (own_contacts.py).
    """

    class Contact(models.TextChoices):
        EMAIL = "email", _("adresse électronique")
        MOBILE_PHONE = "mobile_phone", _("téléphone mobile")
        HOME_PHONE = "home_phone", _("téléphone fixe")
        ADDRESS = "address", _("adresse postale")

    client = models.ForeignKey(Client, models.PROTECT, related_name="contact_changes", verbose_name="client")
    contact = models.CharField("coordonnée", max_length=12, choices=Contact)
    old = models.TextField("ancienne valeur", blank=True)
    new = models.TextField("nouvelle valeur", blank=True)
    # Why somebody else is to look at it, where it may be another person's; see clients/doubtful_contacts.py.
    why = models.CharField("raison", max_length=80, blank=True)
    changed_at = models.DateTimeField("modifiée le", default=timezone.now)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="modifiée par"
    )
    # Of the database too: servers of the version before, which do not know it, may still be running.
    by_himself = models.BooleanField("par le client lui-même", default=False, db_default=False)
    confirmed_at = models.DateTimeField("confirmée le", null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="confirmée par"
    )

    objects = ContactChangeQuerySet.as_manager()

    class Meta:
        verbose_name = "coordonnée modifiée"
        verbose_name_plural = "coordonnées modifiées"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confirmed_at=None, confirmed_by=None)
                | models.Q(confirmed_at__isnull=False, confirmed_by__isnull=False)
                & (models.Q(by_himself=True) | ~models.Q(confirmed_by=models.F("changed_by"))),
                name="contact_confirmed_by_another",
            )
        ]
        indexes = [models.Index(fields=["client"], condition=models.Q(confirmed_at=None), name="unconfirmed_contacts")]

    def __str__(self) -> str:
        return f"{self.get_contact_display()} du client {self.client_id}"

    @property
    def author(self) -> str:
        """Who changed it, for the desk: a client's user has no name but his code client."""
        return "le client lui-même" if self.by_himself else str(self.changed_by)
