"""Names and birth date change by two advisors: one asks, a second one approves, and nothing changes before.

Whoever could change them alone would make one client pass for another: find his code client, open an account in his
name, have a letter addressed to himself. Source: as for renewals, ASVS 5.0 2.3.5.
"""

import uuid
from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.clients import client_journal, contact_changes
from accounts.kinds import Event
from accounts.models import IDENTITY_FIELDS, Client, IdentityChange
from auth_codes import dual_control
from auth_codes.actor import Actor

Identity = Mapping[str, str | date | int | None]
NAMES = {"given_names", "family_name", "birth_name"}


class IdentityMoved(Exception):
    """The client is not any more who he was when the change was asked for."""


def start(client: Client, asked_for: Identity, *, by: Actor, now: datetime | None = None) -> IdentityChange:
    """Asks for another title, name or birth; fields that `asked_for` leaves out stay.

    Raises dual_control.AlreadyStarted.
    """
    with transaction.atomic():
        stored = Client.objects.locked(client.pk)
        before = identity_of(stored)
        wanted = {**before, **asked_for}
        title = str(wanted.pop("title"))
        change = IdentityChange(
            client=stored,
            token=uuid.uuid4(),
            started_by=by.person,
            started_at=now or timezone.now(),
            title_asked=title,
            **wanted,
            **{f"old_{name}": value for name, value in before.items()},
        )
        dual_control.start(change)
        _note(Event.IDENTITY_ASKED, change, by)
    return change


def approve(change: IdentityChange, *, by: Actor, now: datetime | None = None) -> None:
    """Makes the change and tells the client. Raises IdentityMoved, or what `dual_control.approve` raises."""
    dual_control.require_another(change, by)
    with transaction.atomic():
        client = Client.objects.locked(change.client_id)
        dual_control.approve(change, by=by, now=now or timezone.now())
        if identity_of(client) != {name: getattr(change, f"old_{name}") for name in IDENTITY_FIELDS}:
            raise IdentityMoved
        fields = changed_fields(change)
        contact_changes.tell(client, fields, contact_changes.values(client))
        _keep_name(client, change, now or timezone.now())
        for name, value in _asked_for(change).items():
            setattr(client, name, value)
        client.save(update_fields=[*IDENTITY_FIELDS, "family_key", "given_key"])  # type: ignore[no-untyped-call]
        _note(Event.IDENTITY_CHANGED, change, by)


def refuse(change: IdentityChange, *, by: Actor, now: datetime | None = None) -> None:
    """Ends a request without a change; who asked may do so too. Raises dual_control.AlreadyDecided."""
    with transaction.atomic():
        dual_control.refuse(change, by=by, now=now or timezone.now())
        _note(Event.IDENTITY_DECLINED, change, by)


def identity_of(client: Client) -> dict[str, str | date | int | None]:
    """The fields that only two advisors change."""
    return {name: getattr(client, name) for name in IDENTITY_FIELDS}


def changed_fields(change: IdentityChange) -> list[str]:
    """Those that would change, by their names on the sheet."""
    return [name for name, value in _asked_for(change).items() if value != getattr(change, f"old_{name}")]


def _asked_for(change: IdentityChange) -> Identity:
    """The identity that the sheet would have."""
    return {"title": change.title_asked} | {name: getattr(change, name) for name in IDENTITY_FIELDS[1:]}


def _keep_name(client: Client, change: IdentityChange, now: datetime) -> None:
    """What the client was called until today, before it changes: he is still found by it."""
    changed = NAMES & set(changed_fields(change))
    family_names = [client.family_name] if changed - {"birth_name"} else []
    if "birth_name" in changed and client.birth_name:
        family_names.append(client.birth_name)
    for family_name in family_names:
        client.former_names.update_or_create(
            given_names=client.given_names, family_name=family_name, defaults={"until": timezone.localdate(now)}
        )


def _note(kind: Event, change: IdentityChange, by: Actor) -> None:
    client_journal.record(kind, change.client, by=by, fields=" ".join(changed_fields(change)))
