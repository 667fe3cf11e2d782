"""The one audit trail: who did what to whose codes and data, when, from where. Never a code."""

from collections.abc import Iterable, Mapping

from django.http import HttpRequest

from auth_codes import browser
from auth_codes.models import KnownDevice, SecurityEvent
from auth_codes.owner import Owner

LINES_AT_ONCE = 1000


def record(
    kind: SecurityEvent.Kind,
    *,
    owner: Owner | None = None,
    by: Owner | None = None,
    request: HttpRequest | None = None,
    details: Mapping[str, str | int] | None = None,
) -> SecurityEvent:
    """Writes one line. `owner` is whom it concerns, `by` who acted (None: a command or an unknown visitor)."""
    return SecurityEvent.objects.create(
        kind=kind,
        owner=owner,
        by=by,
        address=browser.address(request) if request else None,
        user_agent=browser.user_agent(request) if request else "",
        details=dict(details or {}),
    )


def record_many(
    kind: SecurityEvent.Kind, owner_ids: Iterable[int], *, details: Mapping[str, str | int] | None = None
) -> None:
    """Writes one line for each of many owners, all alike, of something that a command did."""
    lines = (SecurityEvent(kind=kind, owner_id=owner_id, details=dict(details or {})) for owner_id in owner_ids)
    SecurityEvent.objects.bulk_create(lines, batch_size=LINES_AT_ONCE)


def device_of(device: KnownDevice | None) -> dict[str, str]:
    """The detail of a line that says whether an attempt came from a known device."""
    return {"device": "known" if device else "unknown"}
