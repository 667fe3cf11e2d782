"""The one way to a code's verification: on which count an attempt draws, whether it may be made, how it is settled.

A known device, and the holder of a letter's number, draw on a count of their own, which neither strangers' failures nor
those of their network touch. All unknown devices together draw on the count of the number or staff name that they
try, held by somebody or not, and on the budget of their network.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from auth_codes import browser, journal
from auth_codes.actor import Actor
from auth_codes.codes import checking
from auth_codes.crypto import slots
from auth_codes.devices import known_devices
from auth_codes.kinds import LineKind
from auth_codes.lockout import budgets, counters, rush, watch
from auth_codes.measures import series
from auth_codes.measures.series import Door
from auth_codes.models import AttemptCounter, Factor, KnownDevice, SecretCode, SecurityEvent
from auth_codes.owner import Owner
from auth_codes.prepared import first_of_each

log = logging.getLogger(__name__)

BUDGET = "login"
# Of its own: a visitor who fails at the clients' door from a branch's network must not shut its advisors out.
STAFF_BUDGET = "staff login"
# Of what is asked after the right codes.
SECOND_BUDGET = "second"
# On which count all unknown devices draw that spend of this budget, by a number, a name, or the key of a moyen.
COUNTED_BY: dict[str, Callable[[str], counters.Counter]] = {
    BUDGET: counters.client_counter,
    STAFF_BUDGET: counters.staff_counter,
    SECOND_BUDGET: counters.factor_counter,
}
# At which door, as the figures call it.
DOORS = {BUDGET: Door.CLIENT, STAFF_BUDGET: Door.STAFF, SECOND_BUDGET: Door.SECOND}


class TooManyNumbers(Exception):
    """So many numbers were tried that unknown devices wait, all alike, until a timer has purged their counters."""


REFUSALS = (counters.Blocked, budgets.Spent, slots.Busy, TooManyNumbers, rush.QueueFull)


class Entrance(NamedTuple):
    """On which count an attempt draws; `browser` names whose failures its success gives back.

    `budget` is that of the network, which a known device does not touch. `queues`: the whole bank is guessed at, and
    this attempt comes from an unknown device. `name`: what unknown devices are counted by, as a known one is once its
    own five are used up. `blocked_kind`: the line that tells of a block. `full` and `is_spent`: the counter of a block,
    and whether the network has nothing left, as an unknown device's entrance found them.
    """

    counter: counters.Counter
    browser: str
    is_known: bool
    device: KnownDevice | None = None
    budget: str = BUDGET
    queues: bool = False
    name: str = ""
    blocked_kind: LineKind = SecurityEvent.Kind.LOGIN_BLOCKED
    full: AttemptCounter | None = None
    is_spent: bool = False


class Admission(NamedTuple):
    """An attempt that may be verified: it counts as failed until it is settled."""

    entrance: Entrance
    reservation: counters.Reservation
    spending: tuple[budgets.Spending, ...]


class Aftermath(NamedTuple):
    """What an attempt leaves to its browser, which its page tells; read from counters, which free numbers have too.

    `block`: what it waits for from now on. `next_block`: how long the one wrong attempt that is left would block.
    `was_known`: both are about the count of a known device. `forgiven`: when its failures, given back, were answered.
    """

    block: counters.Blocked | None = None
    next_block: timedelta | None = None
    was_known: bool = False
    forgiven: tuple[datetime, ...] = ()


def client_entrance(
    request: HttpRequest, client_code: str, letter_digest: str = "", now: datetime | None = None
) -> Entrance:
    """Where an attempt under this number enters; only reads.

    A letter's number has its own count only while that letter's code waits: made-up ones draw on the client's.
    """
    if letter_digest and checking.candidate_among(checking.living_codes(client_code), letter_digest):
        return Entrance(counters.letter_counter(letter_digest), browser.mark(request), is_known=True)
    return _entrance(request, client_code, BUDGET, now)


def staff_entrance(request: HttpRequest, name: str, now: datetime | None = None) -> Entrance:
    """Where an attempt under a staff name enters: known devices as a client's, all others by the name alone."""
    return _entrance(request, name, STAFF_BUDGET, now)


