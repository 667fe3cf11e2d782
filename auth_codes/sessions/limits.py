"""How long a session lives: the limits, the marks that it carries, what its owner is told of its end.

The limits hold here, by the server's clock, whatever a browser or a stolen cookie does. Sources: RTS 2018/389
art. 4(3)(d), five minutes without activity; ASVS 5.0 7.3.1 and 7.3.2, a limit to idleness and one to the whole.
"""

import math
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from auth_codes import addresses, journal, wording
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.models import SecurityEvent
from auth_codes.owner import Owner

MARKS = "life"
CLIENT, PUBLIC, STAFF = "client", "public", "staff"
# The row outlives its session a little, so that the server knows what has just ended: a public computer is cleared.
KEPT_AFTER = timedelta(minutes=10)
# Of two servers; neither starts when it is a minute off the clock of the database (banking_portal/serving/checks.py).
CLOCKS_DIFFER = timedelta(minutes=2)
# A page without JavaScript leaves after the end, never a moment before it.
REFRESH_AFTER_SECONDS = 5


class Limits(NamedTuple):
    """After how long without a request a session ends, and after how long since the login whatever happens."""

    idle: timedelta
    at_most: timedelta


# In words, for « Une session dure … au plus ».
AT_MOST_IN_WORDS = {CLIENT: _("une heure"), PUBLIC: _("une heure"), STAFF: _("huit heures")}
LIMITS = {
    CLIENT: Limits(idle=timedelta(minutes=5), at_most=timedelta(hours=1)),
    # Somebody else may sit down as soon as he gets up.
    PUBLIC: Limits(idle=timedelta(minutes=2), at_most=timedelta(hours=1)),
    # Registering a person takes a conversation, and the desk a working day.
    STAFF: Limits(idle=timedelta(minutes=15), at_most=timedelta(hours=8)),
}


# By which page each kind logs in.
DOORS = {CLIENT: "login", PUBLIC: "login", STAFF: "admin:login"}


class Life(NamedTuple):
    """The marks of a session: whose limits hold, when it began and was last used, in seconds since 1970 (UTC)."""

    kind: str
    began: int
    used: int

    @property
    def idle_end(self) -> datetime:
        return datetime.fromtimestamp(self.used, UTC) + LIMITS[self.kind].idle

    @property
    def last_end(self) -> datetime:
        """The end that no activity puts off; counted from the login, a change of code included."""
        return datetime.fromtimestamp(self.began, UTC) + LIMITS[self.kind].at_most

    @property
    def end(self) -> datetime:
        return min(self.idle_end, self.last_end)

    def is_from_later_than(self, now: datetime) -> bool:
        """Whether it was used after `now`: the clock was set back, and would prolong it."""
        return datetime.fromtimestamp(self.used, UTC) > now + CLOCKS_DIFFER

    @property
    def is_last(self) -> bool:
        """Whether nothing can put off the end that comes."""
        return self.last_end <= self.idle_end


def begin_for(session: SessionBase, user: Owner, now: datetime) -> None:
    """At a login: the limits of staff, or those of a client who has not yet said anything of the computer."""
    _begin(session, STAFF if user.is_staff else CLIENT, now)


def begin(request: HttpRequest, *, is_public: bool, now: datetime | None = None) -> None:
    """After a client's login: what he said of the computer. The hour counts from here."""
    _begin(request.session, PUBLIC if is_public else CLIENT, now or timezone.now())


def _begin(session: SessionBase, kind: str, now: datetime) -> None:
    seconds = int(now.timestamp())
    session[MARKS] = Life(kind, began=seconds, used=seconds)


def life(session: SessionBase) -> Life | None:
    """The marks; None of a visitor who is not logged in, and of a session from before there were any."""
    marks = session.get(MARKS)
    return Life(*marks) if marks and SESSION_KEY in session else None


