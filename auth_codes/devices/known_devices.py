"""Known devices: browsers that have logged in, each with a count of its own, which no stranger's failure touches.

A browser keeps one signed cookie for each client or member of staff who logs in from it. The cookie opens nothing: it
only says on which count an attempt draws and, beside both codes, that a moyen was shown there of late. Stolen, forged,
another person's or of an earlier key, it is an unknown device and nothing more: its token changes at each login, so
that a copy dies with the owner's second login after the theft, and has until then failures of its own that the owner's
success does not forgive once he has logged in.
Source: OWASP, slow down online guessing attacks with device cookies; ASVS 5.0 6.1.1.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet, UUIDField
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes import batched_deletes, browser, journal, keyed_hashes, notices
from auth_codes.actor import SYSTEM, Actor
from auth_codes.codes import owners
from auth_codes.models import KnownDevice, Notice, SecurityEvent
from auth_codes.owner import Owner
from auth_codes.prepared import KEY, MOMENT, TEXT, Blank, Prepared
from auth_codes.prepared_changes import PreparedChange, PreparedInsert
from auth_codes.prepared_together import gathered
from auth_codes.prepared_values import AnyField

DEVICES_KEPT = 5
# While all five were used as recently, a stranger's login must not push one of them out.
RECENTLY = timedelta(days=30)
# Whoever logs in from more new browsers in a day has been told.
TOLD_A_DAY = 20
# What browsers keep a cookie for at most.
COOKIE_LIFETIME = timedelta(days=400)
COOKIE_PREFIX = "__Host-device-" if settings.SESSION_COOKIE_SECURE else "device-"


UUID_KEY: AnyField = UUIDField()


def _found(key: Blank, name: Blank) -> QuerySet[KnownDevice]:
    return KnownDevice.objects.filter(pk=key, owner__username=name)


def _told(owner: Blank, kind: Blank, since: Blank) -> QuerySet[Notice, int]:
    return Notice.objects.filter(owner=owner, kind=kind, at__gt=since).values_list("pk", flat=True)


FOUND = Prepared(_found, key=UUID_KEY, name=TEXT)
OF_OWNER = Prepared(lambda owner: KnownDevice.objects.filter(owner=owner), owner=KEY)
TOLD = Prepared(_told, owner=KEY, kind=TEXT, since=MOMENT)
ADDED = PreparedInsert(KnownDevice)
RENEWED = PreparedChange(
    lambda key: KnownDevice.objects.filter(pk=key),
    sets=("digest", "earlier_digest", "last_seen_at"),
    key=UUID_KEY, digest=TEXT, earlier_digest=TEXT, last_seen_at=MOMENT,
)  # fmt: skip


class _Token(NamedTuple):
    """What the cookie says: which device, and the secret that proves it."""

    device_id: uuid.UUID
    secret: str


@sensitive_variables()
def recognise(request: HttpRequest, name: str) -> KnownDevice | None:
    """The known device that sends this request, for this code client or staff name; None for any other browser or name.

    One query where the cookie is genuine, none without: a number's existence does not show.
    """
    token = _token_of(request, name)
    if token is None:
        return None
    device = FOUND.first(key=token.device_id, name=name)
    # The name is cheap to imitate, but a cookie that turns up in another browser was copied there.
    if device is None or device.label != _label(request):
        return None
    device.presented = _digest(token.secret)
    return device if device.presented in {device.digest, device.earlier_digest} else None


def has_cookie(request: HttpRequest, name: str) -> bool:
    """Whether the browser has a cookie that we signed for this number; whether it still counts is not asked."""
    return _token_of(request, name) is not None


@sensitive_variables()
def remember(
    request: HttpRequest,
    response: HttpResponse,
    owner: Owner,
    device: KnownDevice | None,
    now: datetime | None = None,
) -> KnownDevice | None:
    """After a login: gives the browser its next token; makes it a known device unless `device`, as recognised, is one.

    At most five a client: the one not seen for longest gives way, unless all were used recently. Returns the device
    that the browser is from now on; none where its session was ended, or the device removed, at this very moment.
    """
    now = now or timezone.now()
    token = _token_of(request, owner.username)
    secret = _next(token.secret) if device and token else browser.drawn_once(request, "first device token")
    kept = _renew(device, secret, now) if device else _add(request, owner, secret, now)
    if kept is None:
        return None
    response.set_signed_cookie(
        _cookie_name(owner.username),
        f"{kept.pk.hex}.{secret}",
        salt=owner.username,
        max_age=int(COOKIE_LIFETIME.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return kept


def note_new(owner: Owner, request: HttpRequest) -> None:
    """Tells the journal, and the owner by e-mail, of a login from a browser that was not known."""
    by, details = Actor.at(request, owner), {"device": _label(request)}
    journal.record(SecurityEvent.Kind.DEVICE_KNOWN, owner=owner, by=by, details=details)
    kind = Notice.Kind.STAFF_NEW_DEVICE if owner.is_staff else Notice.Kind.NEW_DEVICE
    told_today = TOLD.ask(owner=owner.pk, kind=kind, since=timezone.now() - timedelta(days=1))
    if len(told_today) < TOLD_A_DAY:
        notices.leave_for_owner(kind, owner, by=by)


def remove(device: KnownDevice, *, by: Actor) -> None:
    """Makes one device unknown again, by its owner's wish, and ends his sessions: one may be open on it.

    The one that asks is kept by its view. `device.owner` is who is logged in; raises owners.SessionEnded.
    """
    with transaction.atomic():
        owners.lock_in_session(device.owner)
        if _end(device):
            owners.end_sessions(device.owner)
            journal.record(
                SecurityEvent.Kind.DEVICE_REMOVED,
                owner=device.owner,
                by=by,
                details={"device": device.label},
            )


def remove_all(
    owner: Owner,
    *,
    keep: KnownDevice | None = None,
    by: Actor = SYSTEM,
) -> int:
    """Makes every device of the owner unknown again, but `keep`; says how many. Called in the act's transaction."""
    ended = sum(_end(device) for device in owner.known_devices.all() if device != keep)
    if ended:
        details = {"count": ended}
        journal.record(SecurityEvent.Kind.DEVICES_REMOVED, owner=owner, by=by, details=details)
    return ended


