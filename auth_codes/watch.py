"""What somebody has to look after while customers log in: failures in bulk, counters in bulk.

A timer counts and raises the alarms; the login only reads whether one stands, once a minute at most in each process.
"""

import logging
import time
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q
from django.db.models.functions import TruncHour
from django.utils import timezone

from auth_codes import journal
from auth_codes.models import AttemptCounter, SecurityEvent, StandingAlarm

log = logging.getLogger(__name__)

COUNTERS_FULL = "counters_full"
# Below this share of the most that is allowed, unknown devices are let in again.
ROOM_AGAIN = 0.95
KEPT_SECONDS = 60
HOUR = timedelta(hours=1)
Kind = SecurityEvent.Kind


class _Kept(NamedTuple):
    """Whether the alarm stood, believed until `until` on the monotonic clock."""

    stands: bool
    until: float


class Hour(NamedTuple):
    """What happened at the logins of clients and staff within one hour, which begins at `since`."""

    since: datetime
    logins: int
    failures_known: int
    failures_unknown: int
    blocks: int
    networks: int

    @property
    def failures(self) -> int:
        return self.failures_known + self.failures_unknown


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
    """Counts the counters, and raises or ends the alarm that makes unknown devices wait; says how many there are."""
    count, most = AttemptCounter.objects.count(), settings.ATTEMPT_COUNTERS_AT_MOST
    stands = StandingAlarm.objects.filter(name=COUNTERS_FULL).exists()
    if count >= most and not stands:
        StandingAlarm.objects.get_or_create(name=COUNTERS_FULL, defaults={"since": now})
        log.error("%d attempt counters, the most allowed: unknown devices wait until some have lapsed", count)
        journal.record(Kind.COUNTERS_FULL, details={"counters": count})
    if stands and count < most * ROOM_AGAIN:
        StandingAlarm.objects.filter(name=COUNTERS_FULL).delete()
    forget()
    return count


def watch_failures(now: datetime) -> int:
    """Sounds an alarm, once an hour, when more logins failed within the last one than the bank is used to.

    Says how many failed.
    """
    since = now - HOUR
    failures = SecurityEvent.objects.filter(kind=Kind.LOGIN_FAILED, at__gte=since).count()
    if failures >= settings.LOGIN_FAILURES_ALARM:
        log.error("%d logins failed within an hour: somebody may be guessing at many numbers", failures)
        if not SecurityEvent.objects.filter(kind=Kind.FAILURE_ALARM, at__gte=since).exists():
            journal.record(Kind.FAILURE_ALARM, details={"failures": failures})
    return failures


def hours(now: datetime, count: int) -> list[Hour]:
    """The last `count` hours of the clock, Paris time, the present one first; hours without anything too."""
    present = timezone.localtime(now).replace(minute=0, second=0, microsecond=0)
    first = present - (count - 1) * HOUR
    counted = {hour.since: hour for hour in _counted(first)}
    wanted = (present - place * HOUR for place in range(count))
    return [counted.get(since, Hour(since, 0, 0, 0, 0, 0)) for since in wanted]


def _counted(first: datetime) -> list[Hour]:
    lines = SecurityEvent.objects.filter(at__gte=first).order_by()
    failed = Q(kind=Kind.LOGIN_FAILED)
    figures = lines.values(since=TruncHour("at")).annotate(
        logins=Count("id", filter=Q(kind=Kind.LOGGED_IN)),
        failures_known=Count("id", filter=failed & Q(owner__isnull=False)),
        failures_unknown=Count("id", filter=failed & Q(owner__isnull=True)),
        blocks=Count("id", filter=Q(kind=Kind.LOGIN_BLOCKED)),
        networks=Count("id", filter=Q(kind=Kind.NETWORK_SPENT)),
    )
    return [Hour(**row) for row in figures]
