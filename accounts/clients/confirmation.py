"""What was changed of a client's contacts is confirmed by a second advisor, or by the client himself in his space.

Until then it carries no code, and time alone confirms nothing, but for what the client changed himself, by his code and
a strong moyen: see own_contacts.py. None of those who wrote a value since the last
confirmation may give the next one; the constraint of ContactChange keeps it too.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.clients import as_seen, client_journal, contact_changes, daily_number
from accounts.kinds import Event
from accounts.models import TOLD_FOR, Client, ContactChange, User
from accounts.notation import phones
from accounts.notation.addresses import PostalAddress
from auth_codes import dual_control
from auth_codes.actor import Actor
from auth_codes.prepared import KEY, Blank, Prepared

Contact = ContactChange.Contact
CHANGES_SHOWN = 8
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
        return _as_read(self.contact, self.old)

    @property
    def now(self) -> str:
        return _as_read(self.contact, self.new)

    @property
    def authors(self) -> list[User]:
        return list(dict.fromkeys(change.changed_by for change in self.changes))

    @property
    def authors_in_words(self) -> list[str]:
        return list(dict.fromkeys(change.author for change in self.changes))


class KnownPhone(NamedTuple):
    """A number that was the client's before what waits was changed, and since when."""

    number: str
    since: datetime


class RecentChange(NamedTuple):
    """One change of a contact, as a second advisor reads it."""

    contact: Contact
    before: str
    now: str
    change: ContactChange


def _unconfirmed(client: Blank) -> QuerySet[ContactChange]:
    return ContactChange.objects.unconfirmed().filter(client=client)


UNCONFIRMED = Prepared(_unconfirmed, client=KEY)


class Due(NamedTuple):
    """What a client is asked about his contacts: whether to confirm what the bank changed, and to say that a new
    address, which he gave himself, receives; empty where it is not asked.
    """

    by_code: bool
    email: str


def due(client: Client) -> Due:
    """What is asked of him now. One question."""
    changes = UNCONFIRMED.ask(client=client.pk)
    own = {change.contact for change in changes if change.by_himself}
    return Due(any(change.contact not in own for change in changes), client.email if Contact.EMAIL in own else "")


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
    numbers: dict[str, str] = {contact: changed.get(contact, present[contact]) for contact in PHONES}
    since = known_since(client, numbers)
    return [KnownPhone(number, since[contact]) for contact, number in numbers.items() if number]


def known_since(client: Client, contacts: Mapping[str, str]) -> dict[str, datetime]:
    """Since when the bank has known each of these values, confirmed: from the registration if it never changed."""
    known = dict.fromkeys(contacts, client.registered_at)
    confirmed = client.contact_changes.filter(contact__in=list(contacts), confirmed_at__isnull=False).order_by("pk")
    for contact, new, changed_at in confirmed.values_list("contact", "new", "changed_at"):
        if _is_same(contact, contacts[contact], new):
            known[contact] = changed_at
    return known


class Reached(NamedTuple):
    """How a client is reached, for who decides about him: numbers known before, and what was changed of late."""

    client: Client
    phones: Sequence[KnownPhone]
    address_since: datetime
    changes: Sequence[RecentChange]


def reached(client: Client) -> Reached:
    """With the day since when the bank knows the postal address that stands now, confirmed or not."""
    present, known = contact_changes.values(client)[Contact.ADDRESS], client.registered_at
    addresses = client.contact_changes.filter(contact=Contact.ADDRESS).order_by("pk")
    for new, changed_at in addresses.values_list("new", "changed_at"):
        if _is_same(Contact.ADDRESS, present, new):
            known = changed_at
    return Reached(client, phones_to_ring(client), known, recent_changes(client))


def recent_changes(client: Client) -> list[RecentChange]:
    """What was changed of late, the newest first, beside what it replaced: who decides about him reads both."""
    is_recent = Q(changed_at__gt=timezone.now() - TOLD_FOR) | Q(confirmed_at=None)
    rows = client.contact_changes.filter(is_recent).prefetch_related("changed_by", "confirmed_by").order_by("-pk")
    return [
        RecentChange(contact, _as_read(contact, row.old), _as_read(contact, row.new), row)
        for row in rows[:CHANGES_SHOWN]
        for contact in [Contact(row.contact)]
    ]


@transaction.atomic
def confirm(client: Client, *, seen: str, by: Actor) -> None:
    """Vouches for all that waits and that `by` may confirm, when it is what the page has shown as `seen`.

    Raises dual_control.NotSettled, SameAdvisor when all of it is his own, AboveDailyNumber, or NothingToConfirm.
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
    if by.person.pk != stored.user_id:
        daily_number.judge_all({author for one in theirs for author in one.authors}, by=by, now=now)
    rows = stored.contact_changes.unconfirmed().of(one.contact for one in theirs)
    rows.update(confirmed_at=now, confirmed_by=by.person)
    fields = " ".join(one.contact for one in theirs)
    client_journal.record(Event.CONTACTS_CONFIRMED, stored, by=by, fields=fields)


def _is_same(contact: str, one: str, other: str) -> bool:
    """An address was kept in other words before countries were chosen from a list."""
    if contact == Contact.ADDRESS:
        return PostalAddress.from_text(one) == PostalAddress.from_text(other)
    return one == other


def _as_read(contact: Contact, value: str) -> str:
    return phones.display(value) if contact in PHONES and value else value