def factor_entrance(
    request: HttpRequest, factor: Factor, code: SecretCode | None, now: datetime | None = None
) -> Entrance:
    """Where an attempt at a moyen enters, after the right `code`; each moyen and each known device has its own count.

    Beside a letter's code they are counted apart: whoever knew the code before must not keep its owner from that one.
    """
    letter = code.letter_id.hex if code and code.is_default and code.letter_id else ""
    name, kind = factor.pk.hex + letter, SecurityEvent.Kind.FACTOR_BLOCKED
    device = known_devices.recognise(request, factor.owner.username)
    if device:
        counter = counters.factor_counter(name, device.pk.hex)
        if counters.block_of(counter, now) is None:
            return _known_entrance(device, counter, name, SECOND_BUDGET)._replace(blocked_kind=kind)
    return _unknown_entrance(request, name, SECOND_BUDGET, now)._replace(blocked_kind=kind)


def failures_allowed(request: HttpRequest) -> int:
    """How many failures an hour one line may have: a carrier's range has its own, thousands of telephones share it."""
    line = budgets.line_of(request)
    return line.carrier.failures if line and line.carrier else settings.NETWORK_FAILURES_PER_HOUR


def why_refused(request: HttpRequest, entrance: Entrance, now: datetime | None = None) -> Exception | None:
    """One of REFUSALS, not raised, or None, for who has just entered. Only reads, so that a refusal is cheap.

    `admit` judges anew.
    """
    now = now or timezone.now()
    if not entrance.is_known and watch.counters_are_full():
        return TooManyNumbers()  # before any block: whoever waits does not learn which numbers were tried
    if entrance.queues and rush.is_full(entrance.budget, now):
        return rush.QueueFull()
    if entrance.device:
        return None  # with a full count it would not have entered as one
    if entrance.is_known:
        return counters.block_of(entrance.counter, now)
    block = counters.block_in(entrance.full, entrance.counter, now)
    return block or (budgets.Spent() if entrance.is_spent else None)


def admit(request: HttpRequest, name: str, entrance: Entrance, now: datetime | None = None) -> Admission:
    """Counts the attempt, commits it, and allows it. Raises Blocked, Spent or QueueFull, with nothing counted.

    A known device whose own five were used up at this very moment enters as an unknown one.
    """
    now = now or timezone.now()
    try:
        return _admit(request, entrance, now)
    except counters.Blocked:
        if entrance.device is None:
            raise
    unknown = _unknown_entrance(request, name, entrance.budget, now)
    return _admit(request, unknown._replace(blocked_kind=entrance.blocked_kind), now)


@contextmanager
def both_admitted(request: HttpRequest, first: Entrance, second: Entrance) -> Iterator[tuple[Admission, Admission]]:
    """Two attempts of one form, counted together or not at all. Raises one of REFUSALS.

    A known device whose own five were used up at this very moment is refused, and enters as an unknown one next time.
    """
    now = timezone.now()
    with slots.taken(is_known=first.is_known):
        with transaction.atomic(durable=True):
            counted = _counted(request, first, now), _counted(request, second, now)
        yield counted


@contextmanager
def admitted(request: HttpRequest, name: str, entrance: Entrance) -> Iterator[Admission]:
    """An attempt counted and allowed, for the hashes of the block. Raises one of REFUSALS.

    The slot is taken first: who finds none has not been counted.
    """
    with slots.taken(is_known=entrance.is_known):
        yield admit(request, name, entrance)


