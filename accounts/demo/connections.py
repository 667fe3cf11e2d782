"""The year that one person of the demo has lived with his online space: connections, devices, a slip of the finger."""

import secrets
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import accumulate, cycle, takewhile

from django.utils import timezone

from accounts.models import User
from auth_codes.journal import subjects
from auth_codes.models import KnownDevice, SecretCode, SecurityEvent
from auth_codes.models.kinds import CodesEvent

DAYS = 365
CODE_CHANGED_DAYS_AGO = 100  # long enough to be his own, too short to be reminded of
SLIP_AT = 20  # the connection, counted from today backwards, before which he mistyped his code
# Days between one connection and the one before it, and hours of the day; addresses that RFC 5737 keeps for examples.
GAPS = (1, 3, 6, 2, 9, 4, 11, 5, 3, 7)
HOURS = (time(20, 14), time(8, 2), time(12, 47), time(21, 31), time(7, 38))
HOME, CARRIER, OFFICE = "192.0.2.17", "198.51.100.84", "203.0.113.9"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
LAPTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PLACES = ((HOME, IPHONE), (HOME, LAPTOP), (CARRIER, IPHONE), (HOME, IPHONE), (OFFICE, LAPTOP), (CARRIER, IPHONE))
DEVICES = {IPHONE: "Safari sur iPhone", LAPTOP: "Firefox sur Windows"}


def live_a_year(owner: User) -> None:
    """Writes what he has done since: lines of the journal, devices, a code of his own choice.

    The demo alone writes of days that have passed: a bank's journal is written when something happens.
    """
    lines = sorted(_lines(owner), key=lambda line: line.at)
    subjects.write_many(SecurityEvent.objects.bulk_create(lines))
    _know_devices(owner, lines)
    changed_at = timezone.now() - timedelta(days=CODE_CHANGED_DAYS_AGO)
    SecretCode.objects.filter(owner=owner).present().update(created_at=changed_at)


def _lines(owner: User) -> Iterator[SecurityEvent]:
    def line(kind: CodesEvent, at: datetime, place: tuple[str, str], **details: str) -> SecurityEvent:
        by = None if kind == CodesEvent.LOGIN_FAILED else owner
        address, browser = place
        return SecurityEvent(kind=kind, at=at, owner=owner, by=by, address=address, user_agent=browser, details=details)

    moments = list(_moments())
    # The last one that is put in is the first one that there was.
    first_by = {browser: at for at, (_, browser) in zip(moments, cycle(PLACES), strict=False)}
    for number, (at, place) in enumerate(zip(moments, cycle(PLACES), strict=False)):
        if number == SLIP_AT:
            yield line(CodesEvent.LOGIN_FAILED, at - timedelta(minutes=1), place, device="known")
        yield line(CodesEvent.LOGGED_IN, at, place)
        if at == first_by[place[1]]:
            yield line(CodesEvent.DEVICE_KNOWN, at, place)
        yield line(CodesEvent.LOGGED_OUT, at + timedelta(minutes=6), place)
    changed_at = timezone.now() - timedelta(days=CODE_CHANGED_DAYS_AGO)
    yield line(CodesEvent.CODE_CHANGED, changed_at, (HOME, IPHONE))


def _moments() -> Iterator[datetime]:
    """Those of his connections, the latest first, none of them today."""
    days = takewhile(lambda ago: ago < DAYS, accumulate(cycle(GAPS)))
    for ago, hour in zip(days, cycle(HOURS), strict=False):
        yield timezone.make_aware(datetime.combine(timezone.localdate() - timedelta(days=ago), hour))


def _know_devices(owner: User, lines: list[SecurityEvent]) -> None:
    for browser, label in DEVICES.items():
        seen = [line.at for line in lines if line.kind == CodesEvent.LOGGED_IN and line.user_agent == browser]
        # Of no browser that there is: nobody has the token.
        KnownDevice.objects.create(
            owner=owner,
            label=label,
            digest=secrets.token_hex(32),
            first_seen_at=min(seen),
            last_seen_at=max(seen),
        )
