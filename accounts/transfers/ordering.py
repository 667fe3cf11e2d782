"""Transfers between a client's own accounts: prepared, read again, then confirmed with his code and booked once.

Only between accounts of the same people, because the two codes are one factor: a payment to anybody else asks for
strong customer authentication (PSD2 art. 97; RTS 2018/389 art. 15 exempts transfers between accounts of the same
person). So whoever has a mandate moves money between two accounts of the holder, never to his own, and who represents
somebody between two accounts that this one holds alone. Where the holders of the two accounts differ, as from a joint
one to one's own, whoever has a moyen shows it beside his code; see pages/transfers.py.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.core import signing
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.ledger import books
from accounts.models import BankAccount, Client, Holding, Transfer
from accounts.models.transfers import TransferQuerySet
from accounts.transfers import booking
from accounts.transfers.eligibility import by_holder, entrusted_by_right
from accounts.transfers.refusals import (
    CHANGED,
    CLOSED,
    EXPIRED,
    LIMIT_USED_UP,
    MINORS_READ,
    NOT_YOURS,
    NOTHING_LEFT,
    OVER_THE_LIMIT,
    SAME_ACCOUNT,
    TOO_MANY,
    TOO_MUCH,
    Changed,
    DestinationClosed,
    Expired,
    InsufficientFunds,
    LimitReached,
    NotYours,
    SameAccount,
    SourceClosed,
    TransferRefused,
)
from auth_codes import wording
from auth_codes.actor import Actor
from auth_codes.codes import owners

# Bounds what a thief who knows both codes can bring within reach of a card in one day, from savings to a current
# account; and what a slip of the keyboard can. Whoever needs more asks his advisor.
AMOUNT_PER_DAY = Decimal("15000.00")
# More than anybody needs by hand: stops a script, and a client whose browser runs wild.
NUMBER_PER_DAY = 20
# Other windows may still show the earlier ones.
WAITING_PER_CLIENT = 10
# No page is older: a session lasts one hour at most.
KEPT_UNCONFIRMED = timedelta(hours=1)
SAME_AGAIN_WITHIN = timedelta(minutes=15)
FINGERPRINT_SALT = "accounts.transfers.what_was_shown"


def prepare(
    client: Client,
    source: BankAccount,
    destination: BankAccount,
    amount: Decimal,
    label: str = "",
    *,
    now: datetime | None = None,
) -> Transfer:
    """An order to be read again and confirmed; moves nothing. Raises one of TransferRefused.

    His own unconfirmed orders of long ago are forgotten on this occasion.
    """
    now = now or timezone.now()
    order = Transfer(client=client, source=source, destination=destination, amount=amount, label=label, prepared_at=now)
    judge(order, now)
    order.save(force_insert=True)
    forget_unconfirmed(client.transfers.all(), now)
    # By their names: « all but the newest » would take an order that another tab prepares meanwhile.
    oldest = list(client.transfers.unconfirmed().values_list("pk", flat=True)[WAITING_PER_CLIENT:])
    client.transfers.unconfirmed().filter(pk__in=oldest).delete()
    return order


def judge(order: Transfer, now: datetime) -> None:
    """Raises the TransferRefused that would meet the order now. Without locks: what it lets pass is judged anew."""
    _judge(order, BankAccount.objects.with_balances().in_bulk([order.source_id, order.destination_id]), now)


def refusals_of(
    client: Client,
    *,
    source: BankAccount | None = None,
    destination: BankAccount | None = None,
    amount: Decimal | None = None,
    now: datetime | None = None,
) -> list[TransferRefused]:
    """All that would be refused of what the client has typed so far, so that he mends it in one go.

    The accounts are some that he may use, with their balances; what is missing is not judged.
    """
    return list(_refusals(client, source, destination, amount, timezone.localdate(now)))


def confirm(order: Transfer, *, by: Actor, seen: str, now: datetime | None = None) -> Transfer:
    """Books the order, issues its receipt and notes it, all at once; done before, it returns what was done.

    `by` is who is logged in and whose code was right; `seen` the fingerprint of what he read. Raises one of
    TransferRefused, or owners.SessionEnded when his sessions or his code changed meanwhile: then nothing has moved.
    """
    with transaction.atomic():
        # Also what makes the limits exact: all confirmations of one client come one after the other.
        owners.lock_in_session(by.person)
        orders = Transfer.objects.select_for_update(of=("self",), no_key=True)
        kept = orders.filter(pk=order.pk, client=order.client_id).first()
        if kept is None:
            raise Expired(EXPIRED)  # forgotten meanwhile, so long ago was it prepared
        if kept.is_confirmed:
            return kept
        accounts = books.lock([BankAccount(pk=kept.source_id), BankAccount(pk=kept.destination_id)])
        kept.source, kept.destination = accounts[kept.source_id], accounts[kept.destination_id]
        moment = now or timezone.now()
        judge_order(kept, seen, moment)
        _judge(kept, accounts, moment)
        booking.book(kept, by, moment)
    return kept


def judge_order(order: Transfer, seen: str, now: datetime) -> None:
    """Raises Expired or Changed unless the order is young enough, and still what `seen` was the fingerprint of."""
    # First: a void order has another fingerprint too, and whoever has cancelled it himself needs no warning.
    if order.has_expired(now):
        raise Expired(EXPIRED)
    if not constant_time_compare(seen, fingerprint(order)):
        raise Changed(CHANGED)


def fingerprint(order: Transfer) -> str:
    """A MAC over all that the client reads before he confirms; one that differs means that something else would be.

    Source: RTS 2018/389 art. 5(1), dynamic linking: the confirmation is for this amount and this payee alone.
    """
    accounts = [[account.pk, account.number, account.kind] for account in (order.source, order.destination)]
    shown = [
        str(order.pk), order.client_id, *accounts, f"{order.amount:.2f}", order.label, order.prepared_at.isoformat(),
    ]  # fmt: skip
    return signing.Signer(salt=FINGERPRINT_SALT).signature(json.dumps(shown))


def void(order: Transfer) -> None:
    """Makes an unconfirmed order as good as expired, so that nothing can confirm it any more.

    Waits for a confirmation that holds the row, and leaves what it has booked. The row stays until it is forgotten:
    a second click of the same client finds his own order, and somebody else's is still like one that never was.
    """
    long_ago = order.prepared_at - KEPT_UNCONFIRMED
    Transfer.objects.unconfirmed().filter(pk=order.pk).update(prepared_at=long_ago)


def is_booked(order: Transfer) -> bool:
    """Whether the order is confirmed by now, here or in another window."""
    return Transfer.objects.confirmed().filter(pk=order.pk).exists()


def same_before(order: Transfer, now: datetime) -> Transfer | None:
    """The same transfer, confirmed by the client minutes ago: perhaps he orders it a second time unawares.

    Not one that the bank has taken back since: the money is where it was.
    """
    alike = order.client.transfers.filter(
        source=order.source_id,
        destination=order.destination_id,
        amount=order.amount,
        confirmed_at__gt=now - SAME_AGAIN_WITHIN,
        booking__correction=None,
    )
    return alike.confirmed().exclude(pk=order.pk).first()


def forget_unconfirmed(orders: TransferQuerySet, now: datetime) -> int:
    """Deletes those that nobody can confirm any more and no page shows; how many."""
    deleted, _ = orders.unconfirmed().filter(prepared_at__lte=now - KEPT_UNCONFIRMED).delete()
    return deleted


def _judge(order: Transfer, accounts: dict[int, BankAccount], now: datetime) -> None:
    """Raises TransferRefused; `accounts` are the order's two, with their balances."""
    source, destination = accounts[order.source_id], accounts[order.destination_id]
    for refusal in _refusals(order.client, source, destination, order.amount, timezone.localdate(now)):
        raise refusal


