"""What somebody has to look after while customers log in: failures in bulk, counters in bulk.

A timer counts and raises the alarms; the login only reads whether one stands, once a minute at most in each process.
"""

import logging
import time
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet, Sum

from auth_codes import journal
from auth_codes.models import AttemptCounter, SecurityEvent, StandingAlarm

log = logging.getLogger(__name__)

COUNTERS_FULL = "counters_full"
MANY_FAILURES = "many_failures"
BINDING_BROKEN = "binding_broken"
# Failures kept, with their line of the journal, for each counter that is allowed: up to twenty could stand under one
# number in a year, and a staff name has no last block.
FAILURES_A_COUNTER = 4
# Below this share of the most that is allowed, unknown devices are let in again.
ROOM_AGAIN = 0.95
KEPT_SECONDS = 60
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
Kind = SecurityEvent.Kind


class _Kept(NamedTuple):
    """Whether the alarm stood, believed until `until` on the monotonic clock."""

    stands: bool
    until: float


class Alarm(NamedTuple):
    """An alarm that stands, and since when its cause is known."""

    name: str
    since: datetime


_kept: _Kept | None = None


def counters_are_full(now: float | None = None) -> bool:
    """Whether unknown devices wait because too many numbers were tried; `now` in seconds of the monotonic clock."""
    global _kept
    now = time.monotonic() if now is None else now
    kept = _kept  # another thread may forget it meanwhile
    if kept is None or now >= kept.until:
        kept = _Kept(StandingAlarm.objects.filter(name=COUNTERS_FULL).exists(), now + KEPT_SECONDS)
        if not connection.in_atomic_block:
            _kept = kept
    return kept.stands


def forget() -> None:
    """Has the alarm read again at the next attempt."""
    global _kept
    _kept = None


def watch_counters(now: datetime) -> int:
    """Counts the counters, and raises or ends the alarm that makes unknown devices wait; says how many there are.

    Those that count nothing are left out: only right codes leave them, and a purge deletes them after a week.
    """
    counting = AttemptCounter.objects.filter(count__gt=0).aggregate(counters=Count("pk"), failures=Sum("count"))
    counters: int = counting["counters"]
    failures: int = counting["failures"] or 0
    most = settings.ATTEMPT_COUNTERS_AT_MOST
    filled = max(counters / most, failures / (most * FAILURES_A_COUNTER))
    if filled >= 1:
        _raise_counters_full(counters, failures, now)
    elif filled < ROOM_AGAIN:
        StandingAlarm.objects.filter(name=COUNTERS_FULL).delete()
    forget()
    return counters


def _raise_counters_full(counters: int, failures: int, now: datetime) -> None:
    with transaction.atomic():
        _, is_new = StandingAlarm.objects.get_or_create(name=COUNTERS_FULL, defaults={"since": now})
        if not is_new:
            return
        journal.record(Kind.COUNTERS_FULL, details={"counters": counters, "failures": failures})
    log.error(
        "%d attempt counters and %d failures kept, more than ATTEMPT_COUNTERS_AT_MOST allows: unknown devices wait",
        counters,
        failures,
    )


def watch_failures(now: datetime) -> int:
    """Sounds an alarm, once an hour, when more logins failed within the last one than the bank is used to.

    Says how many failed.
    """
    failures = failures_within_an_hour(now)
    told = SecurityEvent.objects.filter(kind=Kind.FAILURE_ALARM, at__gt=now - HOUR)
    if failures >= settings.LOGIN_FAILURES_ALARM and not told.exists():
        log.error("%d logins failed within an hour: somebody may be guessing at many numbers", failures)
        journal.record(Kind.FAILURE_ALARM, details={"failures": failures})
    return failures


def watch_bindings(now: datetime) -> int:
    """Raises the alarm when a login or a page found somebody not bound to whom he shows; it stands for a day after.

    Says how many times that was within the day.
    """
    on_pages, at_logins = Q(kind=Kind.BINDING_BROKEN), Q(kind=Kind.LOGIN_FAILED, details__binding="broken")
    found = SecurityEvent.objects.filter(on_pages | at_logins, at__gt=now - DAY).count()
    if found:
        StandingAlarm.objects.get_or_create(name=BINDING_BROKEN, defaults={"since": now})
        log.error("%d logins or pages met an owner who is not bound: somebody has written in the database", found)
    else:
        StandingAlarm.objects.filter(name=BINDING_BROKEN).delete()
    return found


def failures_within_an_hour(now: datetime) -> int:
    """How many logins failed in the hour before `now`."""
    return _failures(now).count()


def _has_failures_within_an_hour(most: int, now: datetime) -> bool:
    """Whether so many failed; asked by a page, it counts no further."""
    return _failures(now)[:most].count() == most


def _failures(now: datetime) -> QuerySet[SecurityEvent]:
    return SecurityEvent.objects.filter(kind=Kind.LOGIN_FAILED, at__gt=now - HOUR, at__lte=now)


def alarms(now: datetime) -> list[Alarm]:
    """The alarms that stand now, the gravest first. Only reads."""
    standing = dict(StandingAlarm.objects.values_list("name", "since"))
    found = [Alarm(name, standing[name]) for name in (BINDING_BROKEN, COUNTERS_FULL) if name in standing]
    if _has_failures_within_an_hour(settings.LOGIN_FAILURES_ALARM, now):
        found.append(Alarm(MANY_FAILURES, now - HOUR))
    return found
