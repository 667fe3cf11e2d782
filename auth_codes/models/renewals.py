"""Asking for a new code: online by whoever knows a code client, or by two advisors."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from auth_codes.models.letters import SealedLetter


class RenewalRequest(models.Model):
    """« Code secret oublié », asked online: one row for any well-formed number, held by somebody or not."""

    class Outcome(models.TextChoices):
        ISSUED = "issued", "courrier émis"
        UNKNOWN = "unknown", "aucun client"
        TOO_SOON = "too_soon", "un courrier récent est en route"
        LAPSED = "lapsed", "retenue trop longtemps"
        CLOSED = "closed", "accès fermé par un conseiller"

    client_code = models.CharField("code client", max_length=10)
    requested_at = models.DateTimeField("demandé le", default=timezone.now)
    network = models.CharField("réseau", max_length=50)
    handled_at = models.DateTimeField("traité le", null=True, blank=True)
    outcome = models.CharField("suite", max_length=8, choices=Outcome, blank=True)
    # Since when the letter waits because the address is too recent; the advisors see it.
    held_at = models.DateTimeField("retenu depuis", null=True, blank=True)

    class Meta:
        verbose_name = "demande de code secret"
        verbose_name_plural = "demandes de code secret"
        constraints = [
            models.UniqueConstraint(
                fields=["client_code"], condition=models.Q(handled_at__isnull=True), name="one_waiting_request"
            )
        ]

    def __str__(self) -> str:
        return f"demande du {timezone.localtime(self.requested_at):%d/%m/%Y %H:%M}"


class Renewal(models.Model):
    """A new code that one advisor starts after checking identity and a second one approves."""

    class IdentityCheck(models.TextChoices):
        AT_BRANCH = "branch", "pièce d’identité vue en agence"
        BY_PHONE = "phone", "rappel au numéro connu et questions de contrôle"
        BY_VIDEO = "video", "rendez-vous vidéo avec pièce d’identité"

    class Decision(models.TextChoices):
        APPROVED = "approved", "approuvé"
        REFUSED = "refused", "refusé"
        LAPSED = "lapsed", "resté sans réponse"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="renewals", verbose_name="client")
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    identity_check = models.CharField("identité vérifiée par", max_length=6, choices=IdentityCheck)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="started_renewals", verbose_name="demandé par"
    )
    started_at = models.DateTimeField("demandé le", default=timezone.now)
    decision = models.CharField("décision", max_length=8, choices=Decision, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="decided_renewals", verbose_name="décidé par"
    )
    decided_at = models.DateTimeField("décidé le", null=True)
    letter = models.OneToOneField(SealedLetter, models.PROTECT, null=True, related_name="renewal")

    class Meta:
        verbose_name = "renouvellement de code secret"
        verbose_name_plural = "renouvellements de code secret"
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(fields=["owner"], condition=models.Q(decision=""), name="one_open_renewal"),
            # ASVS 5.0 2.3.5: whoever starts it cannot approve it.
            models.CheckConstraint(
                condition=~models.Q(decision="approved")
                | (models.Q(decided_by__isnull=False) & ~models.Q(decided_by=models.F("started_by"))),
                name="renewal_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"renouvellement du {timezone.localtime(self.started_at):%d/%m/%Y}"

    @property
    def decision_in_words(self) -> str:
        """What became of it; « retiré » when who started it took it back. Empty while nothing did."""
        is_own = self.decided_by_id == self.started_by_id
        return "retiré" if is_own and self.decision == self.Decision.REFUSED else self.get_decision_display()
