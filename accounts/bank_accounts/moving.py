"""What goes from one sheet to another when two turn out one person, and back again: row by row, and each is told.

Nothing is written anew that could be moved, so that what comes back is what went. Papers do not move: each bears the
code client of the sheet that it was issued to. Called in the transaction of the act, under the locks of both sheets.
"""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.bank_accounts import mandates
from accounts.documents import issuing
from accounts.ledger import books
from accounts.models import BankAccount, Client, Document, Holding, Mandate, PostalItem, ServiceContract, User
from accounts.models.joining import SharedHolding, WhatMoved
from accounts.papers.letter import CODE_LETTER, WELCOME_SUBJECT
from accounts.post import queue
from auth_codes.actor import Actor


def lock_accounts(*sheets: Client) -> dict[int, BankAccount]:
    """All accounts that one of these sheets reaches: no transfer is booked, and no access given, meanwhile."""
    # Two questions, each with an index: of one that asks for either PostgreSQL would read all accounts.
    held = Holding.objects.filter(client__in=sheets).values_list("account", flat=True)
    entrusted = Mandate.objects.filter(proxy__in=sheets).values_list("account", flat=True)
    return books.lock(BankAccount(pk=pk) for pk in {*held, *entrusted})


def move(kept: Client, closed: Client, advisor: User, *, by: Actor, now: datetime) -> WhatMoved:
    """Gives `kept` what `closed` has, and says what has changed by that."""
    running = list(closed.service_contracts.in_force().values_list("pk", flat=True))
    shared = list(_put_together(kept, closed))
    holdings = _hand_over(closed.holdings.all(), kept)
    taken = [one["account"] for one in shared]
    taken += Holding.objects.filter(pk__in=holdings).values_list("account", flat=True)
    moved_mandates, ended_mandates = _move_mandates(kept, closed, by=by, now=now)
    moved = WhatMoved(
        holdings=holdings,
        shared=shared,
        contracts=_hand_over(closed.service_contracts.all(), kept),
        mandates=moved_mandates,
        ended_mandates=ended_mandates,
        sheets=list(closed.joined_sheets.order_by("pk").values_list("pk", flat=True)),
        ended_letters=_end_letters(kept, closed, now),
        advisors=[kept.advisor_id, closed.advisor_id],
        open_accounts=list(BankAccount.objects.filter(pk__in=taken, closed_on=None).values_list("pk", flat=True)),
        running_contracts=running,
        given_mandates=list(Mandate.objects.filter(account__in=taken, revoked_at=None).values_list("pk", flat=True)),
    )
    closed.joined_sheets.update(joined_into=kept)
    closed.transfers.unconfirmed().delete()
    Client.objects.filter(pk__in=[kept.pk, closed.pk]).update(advisor=advisor)
    return moved


def put_back(kept: Client, closed: Client, moved: WhatMoved, advisor: User) -> None:
    """Gives `closed` back what `move` took, as it stands now; an advisor whom somebody named since stays."""
    Holding.objects.filter(pk__in=moved["holdings"]).update(client=closed)
    for one in moved["shared"]:
        Holding.objects.create(pk=one["holding"], account_id=one["account"], client=closed, since=_day(one["since"]))
        kept.holdings.filter(account=one["account"]).update(since=_day(one["kept_since"]))
    ServiceContract.objects.filter(pk__in=moved["contracts"]).update(client=closed)
    Mandate.objects.filter(pk__in=moved["mandates"]).update(proxy=closed)
    _may_come_back(moved["ended_mandates"], kept, closed).update(revoked_at=None)
    Client.objects.filter(pk__in=moved["sheets"]).update(joined_into=closed)
    for paper in Document.objects.filter(postal_item__in=moved["ended_letters"], postal_item__batch=None):
        address = "\n".join(issuing.contents_of(paper).address)
        PostalItem.objects.filter(document=paper).update(address=address, ended_at=None)
    for sheet, before in zip((kept, closed), moved["advisors"], strict=True):
        Client.objects.filter(pk=sheet.pk, advisor=advisor).update(advisor=before)


