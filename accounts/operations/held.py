"""The accounts that a client reaches, with what their lists and their own pages tell of them, in compiled questions."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import BankAccount, Client, Holding, PendingEntry, Representation, Statement
from accounts.models.representations import within_reach
from auth_codes.prepared import DAY, KEY, Blank, Prepared


def _own(client: Blank) -> QuerySet[BankAccount]:
    return BankAccount.objects.filter(holders__pk=client).with_balances().with_latest().with_closing_for(client)


def _entrusted(client: Blank, today: Blank) -> QuerySet[BankAccount]:
    others = BankAccount.objects.entrusted_to(client, today).filter(closed_on=None).exclude(holders__pk=client)
    return others.with_balances().with_latest()


def _seen(client: Blank, holders: list[Blank], today: Blank, account: Blank) -> QuerySet[BankAccount]:
    reached = BankAccount.objects.filter(pk=account).reached(holders, client, today)
    sheets = Client.objects.sheets_of(client)  # type: ignore[arg-type]  # a blank for it
    stated = Statement.objects.filter(client__in=sheets, account=OuterRef("pk")).order_by()
    known = reached.with_balances().with_latest().with_days()
    return known.annotate(has_statements=Exists(stated))  # type: ignore[no-redef]  # told where the model tells them all


def _pending(account: Blank) -> QuerySet[PendingEntry]:
    return PendingEntry.objects.waiting().filter(account=account)


def _holdings(accounts: list[Blank]) -> QuerySet[Holding]:
    return Holding.objects.filter(account__pk__in=accounts).select_related("client").order_by("pk")


OWN = Prepared(_own, client=KEY)
ENTRUSTED = Prepared(_entrusted, client=KEY, today=DAY)
SEEN = Prepared(_seen, client=KEY, holders=KEY, today=DAY, account=KEY)
PENDING = Prepared(_pending, account=KEY)
HOLDINGS = Prepared(_holdings, accounts=KEY)


def own(client: Client) -> list[BankAccount]:
    """The accounts that he holds, closed ones too."""
    return _with_holders(OWN.ask(client=client.pk))


def entrusted(client: Client, today: date) -> list[BankAccount]:
    """The open accounts of others that he has a mandate for."""
    return _with_holders(ENTRUSTED.ask(client=client.pk, today=today))


def seen(client: Client, today: date, account: int, acting: Iterable[Representation]) -> BankAccount | None:
    """The account of this key if he holds it, has a mandate for it, or represents who holds it by one of `acting`.

    It knows besides whether he `has_statements` of it, on his sheet or on one that was joined to it.
    """
    found = SEEN.ask(client=client.pk, holders=within_reach(client, acting), today=today, account=account)
    return next(iter(_with_holders(found)), None)


def pending(account: BankAccount) -> list[PendingEntry]:
    """What is announced on it; nothing is asked where the account knows that nothing is."""
    return PENDING.ask(account=account.pk) if account.waiting else []


def _with_holders(accounts: Sequence[BankAccount]) -> list[BankAccount]:
    """As the queryset's own `with_holders` leaves them: who asks for their holders asks nothing more."""
    holders: dict[int, list[Client]] = defaultdict(list)
    for holding in HOLDINGS.ask(accounts=[account.pk for account in accounts]):
        holders[holding.account_id].append(holding.client)
    for account in accounts:
        known = account.holders.all()
        vars(known).update(_result_cache=holders[account.pk], _prefetch_done=True)
        vars(account)["_prefetched_objects_cache"] = {"holders": known}
    return list(accounts)
