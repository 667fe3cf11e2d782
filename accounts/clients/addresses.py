"""A changed address rests for 30 days before a code is sent there, unless a second advisor confirms it."""

from django.db import transaction
from django.utils import timezone

from accounts.kinds import Event
from accounts.models import ADDRESS_FIELDS, Client, User
from auth_codes import dual_control, journal
from auth_codes.actor import Actor
from auth_codes.owner import ADDRESS_REST


class NothingToConfirm(Exception):
    """The address was never changed, or somebody has confirmed it, or it changed again meanwhile."""


def as_shown(client: Client) -> str:
    """The address in one text: what the second advisor had before his eyes goes along with his answer."""
    return "\n".join(client.address_lines)


def is_as_seen(client: Client, seen: str) -> bool:
    """Whether the address is still the one that a page showed; browsers send line ends of their own."""
    return seen.replace("\r\n", "\n") == as_shown(client)


def has_changed_it(client: Client, advisor: User) -> bool:
    """Whether `advisor` has written any part of the address since it began to rest: a later touch-up hides nobody."""
    since = timezone.now() - ADDRESS_REST
    changes = advisor.acts.filter(kind=Event.CLIENT_CHANGED, at__gt=since, details__client=client.pk)
    fields = (line.details.get("fields", "").split() for line in changes)
    return client.address_changed_by_id == advisor.pk or any(set(ADDRESS_FIELDS) & set(names) for names in fields)


def confirm_address(client: Client, *, seen: str, by: Actor) -> None:
    """A second advisor vouches for the address `seen`, and for no other that was written meanwhile.

    Raises dual_control.SameAdvisor, dual_control.NotSettled or NothingToConfirm.
    """
    dual_control.require_settled(by, timezone.now())
    if has_changed_it(client, by.person):
        raise dual_control.SameAdvisor
    # Without a known author, only time opens the way.
    if not is_as_seen(client, seen) or client.address_changed_by_id is None:
        raise NothingToConfirm
    as_read = {name: getattr(client, name) for name in (*ADDRESS_FIELDS, "address_changed_by")}
    unconfirmed = Client.objects.filter(
        pk=client.pk, address_changed_on__isnull=False, address_confirmed_at=None, **as_read
    )
    with transaction.atomic():
        if not unconfirmed.update(address_confirmed_at=timezone.now(), address_confirmed_by=by.user):
            raise NothingToConfirm
        details = {"client": client.pk}
        journal.record(Event.ADDRESS_CONFIRMED, owner=client.user, by=by, subject=client.pk, details=details)
