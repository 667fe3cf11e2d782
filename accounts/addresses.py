"""A changed address rests for 30 days before a code is sent there, unless a second advisor confirms it."""

from django.db import transaction
from django.utils import timezone

from accounts.models import ADDRESS_FIELDS, Client, User
from auth_codes import journal
from auth_codes.models import SecurityEvent


class SameAdvisor(Exception):
    """Who changed an address cannot confirm it."""


class NothingToConfirm(Exception):
    """The address was never changed, or somebody has confirmed it, or it changed again meanwhile."""


def as_shown(client: Client) -> str:
    """The address in one text: what the second advisor had before his eyes goes along with his answer."""
    return "\n".join(client.address_lines)


def confirm_address(client: Client, *, seen: str, by: User, request=None) -> None:
    """A second advisor vouches for the address `seen`, and for no other that was written meanwhile.

    Raises SameAdvisor or NothingToConfirm.
    """
    if client.address_changed_by_id == by.pk:
        raise SameAdvisor
    if "\n".join(seen.splitlines()) != as_shown(client):
        raise NothingToConfirm
    as_read = {name: getattr(client, name) for name in (*ADDRESS_FIELDS, "address_changed_by")}
    unconfirmed = Client.objects.filter(
        pk=client.pk, address_changed_on__isnull=False, address_confirmed_at=None, **as_read
    )
    with transaction.atomic():
        if not unconfirmed.update(address_confirmed_at=timezone.now(), address_confirmed_by=by):
            raise NothingToConfirm
        details = {"client": client.pk}
        journal.record(SecurityEvent.Kind.ADDRESS_CONFIRMED, owner=client.user, by=by, request=request, details=details)
