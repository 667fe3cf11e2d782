"""The end of somebody's moyens, which two advisors bring about."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from auth_codes import wording
from auth_codes.models.dual_control import Concerned, DualControlAct, approved_by_another
from auth_codes.models.renewals import Renewal


class FactorsEnding(DualControlAct):
    """That the moyens of a client who has lost his telephone end; see factors/by_advisors.py."""

    SUBJECT = ("owner",)

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="factors_endings", verbose_name="client"
    )
    identity_check = models.CharField("identité vérifiée par", max_length=6, choices=Renewal.IdentityCheck)

    class Meta(DualControlAct.Meta):
        verbose_name = _("fin des seconds moyens")
        verbose_name_plural = "fins de seconds moyens"
        constraints = [
            models.UniqueConstraint(fields=["owner"], condition=Q(decision=""), name="one_open_factors_ending"),
            approved_by_another("factors_ending_approved_by_another"),
        ]

    def __str__(self) -> str:
        return f"fin des seconds moyens du {wording.short_day(self.started_at)}"

    @staticmethod
    def waiting_in_words(number: int) -> str:
        one = "{} fin de seconds moyens attend l’approbation d’un second conseiller"
        several = "{} fins de seconds moyens attendent l’approbation d’un second conseiller"
        return ngettext(one, several, number).format(number)

    def concerned(self) -> list[Concerned]:
        return [Concerned(self.owner)]
