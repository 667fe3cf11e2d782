"""A client changes his own e-mail, telephones and address; his code and a strong moyen were shown for just that.

Source: RTS 2018/389 art. 24(2)(b); PSD2 art. 97(1)(c). It is told to all the addresses of before, serves for
correspondence at once, and like what an advisor changes it carries no code and is rung by nobody at first: his advisor
confirms it with him or, where nobody has objected, 30 days do. A new e-mail address counts as his when he says that it
receives: until then the one before is told as well, so that a slip of the keyboard loses him nothing.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.clients import as_seen, client_journal, contact_changes
from accounts.clients.contact_changes import CONTACTS
from accounts.kinds import Event, Mail
from accounts.models import Client, ContactChange
from accounts.notation import phones
from auth_codes import notices
from auth_codes.actor import Actor
from auth_codes.codes import owners

Contact = ContactChange.Contact
# As long as no list is sent to a changed address: whoever diverted it would have to stay unseen for a month.
RESTS = timedelta(days=30)
DAY = timedelta(hours=24)
# Each one writes to an address that may be a stranger's, and posts letters.
A_DAY = 3
NOBODY = _("Madame, Monsieur")


class NothingChanges(Exception):
    """What was typed is what the sheet says already, perhaps since another click."""


class TooMany(Exception):
    """He has changed his contacts so often today that he may not again; his advisor may."""


class Difference(NamedTuple):
    """One contact as it stands and as it becomes, both as they read on the sheet."""

    contact: Contact
    old: str
    new: str

    @property
    def before(self) -> str:
        return self._read(self.old)

    @property
    def now(self) -> str:
        return self._read(self.new)

    def _read(self, value: str) -> str:
        is_phone = self.contact in (Contact.MOBILE_PHONE, Contact.HOME_PHONE)
        return phones.display(value) if is_phone and value else value


def differences(client: Client, typed: Mapping[str, str]) -> list[Difference]:
    """What `typed`, a value for each of CONTACTS, would change."""
    old = contact_changes.values(client)
    new = contact_changes.values(Client(**{name: typed[name] for name in CONTACTS}))
    return [Difference(contact, old[contact], new[contact]) for contact in Contact if old[contact] != new[contact]]


def facts(client: Client, typed: Mapping[str, str]) -> dict[str, str]:
    """What a moyen is shown for: whose contacts, and each old and new value; its challenge is bound to them."""
    changed = {
        f"{each.contact.value} {when}": value
        for each in differences(client, typed)
        for when, value in (("before", each.old), ("after", each.new))
    }
    return {"contacts of": str(client.pk), **changed}


def fingerprint(client: Client, typed: Mapping[str, str]) -> str:
    """Of what the page has shown, old and new; see as_seen.py."""
    return as_seen.fingerprint(map(repr, sorted(facts(client, typed).items())))


def judge(client: Client, typed: Mapping[str, str], now: datetime) -> None:
    """Raises NothingChanges or TooMany; without locks."""
    if not differences(client, typed):
        raise NothingChanges
    # What one act has changed has one moment.
    of_late = client.contact_changes.own().filter(changed_at__gt=now - DAY)
    if of_late.order_by().values("changed_at").distinct().count() >= A_DAY:
        raise TooMany


@transaction.atomic
def change(client: Client, typed: Mapping[str, str], *, seen: str, by: Actor, now: datetime) -> None:
    """Writes what was typed, and tells it; `seen` is the fingerprint of what the page has shown.

    Raises what `judge` does; as_seen.NotAsSeen where the sheet changed meanwhile; owners.SessionEnded.
    """
    owners.lock_in_session(by.person)
    stored = Client.objects.locked(client.pk)
    judge(stored, typed, now)
    if seen != fingerprint(stored, typed):
        raise as_seen.NotAsSeen
    changed = {name: typed[name] for name in CONTACTS if getattr(stored, name) != typed[name]}
    becomes = contact_changes.values(Client(**{name: typed[name] for name in CONTACTS}))
    contact_changes.tell(stored, list(changed), becomes, Mail.OWN_CONTACTS)
    rows = contact_changes.changes_of(stored, changed, by=by)
    for row in rows:
        row.by_himself, row.changed_at = True, now
    ContactChange.objects.bulk_create(rows)
    stored.save(update_fields=list(changed))  # type: ignore[no-untyped-call]
    client_journal.record(Event.OWN_CONTACTS, stored, by=by, fields=" ".join(changed))
    if "email" in changed:
        _ask_new_address(stored, now)


def _ask_new_address(client: Client, now: datetime) -> None:
    """By its new e-mail address: whoever reads it there may be a stranger, who learns no name."""
    with notices.in_language_of(client.user):
        salutation = str(NOBODY)
    notices.tell(Mail.EMAIL_GIVEN, owner=client.user, recipient=client.email, salutation=salutation, at=now)


@transaction.atomic
def note_email_received(client: Client, email: str, *, by: Actor, now: datetime) -> bool:
    """That he reads what is sent to this e-mail address, which he gave himself; whether that was still to be said.

    Not of another one that he, or somebody else, wrote since, while a page still asked about this.
    """
    owners.lock_in_session(by.person)
    stored = Client.objects.locked(client.pk)
    changes = stored.contact_changes.unconfirmed().of([Contact.EMAIL])
    latest = changes.last()
    if latest is None or not latest.by_himself or not latest.new == stored.email == email:
        return False
    changes.update(confirmed_at=now, confirmed_by=by.person)
    client_journal.record(Event.CONTACTS_CONFIRMED, stored, by=by, fields=Contact.EMAIL.value)
    return True


def confirm_rested(now: datetime) -> int:
    """Lets what clients changed themselves 30 days ago count as confirmed; how many it were.

    Of e-mail addresses only what was given up since, of which nobody can say that it receives.
    Not what was changed again meanwhile, which nobody has confirmed: it may be a thief's that the bank has put right,
    and would count as the one known before.
    """
    unconfirmed, is_rested = ContactChange.objects.unconfirmed(), Q(by_himself=True, changed_at__lte=now - RESTS)
    later = unconfirmed.filter(client=OuterRef("client"), contact=OuterRef("contact"), pk__gt=OuterRef("pk"))
    rested = unconfirmed.filter(is_rested, ~Exists(later.exclude(is_rested)))
    waits_for_answer = Q(contact=Contact.EMAIL) & ~Q(new="") & ~Exists(later.filter(is_rested, new=""))
    return rested.exclude(waits_for_answer).update(confirmed_at=now, confirmed_by=F("changed_by"))
