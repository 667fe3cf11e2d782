"""Adding an authenticator app, in two steps: its key is drawn, shown in one session; two numbers in a row prove it.

Adding a passkey begins in the same way (passkey_enrolling.py): what is drawn there is its handle. Of a token that the
bank has lent the key is in the device already, and shown nowhere.

Whoever has stolen both codes could add a moyen of his own and shut the owner out. So a login asks for the first one
only after some days, of which the owner is told at every address, and until then any known device takes it back. On a
device that has been known for as long it counts at once: its owner was told of that device, and these days have passed.
A further moyen is added by showing one that a login asks for and, where that is a strong one, so counts at once: a
printed list vouches for nothing that is more than itself. So does one that is added by a ticket, which two advisors
have handed him in branch: for payments too.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import Max, QuerySet
from django.views.decorators.debug import sensitive_variables

from auth_codes import journal, notices, wording
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.crypto.sealing import SealError
from auth_codes.factors import challenges, client_tickets, ending, passkeys, tokens, totp
from auth_codes.models import (
    Challenge,
    ClientTicket,
    Factor,
    FactorQuerySet,
    KnownDevice,
    Notice,
    SecurityEvent,
    Token,
)
from auth_codes.owner import Owner
from auth_codes.prepared import KEY, TEXT, Blank, Prepared

PENDING = "factor_pending"
Purpose = Challenge.Purpose
# One that was confirmed by a passkey rests no longer before a payment. Source: the bank's rules for new means.
BY_PASSKEY = timedelta(hours=72)
# What is drawn of each kind, and how many of it one may have.
DRAW = {Factor.Kind.TOTP: totp.draw, Factor.Kind.PASSKEY: passkeys.draw}
AT_MOST = {Factor.Kind.TOTP: 1, Factor.Kind.PASSKEY: passkeys.AT_MOST, Factor.Kind.TOKEN: 1}
NothingLent = tokens.NothingLent


class OneAlready(Exception):
    """He has such a moyen, or of passkeys as many as one may have: one is to be removed before another is added."""


class NotShown(Exception):
    """Meanwhile he has a moyen that a login asks for, and it was not shown: the page begins anew."""


class NothingPending(Exception):
    """No key waits in this session, or its time is over: the page begins anew."""


class WrongNumbers(Exception):
    """They are not two numbers of this key that follow each other."""


class WaitingKey:
    """The key that waits to be proved, with its row and its challenge."""

    def __init__(self, factor: Factor, challenge: Challenge, secret: bytes):
        self.factor, self.challenge, self.secret = factor, challenge, secret


def is_established(device: KnownDevice | None, now: datetime) -> bool:
    """Whether the owner has known of this device for as long as a first moyen rests."""
    return device is not None and device.first_seen_at <= now - resting()


def counts_at_once(by_kind: str, device: KnownDevice | None, now: datetime) -> bool:
    """Whether a moyen that is added on this device, by showing one of `by_kind`, need not rest."""
    return by_kind in settings.STRONG_FOR_ACCESS or is_established(device, now)


def resting() -> timedelta:
    """How long a first moyen rests before a login asks for it."""
    return timedelta(days=settings.FACTOR_REST_DAYS)


def may_be_cancelled(factor: Factor, now: datetime) -> bool:
    """Whether it still rests, so that the code alone takes it back on a known device."""
    return factor.state == Factor.State.ACTIVE and now < factor.asked_from


@sensitive_variables()
def begin(
    owner: Owner,
    name: str,
    *,
    kind: Factor.Kind = Factor.Kind.TOTP,
    by_kind: str = "",
    device: KnownDevice | None,
    session: SessionBase,
    now: datetime,
) -> None:
    """Draws a key that waits in this session; one that waited elsewhere is void.

    The code was just verified for `owner` as loaded and, where a login asks for a moyen, one of `by_kind`. Raises
    OneAlready, NotShown or SessionEnded; NothingLent, of a token.
    """
    is_at_once = counts_at_once(by_kind, device, now)
    with transaction.atomic():
        owners.lock_in_session(owner)
        if is_full(owner, kind):
            raise OneAlready
        if not by_kind and owner.factors.asked_at(now).exists():
            raise NotShown
        dates = {
            "asked_from": now if is_at_once else now + resting(),
            "payments_from": now + (min(BY_PASSKEY, resting()) if by_kind == Factor.Kind.PASSKEY else resting()),
        }
        token = tokens.to_activate(owner) if kind == Factor.Kind.TOKEN else None
        draw_key(owner, kind, name, dates, token=token, session=session, now=now)


@sensitive_variables()
def begin_by_ticket(
    owner: Owner, kind: Factor.Kind, name: str, ticket: ClientTicket, *, session: SessionBase, now: datetime
) -> None:
    """The same by a ticket, which was just verified; it is used once the key is proved, and adds one moyen.

    Raises OneAlready, client_tickets.NoTicket where it has ended since, or SessionEnded.
    """
    with transaction.atomic():
        owners.lock_in_session(owner)
        if is_full(owner, kind) and not ticket.replaces:
            raise OneAlready
        dates = {"asked_from": now, "payments_from": now}
        drawn = draw_key(owner, kind, name, dates, session=session, now=now)
        client_tickets.tie(ticket, drawn, now)


@sensitive_variables()
def draw_key(
    owner: Owner,
    kind: Factor.Kind,
    name: str,
    dates: Mapping[str, datetime],
    *,
    token: Token | None = None,
    session: SessionBase,
    now: datetime,
) -> Factor:
    """A key that waits in this session, in the transaction and under the lock of the caller, who has judged all.

    That of the `token`, where the bank has lent one. Raises SealError, of what somebody wrote.
    """
    _pending(owner).delete()
    drawn = Factor(
        owner=owner,
        kind=kind,
        state=Factor.State.PENDING,
        name=name,
        generation=next_generation(owner),
        created_at=now,
        asked_from=dates["asked_from"],
        payments_from=dates["payments_from"],
        token=token,
    )
    drawn.seal(token.unseal() if token else DRAW[kind]())
    drawn.save(force_insert=True)
    asked = challenges.ask(owner, Purpose.ENROL, _facts(drawn), session, now)
    session[PENDING] = [str(drawn.pk), str(asked.pk)]
    return drawn


def is_full(owner: Owner, kind: Factor.Kind) -> bool:
    """Whether he has as many of this kind as one may have."""
    return len(ACTIVE_OF_KIND.ask(owner=owner.pk, kind=str(kind))) >= AT_MOST[kind]


def _active_of_kind(owner: Blank, kind: Blank) -> "QuerySet[Factor, UUID]":
    return Factor.objects.active().filter(owner=owner, kind=kind).order_by().values_list("pk", flat=True)


ACTIVE_OF_KIND = Prepared(_active_of_kind, owner=KEY, kind=TEXT)


@sensitive_variables()
def waiting(owner: Owner, session: SessionBase, now: datetime, kind: Factor.Kind = Factor.Kind.TOTP) -> WaitingKey:
    """The key of this kind that waits in this session. Raises NothingPending."""
    factor_id, challenge_id = session.get(PENDING, ("", ""))
    factor = _pending(owner).filter(kind=kind, pk=factor_id).first() if factor_id else None
    try:
        if factor is None:
            raise NothingPending
        factor.owner = owner
        challenge = challenges.find(challenge_id, owner, _facts(factor), session)
        if challenge.spent_at or challenge.expires_at <= now:
            raise NothingPending
        return WaitingKey(factor, challenge, factor.unseal())
    except (challenges.AlreadyProved, SealError):
        raise NothingPending from None


def has_been_added(owner: Owner, session: SessionBase) -> bool:
    """Whether what waited in this session is in service: by the click before this one, or before going back."""
    factor_id, _ = session.get(PENDING, ("", ""))
    return bool(factor_id) and owner.factors.active().filter(pk=factor_id).exists()


@sensitive_variables()
def confirm(pending: WaitingKey, first: str, second: str, *, by: Actor, now: datetime) -> Factor:
    """Puts the moyen into service, sealed anew in its new state, and tells its owner at each of his addresses.

    Raises WrongNumbers; NothingPending where another tab was faster; SessionEnded.
    """
    if pending.factor.token:
        seen = tokens.steps_of_two(pending.factor, pending.secret, first, second, now)
        if seen is None:
            raise WrongNumbers
        return put_in_service(pending, pending.secret, by=by, now=now, **seen)
    step = step_of(pending, first, second, now)
    return put_in_service(pending, pending.secret, by=by, now=now, last_step=step)


@sensitive_variables()
def step_of(pending: WaitingKey, first: str, second: str, now: datetime) -> int:
    """The half minute of the second number. Raises WrongNumbers."""
    step = totp.step_of_two(pending.secret, first, second, now)
    if step is None:
        raise WrongNumbers
    return step


@sensitive_variables()
def put_in_service(pending: WaitingKey, secret: bytes, *, by: Actor, now: datetime, **columns: str | int) -> Factor:
    """What both ways of adding end with. Raises NothingPending or SessionEnded."""
    owner = pending.factor.owner
    with transaction.atomic():
        owners.lock_in_session(owner)
        try:
            ticket = client_tickets.use(pending.factor, by=by, now=now)
        except client_tickets.TicketUsed:
            raise NothingPending from None
        if ticket and ticket.replaces:
            ending.end_all(owner, Factor.Why.REPLACED, by=by, now=now)
        activate(pending, secret, now, **columns)
        tell(pending.factor, by=by)
    return pending.factor


@sensitive_variables()
def activate(pending: WaitingKey, secret: bytes, now: datetime, **columns: str | int) -> None:
    """Seals it anew in its new state, in the transaction and under the lock of the caller. Raises NothingPending."""
    factor = pending.factor
    try:
        challenges.spend(pending.challenge, now)
    except challenges.AlreadyProved:
        raise NothingPending from None
    factor.state = Factor.State.ACTIVE
    factor.seal(secret)
    sealed = {name: getattr(factor, name) for name in ("state", *Factor.SEALED)}
    if not factor.owner.factors.filter(pk=factor.pk, state=Factor.State.PENDING).update(**sealed, **columns):
        raise NothingPending  # another tab has drawn a new key
    if factor.token:
        _put_in_use(factor.token)


def give_up(owner: Owner, session: SessionBase) -> None:
    """« Annuler » before the key was proved: nothing is left of it."""
    session.pop(PENDING, None)
    void_unproved(owner)


def void_unproved(owner: Owner) -> None:
    """No key that waits, in whatever session, is added any more: the page that drew it may not have asked enough."""
    _pending(owner).delete()


def forget_unproved(now: datetime) -> int:
    """Deletes the keys whose page nobody finished in time; says how many. A timer's work."""
    waiting = Factor.objects.filter(state=Factor.State.PENDING).exclude(kind=Factor.Kind.LIST)
    forgotten, _ = waiting.filter(created_at__lte=now - challenges.LIVES[Purpose.ENROL]).delete()
    return forgotten


