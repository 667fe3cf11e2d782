"""Passkeys: a key pair in somebody's device, whose public half we hold, signs our challenge for our address alone.

The device checks its holder first, by his finger, face or PIN. What it signs is worth nothing at any other address, so
a false site relays nothing. Source: W3C Web Authentication Level 3, 7.1 and 7.2; RTS 2018/389 art. 5 and 7.
"""

import base64
import hashlib
import json
import secrets
import struct
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django.conf import settings
from django.views.decorators.debug import sensitive_variables
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialParameters,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from auth_codes import strict_json

AT_MOST = 5
# ES256, EdDSA, RS256: what telephones, keys and Windows sign with. Older and longer ones gain nothing.
ALGORITHMS = (-7, -8, -257)
HANDLE_BYTES = 32
# Recommended where the holder is checked: he may have to look for his key, and for its PIN.
TIMEOUT_MS = 300_000
# An RSA key with its attestation has some 2,000 bytes; more is not read at all.
LONGEST = 20_000
# How browsers reach an authenticator, as far as we hand it back to them.
TRANSPORTS = ("usb", "nfc", "ble", "hybrid", "internal", "smart-card")
# What fido2 raises where bytes or their JSON are not of the form that they should have.
MALFORMED = (
    ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, struct.error,
    AssertionError, UnsupportedAlgorithm,
)  # fmt: skip


class PasskeyFault(StrEnum):
    """PasskeyFault what a passkey showed, or one that was to be added, is not accepted."""

    UNREADABLE = "unreadable"
    ELSEWHERE = "elsewhere"
    STALE = "stale"
    UNVERIFIED = "unverified"
    UNKNOWN = "unknown"
    REMOVED = "removed"
    WRONG = "wrong"
    COPIED = "copied"
    SYNCED = "synced"
    ALREADY = "already"


class Refused(Exception):
    """It is not accepted. Where it is no passkey's own doing, nothing of it was kept or spent."""

    def __init__(self, why: PasskeyFault):
        super().__init__(why.value)
        self.why = why


class Passkey(msgspec.Struct, frozen=True):
    """What a row seals: the handle drawn for its authenticator and, once that has answered, its name and public key."""

    handle: bytes
    credential: bytes = b""
    transports: tuple[str, ...] = ()
    is_synced: bool = False

    @property
    def name(self) -> bytes:
        """What the authenticator calls it."""
        return AttestedCredentialData(self.credential).credential_id


class Registered(NamedTuple):
    """A passkey that may be put into service, and how many signatures its authenticator says it has made."""

    passkey: Passkey
    sign_count: int


# The next three bear the names that browsers give to what they hand on.
class _Response(msgspec.Struct):
    clientDataJSON: str
    transports: list[str] = []


class _Answer(msgspec.Struct):
    """What is read before fido2 reads the whole: which passkey, and where."""

    rawId: str
    response: _Response


class _ClientData(msgspec.Struct):
    """What the browser says of itself, which the signature covers."""

    origin: str
    challenge: str
    crossOrigin: bool = False


def draw() -> bytes:
    """What a row seals before its authenticator has answered."""
    return written(Passkey(secrets.token_bytes(HANDLE_BYTES)))


@sensitive_variables()
def written(passkey: Passkey) -> bytes:
    """As it is sealed."""
    return msgspec.json.encode(passkey)


@sensitive_variables()
def read(sealed: bytes) -> Passkey:
    """What was sealed."""
    return strict_json.read(Passkey, sealed)


def host() -> str:
    """The one name at which passkeys serve: the first of ALLOWED_HOSTS. Changed, it makes all of them useless."""
    return next(iter(settings.ALLOWED_HOSTS), "").lstrip(".")


def digest_of(name: bytes) -> str:
    """By which no passkey is registered twice; names are drawn by authenticators, too long to be guessed."""
    return hashlib.sha256(b"passkey" + name).hexdigest()


@sensitive_variables()
def creation_options(passkey: Passkey, others: Sequence[Passkey], *, challenge: bytes, account: str) -> str:
    """What the browser is asked in order to make one, as JSON; none in an authenticator that has one of `others`."""
    options, _ = _server("").register_begin(
        PublicKeyCredentialUserEntity(id=passkey.handle, name=account, display_name=account),
        credentials=_descriptors(others),
        resident_key_requirement=ResidentKeyRequirement.DISCOURAGED,
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=challenge,
    )
    return json.dumps(dict(options.public_key))


@sensitive_variables()
def request_options(passkeys: Sequence[Passkey], *, challenge: bytes) -> str:
    """What the browser is asked in order to show one of them, as JSON."""
    options, _ = _server("").authenticate_begin(
        _descriptors(passkeys), user_verification=UserVerificationRequirement.REQUIRED, challenge=challenge
    )
    return json.dumps(dict(options.public_key))


