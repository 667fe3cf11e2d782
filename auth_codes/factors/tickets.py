"""The ticket of a member of staff: what another administrator hands him in person, so that he adds a second moyen.

12 signs, like the number of a letter. It opens nothing by itself: it is typed after one's own password, and is worth
five tries, each counted and committed before it is compared. Used, it ends the moyen of before.
"""

import unicodedata
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.debug import sensitive_variables

from auth_codes import journal, notices
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.letters import letter_numbers
from auth_codes.models import Notice, SecurityEvent, StaffTicket
from auth_codes.models.tickets import MOST_TRIES
from auth_codes.owner import Owner

LIFE = timedelta(hours=24)
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


@sensitive_variables()
def issue(owner: Owner, *, by: Actor, now: datetime) -> str:
    """A new ticket, shown once; the one before is worth nothing any more. In the caller's transaction.

    `by` is another administrator, whom the caller has judged, or a command. Raises OwnTicket.
    """
    if by.user and by.user.pk == owner.pk:
        raise OwnTicket
    owners.lock(owner)
    ticket, expires_at = letter_numbers.draw(), now + LIFE
    digest = _digest(owner, ticket, expires_at, settings.SECRET_KEY)
    StaffTicket.objects.filter(owner=owner).delete()
    StaffTicket.objects.create(owner=owner, issued_by=by.user, digest=digest, issued_at=now, expires_at=expires_at)
    journal.record(SecurityEvent.Kind.TICKET_ISSUED, owner=owner, by=by)
    issuer = by.user.salutation() if by.user else "une commande du serveur"
    notices.tell_owner(Notice.Kind.STAFF_TICKET, owner, at=now, issuer=issuer)
    return ticket


@sensitive_variables("typed", "ticket")
def check(owner: Owner, typed: str, *, by: Actor, now: datetime) -> StaffTicket:
    """The ticket that waits for him, where `typed` is it; it is used by `use` alone.

    One conditional update, committed before anything is compared: of many at once five are. No transaction may be
    open. Raises NoTicket, with nothing counted, or WrongTicket.
    """
    waiting = StaffTicket.objects.filter(owner=owner, expires_at__gt=now, tries__lt=MOST_TRIES)
    with transaction.atomic(durable=True):
        if not waiting.update(tries=F("tries") + 1):
            raise NoTicket
    ticket = StaffTicket.objects.filter(owner=owner).first()
    if ticket is None:
        raise NoTicket
    if _is_it(owner, ticket, typed):
        StaffTicket.objects.filter(pk=ticket.pk, digest=ticket.digest, tries__gt=0).update(tries=F("tries") - 1)
        return ticket
    _note_wrong(owner, ticket, by)
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
def _is_it(owner: Owner, ticket: StaffTicket, typed: str) -> bool:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [_digest(owner, typed, ticket.expires_at, key) for key in keys]
    return any(constant_time_compare(digest, ticket.digest) for digest in digests)


def _note_wrong(owner: Owner, ticket: StaffTicket, by: Actor) -> None:
    """The line; after the last try the owner is told, once: who knows his password guesses at his ticket."""
    kind = SecurityEvent.Kind.TICKET_ENDED
    with transaction.atomic():
        owners.lock(owner)
        journal.record(SecurityEvent.Kind.TICKET_FAILED, owner=owner, by=by)
        noted = owner.security_events.filter(kind=kind, at__gte=ticket.issued_at)
        if ticket.tries >= MOST_TRIES and not noted.exists():
            journal.record(kind, owner=owner, by=by)
            notices.leave_for_owner(Notice.Kind.TICKET_ENDED, owner, by=by)


@sensitive_variables()
def _digest(owner: Owner, ticket: str, expires_at: datetime, secret: str) -> str:
    # Bound to whose it is and until when, so that a row that is moved or prolonged is no ticket.
    said = "|".join((str(owner.pk), str(int(expires_at.timestamp())), ticket))
    return salted_hmac("staff ticket", said, secret=secret, algorithm="sha256").hexdigest()
