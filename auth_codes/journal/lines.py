"""The one audit trail: who did what to whose codes and data, when, from where. Never a code."""

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from itertools import islice

from django.core.exceptions import PermissionDenied
from django.db import transaction

from auth_codes.actor import SYSTEM, Actor
from auth_codes.journal import mentions, subjects
from auth_codes.kinds import LineKind
from auth_codes.models import KnownDevice, SecurityEvent
from auth_codes.owner import Owner

LINES_AT_ONCE = 1000


class ActsForHimself(PermissionDenied):
    """A member of staff does nothing, as staff, with what is his own as a client."""


def record(
    kind: LineKind,
    *,
    owner: Owner | None = None,
    by: Actor = SYSTEM,
    subject: int | None = None,
    details: Mapping[str, str | int] | None = None,
) -> SecurityEvent:
    """Writes one line. `owner` is whom it concerns, `by` who acted, and from where.

    `subject` is the number of whom it concerns, for a line about somebody who is perhaps no user yet; otherwise the
    owner's is taken. Whom its details name as shown (mentions.py) finds it as well. Raises ActsForHimself: no act goes
    without its line, so that each is judged here, whatever page, command or account held with others leads to it.
    """
    if by.user and by.user.is_himself(owner, subject):
        raise ActsForHimself
    line = SecurityEvent(
        kind=kind,
        owner=owner,
        by=by.user,
        address=by.address,
        user_agent=by.user_agent,
        details=dict(details or {}),
    )
    # Of a line that shows nobody all is written at once.
    with transaction.atomic(savepoint=False) if mentions.said(line.details) else nullcontext():
        subjects.write(line, subject)
        mentions.write([line])
    return line


def record_many(kind: LineKind, owner_ids: Iterable[int], *, details: Mapping[str, str | int] | None = None) -> None:
    """Writes one line for each of many owners, all alike, of something that a command did."""
    owners = iter(owner_ids)
    with transaction.atomic(savepoint=False):
        while some := list(islice(owners, LINES_AT_ONCE)):
            lines = [SecurityEvent(kind=kind, owner_id=owner_id, details=dict(details or {})) for owner_id in some]
            subjects.write_many(SecurityEvent.objects.bulk_create(lines))


def device_of(device: KnownDevice | None) -> dict[str, str]:
    """The detail of a line that says whether an attempt came from a known device."""
    return {"device": "known" if device else "unknown"}
