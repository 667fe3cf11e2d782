"""After the database was put back from a backup: what must not live on of what the backup still held.

Whoever ended a session, took off a stolen device or used a link since the backup would find it alive again. All of
them end, for everybody: one login more for each person. Of codes that ended since then the database knows nothing any
more: whoever knows them, by the mails that left, names them.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.contrib.sessions.models import Session

from accounts.models import FirstAccess, User
from auth_codes import batched_deletes, journal
from auth_codes.actor import SYSTEM
from auth_codes.models import ClientTicket, KnownDevice, SecurityEvent, StaffTicket
from auth_codes.renewals import code_life

HANDED_OVER = (FirstAccess, StaffTicket, ClientTicket)


class Restored(NamedTuple):
    """What was ended; `links` counts the tickets too.

    `journal_ends_at` is when the last line of before was written: the hole begins there.
    """

    journal_ends_at: datetime | None
    sessions: int
    devices: int
    links: int
    voided: int
    unknown: int


def end_what_came_back(names: Iterable[str]) -> Restored:
    """Ends sessions, known devices, links and tickets of everybody, and the codes of the code clients in `names`.

    May be killed and run again: what is done stays done.
    """
    last = SecurityEvent.objects.order_by("-pk").values_list("at", flat=True).first()
    found = [_void(name) for name in names]
    restored = Restored(
        journal_ends_at=last,
        sessions=batched_deletes.delete(Session.objects.all()),
        devices=batched_deletes.delete(KnownDevice.objects.all()),
        links=sum(batched_deletes.delete(model._default_manager.all()) for model in HANDED_OVER),
        voided=sum(found),
        unknown=len(found) - sum(found),
    )
    told = restored._asdict() | {"journal_ends_at": last.isoformat() if last else ""}
    journal.record(SecurityEvent.Kind.RESTORED, details=told)
    return restored


def _void(code_client: str) -> bool:
    """Whether somebody has this number, whose codes are now void: two advisors, or his letter, open his space again."""
    owner = User.objects.filter(username=code_client, client__isnull=False).first()
    if owner:
        code_life.void_all(owner, why=code_life.Why.FRAUD, by=SYSTEM)
    return owner is not None
