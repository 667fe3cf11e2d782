"""Asking for a new code: online by whoever knows a code client, or by two advisors."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from auth_codes import wording
from auth_codes.models.dual_control import Concerned, DualControlAct, approved_by_another
from auth_codes.models.letters import SealedLetter


class RenewalRequest(models.Model):
    """« Code secret oublié », asked online: one row for any well-formed number, held by somebody or not.

    While it waits, each network that asks for the same number has one of its own; all of a number are handled together.
    """

    class Outcome(models.TextChoices):
        ISSUED = "issued", _("courrier émis")
        UNKNOWN = "unknown", _("aucun client")
        TOO_SOON = "too_soon", _("un courrier récent est en route")
        LAPSED = "lapsed", _("retenue trop longtemps")
        CLOSED = "closed", _("accès fermé par un conseiller")
        JOINED = "joined", _("traitée avec une autre pour le même numéro")

    client_code = models.CharField("code client", max_length=10)
    requested_at = models.DateTimeField("demandé le", default=timezone.now)
    last_asked_at = models.DateTimeField("demandé en dernier le", default=timezone.now, db_default=Now())
    network = models.CharField("réseau", max_length=50)
    handled_at = models.DateTimeField("traité le", null=True, blank=True)
    outcome = models.CharField("suite", max_length=8, choices=Outcome, blank=True)
    # Since when the letter waits because the address is too recent; the advisors see it.
    held_at = models.DateTimeField("retenu depuis", null=True, blank=True)

    class Meta:
        verbose_name = "demande de code secret"
        verbose_name_plural = "demandes de code secret"
        # What waits, and a day's letters, among all that anybody asked for meanwhile.
        indexes = [
            models.Index(fields=["handled_at"], condition=models.Q(handled_at__isnull=False), name="requests_handled"),
            models.Index(fields=["handled_at"], condition=models.Q(outcome="issued"), name="requests_issued"),
            models.Index(fields=["requested_at", "id"], condition=models.Q(handled_at=None), name="requests_waiting"),
            models.Index(
                fields=["requested_at", "id"],
                condition=models.Q(handled_at=None, held_at__isnull=False),
                name="requests_held",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["client_code", "network"],
                condition=models.Q(handled_at__isnull=True),
                name="one_waiting_request_a_network",
            )
        ]

    def __str__(self) -> str:
        return f"demande du {wording.short_moment(self.requested_at)}"


class Renewal(DualControlAct):
    """A new code that one advisor starts after checking identity and a second one approves."""

    class IdentityCheck(models.TextChoices):
        AT_BRANCH = "branch", _("pièce d’identité vue en agence")
        BY_PHONE = "phone", _("rappel au numéro connu et questions de contrôle")
        BY_VIDEO = "video", _("rendez-vous vidéo avec pièce d’identité")

    SUBJECT = ("owner",)

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="renewals", verbose_name="client")
    identity_check = models.CharField("identité vérifiée par", max_length=6, choices=IdentityCheck)
    letter = models.OneToOneField(SealedLetter, models.PROTECT, null=True, related_name="renewal")

    class Meta(DualControlAct.Meta):
        verbose_name = _("renouvellement de code secret")
        verbose_name_plural = "renouvellements de code secret"
        constraints = [
            models.UniqueConstraint(fields=["owner"], condition=models.Q(decision=""), name="one_open_renewal"),
            approved_by_another("renewal_approved_by_another"),
        ]

    def __str__(self) -> str:
        return f"renouvellement du {wording.short_day(self.started_at)}"

    @staticmethod
    def waiting_in_words(number: int) -> str:
        one = "{} renouvellement attend l’approbation d’un second conseiller"
        several = "{} renouvellements attendent l’approbation d’un second conseiller"
        return ngettext(one, several, number).format(number)

    def concerned(self) -> list[Concerned]:
        return [Concerned(self.owner)]
