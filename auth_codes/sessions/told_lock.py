"""Of which lock a browser without a login is told: that it has just made, or whose codes it has just typed."""

from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase

from auth_codes.models import AccessLock

# A name in the session of somebody who is not logged in.
TOLD = "told_lock"
# Long enough to read it to somebody on the telephone, and to print it.
TOLD_FOR = timedelta(minutes=30)


def note(session: SessionBase, lock: AccessLock, now: datetime) -> None:
    """From now on, and for a while, this browser is told of this lock."""
    session[TOLD] = str(lock.pk), int(now.timestamp())


def forget(session: SessionBase) -> None:
    """At a login: whoever sits at this browser now need not be who was told."""
    session.pop(TOLD, None)


def of(session: SessionBase, now: datetime) -> AccessLock | None:
    """The lock, as long as it stands; None for whoever has neither locked nor typed the codes."""
    pk, since = session.get(TOLD) or ("", 0)
    if not pk or now.timestamp() - since > TOLD_FOR.total_seconds():
        return None
    return AccessLock.objects.standing().filter(pk=pk).first()
