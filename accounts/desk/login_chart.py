"""« Connexions par heure » as a drawing of the last day: what succeeded, and above it what was refused."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from accounts.desk.login_hours import in_words
from auth_codes import wording
from auth_codes.lockout import hours
from auth_codes.lockout.hours import Hour

HOURS = 24
# In units of the drawing, which the page stretches.
STEP, BAR, HEIGHT = 10, 8, 100


class Bar(NamedTuple):
    """One hour: where it stands, and the two parts of it, each with its top and its height."""

    hour: str
    x: int
    logins: str
    failures: str
    logins_top: int
    logins_height: int
    failures_top: int
    failures_height: int


class Chart(NamedTuple):
    """The bars from the oldest hour to the present one; `scale` are hours written below it."""

    bars: Sequence[Bar]
    width: int
    height: int
    logins: str
    failures: str
    scale: Sequence[str]


def chart_of(now: datetime) -> Chart:
    """The last 24 hours; empty ones too."""
    last = hours.hours(now, HOURS)[::-1]
    most = max(1, *(hour.logins + hour.failures for hour in last))
    bars = [_bar(place, hour, most) for place, hour in enumerate(last)]
    return Chart(
        bars,
        width=HOURS * STEP,
        height=HEIGHT,
        logins=wording.grouped(sum(hour.logins for hour in last)),
        failures=wording.grouped(sum(hour.failures for hour in last)),
        scale=[bars[place].hour for place in (0, HOURS // 2, HOURS - 1)],
    )


def _bar(place: int, hour: Hour, most: int) -> Bar:
    logins, failures = (round(HEIGHT * number / most) for number in (hour.logins, hour.failures))
    return Bar(
        hour=in_words(hour.since),
        x=place * STEP,
        logins=wording.grouped(hour.logins),
        failures=wording.grouped(hour.failures),
        logins_top=HEIGHT - logins,
        logins_height=logins,
        failures_top=HEIGHT - logins - failures,
        failures_height=failures,
    )
