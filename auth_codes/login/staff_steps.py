"""The staff's login in two steps: a right password waits, in a session that nobody is logged in to, for the moyen.

As the clients' (steps.py), whose count and challenge it shares (second.py), but at each login, on whatever device: the
desk shows every client. Who has none is logged in by his password alone until the day from which one is required; from
then on his session opens one page, where a ticket adds a moyen.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from auth_codes.codes import bindings
from auth_codes.devices import known_devices
from auth_codes.factors import challenges, staff
from auth_codes.login import attempt as attempts
from auth_codes.login import steps
from auth_codes.login.steps import StepOver
from auth_codes.measures.series import Door
from auth_codes.models import Factor
from auth_codes.owner import Owner
from auth_codes.sessions import desk_mark

NAME = "pending_desk_login"
# A proof that an act asks for may be as old as this.
RECENT = timedelta(minutes=10)


class PendingLogin(NamedTuple):
    """What the session holds, as texts and numbers: whose right password waits, until when, and the rest."""

    owner: int
    owner_hash: str
    factor: str
    challenge: str
    until: int
    forgiven: list[str]
    leads_to: str


@dataclass(frozen=True, kw_only=True)
class StaffStep(steps.LoginStep):
    """The second step of one login, as it stands, and where it leads."""

    owner: Owner
    leads_to: str


def begin(request: HttpRequest, factor: Factor, leads_to: str, now: datetime) -> None:
    """After a right password: what waits is put into the session, under a new key."""
    attempt, owner = attempts.of(request), factor.owner
    if request.user.is_authenticated:
        logout(request)
    challenge = steps.ask(request, owner, _facts(factor), now)
    request.session.cycle_key()
    request.session[NAME] = PendingLogin(
        owner=owner.pk,
        owner_hash=owner.get_session_auth_hash(),
        factor=str(factor.pk),
        challenge=str(challenge.pk),
        until=int(challenge.expires_at.timestamp()),
        forgiven=[at.isoformat() for at in attempt.aftermath.forgiven],
        leads_to=leads_to,
    )


def waits(request: HttpRequest) -> bool:
    """Whether the session holds a right password, be its time over or not."""
    return NAME in request.session


def of(request: HttpRequest, now: datetime) -> StaffStep:
    """What waits in this session. Raises StepOver."""
    if not waits(request):
        raise StepOver
    pending = PendingLogin(*request.session[NAME])
    until = datetime.fromtimestamp(pending.until, UTC)
    owner = bindings.owners_with_bound().filter(pk=pending.owner, is_staff=True, is_active=True).first()
    if owner is None or until <= now or not _is_as_left(owner, pending):
        raise StepOver
    factors = tuple(staff.factors_of(owner))
    factor = next((each for each in factors if each.pk == uuid.UUID(pending.factor)), None)
    if factor is None:
        raise StepOver
    try:
        challenge = challenges.find(pending.challenge, owner, _facts(factor), request.session)
    except challenges.AlreadyProved:
        raise StepOver from None
    device = known_devices.recognise(request, owner.get_username())
    forgiven = tuple(map(datetime.fromisoformat, pending.forgiven))
    return StaffStep(
        owner=owner,
        factor=factor,
        factors=factors,
        challenge=challenge,
        device=device,
        leads_to=pending.leads_to,
        forgiven=forgiven,
        until=until,
    )


def give_up(request: HttpRequest) -> None:
    """Nothing waits in this session any more."""
    request.session.pop(NAME, None)


def end_at_login(sender: type[Owner], request: HttpRequest, user: Owner, **kwargs: object) -> None:
    """Receives Django's signal: whoever has logged in here, what waited is over, be it his own or somebody else's."""
    give_up(request)


def go_on(request: attempts.LoginRequest, step: StaffStep) -> None:
    """The login goes on as one by a password alone does; the caller logs in and remembers the device."""
    attempts.go_on(request, step.device, step.forgiven, door=Door.STAFF)
    give_up(request)


def opens_desk(session: SessionBase, now: datetime) -> bool:
    """Whether this session of a member of staff opens more than the page that adds a moyen."""
    if desk_mark.shown_at(session):
        return True
    return not (desk_mark.is_withheld(session) or staff.is_required(now))


def is_recent(session: SessionBase, now: datetime) -> bool:
    """Whether a moyen was shown in this session a moment ago; not by a clock that was set back since."""
    shown_at = desk_mark.shown_at(session)
    return shown_at is not None and now - RECENT < shown_at <= now + timedelta(seconds=1)


def _is_as_left(owner: Owner, pending: PendingLogin) -> bool:
    return constant_time_compare(owner.get_session_auth_hash(), pending.owner_hash) and bindings.holds(owner)


def _facts(factor: Factor) -> dict[str, str]:
    return {"factor": str(factor.pk)}
