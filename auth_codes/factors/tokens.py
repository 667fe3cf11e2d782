"""The token that the bank lends to whoever has no smartphone: a device that shows the numbers of an authenticator app.

An advisor hands it over and lends it to one client, who alone puts it into use, by his code secret and two numbers:
what the bank does gives nobody anything. One loan is one moyen: once that has ended, the device comes back. What came
back may be lent again, since no device shows its key; what was lost or broken never is, and its key is gone.

Its clock is its own and goes wrong by some seconds a month: how far is learned from what is shown, a little each time.
"""

from datetime import datetime
from enum import Enum

from django.db import transaction
from django.db.models import Max
from django.views.decorators.debug import sensitive_variables

from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.crypto.sealing import SealError
from auth_codes.factors import totp
from auth_codes.models import Factor, SecurityEvent, Token
from auth_codes.models.tokens import SERIAL_LENGTH
from auth_codes.owner import Owner
from auth_codes.prepared import KEY, Prepared

# In half minutes: how far a number alone teaches, and how far two in a row do.
LEARNED = 20
FAR = 60
LENT_TO = Prepared(lambda owner: Token.objects.filter(lent_to=owner)[:1], owner=KEY)
State = Token.State


class NoSuchToken(Exception):
    """The bank has no token of this serial number."""


class NotInStock(Exception):
    """It is lent to somebody else, or is used no more."""


class NotSealed(Exception):
    """Its row is not what the bank has written: it opens nothing."""


class HasToken(Exception):
    """He has borrowed one already."""


class NothingLent(Exception):
    """No token waits to be put into use by him."""


class StillShown(Exception):
    """A moyen of his still is this token: it ends first, by himself or by two advisors."""


class Back(Enum):
    """How a loan ends."""

    RETURNED = "returned"
    LOST = "lost"
    BROKEN = "broken"


def normalise(serial: str) -> str:
    """As it is stored: capitals, without spaces and dashes, which a device shows or not."""
    return "".join(serial.split()).replace("-", "").upper()


def is_serial(serial: str) -> bool:
    """Whether this, normalised, may be the number of a device."""
    return 0 < len(serial) <= SERIAL_LENGTH and serial.isascii() and serial.isalnum()


def of(owner: Owner) -> Token | None:
    """The one that he has borrowed."""
    token = LENT_TO.first(owner=owner.pk)
    if token:
        token.lent_to = owner
    return token


def lend(owner: Owner, serial: str, *, by: Actor, now: datetime) -> Token:
    """Lends him the one of this number; a second click finds it lent.

    Raises NoSuchToken, NotInStock, HasToken or NotSealed.
    """
    with transaction.atomic():
        owners.lock(owner)
        token = _locked(serial)
        if token.lent_to == owner and token.state == State.LENT:
            return token
        if of(owner):
            raise HasToken
        if token.state != State.STOCK:
            raise NotInStock
        _move(token, State.LENT, owner, now)
        journal.record(SecurityEvent.Kind.TOKEN_LENT, owner=owner, by=by, details={"serial": token.serial})
    return token


def take_back(owner: Owner, how: Back, *, by: Actor, now: datetime) -> None:
    """Ends his loan: the device is in stock again, or withdrawn for ever.

    Raises NothingLent, StillShown or NotSealed.
    """
    with transaction.atomic():
        owners.lock(owner)
        token = of(owner)
        if token is None:
            raise NothingLent
        if token.factors.active().exists():
            raise StillShown
        token.factors.exclude(state=Factor.State.ENDED).delete()
        token = _locked(token.serial)
        if how == Back.RETURNED:
            _move(token, State.STOCK, None, None)
        else:
            _withdraw(token)
        details = {"serial": token.serial, "back": how.value}
        journal.record(SecurityEvent.Kind.TOKEN_BACK, owner=owner, by=by, details=details)


def to_activate(owner: Owner) -> Token:
    """The one that waits to be put into use by him. Raises NothingLent."""
    token = of(owner)
    if token is None or token.state != State.LENT:
        raise NothingLent
    return token


def put_in_use(token: Token) -> None:
    """Notes that its borrower has activated it, in the transaction and under the lock of that. Raises NothingLent."""
    token = _locked(token.serial)
    if token.state != State.LENT:
        raise NothingLent
    _move(token, State.IN_USE, token.lent_to, token.lent_at)


def forget_borrower(owner: Owner) -> None:
    """What he never brought back is withdrawn, once the bank has to forget who he was."""
    token = of(owner)
    if token:
        _withdraw(token)


@sensitive_variables()
def steps_of_two(factor: Factor, secret: bytes, first: str, second: str, now: datetime) -> dict[str, int] | None:
    """What two numbers in a row say: the half minute of the second, and the drift. None where they are not two of it.

    Of all loans of the device together, no half minute serves twice.
    """
    step = totp.step_of_two(secret, first, second, now, before=FAR, after=FAR)
    if step is None or step <= _latest_of(factor):
        return None
    return {"last_step": step, "drift": step - totp.step_at(now)}


@sensitive_variables()
def steps_of(factor: Factor, code: str, now: datetime) -> dict[str, int] | None:
    """The same, of what was shown: one number near its known drift or, to set that anew, two in a row: 12 digits."""
    secret = factor.unseal()
    if len(code) == 2 * totp.DIGITS:
        return steps_of_two(factor, secret, code[: totp.DIGITS], code[totp.DIGITS :], now)
    step = totp.step_of(secret, code, now, factor.drift)
    return None if step is None else {"last_step": step, "drift": _learned(factor.drift, step - totp.step_at(now))}


def _learned(known: int, seen: int) -> int:
    """The drift after a number that was `seen` so far ahead: a device that goes wrong for ever is not followed."""
    return seen if abs(seen) <= max(LEARNED, abs(known)) else known


def _latest_of(factor: Factor) -> int:
    same = Factor.objects.filter(token=factor.token_id)
    return same.aggregate(latest=Max("last_step"))["latest"] or factor.last_step


def _locked(serial: str) -> Token:
    try:
        found = Token.objects.select_for_update(of=("self",)).select_related("lent_to").get(serial=serial)
    except Token.DoesNotExist:
        raise NoSuchToken from None
    return found


@sensitive_variables()
def _move(token: Token, state: Token.State, borrower: Owner | None, lent_at: datetime | None) -> None:
    """Sealed anew, as it is from now on. Raises NotSealed."""
    try:
        secret = token.unseal()
    except SealError:
        raise NotSealed from None
    token.state, token.lent_to, token.lent_at = state, borrower, lent_at
    token.seal(secret)
    token.save(update_fields=["state", "lent_to", "lent_at", *Token.SEALED])


def _withdraw(token: Token) -> None:
    token.state, token.lent_to, token.lent_at, token.ciphertext = State.WITHDRAWN, None, None, None
    token.save(update_fields=["state", "lent_to", "lent_at", "ciphertext"])
