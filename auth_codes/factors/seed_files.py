"""The file in which a manufacturer hands over the keys of his tokens. Source: RFC 6030, read by python-pskc.

Whoever wrote the file is not trusted further than needed: it is refused as a whole where anything in it is not as the
bank asks for it, and nothing of it is kept then.
"""

import io
import re
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from django.views.decorators.debug import sensitive_variables
from pskc import PSKC
from pskc.exceptions import PSKCError
from pskc.key import Key
from pskc.policy import Policy

from auth_codes.factors import tokens, totp

MOST_BYTES = 50_000_000
# So long takes a password to be turned into a key; a hostile file would ask for days.
MOST_ITERATIONS = 10_000_000
# RFC 4226 4, R6; above 64 bytes HMAC shortens them.
LENGTHS = range(totp.SECRET_BYTES, 65)
# Random keys have fewer different bytes once in 10^12 of them.
FEWEST_DIFFERENT = 8
TOTP = "urn:ietf:params:xml:ns:keyprov:pskc:totp"
SHA1 = {None, "SHA1", "SHA-1", "HMAC-SHA1", "HMAC-SHA-1"}
CIPHERS = tuple(
    f"#{before}aes{bits}{after}" for bits in (128, 192, 256) for before, after in (("", "-cbc"), ("kw-", ""))
)
ENCODING = re.compile(rb"""<\?xml[^>]*\bencoding\s*=\s*["']([\w.-]+)""")
# What the library raises of a file that is damaged or not of this kind.
DAMAGED = (PSKCError, ValueError, TypeError, AttributeError, AssertionError, LookupError)


class SeedFault(Enum):
    """Why a file is refused."""

    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    IN_CLEAR = "in_clear"
    CIPHER = "cipher"
    UNPROVED = "unproved"
    WRONG_KEY = "wrong_key"
    EMPTY = "empty"
    SERIAL = "serial"
    ALGORITHM = "algorithm"
    DIGITS = "digits"
    STEP = "step"
    NOT_ALLOWED = "not_allowed"
    LENGTH = "length"
    WEAK = "weak"
    TWICE = "twice"
    SAME_KEY = "same_key"


class RefusedFile(Exception):
    """Why, and of which device: its serial number as the file says it, or its place among them."""

    def __init__(self, why: SeedFault, device: str = ""):
        super().__init__(why.value)
        self.why, self.device = why, device


class Seed(NamedTuple):
    """One device and its key."""

    serial: str
    secret: bytes


class SeedFile:
    """A file that was read, and waits for what opens it."""

    def __init__(self, content: bytes):
        """Raises RefusedFile."""
        self._file = _parsed(content)
        if not self._file.keys:
            raise RefusedFile(SeedFault.EMPTY)
        if any(_is_in_clear(key) for key in self._file.keys):
            raise RefusedFile(SeedFault.IN_CLEAR)
        _require_cipher(self._file)

    @property
    def asks_for_password(self) -> bool:
        """Whether a password opens it, and not a key in hexadecimal digits."""
        return self._file.encryption.derivation.algorithm is not None

    def __len__(self) -> int:
        return len(self._file.keys)

    @sensitive_variables()
    def seeds(self, key: str, now: datetime) -> Iterator[Seed]:
        """Each device with its key, in the order of the file. Raises RefusedFile, of the first that is not taken."""
        self._open_with(key)
        serials: set[str] = set()
        secrets: set[bytes] = set()
        for place, each in enumerate(self._file.keys, start=1):
            seed = _seed(each, place, now)
            if seed.serial in serials:
                raise RefusedFile(SeedFault.TWICE, seed.serial)
            if seed.secret in secrets:
                raise RefusedFile(SeedFault.SAME_KEY, seed.serial)
            serials.add(seed.serial)
            secrets.add(seed.secret)
            yield seed

    @sensitive_variables()
    def _open_with(self, key: str) -> None:
        encryption = self._file.encryption
        try:
            if self.asks_for_password:
                encryption.derive_key(key)
            else:
                encryption.key = bytes.fromhex(key)
        except DAMAGED:
            raise RefusedFile(SeedFault.WRONG_KEY) from None


