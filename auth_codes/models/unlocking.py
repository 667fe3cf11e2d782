"""The end of a lock, which two advisors bring about."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from auth_codes import wording
from auth_codes.models.dual_control import Concerned, DualControlAct, approved_by_another
from auth_codes.models.renewals import Renewal


class Unlocking(DualControlAct):
    """That a lock ends, after two advisors have made sure of who asks; see locking/unlocking.py."""

    SUBJECT = ("owner",)

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="unlockings", verbose_name="client"
    )
    identity_check = models.CharField("identité vérifiée par", max_length=6, choices=Renewal.IdentityCheck)

    class Meta(DualControlAct.Meta):
        verbose_name = _("déverrouillage d’un accès")
        verbose_name_plural = "déverrouillages d’accès"
        constraints = [
            models.UniqueConstraint(fields=["owner"], condition=Q(decision=""), name="one_open_unlocking"),
            approved_by_another("unlocking_approved_by_another"),
        ]

    def __str__(self) -> str:
        return f"déverrouillage du {wording.short_day(self.started_at)}"

    @staticmethod
    def waiting_in_words(number: int) -> str:
        one = "{} déverrouillage attend l’approbation d’un second conseiller"
        several = "{} déverrouillages attendent l’approbation d’un second conseiller"
        return ngettext(one, several, number).format(number)

    def concerned(self) -> list[Concerned]:
        return [Concerned(self.owner)]