def _may_come_back(ended: list[int], kept: Client, closed: Client) -> QuerySet[Mandate]:
    """Those that ended because one of the two held the account, or had another mandate on it, which still stands.

    What a holder has revoked since, or his death or guardianship has ended, stays so.
    """
    pair = [kept, closed]
    held = Holding.objects.filter(account=OuterRef("account"), client__in=pair)
    stands = Mandate.objects.filter(account=OuterRef("account"), proxy__in=pair, revoked_at=None)
    over = Holding.objects.filter(account=OuterRef("account"), client__ended_on__isnull=False).exclude(client=closed)
    found = Mandate.objects.filter(Exists(held) | Exists(stands), ~Exists(over), account__closed_on=None, pk__in=ended)
    return Mandate.objects.filter(pk__in=list(found.values_list("pk", flat=True)))


def _hand_over(rows: QuerySet[Holding] | QuerySet[ServiceContract], kept: Client) -> list[int]:
    pks = list(rows.order_by("pk").values_list("pk", flat=True))
    rows.update(client=kept)
    return pks


def _put_together(kept: Client, closed: Client) -> Iterator[SharedHolding]:
    """The accounts that both hold, as two people: one holds them from now on, since the earlier of the two days."""
    own = {holding.account_id: holding for holding in kept.holdings.all()}
    for gone in closed.holdings.filter(account__in=list(own)).order_by("pk"):
        stays = own[gone.account_id]
        yield SharedHolding(
            holding=gone.pk,
            account=gone.account_id,
            since=gone.since.isoformat(),
            kept_since=stays.since.isoformat(),
        )
        Holding.objects.filter(pk=stays.pk).update(since=min(stays.since, gone.since))
        gone.delete()


def _move_mandates(kept: Client, closed: Client, *, by: Actor, now: datetime) -> tuple[list[int], list[int]]:
    """Those that moved, and those that ended: on accounts that he holds himself by now, and the lesser one of two."""
    today = timezone.localdate(now)
    moved, ended = list[int](), list[int]()
    held = set(kept.holdings.values_list("account", flat=True))
    received = Mandate.objects.filter(proxy__in=[kept, closed], revoked_at=None).select_related("account", "proxy")
    for account, rows in groupby(received.order_by("account", "pk"), key=lambda mandate: mandate.account_id):
        best, *others = sorted(rows, key=lambda mandate: _width(mandate, today), reverse=True)
        over = [best, *others] if account in held else others
        ended += [_end(mandate, by, today) for mandate in over]
        if account not in held and best.proxy_id == closed.pk:
            Mandate.objects.filter(pk=best.pk).update(proxy=kept)
            moved.append(best.pk)
    return moved, ended


def _width(mandate: Mandate, today: date) -> tuple[bool, bool, date]:
    """How much it lets do, and how long."""
    return mandate.is_in_force(today), mandate.may_transfer, mandate.ends_on or date.max


def _end(mandate: Mandate, by: Actor, today: date) -> int:
    """Of one whose last day is over, nobody is told again."""
    if mandate.is_in_force(today):
        mandates.write_end(mandate, by=by, today=today)
    else:
        Mandate.objects.filter(pk=mandate.pk).update(revoked_at=timezone.now())
    return mandate.pk


def _end_letters(kept: Client, closed: Client, now: datetime) -> list[str]:
    """None tells a code client any more that opens nothing; nor is posted what he finds in his space.

    What tells of changed contacts leaves: nobody hides by a joining what he did before.
    """
    papers = PostalItem.objects.waiting().filter(client=closed, document__isnull=False)
    if not queue.reads_online(kept):
        papers = papers.filter(title__in=[CODE_LETTER, WELCOME_SUBJECT])
    pks = list(papers.values_list("pk", flat=True))
    PostalItem.objects.waiting().filter(pk__in=pks).update(address="", ended_at=now)
    return [str(pk) for pk in pks]


def _day(text: str) -> date:
    return date.fromisoformat(text)