@sensitive_variables()
def register(passkey: Passkey, text: str, *, challenge: bytes, origin: str) -> Registered:
    """The passkey that was made for `passkey`'s handle. Raises Refused."""
    answer, client_data = _read(text)
    _judge_place(client_data, challenge, origin)
    try:
        response = RegistrationResponse.from_dict(json.loads(text))
        _judge_flags(response.response.attestation_object.auth_data)
        made = _server(origin).register_complete(_state(challenge), response)
    except MALFORMED:
        raise Refused(PasskeyFault.UNREADABLE) from None
    credential = made.credential_data
    if credential is None or credential.credential_id != response.raw_id or not _is_ours(credential.public_key):
        raise Refused(PasskeyFault.UNREADABLE)
    transports = tuple(each for each in answer.response.transports if each in TRANSPORTS)
    whole = Passkey(passkey.handle, bytes(credential), transports, made.is_backup_eligible())
    return Registered(whole, made.counter)


@sensitive_variables()
def named_in(text: str) -> bytes:
    """The name of the passkey that an answer says it comes from. Raises Refused."""
    answer, _ = _read(text)
    return _decoded(answer.rawId)


@sensitive_variables()
def verify(passkey: Passkey, text: str, *, challenge: bytes, origin: str) -> int:
    """How many signatures it has made, 0 where it does not count, if it signed this challenge, for us. Raises Refused.

    Whether it was accepted before, and whether its count has risen, the caller judges.
    """
    _, client_data = _read(text)
    _judge_place(client_data, challenge, origin)
    credential = AttestedCredentialData(passkey.credential)
    try:
        response = AuthenticationResponse.from_dict(json.loads(text))
        data = response.response.authenticator_data
        _judge_flags(data)
    except MALFORMED:
        raise Refused(PasskeyFault.UNREADABLE) from None
    handle = response.response.user_handle
    # Whether it may be copied is said once for all, when it is made.
    if handle not in (None, b"", passkey.handle) or data.is_backup_eligible() != passkey.is_synced:
        raise Refused(PasskeyFault.WRONG)
    try:
        _server(origin).authenticate_complete(_state(challenge), [credential], response)
    except MALFORMED:
        raise Refused(PasskeyFault.WRONG) from None
    return int(data.counter)


def _server(origin: str) -> Fido2Server:
    bank = PublicKeyCredentialRpEntity(name=settings.BANK_NAME, id=host())
    server = Fido2Server(
        bank, attestation=AttestationConveyancePreference.NONE, verify_origin=lambda said: said == origin
    )
    server.timeout = TIMEOUT_MS  # type: ignore[assignment]  # it is None by default, and in milliseconds otherwise
    kind = PublicKeyCredentialType.PUBLIC_KEY
    server.allowed_algorithms = [PublicKeyCredentialParameters(type=kind, alg=each) for each in ALGORITHMS]
    return server


def _state(challenge: bytes) -> dict[str, str]:
    return {"challenge": websafe_encode(challenge), "user_verification": UserVerificationRequirement.REQUIRED}


def _descriptors(passkeys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor.from_dict(
            {"type": "public-key", "id": websafe_encode(each.name), "transports": list(each.transports) or None}
        )
        for each in passkeys
    ]


@sensitive_variables()
def _read(text: str) -> tuple[_Answer, _ClientData]:
    if len(text) > LONGEST:
        raise Refused(PasskeyFault.UNREADABLE)
    try:
        answer = strict_json.read(_Answer, text)
        return answer, strict_json.read(_ClientData, _decoded(answer.response.clientDataJSON))
    except strict_json.UnexpectedForm:
        raise Refused(PasskeyFault.UNREADABLE) from None


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise Refused(PasskeyFault.UNREADABLE) from None


def _judge_place(said: _ClientData, challenge: bytes, origin: str) -> None:
    if said.origin != origin or said.crossOrigin:
        raise Refused(PasskeyFault.ELSEWHERE)
    if not secrets.compare_digest(_decoded(said.challenge), challenge):
        raise Refused(PasskeyFault.STALE)


def _judge_flags(data: AuthenticatorData) -> None:
    if not secrets.compare_digest(data.rp_id_hash, hashlib.sha256(host().encode()).digest()):
        raise Refused(PasskeyFault.ELSEWHERE)
    if not (data.is_user_present() and data.is_user_verified()):
        raise Refused(PasskeyFault.UNVERIFIED)
    if data.is_backup_eligible() and not settings.SYNCED_PASSKEYS:
        raise Refused(PasskeyFault.SYNCED)


def _is_ours(key: CoseKey) -> bool:
    """Whether it signs by an algorithm that was asked for, and is a key of it: an odd one fails here, at no login."""
    if key.ALGORITHM not in ALGORITHMS:
        return False
    try:
        key.verify(b"", b"")
    except InvalidSignature:
        return True
    except MALFORMED:
        return False
    return False
