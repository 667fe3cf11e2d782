"""« Virements »: those made, a new one, its review, its confirmation or cancelling, its receipt."""

import time
from datetime import date, datetime
from datetime import time as time_of_day

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from django.views.generic import FormView, TemplateView, View

from accounts.kinds import Event
from accounts.models import BankAccount, Client, Representation, Transfer
from accounts.models.representations import within_reach
from accounts.models.transfers import LIFETIME, TransferQuerySet
from accounts.pages import history_limit
from accounts.pages.begun_list import BegunList
from accounts.pages.client import ClientMixin
from accounts.pages.transfer_forms import ConfirmationForm, TransferForm
from accounts.transfers import eligibility, ordering, refusals
from auth_codes import wording
from auth_codes.actor import Actor
from auth_codes.factors import strength
from auth_codes.login.confirming import PATIENCE_SECONDS, PAUSE_SECONDS
from auth_codes.models import Challenge
from auth_codes.pages.both import BoundByBothView
from auth_codes.pages.visitor import is_restricted, open_to_codes_alone, visitor_of
from auth_codes.prepared import KEY, MOMENT, Blank, Prepared

TRANSFERS_PER_PAGE = 25
CANCELLED = _("Virement annulé : rien n’est débité.")
ALREADY_MADE = _("Trop tard pour annuler : vous avez déjà confirmé ce virement, il est fait. Voici son avis.")
NOT_THE_CODE = _("Ce n’est pas votre code secret. Rien n’a été débité.")
ASKS_A_MOYEN = _(
    "Ces deux comptes n’ont pas les mêmes titulaires\u00a0: la loi demande un second moyen pour ce virement. "
    "Choisissez-en un sous « Mon profil », ou prenez deux comptes à vous."
)
CODE_CHANGED = _("Votre code secret ou vos connexions ont changé pendant la confirmation. Rien n’a été débité.")


@method_decorator(open_to_codes_alone, name="dispatch")
class TransfersView(ClientMixin, TemplateView):
    template_name = "accounts/transfers/list.html"

    def get_context_data(self, **kwargs):
        client = self.client.pk
        confirmed = BegunList(
            CONFIRMED,
            lambda: confirmed_of(client),
            TRANSFERS_PER_PAGE,
            client=client,
            count=lambda: confirmed_of(client).count(),
        )
        shown, has_older = confirmed, False
        if self.seen_from:
            shown, has_older = since(confirmed_of(client), self.seen_from)
        return super().get_context_data(
            page=Paginator(shown, TRANSFERS_PER_PAGE).get_page(self.request.GET.get("page")),
            further_back=history_limit.address(self.request) if has_older else "",
            waiting=WAITING.ask(client=client, since=timezone.now() - LIFETIME),
            may_transfer=eligibility.may_order(self.client, timezone.localdate(), self.acting),
            **kwargs,
        )


@method_decorator(open_to_codes_alone, name="dispatch")
class NewTransferView(ClientMixin, FormView):
    template_name = "accounts/transfers/new.html"
    form_class = TransferForm

    @cached_property
    def usable(self):
        usable = eligibility.usable_accounts(self.client, timezone.localdate())
        return [each for each in usable if not each.holders] if is_restricted(self.request) else usable

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"usable": self.usable}

    def get_initial(self):
        """An account to begin with (`depuis`), or an earlier order to begin anew (`comme`)."""
        order = self.earlier_order
        if order is None:
            return {"source": self.request.GET.get("depuis", "")}
        typed = wording.figures(order.amount)
        return {"source": order.source_id, "destination": order.destination_id, "amount": typed, "label": order.label}

    @cached_property
    def earlier_order(self):
        asked = self.request.GET.get("comme")
        try:
            return order_of(self.client, asked) if asked else None
        except Http404:
            if self.request.method == "POST":
                return None  # forgotten meanwhile, in another window: what was typed is taken nevertheless
            raise

    def get(self, request, *args, **kwargs):
        if self.earlier_order:
            history_limit.judge(self.request, day_of(self.earlier_order))
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        """What the operation would refuse is said with what the form does: nobody mends one field to meet the next."""
        form = self.get_form()
        form.is_valid()
        known = {name: form.cleaned_data.get(name) for name in ("source", "destination", "amount")}
        for refusal in ordering.refusals_of(self.client, **known):
            form.add_error(refusal.field, refusal.sentence)
        sides = known["source"], known["destination"]
        if all(sides) and self.has_no_moyen() and not eligibility.same_holders(*(side.pk for side in sides)):
            form.add_error("destination", ASKS_A_MOYEN)
        return self.form_valid(form) if form.is_valid() else self.form_invalid(form)

    def has_no_moyen(self):
        """Whether one is required, and he has none that the page of the order could lead him to show."""
        return is_restricted(self.request) and not visitor_of(self.request).standing.owes_proof

    def form_valid(self, form):
        try:
            order = ordering.prepare(self.client, **form.cleaned_data)
        except refusals.TransferRefused as refusal:
            form.add_error(refusal.field, refusal.sentence)
            return self.form_invalid(form)
        if self.earlier_order:
            ordering.void(self.earlier_order)  # « Modifier »: else both could be confirmed
        return redirect(order)

    def get_context_data(self, **kwargs):
        is_possible = any(each.is_offered for each in self.usable)
        per_day = wording.euros(ordering.AMOUNT_PER_DAY)
        minor = {"is_minor": self.client.is_minor(timezone.localdate()), "minors_read": refusals.MINORS_READ}
        return super().get_context_data(is_possible=is_possible, per_day=per_day, **minor, **kwargs)


