"""The closing of an account: who of its holders agrees, on paper or in his online space, and what has become of it."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Client
from auth_codes.prepared import Blank


class ClosingRequestQuerySet(models.QuerySet["ClosingRequest"]):
    """Requests by whether they still stand, and by whether those who were asked in their spaces have agreed."""

    def standing(self) -> Self:
        """Those that nothing has ended; one whose last day is over is among them until that is written down."""
        return self.filter(outcome="")

    def answered(self) -> Self:
        """Those that wait for nobody's online space any more."""
        unanswered = ClosingAgreement.objects.filter(request=OuterRef("pk"), signer__isnull=False, answer="")
        return self.filter(~Exists(unanswered))

    def with_agreements(self) -> Self:
        agreements = ClosingAgreement.objects.select_related("holder", "signer", "confirmed_by").order_by("pk")
        with_account = self.select_related("account", "started_by")
        return with_account.prefetch_related(models.Prefetch("agreements", agreements))


class ClosingRequest(models.Model):
    """That an account is to be closed, begun by an advisor; see bank_accounts/cosigning.py.

    What it asks for is never changed: where the holders, or who signs for them, are no longer those who were asked, it
    ends, and whoever still wants it asks anew.
    """

    class Outcome(models.TextChoices):
        CLOSED = "closed", _("compte clôturé")
        REFUSED = "refused", _("refusée par l’une des personnes à qui elle était demandée")
        WITHDRAWN = "withdrawn", _("retirée par la banque")
        LAPSED = "lapsed", _("restée sans réponse jusqu’à son dernier jour")
        CHANGED = "changed", _("le compte, ses titulaires ou ceux qui agissent pour eux ont changé")

    account = models.ForeignKey(
        "BankAccount", models.PROTECT, related_name="closing_requests", verbose_name="compte", editable=False
    )
    # Nobody where a command closes the account.
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, editable=False
    )
    started_at = models.DateTimeField("demandée le", default=timezone.now, editable=False)
    last_day = models.DateField("jusqu’au", editable=False)
    outcome = models.CharField("issue", max_length=9, choices=Outcome, blank=True, default="", editable=False)
    ended_at = models.DateTimeField("terminée le", null=True, editable=False)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False)

    objects = ClosingRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "demande de clôture"
        verbose_name_plural = "demandes de clôture"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["started_by", "outcome", "ended_at"], name="closings_of_advisor"),
            models.Index(fields=["last_day"], condition=Q(outcome=""), name="closings_standing"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(outcome=""), name="one_standing_closing"),
            models.CheckConstraint(
                condition=Q(outcome="", ended_at=None) | ~Q(outcome="") & Q(ended_at__isnull=False),
                name="closing_ends_with_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"demande de clôture du compte {self.account_id}"

    def get_absolute_url(self) -> str:
        return reverse("closing", args=[self.pk])


class ClosingAgreement(models.Model):
    """That one holder agrees: by one person who signs for him, himself or another, or on paper, where nobody is named.

    Of somebody for whom two sign, each has a row.
    """

    class Answer(models.TextChoices):
        AGREED = "agreed", _("accord donné")
        REFUSED = "refused", _("refus")

    # Looked up by the index of `closing_signed_once`.
    request = models.ForeignKey(
        ClosingRequest, models.PROTECT, db_index=False, related_name="agreements", editable=False
    )
    holder = models.ForeignKey(Client, models.PROTECT, related_name="closing_agreements", editable=False)
    signer = models.ForeignKey(Client, models.PROTECT, null=True, related_name="closings_to_answer", editable=False)
    answer = models.CharField("réponse", max_length=7, choices=Answer, blank=True, default="", editable=False)
    answered_at = models.DateTimeField("répondu le", null=True, editable=False)
    # Who typed his code or, of a paper, the advisor who has read it.
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )

    class Meta:
        verbose_name = "accord pour une clôture"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["request", "holder", "signer"], name="closing_signed_once"),
            models.UniqueConstraint(
                fields=["request", "holder"], condition=Q(signer=None), name="closing_signed_once_on_paper"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None) | ~Q(answer="") & Q(answered_at__isnull=False),
                name="closing_answered_at_a_moment",
            ),
            # What is on paper is stored once it is read.
            models.CheckConstraint(
                condition=Q(signer__isnull=False) | Q(answer="agreed"), name="closing_on_paper_is_agreed"
            ),
        ]

    def __str__(self) -> str:
        return f"accord {self.pk} pour la demande {self.request_id}"

    @property
    def is_on_paper(self) -> bool:
        return self.signer_id is None

    @property
    def is_agreed(self) -> bool:
        return self.answer == self.Answer.AGREED

    @property
    def is_for_another(self) -> bool:
        """Whether who signs is not the holder himself."""
        return self.signer_id is not None and self.signer_id != self.holder_id


def waiting_for(signer: Client | Blank) -> Subquery:
    """Of each account the key of the closing that waits for this person's answer, or NULL: for a question that a page
    asks anyway, so that none is asked where nothing waits. Whether its last day is over, its reader judges.
    """
    theirs = ClosingAgreement.objects.filter(Q(signer=signer), request__account=OuterRef("pk"), request__outcome="")
    return Subquery(theirs.filter(answer="").order_by("pk").values("request")[:1])
