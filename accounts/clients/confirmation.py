"""What was changed of a client's contacts is confirmed by a second advisor, or by the client himself in his space.

Until then it carries no code, and time alone confirms nothing. None of those who wrote a value since the last
confirmation may give the next one; the constraint of ContactChange keeps it too.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from accounts.clients import as_seen, client_journal, contact_changes
from accounts.kinds import Event
from accounts.models import Client, ContactChange, User
from accounts.notation import phones
from auth_codes import dual_control
from auth_codes.actor import Actor

Contact = ContactChange.Contact
PHONES = (Contact.MOBILE_PHONE, Contact.HOME_PHONE)


class NothingToConfirm(Exception):
    """Nothing waits, or somebody has confirmed it, or it changed again meanwhile."""


class Waiting(NamedTuple):
    """A contact that waits: what it replaces since the last confirmation, what it is now, and who changed it."""

    contact: Contact
    old: str
    new: str
    changes: Sequence[ContactChange]

    @property
    def before(self) -> str:
        return phones.display(self.old) if self.contact in PHONES and self.old else self.old

    @property
    def now(self) -> str:
        return phones.display(self.new) if self.contact in PHONES and self.new else self.new

    @property
    def authors(self) -> list[User]:
        return list(dict.fromkeys(change.changed_by for change in self.changes))


class KnownPhone(NamedTuple):
    """A number that was the client's before what waits was changed, and since when."""

    number: str
    since: datetime


def waiting(client: Client) -> list[Waiting]:
    """The contacts that somebody is to confirm."""
    changes = list(client.contact_changes.unconfirmed().prefetch_related("changed_by"))
    present = contact_changes.values(client)
    by_contact = {contact: [change for change in changes if change.contact == contact] for contact in Contact}
    return [Waiting(contact, own[0].old, present[contact], own) for contact, own in by_contact.items() if own]


def may_confirm(client: Client, advisor: User) -> list[Waiting]:
    """Those of them that `advisor` did not write himself."""
    return [one for one in waiting(client) if advisor not in one.authors]


def fingerprint(shown: Collection[Waiting]) -> str:
    """Of what a page shows, for its answer: any later change is another row, and another value."""
    return as_seen.fingerprint(
        repr((one.contact.value, one.new, [change.pk for change in one.changes])) for one in shown
    )


def phones_to_ring(client: Client) -> list[KnownPhone]:
    """The telephones that were the client's before what waits, each with the day since when the bank knows it."""
    changed = {one.contact: one.old for one in waiting(client)}
    present = contact_changes.values(client)
    numbers = {contact: changed.get(contact, present[contact]) for contact in PHONES}
    return [KnownPhone(number, _known_since(client, contact, number)) for contact, number in numbers.items() if number]


@transaction.atomic
def confirm(client: Client, *, seen: str, by: Actor) -> None:
    """Vouches for all that waits and that `by` may confirm, when it is what the page has shown as `seen`.

    Raises dual_control.NotSettled, SameAdvisor when all of it is his own, or NothingToConfirm.
    """
    now = timezone.now()
    # The client himself is nobody's second.
    if by.person.pk != client.user_id:
        dual_control.require_settled(by, now)
    stored = Client.objects.locked(client.pk)
    theirs = may_confirm(stored, by.person)
    if not theirs:
        raise dual_control.SameAdvisor if waiting(stored) else NothingToConfirm
    if seen != fingerprint(theirs):
        raise NothingToConfirm
    rows = stored.contact_changes.unconfirmed().of(one.contact for one in theirs)
    rows.update(confirmed_at=now, confirmed_by=by.person)
    fields = " ".join(one.contact for one in theirs)
    client_journal.record(Event.CONTACTS_CONFIRMED, stored, by=by, fields=fields)


def _known_since(client: Client, contact: Contact, number: str) -> datetime:
    confirmed = client.contact_changes.filter(contact=contact, new=number, confirmed_at__isnull=False)
    last = confirmed.order_by("pk").last()
    return last.changed_at if last else client.registered_at
