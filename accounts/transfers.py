"""Transfers between a client's own accounts: prepared, read again, then confirmed with his code and booked once.

Only between accounts of the same people, because the two codes are one factor: a payment to anybody else asks for
strong customer authentication (PSD2 art. 97; RTS 2018/389 art. 15 exempts transfers between accounts of the same
person). So whoever has a mandate moves money between two accounts of the holder, never to his own.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import amounts, bank, documents, ledger
from accounts.ledger import Leg
from accounts.models import BankAccount, Booking, Client, Holding, Mandate, Transfer, User
from accounts.papers.receipt import ReceiptContents
from auth_codes import journal, secret_codes
from auth_codes.models import SecurityEvent
from auth_codes.pdf import in_french

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
SEAL_SALT = "accounts.transfers.what_was_shown"

NOT_YOURS = (
    "Un virement se fait entre deux de vos comptes ou, par procuration, entre deux comptes d’un même titulaire. "
    "Choisissez deux comptes qui vont ensemble."
)
SAME_ACCOUNT = "C’est le compte que vous débitez. Choisissez un autre compte à créditer."
CLOSED = "Ce compte est clôturé : plus rien n’y entre ni n’en sort. Choisissez un autre compte."
TOO_MUCH = "Il y a {} disponibles sur ce compte. Choisissez un montant plus petit, ou un autre compte à débiter."
NOTHING_LEFT = "Il n’y a plus rien de disponible sur ce compte. Choisissez un autre compte à débiter."
OVER_THE_LIMIT = (
    "Vous pouvez virer {} par jour en ligne ; il vous reste {} aujourd’hui. Choisissez un montant plus petit, "
    "attendez demain, ou demandez à votre conseiller."
)
LIMIT_USED_UP = (
    "Vous avez déjà viré {} aujourd’hui, le plus que l’on puisse en ligne. Recommencez demain, ou demandez à votre "
    "conseiller."
)
TOO_MANY = (
    "Vous avez déjà fait {} virements aujourd’hui, le plus que l’on puisse en ligne. Recommencez demain, ou demandez à "
    "votre conseiller."
)
EXPIRED = "Ce virement attendait depuis plus de 10 minutes : il a expiré. Rien n’a été débité. Préparez-le de nouveau."
CHANGED = (
    "Ce virement n’est plus celui que vous avez relu. Par précaution, il est annulé : rien n’a été débité. "
    "Relisez-le, puis préparez-le de nouveau."
)
NOT_TODAY = "L’un des deux comptes n’accepte pas d’opération aujourd’hui. Rien n’a été débité. Recommencez demain."


class Refused(Exception):
    """Why no money moves; `sentence` tells the client what to do. `field` is what he would change in his order."""

    field: str | None = None

    def __init__(self, sentence: str):
        super().__init__(sentence)
        self.sentence = sentence


class NotYours(Refused):
    """One of the accounts is not his, or the two do not belong to the same people."""

    field = "destination"


class SameAccount(Refused):
    field = "destination"


class SourceClosed(Refused):
    field = "source"


class DestinationClosed(Refused):
    field = "destination"


class InsufficientFunds(Refused):
    """Less is available than the amount: announced debits are held, the authorised overdraft counts."""

    field = "amount"


class LimitReached(Refused):
    """The amount of the day, or the number of transfers, is used up."""

    field = "amount"


class NotToday(Refused):
    """The ledger takes nothing on this day."""


class Expired(Refused):
    """The order was left for more than ten minutes."""


class Changed(Refused):
    """What would be booked is not what the client read."""


@dataclass(frozen=True)
class Usable:
    """An account with its balances that a client may name; `holders` names those of one that is not his.

    It is offered when it is open and another open one may go with it.
    """

    account: BankAccount
    holders: str
    is_offered: bool

    @property
    def available_display(self) -> str:
        return amounts.display(self.account.available)


def usable_accounts(client: Client, today: date) -> list[Usable]:
    """His own accounts, then those that he may make transfers on for somebody else; those not offered too."""
    own = list(client.bank_accounts.with_balances().with_holders())
    others = BankAccount.objects.filter(pk__in=_entrusted(client, today)).exclude(holders=client)
    entrusted = list(others.with_balances().with_holders())
    paired = _paired(own) | _paired(entrusted)
    return [Usable(account, "", account.pk in paired) for account in own] + [
        Usable(account, _named(account.holders.all()), account.pk in paired) for account in entrusted
    ]


def _paired(accounts: Iterable[BankAccount]) -> set[int]:
    """The ids of the open ones that go with another: one person holds both."""
    open_ones = (account for account in accounts if not account.is_closed)
    held = _by_holder((holder.pk, account.pk) for account in open_ones for holder in account.holders.all())
    return {account for pair in held.values() if len(pair) > 1 for account in pair}


def may_leave(client: Client, account: BankAccount, today: date) -> bool:
    """Whether the client may order transfers from that account; not whether there is anything to send."""
    is_his = client in account.holders.all() or account.pk in _entrusted(client, today)
    return is_his and not account.is_closed


def prepare(
    client: Client,
    source: BankAccount,
    destination: BankAccount,
    amount: Decimal,
    label: str = "",
    *,
    now: datetime | None = None,
) -> Transfer:
    """An order to be read again and confirmed; moves nothing. Raises one of Refused.

    His own unconfirmed orders of long ago are forgotten on this occasion.
    """
    now = now or timezone.now()
    order = Transfer(client=client, source=source, destination=destination, amount=amount, label=label, prepared_at=now)
    judge(order, now)
    order.save(force_insert=True)
    forget_unconfirmed(client.transfers.all(), now)
    newest = client.transfers.unconfirmed().values_list("pk", flat=True)[:WAITING_PER_CLIENT]
    client.transfers.unconfirmed().exclude(pk__in=list(newest)).delete()
    return order


def judge(order: Transfer, now: datetime) -> None:
    """Raises the Refused that would meet the order now. Without locks: what it lets pass is judged anew."""
    _judge(order, BankAccount.objects.with_balances().in_bulk([order.source_id, order.destination_id]), now)


def confirm(
    order: Transfer, *, by: User, seen: str, request: HttpRequest | None = None, now: datetime | None = None
) -> Transfer:
    """Books the order, issues its receipt and notes it, all at once; done before, it returns what was done.

    `by` is who is logged in and whose code was right; `seen` the seal of what he read. Raises one of Refused, or
    secret_codes.SessionEnded when his sessions or his code changed meanwhile: then nothing has moved.
    """
    with transaction.atomic():
        # Also what makes the limits exact: all confirmations of one client come one after the other.
        secret_codes.lock_in_session(by)
        orders = Transfer.objects.select_for_update(of=("self",), no_key=True)
        kept = orders.filter(pk=order.pk, client=order.client_id).first()
        if kept is None:
            raise Expired(EXPIRED)  # forgotten meanwhile, so long ago was it prepared
        if kept.is_confirmed:
            return kept
        accounts = ledger.lock([BankAccount(pk=kept.source_id), BankAccount(pk=kept.destination_id)])
        kept.source, kept.destination = accounts[kept.source_id], accounts[kept.destination_id]
        moment = now or timezone.now()
        judge_order(kept, seen, moment)
        _judge(kept, accounts, moment)
        _book(kept, by, moment, request)
    return kept


def judge_order(order: Transfer, seen: str, now: datetime) -> None:
    """Raises Expired or Changed unless the order is young enough, and still what `seen` was the seal of."""
    # First: a void order has another seal too, and whoever has cancelled it himself needs no warning.
    if order.has_expired(now):
        raise Expired(EXPIRED)
    if not constant_time_compare(seen, seal(order)):
        raise Changed(CHANGED)


def seal(order: Transfer) -> str:
    """A MAC over all that the client reads before he confirms; one that differs means that something else would be.

    Source: RTS 2018/389 art. 5(1), dynamic linking: the confirmation is for this amount and this payee alone.
    """
    accounts = [[account.pk, account.number, account.kind] for account in (order.source, order.destination)]
    shown = [
        str(order.pk), order.client_id, *accounts, f"{order.amount:.2f}", order.label, order.prepared_at.isoformat(),
    ]  # fmt: skip
    return signing.Signer(salt=SEAL_SALT).signature(json.dumps(shown))


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


def on_behalf_of(order: Transfer) -> str:
    """Whose accounts they are when they are not the client's own; empty when they are."""
    holders = [holding.client for holding in order.source.holdings.select_related("client")]
    return "" if order.client in holders else _named(holders)


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


