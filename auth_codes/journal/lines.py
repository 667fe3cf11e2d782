"""The one audit trail: who did what to whose codes and data, when, from where. Never a code."""

from collections.abc import Iterable, Mapping

from auth_codes.actor import SYSTEM, Actor
from auth_codes.kinds import LineKind
from auth_codes.models import KnownDevice, SecurityEvent
from auth_codes.owner import Owner

LINES_AT_ONCE = 1000


def record(
    kind: LineKind,
    *,
    owner: Owner | None = None,
    by: Actor = SYSTEM,
    details: Mapping[str, str | int] | None = None,
) -> SecurityEvent:
    """Writes one line. `owner` is whom it concerns, `by` who acted, and from where."""
    return SecurityEvent.objects.create(
        kind=kind,
        owner=owner,
        by=by.user,
        address=by.address,
        user_agent=by.user_agent,
        details=dict(details or {}),
    )


def record_many(kind: LineKind, owner_ids: Iterable[int], *, details: Mapping[str, str | int] | None = None) -> None:
    """Writes one line for each of many owners, all alike, of something that a command did."""
    lines = (SecurityEvent(kind=kind, owner_id=owner_id, details=dict(details or {})) for owner_id in owner_ids)
    SecurityEvent.objects.bulk_create(lines, batch_size=LINES_AT_ONCE)


def device_of(device: KnownDevice | None) -> dict[str, str]:
    """The detail of a line that says whether an attempt came from a known device."""
    return {"device": "known" if device else "unknown"}
