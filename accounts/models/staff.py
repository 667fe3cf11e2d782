"""What two administrators do together about a member of staff, and the link that opens his account the first time."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import F, Q
from django.utils.translation import ngettext

from auth_codes.models import Concerned, DualControlAct, approved_by_another


class StaffRequest(DualControlAct):
    """That a member of staff comes, goes, or has other rights: one administrator asks, a second one approves."""

    class Kind(models.TextChoices):
        NEW = "new", "nouveau membre"
        GROUPS = "groups", "changement de groupes ou d’agence"
        DEACTIVATE = "deactivate", "désactivation"
        REACTIVATE = "reactivate", "réactivation"
        RESET = "reset", "nouveau mot de passe"
        OWN_CLIENT = "own_client", "fiche client personnelle"

    OPENED_BY_A_LINK = (Kind.NEW, Kind.REACTIVATE, Kind.RESET)
    # A name, since somebody new is nobody yet.
    SUBJECT = ("username",)
    APPROVER = "administrateur"

    kind = models.CharField("demande", max_length=10, choices=Kind)
    # Null until somebody new is made.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="membre du personnel"
    )
    username = models.CharField("nom d’utilisateur", max_length=150)
    first_name = models.CharField("prénom", max_length=150, blank=True)
    last_name = models.CharField("nom", max_length=150, blank=True)
    email = models.EmailField("adresse électronique", blank=True)
    groups = models.ManyToManyField(Group, related_name="+", verbose_name="groupes")
    # Where he is to work, of advisors and branch managers alone.
    branch = models.ForeignKey("Branch", models.PROTECT, null=True, related_name="+", verbose_name="agence")
    # His own sheet, when he is a client of the bank; see User.own_client.
    own_client = models.ForeignKey(
        "Client", models.PROTECT, null=True, related_name="+", verbose_name="fiche client personnelle"
    )

    class Meta(DualControlAct.Meta):
        verbose_name = "demande sur le personnel"
        verbose_name_plural = "demandes sur le personnel"
        constraints = [
            models.UniqueConstraint(fields=["username"], condition=Q(decision=""), name="one_open_staff_request"),
            approved_by_another("staff_request_approved_by_another"),
            models.CheckConstraint(
                condition=Q(member=None)
                | (~Q(started_by=F("member")) & (~Q(decision="approved") | ~Q(decided_by=F("member")))),
                name="nobody_acts_on_his_own_account",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @staticmethod
    def waiting_in_words(number: int) -> str:
        one = "{} demande sur le personnel attend l’approbation d’un second administrateur"
        several = "{} demandes sur le personnel attendent l’approbation d’un second administrateur"
        return ngettext(one, several, number).format(number)

    def concerned(self) -> list[Concerned]:
        return [Concerned(self.member)]

    @property
    def title(self) -> str:
        return f"{self.get_kind_display().capitalize()} : {self.username}"


class FirstAccess(models.Model):
    """The one link of a member of staff by which he chooses his password, once; see desk/first_access.py."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="first_access")
    # Keyed: who reads the table has no link.
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = "premier accès"
        verbose_name_plural = "premiers accès"

    def __str__(self) -> str:
        return f"{self.owner}, jusqu’au {self.expires_at:%d/%m/%Y %H:%M}"
