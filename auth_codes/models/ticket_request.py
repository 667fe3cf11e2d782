"""A ticket for a client in branch, which two advisors hand over."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from auth_codes import wording
from auth_codes.models.dual_control import Concerned, DualControlAct, approved_by_another
from auth_codes.models.renewals import Renewal


class TicketRequest(DualControlAct):
    """That a client who sits at the desk is handed a ticket; see factors/tickets_by_advisors.py."""

    class Reason(models.TextChoices):
        ADD = "add", _("ajouter un moyen")
        LOST = "lost", _("remplacer tous les moyens, qui sont perdus")

    # He sits at the desk: whoever approves later would hold a ticket that nobody waits for.
    OPEN_FOR = 0
    SUBJECT = ("owner",)

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="ticket_requests", verbose_name="client"
    )
    reason = models.CharField("raison", max_length=4, choices=Reason)
    identity_check = models.CharField("identité vérifiée par", max_length=6, choices=Renewal.IdentityCheck)

    class Meta(DualControlAct.Meta):
        verbose_name = _("ticket pour un second moyen")
        verbose_name_plural = "tickets pour un second moyen"
        constraints = [
            models.UniqueConstraint(fields=["owner"], condition=Q(decision=""), name="one_open_ticket_request"),
            models.CheckConstraint(condition=Q(identity_check="branch"), name="tickets_are_asked_for_in_branch"),
            approved_by_another("ticket_request_approved_by_another"),
        ]

    def __str__(self) -> str:
        return f"ticket du {wording.short_day(self.started_at)}"

    @staticmethod
    def waiting_in_words(number: int) -> str:
        one = "{} ticket pour un second moyen attend l’approbation d’un second conseiller"
        several = "{} tickets pour un second moyen attendent l’approbation d’un second conseiller"
        return ngettext(one, several, number).format(number)

    def concerned(self) -> list[Concerned]:
        return [Concerned(self.owner)]
