"""Creating the online space: from then on, and not before, a client can log in."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.client_codes import NoClientCode
from accounts.clients import living
from accounts.kinds import Event
from accounts.models import Client, User
from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.codes import bindings
from auth_codes.renewals import issuing


class AlreadyCreated(Exception):
    """This client has an online space."""


class TooYoung(Exception):
    """A minor who has not the age from which the bank gives him codes of his own: his representative acts."""


class ContactsUnconfirmed(Exception):
    """A contact of this client was changed at the desk, and no second advisor has confirmed it yet."""


def create_online_space(client: Client, *, by: Actor) -> User:
    """Makes the client's user and attributes a default code, which leaves in a sealed letter.

    Nobody here sees the code: it is drawn, hashed and put into its letter in one call. Raises NoClientCode,
    AlreadyCreated, TooYoung, ContactsUnconfirmed or living.ClientEnded.
    """
    client = Client.objects.get(pk=client.pk)  # the letter goes to the address as it stands now
    if not client.client_code:
        raise NoClientCode
    if is_too_young(client):
        raise TooYoung
    if client.user_id:
        raise AlreadyCreated
    _require_confirmed(client)
    user = User(username=client.client_code)
    user.set_unusable_password()
    client.user = user
    # Hashed before the transaction opens: Argon2 takes its time, and no lock may wait for it.
    prepared = issuing.prepare(user)
    with transaction.atomic():
        if living.lock(client).user_id:
            raise AlreadyCreated
        # Again, under the lock that every change of a contact takes.
        _require_confirmed(client)
        user.save(force_insert=True)
        Client.objects.filter(pk=client.pk).update(user=user)
        bindings.bind(user)
        journal.record(Event.ONLINE_SPACE_CREATED, owner=user, by=by)
        issuing.issue(user, prepared, by=by)
    return user


def is_too_young(client: Client) -> bool:
    """Whether he gets no codes of his own today: a minor under the bank's age.

    From 16 on a minor may do more by himself (Code monétaire et financier, art. L221-3: he draws on his livret A).
    """
    today = timezone.localdate()
    return client.is_minor(today) and client.age(today) < settings.MINORS_ONLINE_FROM


def _require_confirmed(client: Client) -> None:
    """All contacts, not the address alone: by the others the client would hear that somebody opens a space for him."""
    if client.contact_changes.unconfirmed().exists():
        raise ContactsUnconfirmed
