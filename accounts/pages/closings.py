"""« Demandes à confirmer »: the closing of an account, which each holder confirms by his code, or refuses."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from typing import NamedTuple

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from django.views.generic import TemplateView

from accounts.bank_accounts import closing_requests, cosigning
from accounts.kinds import Event
from accounts.models import BankAccount, Client, ClosingAgreement, ClosingRequest, Mandate
from accounts.models.representations import within_reach
from accounts.pages.client import ClientMixin
from auth_codes.actor import Actor
from auth_codes.pages.confirming import ConfirmedByCodeView
from auth_codes.pages.fields import SecretCodeField

NOT_THE_CODE = _("Ce n’est pas votre code secret. Rien n’est confirmé.")
CODE_CHANGED = _("Votre code secret ou vos connexions ont changé pendant la confirmation. Rien n’est confirmé.")


class HolderSaid(NamedTuple):
    """What has been said for one holder, by one who signs for him or on paper."""

    row: ClosingAgreement
    is_own: bool  # the reader's own signature


class ConfirmClosingForm(forms.Form):
    password = SecretCodeField(
        label=_("Code secret"),
        help_text=_("6 chiffres. Relisez d’abord la demande."),
        autocomplete="current-password",
        error_messages={"required": _("Saisissez votre code secret pour confirmer la clôture.")},
    )


class ClosingMixin(ClientMixin):
    """A request that the client answers for himself, or for somebody whom he still represents; nobody else's exists."""

    kwargs: dict[str, int]

    @cached_property
    def asked(self) -> ClosingRequest:
        holders = within_reach(self.client, self.acting)
        theirs = ClosingRequest.objects.filter(agreements__signer=self.client, agreements__holder__in=holders)
        found = ClosingRequest.objects.with_agreements().filter(pk__in=theirs.values("pk"))
        asked = found.filter(pk=self.kwargs["pk"]).first()
        if asked is None:
            raise Http404
        return asked

    @cached_property
    def outcome(self) -> str:
        return closing_requests.outcome_of(self.asked, timezone.localdate())

    @cached_property
    def own(self) -> list[ClosingAgreement]:
        """What he answers: for himself, and for each whom he signs for."""
        return [row for row in self.asked.agreements.all() if row.signer_id == self.client.pk]

    @property
    def awaits_him(self) -> bool:
        return not self.outcome and not all(row.answer for row in self.own)

    def told(self):
        account = BankAccount.objects.with_balances().with_holders().get(pk=self.asked.account_id)
        advisor = self.asked.started_by
        return {
            "asked": self.asked,
            "account": account,
            "outcome": self.outcome,
            "advisor": advisor if advisor and advisor.pk == self.client.advisor_id else None,
            "represented": [row.holder for row in self.own if row.is_for_another],
            "is_holder": any(not row.is_for_another for row in self.own),
            "said": [HolderSaid(row, row.signer_id == self.client.pk) for row in self.asked.agreements.all()],
            "missing": missing(account, self.asked),
            "mandates": Mandate.objects.in_force(timezone.localdate()).filter(account=account).select_related("proxy"),
            "answer": self.own[0],
        }


class ClosingView(ClosingMixin, ConfirmedByCodeView):
    """A request until he has answered it, then what has become of it, at one address: a double click finds that."""

    template_name = "accounts/closings/confirm.html"
    form_class = ConfirmClosingForm
    code_field = "password"
    code_failure = Event.CLOSING_CODE_FAILED

    def get(self, request, *args, **kwargs):
        if self.awaits_him:
            return super().get(request, *args, **kwargs)
        return render(request, "accounts/closings/answered.html", self.told())

    def post(self, request, *args, **kwargs):
        # Judged before the code is counted.
        return super().post(request, *args, **kwargs) if self.awaits_him else redirect(self.asked)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**self.told(), **kwargs)

    @sensitive_variables()
    def confirmed(self, form):
        with suppress(cosigning.Over):  # the page says what has become of it
            cosigning.agree(self.asked, self.client, by=Actor.of(self.request))
        return redirect(self.asked)

    def not_the_code(self):
        return str(NOT_THE_CODE)

    def code_changed(self):
        messages.error(self.request, CODE_CHANGED)
        return redirect(self.asked)


class RefuseClosingView(ClosingMixin, TemplateView):
    """« Refuser »: asks whether he is sure, and no code, since the account stays as it is."""

    template_name = "accounts/closings/refuse.html"

    def get(self, request, *args, **kwargs):
        return redirect(self.asked) if self.outcome else super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        with suppress(cosigning.Over):
            cosigning.refuse(self.asked, self.client, by=Actor.of(request))
        return redirect(self.asked)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**self.told(), **kwargs)


def waiting(client: Client, accounts: Sequence[BankAccount], today: date) -> list[ClosingRequest]:
    """Those that wait for his answer, the one that lapses first at the top; nothing is asked where none of the accounts
    knows of one.
    """
    keys = {account.closing_request for account in accounts if account.closing_request}
    if not keys:
        return []
    standing = ClosingRequest.objects.with_agreements().filter(pk__in=keys).order_by("last_day", "pk")
    return [asked for asked in standing if not closing_requests.outcome_of(asked, today)]


def missing(account: BankAccount, asked: ClosingRequest) -> list[Client]:
    """The holders who are not asked online, and whose paper nobody has read yet."""
    known = {row.holder_id for row in asked.agreements.all()}
    return [holder for holder in account.holders.all() if holder.pk not in known]
