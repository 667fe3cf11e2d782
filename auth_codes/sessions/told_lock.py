"""Of which lock a browser without a login is told: that it has just made, or whose codes it has just typed."""

from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase

from auth_codes.models import AccessLock

# A name in the session of somebody who is not logged in.
TOLD = "told_lock"
ONLY_BY_BANK = "told_lock_only_by_bank"
# Long enough to read it to somebody on the telephone, and to print it.
TOLD_FOR = timedelta(minutes=30)


def note(session: SessionBase, lock: AccessLock, now: datetime, *, only_by_bank: bool = False) -> None:
    """From now on, and for a while, this browser is told of this lock.

    `only_by_bank`: its codes were right, and no moyen of its owner undoes it.
    """
    session[TOLD] = str(lock.pk), int(now.timestamp())
    session[ONLY_BY_BANK] = only_by_bank


def forget(session: SessionBase) -> None:
    """At a login: whoever sits at this browser now need not be who was told."""
    session.pop(TOLD, None)
    session.pop(ONLY_BY_BANK, None)


def of(session: SessionBase, now: datetime) -> AccessLock | None:
    """The lock, as long as it stands; None for whoever has neither locked nor typed the codes."""
    pk, since = session.get(TOLD) or ("", 0)
    if not pk or now.timestamp() - since > TOLD_FOR.total_seconds():
        return None
    return AccessLock.objects.standing().filter(pk=pk).first()


def is_only_by_bank(session: SessionBase) -> bool:
    """Whether to say that its owner may undo it himself would lead him around in circles."""
    return bool(session.get(ONLY_BY_BANK))