def _refusals(
    client: Client, source: BankAccount | None, destination: BankAccount | None, amount: Decimal | None, today: date
) -> Iterator[TransferRefused]:
    """What stands in the way, the gravest first; what is None is not known yet, and not judged."""
    if source and destination:
        yield from _refusals_of_pair(client, source, destination, today)
    if source and source.is_closed:
        yield SourceClosed(CLOSED)
    if destination and destination.is_closed and destination != source:
        yield DestinationClosed(CLOSED)
    if source and not source.is_closed:
        yield from _refusals_of_funds(source, amount)
    if amount:
        yield from _refusals_of_day(client, amount, today)


def _refusals_of_pair(
    client: Client, source: BankAccount, destination: BankAccount, today: date
) -> Iterator[TransferRefused]:
    if source == destination:
        yield SameAccount(SAME_ACCOUNT)
    elif not _go_together(client, (source.pk, destination.pk), today):
        yield NotYours(MINORS_READ if client.is_minor(today) else NOT_YOURS)


def _refusals_of_funds(source: BankAccount, amount: Decimal | None) -> Iterator[TransferRefused]:
    if source.available <= 0:
        yield InsufficientFunds(NOTHING_LEFT)
    elif amount and source.available < amount:
        yield InsufficientFunds(TOO_MUCH.format(wording.euros(source.available)))


def _go_together(client: Client, accounts: Iterable[int], today: date) -> bool:
    """Whether the client, of age, holds both accounts, or may act on both for somebody who holds both."""
    pair = set(accounts)
    holders = by_holder(Holding.objects.filter(account__in=pair).values_list("client", "account"))
    if holders.get(client.pk, set()) == pair:
        return not client.is_minor(today)
    is_shared = pair in holders.values()
    return (
        is_shared and client.pk not in holders and any(theirs >= pair for theirs in entrusted_by_right(client, today))
    )


def _refusals_of_day(client: Client, amount: Decimal, today: date) -> Iterator[TransferRefused]:
    begin = timezone.make_aware(datetime.combine(today, time.min))
    end = timezone.make_aware(datetime.combine(today + timedelta(days=1), time.min))
    done = Transfer.objects.of(client).filter(confirmed_at__gte=begin, confirmed_at__lt=end)
    left = AMOUNT_PER_DAY - round(done.aggregate(total=Sum("amount"))["total"] or Decimal(0), 2)
    if done.count() >= NUMBER_PER_DAY:
        yield LimitReached(TOO_MANY.format(NUMBER_PER_DAY))
    elif left <= 0:
        yield LimitReached(LIMIT_USED_UP.format(wording.euros(AMOUNT_PER_DAY)))
    elif amount > left:
        yield LimitReached(OVER_THE_LIMIT.format(wording.euros(AMOUNT_PER_DAY), wording.euros(left)))
