"""What a session of the staff bears of the second step: when a moyen was last shown in it, or that none has been.

The desk opens by the mark alone once a moyen is required; see login/staff_steps.py.
"""

from datetime import UTC, datetime

from django.contrib.sessions.backends.base import SessionBase

NAME = "desk_second"
NEVER = 0


def put(session: SessionBase, now: datetime) -> None:
    """A moyen has just been shown, or added by a ticket."""
    session[NAME] = int(now.timestamp())


def withhold(session: SessionBase) -> None:
    """Begun by a ticket in place of the moyen that is lost: nothing opens before the new one is there."""
    session[NAME] = NEVER


def is_withheld(session: SessionBase) -> bool:
    """Whether it opens one page alone, whatever the day."""
    return session.get(NAME) == NEVER


def shown_at(session: SessionBase) -> datetime | None:
    """When a moyen was last shown in this session; None where none was."""
    moment = session.get(NAME)
    return datetime.fromtimestamp(moment, UTC) if moment else None
