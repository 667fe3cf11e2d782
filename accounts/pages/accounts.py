"""What a client sees of accounts: all of them, and one with its operations."""

from datetime import date
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy
from django.views.generic import DetailView, TemplateView

from accounts.models import BankAccount, Client
from accounts.notation import ibans
from accounts.notation.lists import enumerated
from accounts.operations import flows, grouping, months, search, sums
from accounts.operations.flows import Flows
from accounts.operations.months import MonthEnd
from accounts.operations.search import HIGHEST_POSITION
from accounts.operations.sums import Sums
from accounts.pages import curve, this_month
from accounts.pages.client import ClientMixin, about_code, about_connections
from accounts.pages.operation_filter import OperationFilter
from accounts.transfers import eligibility
from auth_codes import wording

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


class OverviewView(ClientMixin, TemplateView):
    template_name = "accounts/bank_accounts/overview.html"

    def get_context_data(self, **kwargs):
        client, today = self.client, timezone.localdate()
        own = list(client.bank_accounts.with_balances().with_latest().with_holders())
        entrusted = list(entrusted_to(client, today))
        moved = sums.between([*own, *entrusted], months.last_twelve(today)[-1], today.replace(day=1))
        in_use = [account for account in own if not account.is_closed]
        ends = months.month_ends(in_use, moved, today)
        return super().get_context_data(
            client=client,
            accounts=[listed(account, client, moved, today) for account in in_use],
            closed_accounts=[shown(account, client) for account in own if account.is_closed],
            entrusted_accounts=[listed(account, client, moved, today) for account in entrusted],
            total=ends[-1].balance,
            joint=sum(account.balance for account in in_use if account.is_joint),
            curve=curve.of(ends),
            change=ends[-1].balance - ends[-2].balance,
            month=this_month.of(flows_of(own, moved, today.replace(day=1)), today.replace(day=1)),
            latest=grouping.by_day(search.latest(own)),
            contracts=client.service_contracts.in_force(),
            may_transfer=eligibility.may_order(client, timezone.localdate()),
            **about_connections(self.request),
            **about_code(self.request.user),
            **kwargs,
        )


class AccountMixin(ClientMixin):
    """One account that the client holds, or has a mandate for."""

    def get_queryset(self):
        return BankAccount.objects.seen_by(self.client, timezone.localdate()).with_balances().with_holders()


class AccountView(AccountMixin, DetailView):
    template_name = "accounts/bank_accounts/account.html"
    context_object_name = "account"

    def get_context_data(self, **kwargs):
        account, query = self.object, self.request.GET
        form = OperationFilter(query, account)
        asked = form.asked()
        positions = search.positions_in(account, asked.period)
        entries = search.select(account, asked, positions)
        page = search.page_of(account, entries, before=position_in(query, "before"), after=position_in(query, "after"))
        return super().get_context_data(
            form=form,
            page=page,
            found=found_in_words(search.number_of(entries, asked, positions, page)),
            is_filtered=any(asked),
            pending=account.pending_entries.waiting(),
            curve=None if account.is_closed else curve.of(year_of(account, timezone.localdate())),
            bic=ibans.BIC,
            months=grouping.by_month(account, entries, page, asked),
            may_transfer=eligibility.may_leave(self.client, account, timezone.localdate()),
            has_statements=self.client.statements.filter(account=account).exists(),
            **shown(account, self.client)._asdict(),
            **kwargs,
        )


def entrusted_to(client: Client, today: date):
    """The accounts of others that he has a mandate for, with all that a list of accounts tells."""
    entrusted = BankAccount.objects.entrusted_to(client, today).filter(closed_on=None).exclude(holders=client)
    return entrusted.with_balances().with_latest().with_holders()


def flows_of(own: list[BankAccount], moved: Sums, month: date) -> Flows:
    ids, joint = {account.pk for account in own}, {account.pk for account in own if account.is_joint}
    return flows.of_month(moved, month, own=ids, joint=joint)


def year_of(account: BankAccount, today: date) -> list[MonthEnd]:
    moved = sums.between([account], months.last_twelve(today)[-1], today.replace(day=1))
    return months.month_ends([account], moved, today)


def listed(account: BankAccount, client: Client, moved: Sums, today: date) -> Listed:
    spark = curve.spark_of(months.month_ends([account], moved, today))
    return Listed(*shown(account, client), spark)


def shown(account: BankAccount, client: Client) -> Shown:
    others = [str(holder) for holder in account.holders.all() if holder != client]
    if not others:
        return Shown(account, "")
    if client in account.holders.all():
        return Shown(account, _("Compte joint avec {}").format(enumerated(others)))
    return Shown(account, _("Compte de {}, par procuration").format(enumerated(others)))


def found_in_words(number: int | None) -> str:
    """« 14 opérations trouvées »; `number` is None when they are too many to be counted."""
    if number is None:
        return _("Plus de {} opérations trouvées").format(wording.grouped(search.MOST_COUNTED))
    if number == 0:
        return _("Aucune opération trouvée")
    return FOUND.format(number=number, shown=wording.grouped(number))


def position_in(query, name: str) -> int | None:
    """The position that a link of the pagination names."""
    written = query.get(name, "")
    if not (written.isascii() and written.isdecimal() and len(written) <= len(str(HIGHEST_POSITION))):
        return None
    return min(int(written), HIGHEST_POSITION)
