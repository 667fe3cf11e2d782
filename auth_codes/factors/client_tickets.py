"""The ticket of a client in branch: typed in his own session, it adds one strong moyen, which counts at once.

Two advisors have checked who he is (tickets_by_advisors.py), so nothing rests. They see neither the key nor the list:
what is drawn is shown in the client's own session alone. One who has lost all that he had types it at the second step
of his login, in the place of what is asked there.
"""

from datetime import datetime, timedelta

from django.views.decorators.debug import sensitive_variables

from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.factors import tickets
from auth_codes.factors.tickets import NoTicket
from auth_codes.models import ClientTicket, Factor, Notice, SecurityEvent, TicketRequest
from auth_codes.models.tickets import MOST_TRIES
from auth_codes.owner import Owner
from auth_codes.prepared import KEY, Prepared

Kind = SecurityEvent.Kind
LIFE = timedelta(minutes=15)
# Whoever types one that has served or is over is told so for a day.
KEPT = timedelta(days=1)
OF_OWNER = Prepared(lambda owner: ClientTicket.objects.filter(owner=owner), owner=KEY)
CLIENTS = tickets.TicketSort(
    ClientTicket,
    "client ticket",
    LIFE,
    Kind.CLIENT_TICKET_FAILED,
    Kind.CLIENT_TICKET_ENDED,
    Notice.Kind.TICKET_VOID,
)


class TicketExpired(NoTicket):
    """Its quarter of an hour is over."""


class TicketUsed(NoTicket):
    """It has added its moyen."""


class TicketVoid(NoTicket):
    """It was tried too often."""


class NotForLogin(NoTicket):
    """It adds a moyen beside those that he has, one of which he shows to log in."""


@sensitive_variables()
def issue(asked: TicketRequest, *, by: Actor, now: datetime) -> str:
    """A new ticket, shown once; the one before is worth nothing any more. In the approval's transaction."""
    void(asked.owner)
    replaces = asked.reason == TicketRequest.Reason.LOST
    row = ClientTicket(owner=asked.owner, issued_by=asked.started_by, approved_by=by.person, replaces=replaces)
    ticket = tickets.draw(row, CLIENTS, now)
    row.save(force_insert=True)
    return ticket


def judge(owner: Owner, now: datetime, *, at_login: bool = False) -> ClientTicket:
    """The one that waits for him, before anything is counted. Raises NoTicket or which of its kinds it is."""
    row = OF_OWNER.first(owner=owner.pk)
    if row is None:
        raise NoTicket
    if row.used_at:
        raise TicketUsed
    if row.tries >= MOST_TRIES:
        raise TicketVoid
    if row.expires_at <= now:
        raise TicketExpired
    if at_login and not row.replaces:
        raise NotForLogin
    return row


def waiting(owner: Owner, now: datetime) -> ClientTicket | None:
    """The one that he may type now; None where there is none."""
    try:
        return judge(owner, now)
    except NoTicket:
        return None


@sensitive_variables("typed")
def check(owner: Owner, typed: str, *, by: Actor, now: datetime, at_login: bool = False) -> ClientTicket:
    """The ticket that waits for him, where `typed` is it. Raises what `judge` does, and tickets.WrongTicket."""
    judge(owner, now, at_login=at_login)
    return tickets.check_one(owner, typed, CLIENTS, by=by, now=now)


def tie(ticket: ClientTicket, factor: Factor, now: datetime) -> None:
    """Says that this key was drawn by it, instead of one drawn before. Raises NoTicket where it has ended since."""
    good = ClientTicket.objects.filter(pk=ticket.pk, digest=ticket.digest, used_at=None, expires_at__gt=now)
    if not good.update(factor=factor):
        raise NoTicket


def use(factor: Factor, *, by: Actor, now: datetime) -> ClientTicket | None:
    """Ends the ticket by which this key was drawn, in the transaction that puts it into service; None where none was.

    What was begun in time is finished, be the quarter of an hour over meanwhile.
    """
    ticket = ClientTicket.objects.filter(factor=factor.pk).first()
    if ticket is None:
        return None
    if not ClientTicket.objects.filter(pk=ticket.pk, used_at=None).update(used_at=now):
        raise TicketUsed
    journal.record(Kind.CLIENT_TICKET_USED, owner=factor.owner, by=by)
    return ticket


def replaces(factor: Factor) -> bool:
    """Whether this key was drawn by one in place of all moyens, which end once it is proved."""
    return ClientTicket.objects.filter(factor=factor.pk, replaces=True).exists()


def void(owner: Owner) -> None:
    """Ends the one that waits for him, with the key that was drawn by it. Called under the owner's lock."""
    Factor.objects.filter(ticket__owner=owner, state=Factor.State.PENDING).delete()
    ClientTicket.objects.filter(owner=owner).delete()


def forget_old(now: datetime) -> int:
    """Deletes those that were over a day ago; says how many. A timer's work."""
    forgotten, _ = ClientTicket.objects.filter(expires_at__lte=now - KEPT).delete()
    return forgotten
