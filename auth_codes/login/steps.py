"""A login in two steps: right codes wait, in a session that nobody is logged in to, until a moyen is shown as well.

Nothing has happened meanwhile: no code of a letter has replaced another, no device is known, no line says that somebody
logged in. Whatever ends the owner's sessions, or changes his code, ends what waits here too.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self

from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from auth_codes import journal, notices
from auth_codes.actor import SYSTEM, Actor
from auth_codes.codes import bindings, changing, checking, owners
from auth_codes.devices import known_devices
from auth_codes.factors import asking, challenges
from auth_codes.locking import locks
from auth_codes.lockout import counters
from auth_codes.login import attempt as attempts
from auth_codes.models import Challenge, Factor, KnownDevice, Notice, SecretCode, SecurityEvent
from auth_codes.owner import Owner
from auth_codes.renewals import code_life

NAME = "pending_login"
TOLD_EVERY = timedelta(days=1)


class Wish(NamedTuple):
    """What was said beside the codes: of the computer, of the number that it remembers, where the login leads."""

    is_public: bool
    keep: bool
    leads_to: str


class Pending(NamedTuple):
    """What the session holds, as texts and numbers: whose right codes wait, which row, until when, and the rest."""

    name: str
    code: str
    owner_hash: str
    factor: str
    challenge: str
    until: int
    forgiven: list[str]
    wish: list[bool | str]


@dataclass(frozen=True, kw_only=True)
class MoyenStep:
    """What follows right codes, or a right password, as it stands: what is to be shown, until when.

    `factors`: all that may be shown; `factor`: the one that the page is about.
    """

    factor: Factor
    factors: tuple[Factor, ...]
    challenge: Challenge
    until: datetime

    @property
    def alike(self) -> list[Factor]:
        """Those of the kind that the page is about: any of somebody's passkeys answers."""
        return [factor for factor in self.factors if factor.kind == self.factor.kind]

    def of_kind(self, kind: str) -> Self:
        """The same about his moyen of this kind; as it is, where he has none."""
        return self.about(next((each for each in self.factors if each.kind == kind), self.factor))

    def about(self, factor: Factor) -> Self:
        """The same about this one of them."""
        return replace(self, factor=factor)


@dataclass(frozen=True, kw_only=True)
class LoginStep(MoyenStep):
    """The second step of one login, a client's or the staff's."""

    device: KnownDevice | None
    forgiven: tuple[datetime, ...]


@dataclass(frozen=True, kw_only=True)
class SecondStep(LoginStep):
    """That of a client, and what comes after it."""

    code: SecretCode
    wish: Wish

    @property
    def owner(self) -> Owner:
        return self.code.owner


class StepOver(Exception):
    """Nothing waits in this session, or its time is over, or something has ended the owner's sessions since."""


def use(request: HttpRequest, code: SecretCode) -> bool:
    """Lets the code that was right do what a login does to it; False when a later letter has voided it meanwhile."""
    try:
        code_life.note_use(code, by=Actor.at(request, code.owner))
    except (changing.CodeChangedMeanwhile, locks.AccessLocked):
        return False
    attempts.of(request).letter_id = code.letter_id if code.is_default else None
    if code.is_default and code.has_factor:
        # Only who knew the code before can have failed there.
        for factor in code.owner.factors.active():
            counters.forget(counters.factor_counter(factor.pk.hex))
    return True


def begin(request: HttpRequest, wish: Wish, now: datetime) -> None:
    """After right codes: what waits is put into the session, under a new key."""
    attempt = attempts.of(request)
    code = attempt.awaiting
    factor = asking.asked_of(code.owner, now) if code else None
    if code is None or factor is None:
        raise StepOver  # it was removed in this very second: the login begins anew
    if request.user.is_authenticated:
        logout(request)  # a member of the staff who logs in as a client
    challenge = ask(request, code.owner, _facts(code, factor), now)
    request.session.cycle_key()
    request.session[NAME] = Pending(
        name=code.owner.username,
        code=str(code.pk),
        owner_hash=code.owner.get_session_auth_hash(),
        factor=str(factor.pk),
        challenge=str(challenge.pk),
        until=int(challenge.expires_at.timestamp()),
        forgiven=[at.isoformat() for at in attempt.aftermath.forgiven],
        wish=list(wish),
    )


def ask(request: HttpRequest, owner: Owner, facts: Mapping[str, str], now: datetime) -> Challenge:
    """The challenge of a login, of a client's or of the staff's, by whether its device is known."""
    is_known = known_devices.recognise(request, owner.username) is not None
    purpose = Challenge.Purpose.KNOWN_LOGIN if is_known else Challenge.Purpose.LOGIN
    return challenges.ask(owner, purpose, facts, request.session, now)


def waits(request: HttpRequest) -> bool:
    """Whether the session holds right codes, be their time over or not."""
    return NAME in request.session