def forget_unconfirmed(orders: QuerySet[Transfer], now: datetime) -> int:
    """Deletes those that nobody can confirm any more and no page shows; how many."""
    deleted, _ = orders.unconfirmed().filter(prepared_at__lte=now - KEPT_UNCONFIRMED).delete()
    return deleted


def _named(holders: Iterable[Client]) -> str:
    return " et ".join(map(str, holders))


def _judge(order: Transfer, accounts: dict[int, BankAccount], now: datetime) -> None:
    """Raises Refused; `accounts` are the order's two, with their balances."""
    if order.source_id == order.destination_id:
        raise SameAccount(SAME_ACCOUNT)
    today = timezone.localdate(now)
    if not _go_together(order.client, accounts, today):
        raise NotYours(NOT_YOURS)
    source, destination = accounts[order.source_id], accounts[order.destination_id]
    if source.is_closed:
        raise SourceClosed(CLOSED)
    if destination.is_closed:
        raise DestinationClosed(CLOSED)
    if source.available <= 0:
        raise InsufficientFunds(NOTHING_LEFT)
    if source.available < order.amount:
        raise InsufficientFunds(TOO_MUCH.format(amounts.display(source.available)))
    _judge_limits(order, today)


def _go_together(client: Client, accounts: Iterable[int], today: date) -> bool:
    """Whether the client holds both accounts, or has mandates on both from somebody who holds both."""
    pair = set(accounts)
    holders = _by_holder(Holding.objects.filter(account__in=pair).values_list("client", "account"))
    if holders.get(client.pk, set()) == pair:
        return True
    is_shared = pair in holders.values()
    return is_shared and client.pk not in holders and set(_entrusted(client, today)) >= pair