def settle(
    request: HttpRequest,
    admission: Admission,
    *,
    right: bool,
    owner: Owner | None,
    now: datetime | None = None,
) -> Aftermath:
    """Notes the outcome of an admitted attempt; `owner` is whose number it was, if anybody's."""
    entrance, reservation = admission.entrance, admission.reservation
    if right:
        forgiven = counters.give_back(reservation, entrance.browser, now)
        budgets.give_back(admission.spending)
        return Aftermath(forgiven=tuple(forgiven))
    counters.fail(reservation, now)
    _tell_of_spent_networks(request, admission.spending, DOORS[entrance.budget])
    # A right attempt that was verified meanwhile may have taken the count down again: then no block began.
    block = counters.block_of(entrance.counter, now) if reservation.fills_series else None
    if block is None:
        next_block = counters.next_block(entrance.counter, reservation, entrance.browser)
        return Aftermath(next_block=next_block, was_known=entrance.device is not None)
    if entrance.device:
        return _exhaust(entrance.device, entrance, owner, now)
    series.blocks.labels(DOORS[entrance.budget]).inc()
    # Told to its owner by a timer: a mail written now would take a time that tells who exists.
    details: dict[str, str | int] = {"failures": reservation.count}
    if entrance.is_known:
        details["letter"] = "number"  # a block of this letter alone
    journal.record(entrance.blocked_kind, owner=owner, by=Actor.at(request), details=details)
    return Aftermath(block)


def _exhaust(device: KnownDevice, entrance: Entrance, owner: Owner | None, now: datetime | None) -> Aftermath:
    """The device is unknown again: its browser waits only where all unknown ones do."""
    known_devices.exhaust(device)
    block = counters.block_of(COUNTED_BY[entrance.budget](entrance.name), now) if owner else None
    return Aftermath(block, was_known=True)


def _entrance(request: HttpRequest, name: str, budget: str, now: datetime | None) -> Entrance:
    device = known_devices.recognise(request, name)
    if device:
        counter = counters.device_counter(device.pk.hex)
        if counters.block_of(counter, now) is None:
            return _known_entrance(device, counter, name, budget)
    return _unknown_entrance(request, name, budget, now)


def _known_entrance(device: KnownDevice, counter: counters.Counter, name: str, budget: str) -> Entrance:
    return Entrance(counter, device.presented[:32], is_known=True, device=device, budget=budget, name=name)


def _unknown_entrance(request: HttpRequest, name: str, budget: str, now: datetime | None) -> Entrance:
    now, counter = now or timezone.now(), COUNTED_BY[budget](name)
    queues, full, spent = first_of_each(
        rush.asked(now),
        counters.asked(counter),
        budgets.asked(budget, request, failures_allowed(request), now),
    )
    return Entrance(
        counter,
        browser.mark(request),
        is_known=False,
        budget=budget,
        queues=queues is not None,
        name=name,
        full=full,
        is_spent=spent is not None,
    )


def _admit(request: HttpRequest, entrance: Entrance, now: datetime) -> Admission:
    # One transaction: whoever is blocked has spent nothing of his network's budget, and the other way round.
    with transaction.atomic(durable=True):
        return _counted(request, entrance, now)


def _counted(request: HttpRequest, entrance: Entrance, now: datetime) -> Admission:
    spending = () if entrance.is_known else _spend(request, entrance, now)
    reservation = counters.reserve(entrance.counter, entrance.browser, now)
    return Admission(entrance, reservation, spending)


def _spend(request: HttpRequest, entrance: Entrance, now: datetime) -> tuple[budgets.Spending, ...]:
    # The queue first: to whoever waits in it nothing tells what is left to his network.
    queued = (rush.queue_up(entrance.budget, now),) if entrance.queues else ()
    return queued + budgets.spend_within(entrance.budget, request, failures_allowed(request), now)


def _tell_of_spent_networks(request: HttpRequest, spending: tuple[budgets.Spending, ...], door: Door) -> None:
    """After a failure only: a success that took the last of a budget gives it back."""
    for spent in spending:
        if not spent.is_last:
            continue
        details: dict[str, str | int] = {"network": spent.allowance.network, "failures": spent.allowance.limit}
        series.networks.labels(door).inc()
        journal.record(SecurityEvent.Kind.NETWORK_SPENT, by=Actor.at(request), details=details)
        if ip_network(spent.allowance.network).is_private:
            # A proxy taken for the visitor has all visitors share one budget.
            log.error("The private network %s has spent its budget: is TRUSTED_PROXY_COUNT right?", details["network"])
