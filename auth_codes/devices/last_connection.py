"""What a client, or staff, is told of his connections: the one before this, and what failed between the two.

Who sees his last connection and the failures since is the first to notice a stranger. All of it is read from his own
lines of the journal, by their index.
Source: ASVS 5.0 6.3.5, users are told of suspicious attempts, successful or not.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from auth_codes import browser
from auth_codes.lockout import counters
from auth_codes.lockout.counters import Blocked
from auth_codes.models import SecurityEvent
from auth_codes.owner import Owner, OwnersRequest
from auth_codes.prepared import KEY, MOMENT, Blank, Prepared

Kind = SecurityEvent.Kind
FAILURES = (Kind.LOGIN_FAILED, Kind.CODE_CHANGE_FAILED, Kind.DEVICE_REMOVAL_FAILED)
# Names in the session: when it began, and the beginning of the session in which the failures were answered.
LOGGED_IN_AT, ANSWERED_AT = "logged_in_at", "failures_answered"
# And when the failures that its own login made good had been answered.
FORGIVEN = "forgiven_failures"
# The journal's line follows the answer at once.
NOTED_WITHIN = timedelta(seconds=5)
MOST_SHOWN = 5
# Before any line of the journal.
EVER = datetime(1970, 1, 1, tzinfo=UTC)


def _login_before(owner: Blank, moment: Blank) -> QuerySet[SecurityEvent]:
    logins = SecurityEvent.objects.filter(owner=owner, kind=Kind.LOGGED_IN, at__lt=moment)
    return logins.order_by("-at")[:1]


def _latest(owner: Blank) -> QuerySet[SecurityEvent]:
    return SecurityEvent.objects.filter(owner=owner, kind=Kind.LOGGED_IN).order_by("-at")[:MOST_SHOWN]


def _failed(owner: Blank, after: Blank, before: Blank) -> QuerySet[SecurityEvent, tuple[datetime, dict[str, str]]]:
    lines = SecurityEvent.objects.filter(owner=owner, kind__in=FAILURES, at__gt=after, at__lt=before)
    return lines.order_by("at").values_list("at", "details")


LATEST = Prepared(_latest, owner=KEY)
LOGIN_BEFORE = Prepared(_login_before, owner=KEY, moment=MOMENT)
FAILED = Prepared(_failed, owner=KEY, after=MOMENT, before=MOMENT)


class Connection(NamedTuple):
    """A login as its owner is shown it. `is_here`: from the network of the present request."""

    at: datetime
    device: str
    network: str
    is_here: bool


class Failures(NamedTuple):
    """The wrong codes since the last login: how many, of these from unknown devices, and when the last."""

    count: int  # type: ignore[assignment]  # a name of tuple's own, which nothing here calls
    unknown_count: int
    last_at: datetime


class Earlier(NamedTuple):
    """The login before the present one, and what failed between the two."""

    last: Connection | None
    failures: Failures | None


class Report(NamedTuple):
    """What is said on the first page. `block`: the one that stands now for unknown devices.

    `is_own_slip`: all that failed is one code mistyped at this browser, which then logged in.
    """

    last: Connection | None
    failures: Failures | None
    block: Blocked | None
    is_answered: bool
    is_own_slip: bool

    @property
    def wants_answer(self) -> bool:
        """Whether there is something to ask « C’était moi » or « Ce n’était pas moi » about."""
        has_failed = bool(self.failures) and not self.is_own_slip
        return (has_failed or bool(self.block)) and not self.is_answered

    @property
    def pause_ends(self) -> datetime | None:
        """The minute from which unknown devices may try again; None without a block, or until a renewal."""
        return to_the_minute(self.block.until) if self.block and self.block.until else None


def to_the_minute(until: datetime) -> datetime:
    """The first whole minute at which a block no longer stands: whoever comes then is not refused once more."""
    return (until + timedelta(minutes=1, microseconds=-1)).replace(second=0, microsecond=0)


def note_login(request: HttpRequest, line: SecurityEvent, forgiven: Iterable[datetime]) -> None:
    """Remembers which line of the journal began this session: another one may begin while it lasts.

    `forgiven`: when the failures were answered that this login gave back to its browser.
    """
    request.session[LOGGED_IN_AT] = line.at.isoformat()
    request.session[FORGIVEN] = [answered_at.isoformat() for answered_at in forgiven]


def note_answer(request: HttpRequest) -> None:
    """The failures before this session were answered: they are shown no more."""
    request.session[ANSWERED_AT] = request.session.get(LOGGED_IN_AT, "")


def logins(owner: Owner) -> QuerySet[SecurityEvent]:
    """The latest first."""
    return owner.security_events.filter(kind=Kind.LOGGED_IN).order_by("-at")


def latest(request: OwnersRequest, count: int) -> list[Connection]:
    """The last `count` logins of who is logged in, MOST_SHOWN at most, the present one first."""
    return [_shown(request, line) for line in LATEST.ask(owner=request.user.pk)[:count]]


def report(request: OwnersRequest, now: datetime | None = None) -> Report:
    """What is to be said to a client who is logged in; three queries, each by an index."""
    last, failures = earlier(request)
    return Report(
        last=last,
        failures=failures,
        block=counters.block_of(counters.client_counter(request.user.username), now),
        is_answered=request.session.get(ANSWERED_AT, "never") == request.session.get(LOGGED_IN_AT, ""),
        is_own_slip=failures is not None and _is_own_slip(request, failures),
    )


def earlier(request: OwnersRequest) -> Earlier:
    """What happened before the session of who is logged in, a client or staff."""
    began = request.session.get(LOGGED_IN_AT)
    moment = datetime.fromisoformat(began) if began else None
    last = LOGIN_BEFORE.first(owner=request.user.pk, moment=moment) if moment else logins(request.user)[1:2].first()
    return Earlier(
        last=_shown(request, last) if last else None,
        failures=_failures(request.user, last.at if last else EVER, moment),
    )


def _is_own_slip(request: HttpRequest, failures: Failures) -> bool:
    forgiven = [datetime.fromisoformat(each) for each in request.session.get(FORGIVEN, [])]
    was_here = any(answered_at <= failures.last_at < answered_at + NOTED_WITHIN for answered_at in forgiven)
    return failures.count == 1 and was_here


def _failures(owner: Owner, after: datetime, before: datetime | None) -> Failures | None:
    # Few: a count of wrong codes fills up long before a list of them grows long.
    found = FAILED.ask(owner=owner.pk, after=after, before=before or timezone.now())
    if not found:
        return None
    unknown = sum(details.get("device") != "known" for _, details in found)
    return Failures(len(found), unknown, found[-1][0])


def _shown(request: HttpRequest, line: SecurityEvent) -> Connection:
    network = browser.network_of(line.address)
    return Connection(
        at=line.at,
        device=browser.in_words(browser.describe(line.user_agent)),
        network=browser.network_in_short(line.address),
        is_here=bool(network) and network == browser.network(request),
    )