def has_ended(session: SessionBase, now: datetime) -> bool:
    """Whether somebody is logged in whose time is over; without marks nobody can tell, and it is."""
    marks = life(session)
    return SESSION_KEY in session and (marks is None or marks.end <= now or marks.is_from_later_than(now))


def note_use(session: SessionBase, now: datetime) -> None:
    """Idleness begins anew."""
    marks = life(session)
    if marks:
        session[MARKS] = marks._replace(used=int(now.timestamp()))


def turn_public(session: SessionBase) -> None:
    """The client says later what he did not say at his login; his hour goes on."""
    marks = life(session)
    if marks:
        session[MARKS] = marks._replace(kind=PUBLIC)


def is_public(request: HttpRequest) -> bool:
    """Whether the client said at his login that the computer is not his own."""
    marks = life(request.session)
    return marks is not None and marks.kind == PUBLIC


def end_everywhere(owner: Owner, *, by: Actor) -> None:
    """Ends every session of the owner, this one included, and notes it. The caller still logs this browser out."""
    with transaction.atomic():
        owners.lock(owner)
        owners.end_sessions(owner)
        journal.record(SecurityEvent.Kind.SESSIONS_ENDED, owner=owner, by=by)


def clear_browser(response: HttpResponse) -> None:
    """Makes the browser of a public computer forget this site, where it knows how (W3C Clear-Site-Data)."""
    response["Clear-Site-Data"] = '"cache", "cookies", "storage"'


def clear_all_but_cookies(response: HttpResponse) -> None:
    """The same, where the next page is shown by the session that has just begun."""
    response["Clear-Site-Data"] = '"cache", "storage"'


def times(marks: Life, now: datetime) -> dict[str, int | str]:
    """For a page and its script: the seconds left (idle, at most), rounded up, and the same in words."""
    return {
        "seconds_left": _seconds(marks.end - now),
        "seconds_at_most": _seconds(marks.last_end - now),
        "sentence": sentence(marks),
    }


def shown(request: HttpRequest, now: datetime) -> dict[str, int | str]:
    """What every page of who is logged in says of the end, and where it then leads."""
    marks = life(request.session)
    if marks is None:
        raise ValueError("nobody is logged in")
    told = times(marks, now)
    return told | {
        "end_url": end_url(request.get_full_path(), DOORS[marks.kind]),
        "refresh_after": _seconds(marks.end - now) + REFRESH_AFTER_SECONDS,
        "is_public": marks.kind == PUBLIC,
        "lasts": str(AT_MOST_IN_WORDS[marks.kind]),
        "logout_url": addresses.of("admin:logout" if marks.kind == STAFF else "logout"),
    }


def sentence(marks: Life) -> str:
    """Until when, in Paris time and whole minutes that have not passed the end."""
    if marks.is_last:
        return gettext("Par sécurité, vous serez déconnecté à {} au plus tard.").format(wording.hour(marks.last_end))
    return gettext("Sans activité, vous serez déconnecté à {}.").format(wording.hour(marks.idle_end))


def end_url(page: str, door: str = "login") -> str:
    """The login page, saying that the session has ended; `page` is where to come back to."""
    address = addresses.of(door)
    if urlsplit(page).path == address:
        return page  # which already knows where
    return f"{address}?fin&{urlencode({'next': page})}"


def told_of_end(url: str) -> str:
    """Where a visitor is led whose session ended on the way: a login that he did not ask for says so."""
    asked = parse_qs(urlsplit(url).query)
    door = next((name for name in dict.fromkeys(DOORS.values()) if urlsplit(url).path == reverse(name)), "")
    return end_url(asked["next"][0], door) if door and set(asked) == {"next"} else url


def goodbye_url(request: HttpRequest, word: str) -> str:
    """The login page after a logout, by its `word`; after one from a public computer it also says how to leave it."""
    return f"{reverse('login')}?{word}{'&public' if is_public(request) else ''}"


def _seconds(left: timedelta) -> int:
    return max(0, math.ceil(left.total_seconds()))
