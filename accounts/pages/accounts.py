"""What a client sees of accounts: all of them, and one with its operations."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.http import Http404
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy
from django.views.generic import DetailView, TemplateView

from accounts.documents import newest
from accounts.models import BankAccount, Client, Representation
from accounts.notation import ibans
from accounts.notation.lists import enumerated
from accounts.operations import flows, grouping, held, months, search, sums
from accounts.operations.flows import Flows
from accounts.operations.grouping import Known
from accounts.operations.search import HIGHEST_POSITION, Page, Positions
from accounts.operations.sums import Sums
from accounts.pages import acting, closings, curve, history_limit, this_month
from accounts.pages.client import ClientMixin, about_code, about_connections
from accounts.pages.operation_filter import OperationFilter
from accounts.transfers import eligibility
from auth_codes import wording
from auth_codes.pages.choosing import invitation
from auth_codes.pages.visitor import is_restricted, open_to_codes_alone

FOUND = ngettext_lazy("{shown} opération trouvée", "{shown} opérations trouvées", "number")


class Shown(NamedTuple):
    """An account and, unless it is the client's alone, whose it is."""

    account: BankAccount
    whose: str


class Listed(NamedTuple):
    """The same with the line of its last twelve months."""

    account: BankAccount
    whose: str
    spark: curve.Spark | None


@method_decorator(open_to_codes_alone, name="dispatch")
class OverviewView(ClientMixin, TemplateView):
    template_name = "accounts/bank_accounts/overview.html"

    def get_context_data(self, **kwargs):
        client, today, since = self.client, timezone.localdate(), self.seen_from
        own = held.own(client)
        # The two codes alone open nobody else's accounts, once a moyen is required.
        is_own_alone = is_restricted(self.request)
        represented = [] if is_own_alone else acting.with_accounts(client, self.acting)
        entrusted = [] if is_own_alone else acting.without(represented, held.entrusted(client, today))
        others = [account for each in represented for account in each.accounts]
        moved = sums.between([*own, *entrusted, *others], months.last_twelve(today)[-1], today.replace(day=1))
        in_use = [account for account in own if not account.is_closed]
        ends = months.month_ends(in_use, moved, today, since)
        return super().get_context_data(
            client=client,
            to_confirm=closings.waiting(client, [*own, *others], today),
            accounts=[listed(account, client, moved, today, since=since) for account in in_use],
            closed_accounts=[shown(account, client) for account in own if account.is_closed],
            entrusted_accounts=[listed(account, client, moved, today, since=since) for account in entrusted],
            represented=[
                (one, [listed(account, client, moved, today, self.acting, since) for account in theirs])
                for one, theirs in represented
            ],
            total=ends[-1].balance,
            joint=sum(account.balance for account in in_use if account.is_joint),
            curve=curve.of(ends),
            change=ends[-1].balance - ends[-2].balance,
            month=this_month.of(flows_of(own, moved, today.replace(day=1)), today.replace(day=1)),
            latest=grouping.by_day([entry for entry in search.latest(own) if not since or entry.booked_on >= since]),
            documents=newest.documents_of(client),
            contracts=newest.contracts_of(client),
            may_transfer=eligibility.may_order(client, today, self.acting),
            further_back=history_limit.address(self.request) if since else "",
            **invitation(self.request),
            **about_connections(self.request),
            **about_code(self.request.user),
            **kwargs,
        )


class AccountMixin(ClientMixin):
    """One account that the client holds, has a mandate for, or whose holder he represents."""

    def reached(self, pk: int) -> BankAccount:
        account = held.seen(self.client, timezone.localdate(), pk, self.acting)
        if account is None:
            raise Http404
        if is_restricted(self.request) and self.client not in account.holders.all():
            raise history_limit.AsksProof(is_history=False)
        return account