def remove_others(owner: Owner, request: HttpRequest) -> int:
    """Makes every device of the owner unknown again but the one he sits at. Called in the act's transaction."""
    return remove_all(owner, keep=recognise(request, owner.username), by=Actor.at(request, owner))


def exhaust(device: KnownDevice) -> None:
    """After its five failures in a row a device is unknown again; it says so to nobody."""
    _end(device)


def note_proof(device: KnownDevice, now: datetime) -> None:
    """A moyen was shown there: for a while a login on it does not ask for one (factors/asking.py)."""
    KnownDevice.objects.filter(pk=device.pk).update(proved_at=now)


def purge(now: datetime, advance: Callable[[int], None] = batched_deletes.unheard) -> int:
    """Deletes the devices whose cookie has expired, which their browsers no longer send; their counts lapse."""
    lapsed = KnownDevice.objects.filter(last_seen_at__lte=now - COOKIE_LIFETIME)
    return batched_deletes.delete(lapsed, advance)


@sensitive_variables()
def _next(secret: str) -> str:
    """The token after this one: the same for both requests of a double click, whichever answer arrives last."""
    return keyed_hashes.hex_of("next device token", secret)


@sensitive_variables()
def _renew(device: KnownDevice, secret: str, now: datetime) -> KnownDevice | None:
    """None when the device was removed at this very moment.

    The token that was presented goes on counting, in case the answer with the next one never arrives.
    """
    earlier, fresh = device.presented or device.digest, _digest(secret)
    is_renewed = RENEWED.make(key=device.pk, digest=fresh, earlier_digest=earlier, last_seen_at=now)
    return device if is_renewed else None


@sensitive_variables()
def _add(request: HttpRequest, owner: Owner, secret: str, now: datetime) -> KnownDevice | None:
    """None when the sessions of the owner were ended at this very moment, and while five others were used recently."""
    with transaction.atomic():
        try:
            owners.lock_in_session(owner)
        except owners.SessionEnded:
            return None
        digest, others = _digest(secret), OF_OWNER.ask(owner=owner.pk)
        clicked = next((device for device in others if device.digest == digest), None)
        if clicked:
            return clicked
        surplus = others[DEVICES_KEPT - 1 :]
        if any(device.last_seen_at > now - RECENTLY for device in surplus):
            note_new(owner, request)
            return None
        for device in surplus:
            _end(device)
        device = KnownDevice(owner=owner, digest=digest, label=_label(request), first_seen_at=now, last_seen_at=now)
        with gathered():
            note_new(owner, request)
            ADDED.save(device)
        return device


def _end(device: KnownDevice) -> int:
    """How many ended: none where another request has just ended it."""
    with transaction.atomic():
        # Held before the code client that it remembers is touched, as by remembered.py.
        held = KnownDevice.objects.select_for_update().filter(pk=device.pk).first()
        if held is None:
            return 0
        # Its count stays until it lapses: attempts that have already recognised the device still draw on it.
        held.delete()
    return 1


@sensitive_variables()
def _token_of(request: HttpRequest, name: str) -> _Token | None:
    signed = request.get_signed_cookie(_cookie_name(name), default="", salt=name, max_age=COOKIE_LIFETIME) or ""
    device_id, _, secret = signed.partition(".")
    try:
        return _Token(uuid.UUID(device_id), secret) if secret else None
    except ValueError:
        return None


def _cookie_name(name: str) -> str:
    """One for each person, since a couple may share a browser; it tells nobody's name or number."""
    return COOKIE_PREFIX + keyed_hashes.hex_of("device cookie", name)[:12]


@sensitive_variables()
def _digest(secret: str) -> str:
    return keyed_hashes.hex_of("known device", secret)


def _label(request: HttpRequest) -> str:
    return browser.describe(browser.user_agent(request))
