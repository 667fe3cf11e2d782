"""A first login, in steps: for a while after a login by a provisional code its page does not ask for it once more.

The session that began by it bears a mark: which row was verified, and when; never the code. In any other session, for
any other row and later on the code is asked for, counted and verified as ever.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.contrib.sessions.backends.base import SessionBase

from auth_codes.models import SecretCode

MARK = "provisional_code"
LASTS = timedelta(minutes=10)


class Mark(NamedTuple):
    """The row that was verified, and when, in seconds since 1970 (UTC)."""

    row: str
    verified: int


def note(session: SessionBase, row: str, now: datetime) -> None:
    """At a login by the provisional code that this row holds."""
    session[MARK] = Mark(row, int(now.timestamp()))


def vouches_for(session: SessionBase, code: SecretCode, now: datetime) -> bool:
    """Whether this session began a moment ago by this very code, which is still a provisional one."""
    if MARK not in session or not code.is_default or code.has_expired(now):
        return False
    mark = Mark(*session[MARK])
    return mark.row == str(code.id) and now < datetime.fromtimestamp(mark.verified, UTC) + LASTS


def end(session: SessionBase) -> None:
    """The code has been replaced."""
    session.pop(MARK, None)