@method_decorator(open_to_codes_alone, name="dispatch")
class AccountView(AccountMixin, DetailView):
    template_name = "accounts/bank_accounts/account.html"
    context_object_name = "account"

    def get_object(self, queryset=None):
        return self.reached(self.kwargs["pk"])

    def get_context_data(self, **kwargs):
        account, query, today = self.object, self.request.GET, timezone.localdate()
        form = OperationFilter(query, account)
        asked = form.asked()
        before, after = position_in(query, "before"), position_in(query, "after")
        whole = search.positions_in(account, asked.period)
        seen_from = history_limit.first_day_of(self.request, account.first_day)
        positions = search.since(account, whole, seen_from)
        is_cut = positions != whole
        if is_cut and (asked.period or is_beyond(positions, before, after)):
            raise history_limit.AsksProof
        entries = search.select(account, asked, positions) if asked.chooses else None
        found = positions if entries is None else search.FoundPositions(entries)
        page = search.page_of(account, found, before=before, after=after)
        year = None if account.is_closed else year_of(account, today, page)
        grouped = grouping.by_month(account, entries, page, year)
        return super().get_context_data(
            form=form,
            page=page,
            found=found_in_words(search.number_of(entries, positions, page)),
            is_filtered=any(asked),
            pending=held.pending(account),
            curve=curve.of(months.month_ends([account], year.sums, today, seen_from)) if year else None,
            bic=ibans.BIC,
            months=grouping.without_cut(grouped, seen_from) if is_cut else grouped,
            is_cut=is_cut,
            further_back=history_limit.address(self.request) if seen_from else "",
            may_transfer=eligibility.may_leave(self.client, account, today, self.acting),
            has_statements=account.has_statements,
            **shown(account, self.client, self.acting)._asdict(),
            **kwargs,
        )


def flows_of(own: list[BankAccount], moved: Sums, month: date) -> Flows:
    ids, joint = {account.pk for account in own}, {account.pk for account in own if account.is_joint}
    return flows.of_month(moved, month, own=ids, joint=joint)


def year_of(account: BankAccount, today: date, page: Page) -> Known:
    """What moved in its last twelve months; where the newest operations go back further, in their months as well."""
    last, *_, first = months.last_twelve(today)
    if page.entries and page.newer is None:
        first = min(first, page.entries[-1].booked_on.replace(day=1))
    return Known(sums.between([account], first, last), first, last)


def listed(
    account: BankAccount,
    client: Client,
    moved: Sums,
    today: date,
    representations: Sequence[Representation] = (),
    since: date | None = None,
) -> Listed:
    spark = curve.spark_of(months.month_ends([account], moved, today, since))
    return Listed(*shown(account, client, representations), spark)


def shown(account: BankAccount, client: Client, representations: Sequence[Representation] = ()) -> Shown:
    others = [str(holder) for holder in account.holders.all() if holder != client]
    if not others:
        return Shown(account, "")
    if client in account.holders.all():
        return Shown(account, _("Compte joint avec {}").format(enumerated(others)))
    represented = acting.ids(representations)
    named = [str(holder) for holder in account.holders.all() if holder.pk in represented]
    if named:
        joint = [other for other in others if other not in named]
        words = _("Au nom de {}, joint avec {}") if joint else _("Au nom de {}")
        return Shown(account, words.format(enumerated(named), enumerated(joint)))
    return Shown(account, _("Compte de {}, par procuration").format(enumerated(others)))


def found_in_words(number: int | None) -> str:
    """« 14 opérations trouvées »; `number` is None when they are too many to be counted."""
    if number is None:
        return _("Plus de {} opérations trouvées").format(wording.grouped(search.MOST_COUNTED))
    if number == 0:
        return _("Aucune opération trouvée")
    return FOUND.format(number=number, shown=wording.grouped(number))


def is_beyond(positions: Positions, before: int | None, after: int | None) -> bool:
    """Whether a link of the pagination leads to what lies before these positions."""
    return (before is not None and before <= positions.low + 1) or (after is not None and after < positions.low)


def position_in(query, name: str) -> int | None:
    """The position that a link of the pagination names."""
    written = query.get(name, "")
    if not (written.isascii() and written.isdecimal() and len(written) <= len(str(HIGHEST_POSITION))):
        return None
    return min(int(written), HIGHEST_POSITION)