def _by_holder(rows: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    """The accounts of each holder; a row is the ids of a holder and of an account."""
    accounts_of: dict[int, set[int]] = {}
    for holder, account in rows:
        accounts_of.setdefault(holder, set()).add(account)
    return accounts_of


def _entrusted(client: Client, today: date) -> QuerySet[Mandate]:
    mandates = Mandate.objects.in_force(today).filter(proxy=client, may_transfer=True)
    return mandates.values_list("account", flat=True)


def _judge_limits(order: Transfer, today: date) -> None:
    begin = timezone.make_aware(datetime.combine(today, time.min))
    end = timezone.make_aware(datetime.combine(today + timedelta(days=1), time.min))
    done = order.client.transfers.filter(confirmed_at__gte=begin, confirmed_at__lt=end)
    if done.count() >= NUMBER_PER_DAY:
        raise LimitReached(TOO_MANY.format(NUMBER_PER_DAY))
    left = AMOUNT_PER_DAY - round(done.aggregate(total=Sum("amount"))["total"] or Decimal(0), 2)
    if left <= 0:
        raise LimitReached(LIMIT_USED_UP.format(amounts.display(AMOUNT_PER_DAY)))
    if order.amount > left:
        raise LimitReached(OVER_THE_LIMIT.format(amounts.display(AMOUNT_PER_DAY), amounts.display(left)))


def _book(order: Transfer, by: User, now: datetime, request: HttpRequest | None) -> None:
    sent = _on_statement("Virement émis", order.label, f"vers le compte {order.destination.number_display}")
    received = _on_statement("Virement reçu", order.label, f"du compte {order.source.number_display}")
    legs = [Leg(order.source, -order.amount, sent), Leg(order.destination, order.amount, received)]
    try:
        order.booking = ledger.book(Booking.Kind.TRANSFER, legs, by=by, act=order.pk)
    except (ledger.BooksClosed, ledger.AccountClosed):
        raise NotToday(NOT_TODAY) from None
    order.confirmed_at = now
    title = f"Avis de virement du {in_french(timezone.localdate(now))}"
    order.receipt = documents.issue(order.client, _receipt(order), title=title, on=timezone.localdate(now))
    order.save(update_fields=["booking", "confirmed_at", "receipt"])
    details = {"number": order.reference}
    journal.record(SecurityEvent.Kind.TRANSFER_MADE, owner=by, by=by, request=request, details=details)
    for holder in _other_holders(order):
        about = {"client": holder.pk, **details}
        # Without the request: where somebody else was is not for the holder's journal.
        journal.record(SecurityEvent.Kind.TRANSFER_BY_ANOTHER, owner=holder.user, by=by, details=about)


def _other_holders(order: Transfer) -> QuerySet[Client]:
    """Those whose money somebody else has moved: a joint holder, or a proxy."""
    holders = Client.objects.filter(holdings__account__in=[order.source, order.destination])
    return holders.exclude(pk=order.client_id).select_related("user").distinct()


def _on_statement(act: str, label: str, otherwise: str) -> str:
    return f"{act} : {label}" if label else f"{act} {otherwise}"


def _receipt(order: Transfer) -> ReceiptContents:
    return ReceiptContents(
        client_code=order.client.client_code,
        address=tuple(order.client.address_lines),
        reference=order.reference,
        confirmed_at=order.confirmed_at,
        executed_on=order.booking.booked_on,
        amount=order.amount,
        from_label=order.source.label,
        from_number=order.source.number_display,
        to_label=order.destination.label,
        to_number=order.destination.number_display,
        label=order.label,
        ordered_by=order.client.title_and_name,
        bank_phone=bank.PHONE,
    )
