"""Tickets: what is handed to somebody in person, so that he adds a second moyen; here too, those of the staff.

12 signs, like the number of a letter. One opens nothing by itself: it is typed after one's own password or codes, and
is worth five tries, each counted and committed before it is compared. That of a member of staff comes from another
administrator; used, it ends the moyen of before. A client's: client_tickets.py.
"""

import unicodedata
from datetime import datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_variables

from auth_codes import journal, keyed_hashes, notices
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.kinds import LineKind, NoticeKind
from auth_codes.letters import letter_numbers
from auth_codes.models import HandedTicket, Notice, SecurityEvent, StaffTicket
from auth_codes.models.tickets import MOST_TRIES
from auth_codes.owner import Owner

Handed = TypeVar("Handed", bound=HandedTicket)
# The alphabet has no U: who reads one has read a V.
MISREAD = str.maketrans("U", "V")
is_well_formed = letter_numbers.is_well_formed
in_fours = letter_numbers.in_fours


class OwnTicket(Exception):
    """Nobody issues his own."""


class NoTicket(Exception):
    """None waits for him: never issued, used, a day old, or tried too often."""


class WrongTicket(Exception):
    """It is not the one that waits for him; so many tries are left."""

    def __init__(self, left: int):
        super().__init__("wrong ticket")
        self.left = left


class TicketSort(NamedTuple, Generic[Handed]):
    """The tickets of the staff, or of clients: their rows, how long one lives, and what tells of wrong ones."""

    rows: type[Handed]
    salt: str
    life: timedelta
    failed: LineKind
    ended: LineKind
    ended_mail: NoticeKind


STAFF = TicketSort(
    StaffTicket,
    "staff ticket",
    timedelta(hours=24),
    SecurityEvent.Kind.TICKET_FAILED,
    SecurityEvent.Kind.TICKET_ENDED,
    Notice.Kind.TICKET_ENDED,
)


@sensitive_variables()
def draw(row: Handed, sort: TicketSort[Handed], now: datetime) -> str:
    """A new ticket: `row`, which is not saved yet, has its dates and its digest from now on."""
    ticket = letter_numbers.draw()
    row.issued_at, row.expires_at = now, now + sort.life
    row.digest = _digest(row, ticket, sort.salt, settings.SECRET_KEY)
    return ticket


@sensitive_variables()
def issue(owner: Owner, *, by: Actor, now: datetime) -> str:
    """A new ticket, shown once; the one before is worth nothing any more. In the caller's transaction.

    `by` is another administrator, whom the caller has judged, or a command. Raises OwnTicket.
    """
    if by.user and by.user.pk == owner.pk:
        raise OwnTicket
    owners.lock(owner)
    StaffTicket.objects.filter(owner=owner).delete()
    row = StaffTicket(owner=owner, issued_by=by.user)
    ticket = draw(row, STAFF, now)
    row.save(force_insert=True)
    journal.record(SecurityEvent.Kind.TICKET_ISSUED, owner=owner, by=by)
    issuer = by.user.salutation() if by.user else "une commande du serveur"
    notices.tell_owner(Notice.Kind.STAFF_TICKET, owner, at=now, issuer=issuer)
    return ticket


@sensitive_variables("typed", "ticket")
def check(owner: Owner, typed: str, *, by: Actor, now: datetime) -> StaffTicket:
    """The ticket that waits for this member of staff, where `typed` is it; see `check_one`."""
    return check_one(owner, typed, STAFF, by=by, now=now)


@sensitive_variables("typed", "ticket")
def check_one(owner: Owner, typed: str, sort: TicketSort[Handed], *, by: Actor, now: datetime) -> Handed:
    """The ticket that waits for him, where `typed` is it; what it opens uses it, not this.

    One conditional update, committed before anything is compared: of many at once five are. No transaction may be
    open. Raises NoTicket, with nothing counted, or WrongTicket.
    """
    rows = sort.rows._default_manager
    waiting = rows.filter(sort.rows.UNUSED, owner=owner, expires_at__gt=now, tries__lt=MOST_TRIES)
    with transaction.atomic(durable=True):
        if not waiting.update(tries=F("tries") + 1):
            raise NoTicket
    ticket = rows.filter(owner=owner).first()
    if ticket is None:
        raise NoTicket
    if _is_it(ticket, typed, sort.salt):
        rows.filter(pk=ticket.pk, digest=ticket.digest, tries__gt=0).update(tries=F("tries") - 1)
        return ticket
    _note_wrong(owner, ticket, sort, by)
    raise WrongTicket(MOST_TRIES - ticket.tries)


def use(owner: Owner, digest: str, now: datetime) -> None:
    """Ends the ticket of this digest, in the transaction of what it opens. Raises NoTicket where it has ended since."""
    used, _ = StaffTicket.objects.filter(owner=owner, digest=digest, expires_at__gt=now).delete()
    if not used:
        raise NoTicket


def void(owner: Owner) -> None:
    """Ends the one that waits for him, and those that he has issued: he has lost what made him one who may."""
    StaffTicket.objects.filter(owner=owner).delete()
    void_issued_by(owner)


def void_issued_by(issuer: Owner) -> None:
    """Ends those that he has issued and nobody has used yet."""
    StaffTicket.objects.filter(issued_by=issuer).delete()


@sensitive_variables()
def normalise(text: str) -> str:
    """What was typed, without spaces and dashes of any kind, in plain capitals, with misread signs put right."""
    return letter_numbers.normalise(unicodedata.normalize("NFKC", text)).translate(MISREAD)


@sensitive_variables("typed")
def _is_it(ticket: HandedTicket, typed: str, salt: str) -> bool:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(_digest(ticket, typed, salt, key), ticket.digest) for key in keys)


def _note_wrong(owner: Owner, ticket: HandedTicket, sort: TicketSort[Handed], by: Actor) -> None:
    """The line; after the last try the owner is told, once: who knows his password, or codes, guesses at his ticket."""
    with transaction.atomic():
        owners.lock(owner)
        journal.record(sort.failed, owner=owner, by=by)
        noted = owner.security_events.filter(kind=sort.ended, at__gte=ticket.issued_at)
        if ticket.tries >= MOST_TRIES and not noted.exists():
            journal.record(sort.ended, owner=owner, by=by)
            notices.leave_for_owner(sort.ended_mail, owner, by=by)


@sensitive_variables()
def _digest(row: HandedTicket, ticket: str, salt: str, secret: str) -> str:
    # Bound to whose it is, until when and what it may do, so that a row that is moved, prolonged or changed is none.
    said = "|".join((str(row.owner_id), str(int(row.expires_at.timestamp())), *filter(None, [row.opens]), ticket))
    return keyed_hashes.hex_of(salt, said, secret=secret)