def _parsed(content: bytes) -> PSKC:
    if len(content) > MOST_BYTES:
        raise RefusedFile(SeedFault.TOO_LARGE)
    try:
        # An entity may stand for a gigabyte, and no such file needs any.
        if any("<!" in text.replace("<!--", "") for text in _read(content)):
            raise RefusedFile(SeedFault.UNREADABLE)
        return PSKC(io.BytesIO(content))
    except DAMAGED:
        raise RefusedFile(SeedFault.UNREADABLE) from None


def _read(content: bytes) -> Iterator[str]:
    """As UTF-8, and in the encoding that it names, in which the same bytes may say something else."""
    yield content.decode()
    if named := ENCODING.match(content):
        yield content.decode(named[1].decode())


def _is_in_clear(key: Key) -> bool:
    """Whether anybody reads it: asked before anything is there to open it with."""
    try:
        return key.secret is not None
    except DAMAGED:
        return False


def _require_cipher(file: PSKC) -> None:
    algorithm = file.encryption.algorithm or ""
    if not algorithm.endswith(CIPHERS) or (file.encryption.derivation.pbkdf2_iterations or 0) > MOST_ITERATIONS:
        raise RefusedFile(SeedFault.CIPHER)
    # RFC 6030 6.2: without a MAC, whoever has carried the file may have changed keys in it.
    tree = file.signature.tree
    proofs = sum(1 for each in tree.iter() if str(each.tag).endswith("ValueMAC")) if tree is not None else 0
    if algorithm.endswith("-cbc") and (not file.mac.algorithm or proofs < len(file.keys)):
        raise RefusedFile(SeedFault.UNPROVED)


@sensitive_variables()
def _seed(key: Key, place: int, now: datetime) -> Seed:
    serial = tokens.normalise(key.serial or "")
    if not tokens.is_serial(serial):
        raise RefusedFile(SeedFault.SERIAL, f"{place}")
    why = _why_not_taken(key, now)
    if why:
        raise RefusedFile(why, serial)
    secret = _opened(key, serial)
    if len(secret) not in LENGTHS:
        raise RefusedFile(SeedFault.LENGTH, serial)
    if _is_weak(secret):
        raise RefusedFile(SeedFault.WEAK, serial)
    return Seed(serial, secret)


def _why_not_taken(key: Key, now: datetime) -> SeedFault | None:
    """Judged before its key is opened, but for the length of a step, which may be sealed too."""
    if key.algorithm != TOTP or (key.algorithm_suite and key.algorithm_suite.upper()) not in SHA1:
        return SeedFault.ALGORITHM
    if key.response_length != totp.DIGITS or key.response_encoding not in (None, "DECIMAL") or key.response_check:
        return SeedFault.DIGITS
    return None if key.policy.may_use(Policy.KEY_USE_OTP, now) else SeedFault.NOT_ALLOWED


@sensitive_variables()
def _opened(key: Key, serial: str) -> bytes:
    try:
        secret, seconds = key.secret, key.time_interval
    except DAMAGED:
        raise RefusedFile(SeedFault.WRONG_KEY, serial) from None
    if seconds not in (None, totp.STEP_SECONDS):
        raise RefusedFile(SeedFault.STEP, serial)
    if not isinstance(secret, bytes):
        raise RefusedFile(SeedFault.LENGTH, serial)
    return secret


@sensitive_variables()
def _is_weak(secret: bytes) -> bool:
    """Whether somebody has typed it or counted it up: an example of a standard, a test of the factory."""
    steps = {(after - before) % 256 for before, after in pairwise(secret)}
    return (
        len(set(secret)) < FEWEST_DIFFERENT or len(steps) == 1 or (secret.isascii() and secret.decode().isprintable())
    )
