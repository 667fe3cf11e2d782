"""The second moyen of a member of staff: added by a ticket, asked for at each login, replaced by the next ticket.

He has one at a time. It rests for no day: another administrator has seen who he is. Only an authenticator app yet; what
stands here names no kind, so that a passkey begins and ends in the same way.
"""

from datetime import datetime

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes import journal, notices
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.factors import ending, enrolling, tickets, told
from auth_codes.factors.enrolling import WaitingKey
from auth_codes.models import Factor, Notice, SecurityEvent, StaffTicket
from auth_codes.owner import Owner

TICKET = "staff_ticket"


def is_required(now: datetime) -> bool:
    """Whether the day has come from which on the desk opens to nobody without one."""
    begins = settings.STAFF_SECOND_FACTOR_FROM
    return begins is not None and timezone.localdate(now) >= begins


def factor_of(owner: Owner) -> Factor | None:
    """The one that he is asked for; None where he has none."""
    factor = owner.factors.active().first()
    if factor:
        factor.owner = owner
    return factor


def lacks_it(owner: Owner) -> bool:
    """Of who has none: whether the journal tells of one, which somebody has then taken out of the database."""
    return any(one.stands for one in told.of_owners([owner.pk]).get(owner.pk, {}).values())


@sensitive_variables()
def begin(owner: Owner, name: str, ticket: StaffTicket, *, session: SessionBase, now: datetime) -> None:
    """Draws a key that waits in this session; the ticket is used once the key is proved. Raises SessionEnded."""
    with transaction.atomic():
        owners.lock_in_session(owner)
        dates = {"asked_from": now, "payments_from": now}
        enrolling.draw_key(owner, Factor.Kind.TOTP, name, dates, session=session, now=now)
    session[TICKET] = ticket.digest


@sensitive_variables()
def confirm(pending: WaitingKey, first: str, second: str, *, session: SessionBase, by: Actor, now: datetime) -> Factor:
    """Puts it into service, uses the ticket and ends the one before, together.

    Raises enrolling.WrongNumbers or NothingPending; tickets.NoTicket where that ended meanwhile; SessionEnded.
    """
    factor, owner = pending.factor, pending.factor.owner
    step = enrolling.step_of(pending, first, second, now)
    with transaction.atomic():
        owners.lock_in_session(owner)
        tickets.use(owner, session.get(TICKET, ""), now)
        before = factor_of(owner)
        ending.end_all(owner, Factor.Why.REPLACED, by=by, now=now)
        enrolling.activate(pending, pending.secret, now, last_step=step)
        details: dict[str, str | int] = {"factor": factor.kind, "factor_number": factor.generation}
        journal.record(SecurityEvent.Kind.TICKET_USED, owner=owner, by=by)
        journal.record(SecurityEvent.Kind.FACTOR_ADDED, owner=owner, by=by, details=details)
        replaced = before.name if before else ""
        notices.tell_owner(Notice.Kind.STAFF_FACTOR, owner, by=by, name=factor.name, replaced=replaced)
    session.pop(TICKET, None)
    session.pop(enrolling.PENDING, None)
    return factor


def end_all(owner: Owner, *, by: Actor, now: datetime) -> None:
    """He has left: neither moyen nor ticket of his opens anything, nor any ticket that he has issued."""
    tickets.void(owner)
    owner.factors.filter(state=Factor.State.PENDING).delete()
    ending.end_all(owner, Factor.Why.LEFT, by=by, now=now)
