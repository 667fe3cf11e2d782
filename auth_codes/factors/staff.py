"""The second moyens of a member of staff: an app and some passkeys, each added by a ticket, one shown at each login.

None rests for a day: another administrator has seen who he is. Who has shown one adds another beside it; a ticket in
place of what he has lost ends all of them. The last one is replaced, and never taken away.
"""

from datetime import datetime

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes import journal, notices
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.factors import ending, enrolling, passkey_enrolling, passkeys, tickets, told
from auth_codes.factors.enrolling import WaitingKey
from auth_codes.factors.passkey_proofs import Assertion
from auth_codes.models import Factor, Notice, SecurityEvent, StaffTicket
from auth_codes.owner import Owner

TICKET, KEEPS = "staff_ticket", "staff_ticket_keeps"


class LastOne(Exception):
    """It is the only one that he has: his password alone would open the desk."""


def is_required(now: datetime) -> bool:
    """Whether the day has come from which on the desk opens to nobody without one."""
    begins = settings.STAFF_SECOND_FACTOR_FROM
    return begins is not None and timezone.localdate(now) >= begins


def factors_of(owner: Owner) -> list[Factor]:
    """Any of which he may show, a passkey first: no false page can pass on what it signs."""
    found = sorted(owner.factors.active(), key=lambda factor: factor.kind != Factor.Kind.PASSKEY)
    for factor in found:
        factor.owner = owner
    return found


def factor_of(owner: Owner) -> Factor | None:
    """The one that he is asked for first; None where he has none."""
    return next(iter(factors_of(owner)), None)


def lacks_it(owner: Owner) -> bool:
    """Of who has none: whether the journal tells of one, which somebody has then taken out of the database."""
    return any(one.stands for one in told.of_owners([owner.pk]).get(owner.pk, {}).values())


@sensitive_variables()
def begin(
    owner: Owner,
    name: str,
    ticket: StaffTicket,
    *,
    kind: Factor.Kind = Factor.Kind.TOTP,
    keeps: bool = False,
    session: SessionBase,
    now: datetime,
) -> None:
    """Draws what waits in this session; the ticket is used once it is proved.

    `keeps`: it comes beside those that he has, of which he has shown one in this session; else it ends them. Raises
    SessionEnded, or enrolling.OneAlready where he keeps as many passkeys as one may have.
    """
    with transaction.atomic():
        owners.lock_in_session(owner)
        if keeps and kind == Factor.Kind.PASSKEY and enrolling.is_full(owner, kind):
            raise enrolling.OneAlready
        dates = {"asked_from": now, "payments_from": now}
        enrolling.draw_key(owner, kind, name, dates, session=session, now=now)
    session[TICKET], session[KEEPS] = ticket.digest, keeps


@sensitive_variables()
def confirm(pending: WaitingKey, first: str, second: str, *, session: SessionBase, by: Actor, now: datetime) -> Factor:
    """Puts the app into service, uses the ticket and ends what it replaces, together.

    Raises enrolling.WrongNumbers or NothingPending; tickets.NoTicket where that ended meanwhile; SessionEnded.
    """
    columns: dict[str, str | int] = {"last_step": enrolling.step_of(pending, first, second, now)}
    return _put_in_service(pending, pending.secret, columns, session=session, by=by, now=now)


@sensitive_variables()
def confirm_passkey(pending: WaitingKey, shown: Assertion, *, session: SessionBase, by: Actor, now: datetime) -> Factor:
    """The same of a passkey. Raises passkeys.Refused; the rest as `confirm` does."""
    made, columns = passkey_enrolling.registered(pending, shown)
    try:
        return _put_in_service(pending, made, columns, session=session, by=by, now=now)
    except IntegrityError:  # as of clients': another row has this digest
        raise passkeys.Refused(passkeys.PasskeyFault.ALREADY) from None


def passkeys_beside(pending: WaitingKey, session: SessionBase) -> list[Factor]:
    """Those that stay beside the one that waits in this session; none where it comes in place of all."""
    return passkey_enrolling.owners_passkeys(pending.factor) if session.get(KEEPS) else []


def give_up(owner: Owner, session: SessionBase) -> None:
    """Nothing waits in this session any more; the ticket serves again."""
    enrolling.give_up(owner, session)
    _forget_ticket(session)


def rename(factor: Factor, name: str) -> None:
    """What its owner calls it; it opens as before."""
    factor.owner.factors.active().filter(pk=factor.pk).update(name=name)


def remove(factor: Factor, *, by: Actor, now: datetime) -> bool:
    """Ends one of several; says whether it had not ended already. Raises LastOne, or SessionEnded.

    Under the owner's lock: of two tabs that remove the last two, one does.
    """
    owner = factor.owner
    with transaction.atomic():
        owners.lock_in_session(owner)
        if not owner.factors.active().exclude(pk=factor.pk).exists():
            raise LastOne
        has_ended = ending.end(factor, Factor.Why.REMOVED, by=by, now=now)
        if has_ended:
            notices.tell_owner(Notice.Kind.STAFF_REMOVED, owner, by=by, name=factor.name)
    return has_ended


def end_all(owner: Owner, *, by: Actor, now: datetime) -> None:
    """He has left: neither moyen nor ticket of his opens anything, nor any ticket that he has issued."""
    tickets.void(owner)
    owner.factors.filter(state=Factor.State.PENDING).delete()
    ending.end_all(owner, Factor.Why.LEFT, by=by, now=now)


@sensitive_variables()
def _put_in_service(
    pending: WaitingKey,
    secret: bytes,
    columns: dict[str, str | int],
    *,
    session: SessionBase,
    by: Actor,
    now: datetime,
) -> Factor:
    factor, owner = pending.factor, pending.factor.owner
    with transaction.atomic():
        owners.lock_in_session(owner)
        tickets.use(owner, session.get(TICKET, ""), now)
        replaced = _end_replaced(factor, keeps=session.get(KEEPS, False), by=by, now=now)
        enrolling.activate(pending, secret, now, **columns)
        details: dict[str, str | int] = {"factor": factor.kind, "factor_number": factor.generation}
        journal.record(SecurityEvent.Kind.TICKET_USED, owner=owner, by=by)
        journal.record(SecurityEvent.Kind.FACTOR_ADDED, owner=owner, by=by, details=details)
        notices.tell_owner(Notice.Kind.STAFF_FACTOR, owner, by=by, name=factor.name, replaced=", ".join(replaced))
    _forget_ticket(session)
    return factor


def _end_replaced(factor: Factor, *, keeps: bool, by: Actor, now: datetime) -> list[str]:
    """Ends what `factor` comes in place of, and says its names: all, or of what he keeps the app before a new one."""
    owner = factor.owner
    before = factors_of(owner)
    if not keeps:
        ending.end_all(owner, Factor.Why.REPLACED, by=by, now=now)
        return [each.name for each in before]
    apps = [each for each in before if each.kind == factor.kind == Factor.Kind.TOTP]
    return [each.name for each in apps if ending.end(each, Factor.Why.REPLACED, by=by, now=now)]


def _forget_ticket(session: SessionBase) -> None:
    session.pop(TICKET, None)
    session.pop(KEEPS, None)
