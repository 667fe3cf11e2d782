"""How a client's online space stands, for who has him on the telephone: dates and counts, never a code."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from accounts.models import Client, User
from auth_codes import browser, wording
from auth_codes.devices import last_connection
from auth_codes.lockout import counters
from auth_codes.lockout.counters import Standing
from auth_codes.models import KnownDevice, SecretCode
from auth_codes.renewals import closing

NO_SPACE, NO_CODE = "non créé", "sans code secret"
NOTHING_FAILED = Standing(0, None)


class Login(NamedTuple):
    """The last one: when, and by which kind of browser."""

    at: datetime
    device: str


class SpaceState(NamedTuple):
    """`words` says whether the space is open; `standing` is that of the unknown devices, which strangers use."""

    words: str
    is_open: bool
    standing: Standing
    last_login: Login | None
    devices: Sequence[KnownDevice]


def state_of(client: Client, now: datetime) -> SpaceState | None:
    """None of whoever has no online space."""
    if client.user is None:
        return None
    counter = counters.client_counter(client.user.username)
    last = last_connection.logins(client.user).first()
    present = SecretCode.objects.present().select_related("letter__batch").filter(owner=client.user).first()
    return SpaceState(
        words=in_words(client.user, present, now),
        is_open=present is not None and not present.is_default,
        standing=counters.standings([counter], now).get(counter.key, NOTHING_FAILED),
        last_login=Login(last.at, browser.describe(last.user_agent)) if last else None,
        devices=list(client.user.known_devices.all()),
    )


def in_words(user: User, present: SecretCode | None, now: datetime) -> str:
    """Whether the space is open, by which kind of code, as one phrase."""
    if present is None:
        return _without_code(user)
    if not present.is_default:
        return "ouvert, code personnel"
    if present.has_expired(now):
        return "code provisoire expiré"
    if present.letter and present.letter.first_used_at:
        return "code provisoire utilisé, code personnel pas encore choisi"
    return "code provisoire, pas encore utilisé"


def _without_code(user: User) -> str:
    closed = closing.last_closing(user)
    return f"{closed.get_kind_display()} ({wording.moment(closed.at)})" if closed else NO_CODE