@method_decorator(open_to_codes_alone, name="dispatch")
class TransferView(ClientMixin, BoundByBothView):
    """An order until it is confirmed, then its receipt, at the same address: a repeated click finds the latter.

    Between accounts of the same people the code is enough (RTS 2018/389 art. 15); where the money becomes, or was,
    somebody else's as well, whoever has a moyen shows it beside the code.
    """

    template_name = "accounts/transfers/confirm.html"
    form_class = ConfirmationForm
    code_field = "password"
    code_failure = Event.TRANSFER_CODE_FAILED
    purpose = Challenge.Purpose.ORDER

    def dispatch(self, request, *args, **kwargs):
        self.order = order_of(self.client, kwargs["pk"])
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def factors(self):
        return (
            []
            if eligibility.same_holders(self.order.source_id, self.order.destination_id)
            else strength.strongest(super().factors)
        )

    def facts(self):
        order = self.order
        return {
            "transfer": str(order.pk),
            "amount": f"{order.amount:.2f}",
            "source": order.source.number,
            "destination": order.destination.number,
            "label": order.label,
        }

    def get(self, request, *args, **kwargs):
        self.judge_owner()
        if self.order.is_confirmed:
            history_limit.judge(self.request, day_of(self.order))
            return render(
                request,
                "accounts/transfers/receipt.html",
                {"transfer": self.order, **receipt_of(self.order, self.client)},
            )
        if self.order.has_expired(timezone.now()):
            return render(request, "accounts/transfers/expired.html", {"transfer": self.order})
        self.judge_proof()
        return super().get(request, *args, **kwargs)

    def get_initial(self):
        return {"seal": ordering.fingerprint(self.order)}

    def get_context_data(self, **kwargs):
        return super().get_context_data(transfer=self.order, **review_of(self.order), **kwargs)

    def post(self, request, *args, **kwargs):
        if self.order.is_confirmed:
            return redirect(self.order)
        self.judge_owner()
        self.judge_proof()
        try:
            ordering.judge_order(self.order, request.POST.get("seal", ""), timezone.now())
        except (refusals.Changed, refusals.Expired) as refusal:
            return self.begin_anew(refusal)
        return super().post(request, *args, **kwargs)

    def judge_owner(self):
        """Once a moyen is required, the two codes alone open nobody else's accounts, nor what an order left there."""
        if is_restricted(self.request) and eligibility.on_behalf_of(self.order, self.client):
            raise history_limit.AsksProof(self.order.get_absolute_url(), is_history=False)

    def judge_proof(self):
        """Once a moyen is required, the two codes alone order between accounts of the same holders; RTS art. 15."""
        order = self.order
        if is_restricted(self.request) and not eligibility.same_holders(order.source_id, order.destination_id):
            raise history_limit.AsksProof(order.get_absolute_url(), is_history=False)

    @sensitive_variables()
    def form_valid(self, form):
        try:
            ordering.judge(self.order, timezone.now())  # an order that cannot be booked counts nothing
            return super().form_valid(form)
        except refusals.TransferRefused as refusal:
            return self.answer_to(refusal, form)

    @sensitive_variables()
    def confirmed(self, form):
        ordering.confirm(self.order, by=Actor.of(self.request), seen=form.cleaned_data["seal"])
        return redirect(self.order)

    def another_asked(self):
        return redirect(self.order) if self.is_booked_by_now() else super().another_asked()

    def already_proved(self, form):
        is_done = self.was_proved() and self.is_booked_by_now()
        return redirect(self.order) if is_done else super().already_proved(form)

    def is_booked_by_now(self):
        """Whether another click, with the same proof, books it or has: it is waited for while it does."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not ordering.is_booked(self.order):
            if time.monotonic() > deadline:
                return False
            time.sleep(PAUSE_SECONDS)
        return True

    def answer_to(self, refusal, form):
        # Another click of the same client may have got through meanwhile.
        if ordering.is_booked(self.order):
            return redirect(self.order)
        match refusal:
            case refusals.Changed() | refusals.Expired():
                return self.begin_anew(refusal)
            case refusals.TransferRefused():
                form.add_error(None, refusal.sentence)
                return self.form_invalid(form)
        return super().answer_to(refusal, form)

    def begin_anew(self, refusal):
        if isinstance(refusal, refusals.Expired):
            return redirect(self.order)
        ordering.void(self.order)
        messages.error(self.request, refusal.sentence)
        return redirect(f"{reverse('new_transfer')}?comme={self.order.pk}")

    def not_the_code(self):
        return str(NOT_THE_CODE)

    def code_changed(self):
        messages.error(self.request, CODE_CHANGED)
        return redirect(self.order)


@method_decorator(open_to_codes_alone, name="dispatch")
class CancelTransferView(ClientMixin, View):
    """« Annuler »: asks no code, since it moves nothing."""

    def get(self, request, pk):
        """Where the login leads whose session had ended before he cancelled."""
        return redirect(order_of(self.client, pk))

    def post(self, request, pk):
        order = order_of(self.client, pk)
        ordering.void(order)
        if ordering.is_booked(order):
            messages.info(request, ALREADY_MADE)
            return redirect(order)
        messages.success(request, CANCELLED)
        return redirect("transfers")


def orders_of(client: int | Blank) -> TransferQuerySet:
    """As the list shows them."""
    sheets = Client.objects.sheets_of(client)  # type: ignore[arg-type]  # or a blank for it
    return Transfer.objects.filter(client__in=sheets).select_related("source", "destination", "booking__correction")


def confirmed_of(client: int | Blank) -> TransferQuerySet:
    return orders_of(client).confirmed()


def day_of(order) -> date | None:
    """When it was made; None of one that is not."""
    return timezone.localdate(order.confirmed_at) if order.confirmed_at else None


def since(orders: TransferQuerySet, day: date) -> tuple[TransferQuerySet, bool]:
    """Those made on this day or after it, and whether there are any before."""
    begins = timezone.make_aware(datetime.combine(day, time_of_day.min))
    return orders.filter(confirmed_at__gte=begins), orders.filter(confirmed_at__lt=begins).exists()


CONFIRMED = Prepared(lambda client: confirmed_of(client)[: TRANSFERS_PER_PAGE + 1], client=KEY)
WAITING = Prepared(lambda client, since: orders_of(client).prepared_after(since), client=KEY, since=MOMENT)


def order_of(client, pk):
    """An order of the client's own; of anybody else's, even on an account that both hold, nothing is to be seen."""
    orders = Transfer.objects.of(client).select_related(
        "source", "destination", "client", "booking__correction", "receipt"
    )
    try:
        return get_object_or_404(orders, pk=pk)
    except ValidationError:  # no identifier of anything
        raise Http404 from None


def receipt_of(order, client):
    """What the client reads beside a transfer that is made: the balances that it left, then and for ever.

    He may have ordered it when he had another sheet.
    """
    today = timezone.localdate()
    acting = Representation.objects.acting(client, today)
    seen = BankAccount.objects.reached(within_reach(client, acting), client, today).values("pk")
    entries = order.booking.entries.filter(account__in=[] if order.corrected_on else seen)
    left = {account: wording.euros(balance) for account, balance in entries.values_list("account", "balance")}
    return {
        "transfer": order,
        "source_after": left.get(order.source_id),
        "destination_after": left.get(order.destination_id),
        "on_behalf_of": eligibility.on_behalf_of(order, client),
        "may_transfer": eligibility.may_order(client, today, acting),
    }


def review_of(order):
    """What the client reads beside the order itself before he confirms it."""
    today = timezone.localdate()
    # Not of an account whose mandate has ended since he prepared the order: he may not see it any more.
    accounts = BankAccount.objects.seen_by(order.client, today).with_balances()
    moved = {order.source_id: -order.amount, order.destination_id: order.amount}
    after = {pk: account.balance + moved[pk] for pk, account in accounts.in_bulk(moved).items()}
    shown = {pk: wording.euros(balance) for pk, balance in after.items()}
    return {
        "source_after": shown.get(order.source_id),
        "destination_after": shown.get(order.destination_id),
        "becomes_negative": after.get(order.source_id, 0) < 0,
        "on_behalf_of": eligibility.on_behalf_of(order, order.client),
        "same_before": ordering.same_before(order, timezone.now()),
        "today": today,
    }
