"""Two sheets that were joined by mistake are two again; see undoing.py, which asks for it and has it approved.

What moved goes back as it is. Where something has begun or ended since on what moved, it is not that any more: the
advisor is told which act comes first.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.bank_accounts import moving
from accounts.models import BankAccount, Client, Holding, Joining, Mandate, Representation, ServiceContract, Transfer
from accounts.models.joining import WhatMoved
from accounts.models.representations import on_either_side


class JoinedLater(Exception):
    """Another sheet was joined to the same one since: that is taken back first."""


class AccountClosedSince(Exception):
    """An account that moved was closed since."""


class ContractEndedSince(Exception):
    """A contract that moved has ended since."""


class MandateGivenSince(Exception):
    """A mandate was given since on an account that moved, or to him in place of one that ended with the joining."""


class RepresentedSince(Exception):
    """Somebody acts for the kept sheet, or it for somebody, since: that was meant for one of the two people."""


class SinceThen(NamedTuple):
    """What has happened on the accounts that moved, and stays: both advisors read it."""

    transfers: int
    new_holders: Sequence[Client]


def joined_on(kept: Client, number: str) -> date | None:
    """When the joining of this id was done; None where its sheets are not joined (any more)."""
    done = _standing(kept, number)
    return _day(done) if done else None


def judge(kept: Client, number: str) -> None:
    """Raises JoinedLater, AccountClosedSince, ContractEndedSince or MandateGivenSince."""
    done = _standing(kept, number)
    if done is None:
        return
    moved: WhatMoved = done.moved
    later = Joining.objects.filter(kept=kept, closed__joined_into=kept, decided_at__gt=done.decided_at)
    if later.filter(decision=Joining.Decision.APPROVED).exists():
        raise JoinedLater
    if BankAccount.objects.filter(pk__in=moved["open_accounts"], closed_on__isnull=False).exists():
        raise AccountClosedSince
    if ServiceContract.objects.filter(pk__in=moved["running_contracts"], ended_on__isnull=False).exists():
        raise ContractEndedSince
    if Representation.objects.standing().filter(on_either_side(kept)).exists():
        raise RepresentedSince
    if _given_since(moved, done):
        raise MandateGivenSince


def since(done: Joining) -> SinceThen:
    """What was ordered and who came to hold an account since then."""
    moved: WhatMoved = done.moved
    accounts = _accounts(moved)
    ordered = Transfer.objects.filter(Q(source__in=accounts) | Q(destination__in=accounts), client=done.kept)
    holders = Client.objects.filter(
        holdings__account__in=accounts, holdings__pk__gt=max([0, *moved["holdings"]]), holdings__since__gte=_day(done)
    )
    return SinceThen(
        ordered.filter(confirmed_at__gt=done.decided_at).count(), list(holders.exclude(pk=done.kept_id).distinct())
    )


def part(done: Joining) -> None:
    """Two sheets again, under the locks of both; the space of the one that was closed waits for a renewal."""
    moving.lock_accounts(done.kept, done.closed)
    moving.put_back(done.kept, done.closed, done.moved, done.advisor)
    Client.objects.filter(pk=done.closed_id).update(ended_on=None, end_reason="", joined_into=None)


def _standing(kept: Client, number: str) -> Joining | None:
    approved = Joining.objects.filter(decision=Joining.Decision.APPROVED)
    # Of two that were joined, parted and joined again, the last time counts.
    again = approved.filter(closed=OuterRef("closed"), decided_at__gt=OuterRef("decided_at"))
    return approved.filter(~Exists(again), pk=number, kept=kept, closed__joined_into=kept).first()


def _given_since(moved: WhatMoved, done: Joining) -> bool:
    given = Mandate.objects.filter(revoked_at=None)
    on_moved = given.filter(account__in=_accounts(moved)).exclude(pk__in=moved["given_mandates"])
    in_place = Mandate.objects.filter(pk__in=moved["ended_mandates"]).values("account")
    to_him = given.filter(account__in=in_place, proxy__in=[done.kept, done.closed]).exclude(pk__in=moved["mandates"])
    return on_moved.exists() or to_him.exists()


def _accounts(moved: WhatMoved) -> list[int]:
    own = Holding.objects.filter(pk__in=moved["holdings"]).values_list("account", flat=True)
    return [*own, *(one["account"] for one in moved["shared"])]


def _day(done: Joining) -> date:
    return timezone.localdate(done.decided_at)
