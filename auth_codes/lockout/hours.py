"""What happened at the logins hour by hour, without reading two days of the journal at each look.

A timer counts what is some minutes old by slices of five minutes, once; a page adds the slices up and counts only what
is younger. So its figures are never out of date, also when the timer has stopped, and it reads no more at a big bank
than at a small one.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import TruncHour, TruncMinute

from auth_codes.models import LoginSlice, SecurityEvent

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SLICE = timedelta(minutes=5)
# A line is seen when the act it tells of has ended, some seconds after its own moment.
SETTLED_AFTER = timedelta(minutes=10)
# How far back the first count goes, and how long slices are kept: as long as lines of the journal.
COUNTED_AT_FIRST, KEPT = 2 * DAY, 13 * 31 * DAY
Kind = SecurityEvent.Kind
KINDS = (Kind.LOGGED_IN, Kind.LOGIN_FAILED, Kind.LOGIN_BLOCKED, Kind.NETWORK_SPENT)
_FAILED = Q(kind=Kind.LOGIN_FAILED)
COUNTED = {
    "logins": Count("id", filter=Q(kind=Kind.LOGGED_IN)),
    "failures_known": Count("id", filter=_FAILED & Q(owner__isnull=False)),
    "failures_unknown": Count("id", filter=_FAILED & Q(owner__isnull=True)),
    "blocks": Count("id", filter=Q(kind=Kind.LOGIN_BLOCKED)),
    "networks": Count("id", filter=Q(kind=Kind.NETWORK_SPENT)),
}


class Hour(NamedTuple):
    """What happened at the logins of clients and staff within one hour, which begins at `since`.

    A failure of a name that nobody of the staff has is one of an unknown number.
    """

    since: datetime
    logins: int
    failures_known: int
    failures_unknown: int
    blocks: int
    networks: int

    @property
    def failures(self) -> int:
        return self.failures_known + self.failures_unknown

    @property
    def is_alarming(self) -> bool:
        return self.failures >= settings.LOGIN_FAILURES_ALARM


def hours(now: datetime, count: int) -> list[Hour]:
    """The last `count` hours, the present one first; hours without anything too.

    In UTC, whose hours begin with those of Paris: on the two days of a clock change, Paris has one too few or the
    same one twice.
    """
    present = _hour_of(now)
    counted = _by_hour(present - (count - 1) * HOUR)
    wanted = (present - place * HOUR for place in range(count))
    return [Hour(since, *counted.get(since, [0] * len(COUNTED))) for since in wanted]


def keep(now: datetime) -> None:
    """Counts the slices that have ended since the last time; may be killed and run again, one at a time."""
    end = _slice_of(now - SETTLED_AFTER)
    latest = LoginSlice.objects.aggregate(latest=Max("since"))["latest"]
    begin = latest + SLICE if latest else end - COUNTED_AT_FIRST
    while begin < end:
        until = min(begin + DAY, end)
        _keep_between(begin, until)
        begin = until
    LoginSlice.objects.filter(since__lt=now - KEPT).delete()


def _keep_between(begin: datetime, end: datetime) -> None:
    """All slices from `begin` to `end`, those without anything too: between the first and the last none is missing."""
    slices = {begin + place * SLICE: [0] * len(COUNTED) for place in range((end - begin) // SLICE)}
    minutes = _lines(at__gte=begin, at__lt=end).values(since=TruncMinute("at", tzinfo=UTC)).annotate(**COUNTED)
    for since, *figures in minutes.values_list("since", *COUNTED):
        _add(slices, _slice_of(since), figures)
    LoginSlice.objects.bulk_create(
        LoginSlice(since=since, **dict(zip(COUNTED, figures, strict=True))) for since, figures in slices.items()
    )


def _by_hour(first: datetime) -> dict[datetime, list[int]]:
    """The figures of each hour from `first` on in which something happened."""
    found: dict[datetime, list[int]] = {}
    kept = LoginSlice.objects.filter(since__gte=first).values(hour=TruncHour("since", tzinfo=UTC)).order_by()
    summed = kept.annotate(**{f"all_{name}": Sum(name) for name in COUNTED})
    for hour, *figures in summed.values_list("hour", *(f"all_{name}" for name in COUNTED)):
        _add(found, hour, figures)
    for lines in _unkept(first):
        hourly = lines.values(since=TruncHour("at", tzinfo=UTC)).annotate(**COUNTED)
        for hour, *figures in hourly.values_list("since", *COUNTED):
            _add(found, hour, figures)
    return found


def _unkept(first: datetime) -> Iterator[QuerySet[SecurityEvent]]:
    """The lines from `first` on that stand in no slice: the youngest, and those from before the first slice."""
    bounds = LoginSlice.objects.aggregate(begin=Min("since"), latest=Max("since"))
    if bounds["latest"] is None:
        yield _lines(at__gte=first)
        return
    yield _lines(at__gte=max(first, bounds["latest"] + SLICE))
    if first < bounds["begin"]:
        yield _lines(at__gte=first, at__lt=bounds["begin"])


def _lines(**between: datetime) -> QuerySet[SecurityEvent]:
    return SecurityEvent.objects.filter(kind__in=KINDS, **between).order_by()


def _add(sums: dict[datetime, list[int]], since: datetime, figures: Iterable[int]) -> None:
    sums[since] = [one + other for one, other in zip(sums.get(since, [0] * len(COUNTED)), figures, strict=True)]


def _hour_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _slice_of(moment: datetime) -> datetime:
    return _hour_of(moment) + (moment.astimezone(UTC) - _hour_of(moment)) // SLICE * SLICE
