"""« Retenir mon code client »: a browser that asks for the code secret alone, because its owner wished so.

Its cookie holds a random handle and no number; of the handle the database keeps a keyed digest, as of known devices'
tokens. It opens nothing and shows the last digits alone. It is made after a success only, on a device that is known,
and ends with that device: by a renewal, « ce n’était pas moi », five wrong codes, or « oublier ».
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_variables

from auth_codes import batched_deletes, browser, keyed_hashes
from auth_codes.devices import known_devices
from auth_codes.models import KnownDevice, RememberedNumber
from auth_codes.owner import Owner

LIFETIME = timedelta(days=365)
COOKIE = "__Host-remembered" if settings.SESSION_COOKIE_SECURE else "remembered"
DIGITS_SHOWN = 3


class Remembered(NamedTuple):
    """A code client by the handle that this browser holds; no page shows all of it."""

    handle: str
    client_code: str

    @property
    def last_digits(self) -> str:
        return self.client_code[-DIGITS_SHOWN:]


@sensitive_variables()
def by_cookie(request: HttpRequest, now: datetime | None = None) -> Remembered | None:
    """What this browser remembers; one query where its cookie is genuine, none without."""
    handle = _handle_of(request)
    if not handle:
        return None
    living = RememberedNumber.objects.filter(digest=_digest(handle), since__gt=(now or timezone.now()) - LIFETIME)
    client_code = living.values_list("device__owner__username", flat=True).first()
    # Only beside the device's own cookie: without it, guesses would not be the device's, and not end what it remembers.
    is_its_device = client_code is not None and known_devices.has_cookie(request, client_code)
    return Remembered(handle, client_code) if client_code and is_its_device else None


@sensitive_variables()
def by_form(request: HttpRequest, handle: str) -> Remembered | None:
    """The same for the handle that a form posts: it counts in the browser alone that holds it."""
    return by_cookie(request) if has_cookie(request, handle) else None


@sensitive_variables()
def has_cookie(request: HttpRequest, handle: str) -> bool:
    """Whether the browser has a cookie that we signed with this handle; whether it still lives is not asked."""
    held = _handle_of(request)
    return bool(held) and constant_time_compare(held, handle)


@sensitive_variables()
def keep(request: HttpRequest, response: HttpResponse, device: KnownDevice, now: datetime | None = None) -> None:
    """After a success on `device`, by its owner's wish, instead of what the browser remembered before."""
    # Of this device: with one form's cookie in two browsers, each of them remembers its own number.
    handle = browser.drawn_once(request, f"remembered number {device.pk.hex}")
    fresh = {"digest": _digest(handle), "since": now or timezone.now()}
    with transaction.atomic():
        # Held, so that whatever ends the device at this very moment ends this too.
        if KnownDevice.objects.select_for_update().filter(pk=device.pk).first() is None:
            return
        _forget(request)
        RememberedNumber.objects.update_or_create(device_id=device.pk, defaults=fresh)
    response.set_signed_cookie(
        COOKIE,
        handle,
        max_age=int(LIFETIME.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def forget(request: HttpRequest, response: HttpResponse) -> None:
    """« Oublier »: ends what this browser remembers, whosever it is."""
    _forget(request)
    response.delete_cookie(COOKIE, samesite="Strict")


def forget_own(request: HttpRequest, response: HttpResponse, owner: Owner) -> None:
    """The same where it is the number of `owner`, who says that the browser is not his."""
    known = by_cookie(request)
    if known and known.client_code == owner.username:
        forget(request, response)


def purge(now: datetime, advance: Callable[[int], None] = batched_deletes.unheard) -> int:
    """Deletes those whose cookie has expired, which their browsers no longer send."""
    return batched_deletes.delete(RememberedNumber.objects.filter(since__lte=now - LIFETIME), advance)


@sensitive_variables()
def _forget(request: HttpRequest) -> None:
    handle = _handle_of(request)
    if handle:
        RememberedNumber.objects.filter(digest=_digest(handle)).delete()


@sensitive_variables()
def _handle_of(request: HttpRequest) -> str:
    return request.get_signed_cookie(COOKIE, default="", max_age=LIFETIME) or ""


@sensitive_variables()
def _digest(handle: str) -> str:
    return keyed_hashes.hex_of("remembered number", handle)