def of(request: HttpRequest, now: datetime) -> SecondStep:
    """What waits in this session. Raises StepOver."""
    if not waits(request):
        raise StepOver
    pending = Pending(*request.session[NAME])
    until = datetime.fromtimestamp(pending.until, UTC)
    code = code_that_waits(pending.name, pending.code, pending.owner_hash, until, now)
    if code.is_locked:
        raise StepOver
    factors = tuple(code.owner.factors.asked_at(now))
    factor = next((each for each in factors if each.pk == uuid.UUID(pending.factor)), None)
    if factor is None:
        raise StepOver
    for each in factors:
        each.owner = code.owner
    try:
        challenge = challenges.find(pending.challenge, code.owner, _facts(code, factor), request.session)
    except challenges.AlreadyProved:
        raise StepOver from None
    device = known_devices.recognise(request, pending.name)
    forgiven = tuple(map(datetime.fromisoformat, pending.forgiven))
    wish = Wish(*pending.wish)  # type: ignore[arg-type]  # as put
    return SecondStep(
        code=code,
        factor=factor,
        factors=factors,
        challenge=challenge,
        device=device,
        wish=wish,
        forgiven=forgiven,
        until=until,
    )


def code_that_waits(name: str, key: str, owner_hash: str, until: datetime, now: datetime) -> SecretCode:
    """The row `key` of this code client, whose code was right and waits `until` then. Raises StepOver."""
    code = next((row for row in checking.living_codes(name) if str(row.pk) == key), None)
    if code is None or until <= now or code.has_expired(now) or not is_as_left(code.owner, owner_hash):
        raise StepOver
    return code


def give_up(request: HttpRequest) -> None:
    """Nothing waits in this session any more."""
    request.session.pop(NAME, None)


def end_at_login(sender: type[Owner], request: HttpRequest, user: Owner, **kwargs: object) -> None:
    """Receives Django's signal: whoever has logged in here, what waited is over, be it his own or somebody else's."""
    give_up(request)


def complete(request: attempts.LoginRequest, step: SecondStep, *, by_ticket: bool = False) -> bool:
    """The moyen was shown, or a ticket in its place: the login goes on as one by codes alone does. False as for `use`.

    The caller logs in and remembers the device, and that it was shown there.
    """
    attempt = attempts.go_on(request, step.device, step.forgiven)
    attempt.is_public = step.wish.is_public
    if not use(request, step.code):
        return False
    if step.code.is_default:
        # A letter's code that has replaced another has made every device unknown.
        attempt.goes_on_at = known_devices.recognise(request, step.owner.username)
    if by_ticket:
        by, details = Actor.at(request, step.owner), journal.device_of(step.device)
        journal.record(SecurityEvent.Kind.CLIENT_TICKET_LOGIN, owner=step.owner, by=by, details=details)
    else:
        note_passed(request, step.factor, step.device)
    return True


def note_passed(request: HttpRequest, factor: Factor, device: KnownDevice | None) -> None:
    """The journal's line of a moyen that was shown at a login."""
    details = {"factor": factor.kind} | journal.device_of(device)
    by = Actor.at(request, factor.owner)
    journal.record(SecurityEvent.Kind.FACTOR_PASSED, owner=factor.owner, by=by, details=details)


def tell_of_known_codes(now: datetime) -> int:
    """Tells whose codes were right on an unknown device, with no moyen shown in time; says how many. A timer's work.

    What is over is deleted; so a challenge is told once, and its owner once a day.
    """
    told = 0
    over = Challenge.objects.filter(expires_at__lte=now)
    for challenge in over.filter(purpose=Challenge.Purpose.LOGIN, spent_at=None).select_related("owner"):
        with transaction.atomic():
            owners.lock(challenge.owner)
            told += _tell(challenge, now)
    over.delete()
    return told


def _tell(challenge: Challenge, now: datetime) -> bool:
    owner = challenge.owner
    same_browser = owner.challenges.filter(session_digest=challenge.session_digest, spent_at__isnull=False)
    kind = Notice.Kind.STAFF_KNOWN if owner.is_staff else Notice.Kind.CODE_KNOWN
    told_today = owner.notices.filter(kind=kind, at__gt=now - TOLD_EVERY)
    lines_today = owner.security_events.filter(kind=SecurityEvent.Kind.CODE_KNOWN, at__gt=now - TOLD_EVERY)
    if same_browser.exists() or told_today.exists() or lines_today.exists() or not owner.is_active:
        return False
    journal.record(SecurityEvent.Kind.CODE_KNOWN, owner=owner)
    notices.leave_for_owner(kind, owner, by=SYSTEM, at=challenge.expires_at)
    return True


def is_as_left(owner: Owner, owner_hash: str) -> bool:
    """Whether nothing has ended the owner's sessions, nor shut him out, since what waits was begun."""
    unchanged = constant_time_compare(owner.get_session_auth_hash(), owner_hash)
    return unchanged and owner.is_active and bindings.holds(owner)


def _facts(code: SecretCode, factor: Factor) -> dict[str, str]:
    return {"code": str(code.pk), "factor": str(factor.pk)}