def tell(factor: Factor, *, by: Actor) -> None:
    """Tells the journal, and the owner at each of his addresses, that it is in service, and from when it is asked."""
    details: dict[str, str | int] = {"factor": factor.kind, "factor_number": factor.generation}
    journal.record(SecurityEvent.Kind.FACTOR_ADDED, owner=factor.owner, by=by, details=details)
    with notices.in_language_of(factor.owner):
        asked_from = wording.day(factor.asked_from)
    notices.tell_owner(Notice.Kind.FACTOR_ADDED, factor.owner, by=by, name=factor.name, asked_from=asked_from)


def next_generation(owner: Owner) -> int:
    """Of the moyen that is added now, under the owner's lock."""
    return (owner.factors.aggregate(latest=Max("generation"))["latest"] or 0) + 1


def _pending(owner: Owner) -> FactorQuerySet:
    """What waits to be proved in a session; a list on its way waits for its letter."""
    return owner.factors.filter(state=Factor.State.PENDING).exclude(kind=Factor.Kind.LIST)


def _put_in_use(token: Token) -> None:
    try:
        tokens.put_in_use(token)
    except (tokens.NothingLent, tokens.NotSealed):
        raise NothingPending from None


def _facts(factor: Factor) -> dict[str, str]:
    return {"factor": str(factor.pk)}
