"""Drawing, checking and replacing secret codes."""

import hmac
import logging
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes import costs, hashing, journal, notices, resealing
from auth_codes.hashing import Cost
from auth_codes.models import Notice, SealedLetter, SecretCode, SecurityEvent
from auth_codes.sealing import SealError
from auth_codes.weakness import CODE_LENGTH, PersonalData, why_weak

log = logging.getLogger(__name__)

EARLIER_CODES_KEPT = 3
STAND_IN_HASH = bytes(hashing.HASH_BYTES)


class WrongCurrentCode(Exception):
    """The code typed as the current one is not."""


class CodeInUse(Exception):
    """The code chosen is the present one or one of the three before it."""


class CodeChangedMeanwhile(Exception):
    """Another request replaced the present code first."""


class SessionEnded(Exception):
    """Another request ended all sessions of the owner, this one among them."""


class HashedCode(NamedTuple):
    """A code on its way to a row: hashed, with what the hash was computed from."""

    hashed: bytes
    salt: bytes
    cost: Cost

    def __repr__(self):
        return "<HashedCode>"  # six digits are soon found from their hash and salt


@sensitive_variables("code")
def draw(personal: PersonalData) -> str:
    """Six digits from the CSPRNG that this person may use: a code attributed is itself not weak."""
    while True:
        code = "".join(secrets.choice("0123456789") for _ in range(CODE_LENGTH))
        if why_weak(code, personal) is None:
            return code


@sensitive_variables()
def hash_for(owner: AbstractBaseUser, code: str) -> HashedCode:
    """Hashes a new code with the salt that this owner's codes share, so that one computation meets all of them."""
    cost = hashing.present_cost()
    stored = SecretCode.objects.filter(owner_id=owner.pk, **cost._asdict()).values_list("salt", flat=True)
    whole = (bytes(salt) for salt in stored if len(salt) == hashing.SALT_BYTES)
    salt = next(whole, None) or secrets.token_bytes(hashing.SALT_BYTES)
    return HashedCode(hashing.argon2id(code, salt, cost), salt, cost)


@sensitive_variables()
def is_right(candidate: SecretCode | None, client_code: str, code: str, now: datetime) -> bool:
    """Whether `code` is the one stored in `candidate`; each cost in use is computed once, also when there is none.

    A row that cannot be opened (key lost or wrong, row altered or moved) is an ordinary refusal for the customer and
    an error in the log for the operator.
    """
    candidate = candidate or _stand_in(client_code)
    stored = _unsealed(candidate)
    if stored is None:
        candidate = _stand_in(client_code)  # its own salt or cost may be none that Argon2 computes
    hashed = _hashed_like(candidate, client_code, code)
    equal = hmac.compare_digest(hashed, stored or STAND_IN_HASH)
    return equal and not candidate.has_expired(now)


@sensitive_variables()
def _hashed_like(candidate: SecretCode, client_code: str, code: str) -> bytes:
    """The hash that `candidate` is compared with; computed beside it, for nothing, are the other costs in use.

    So the time tells neither who exists nor whose code is still of an earlier cost.
    """
    if candidate.cost not in costs.in_use() and costs.register(candidate.cost):
        log.warning("Secret code %s has the cost %s, which was not registered", candidate.id, tuple(candidate.cost))
    salts = dict.fromkeys(costs.in_use(), hashing.stand_in_salt(client_code)) | {candidate.cost: bytes(candidate.salt)}
    return {cost: hashing.argon2id(code, salt, cost) for cost, salt in salts.items()}[candidate.cost]


@sensitive_variables()
def upgrade(candidate: SecretCode, code: str) -> None:
    """After a success, brings the row to the present cost: the code is at hand now, and will not be before the next.

    The row keeps its id; one that was changed meanwhile is left alone. The customer is let in whatever happens here.
    """
    if candidate.cost == hashing.present_cost():
        return
    try:
        hashed = hash_for(candidate.owner, code)
        costs.register(hashed.cost)
        resealing.replace([candidate], [resealing.sealed_anew(candidate, *hashed)])
    except (hashing.HashingFailed, DatabaseError) as error:
        log.warning("Secret code %s keeps its earlier cost for now: %s", candidate.id, type(error).__name__)


def _stand_in(client_code: str) -> SecretCode:
    """A row that no code opens, for a number that has none: hashing, opening and comparing take the same time."""
    return SecretCode.sealed(
        secrets.token_bytes(hashing.HASH_BYTES),
        cost=hashing.present_cost(),
        salt=hashing.stand_in_salt(client_code),
        owner=get_user_model()(username=client_code),
        role=SecretCode.Role.PRESENT,
        kind=SecretCode.Kind.PERSONAL,
    )


@sensitive_variables()
def _unsealed(row: SecretCode) -> bytes | None:
    try:
        return row.unseal()
    except SealError as error:
        log.error("Secret code %s cannot be opened: %s", row.id, error)
        return None


def living_codes(client_code: str) -> list[SecretCode]:
    """The codes, with owner and letter, that may log in under this number: one, two during a renewal, or none.

    One query, asked alike for a number that nobody holds.
    """
    codes = SecretCode.objects.living().filter(owner__username=client_code)
    return list(codes.select_related("owner", "letter__batch"))


def candidate_among(codes: list[SecretCode], letter_digest: str = "") -> SecretCode | None:
    """The one code that an attempt is compared with: the present one or, under its letter's number, that letter's."""
    if letter_digest:
        return next((code for code in codes if code.letter and code.letter.number_digest == letter_digest), None)
    return next((code for code in codes if code.role == SecretCode.Role.PRESENT), None)


def present_code(owner: AbstractBaseUser) -> SecretCode | None:
    """The code in use; None for staff."""
    return candidate_among(living_codes(owner.username))


@sensitive_variables()
def personalise(
    owner: AbstractBaseUser,
    code: str,
    *,
    replacing: SecretCode,
    request=None,
    alongside: Callable[[], object] | None = None,
) -> None:
    """Replaces the present code by one that the owner chose, ends his other sessions, and tells him by e-mail.

    `code` has passed `why_weak`; `replacing` is the row that the current code was just checked against; `alongside`
    is what else he asked for, done in the same transaction.
    Raises CodeInUse, or CodeChangedMeanwhile when another request was faster.
    """
    hashed = hash_for(owner, code)
    if _was_used(owner, code, hashed):
        # The code in use may be this very one, stored a moment ago by the first click of a double click.
        is_still_present = owner.secret_codes.present().filter(id=replacing.id).exists()
        raise CodeInUse if is_still_present else CodeChangedMeanwhile
    with transaction.atomic():
        lock(owner)
        retire(owner, replacing)
        insert(owner, hashed, SecretCode.Kind.PERSONAL)
        SealedLetter.objects.filter(pk=replacing.letter_id).update(personalised_at=timezone.now())
        end_sessions(owner)
        journal.record(SecurityEvent.Kind.CODE_CHANGED, owner=owner, by=owner, request=request)
        notices.tell_owner(Notice.Kind.CODE_CHANGED, owner, request=request)
        if alongside:
            alongside()


def lock(owner: AbstractBaseUser) -> None:
    """Until the end of the transaction nobody else replaces a code of this owner: whoever does begins here."""
    _locked(owner)


def lock_in_session(owner: AbstractBaseUser) -> None:
    """The same for an act of a session, which `owner` was loaded for. Raises SessionEnded.

    Without it a request already under way would carry its session over the very act that ended all sessions.
    """
    if _locked(owner).password != owner.password:
        raise SessionEnded


def _locked(owner: AbstractBaseUser) -> AbstractBaseUser:
    users = get_user_model()._default_manager
    return users.select_for_update(of=("self",), no_key=True).get(pk=owner.pk)


def end_sessions(owner: AbstractBaseUser) -> None:
    """Ends every session of the owner: they are bound to User.password, which is made afresh (ASVS 7.4.3)."""
    owner.set_unusable_password()
    owner.save(update_fields=["password"])


@sensitive_variables()
def _was_used(owner: AbstractBaseUser, code: str, hashed: HashedCode) -> bool:
    """Whether `code` is one of those stored; `hashed` is what it gives with the salt that most of them share.

    Those of an earlier cost have a salt of their own, and cost one computation more.
    """
    computed = {(hashed.salt, hashed.cost): hashed.hashed}
    for row in owner.secret_codes.select_related("owner"):
        known, parameters = _unsealed(row), (bytes(row.salt), row.cost)
        if known is None:
            continue
        if parameters not in computed:
            computed[parameters] = hashing.argon2id(code, *parameters)
        if hmac.compare_digest(computed[parameters], known):
            return True
    return False


@sensitive_variables()
def retire(owner: AbstractBaseUser, present: SecretCode) -> None:
    """Makes the present code an earlier one; the three latest are kept. Raises CodeChangedMeanwhile."""
    deleted, _ = SecretCode.objects.filter(id=present.id, role=SecretCode.Role.PRESENT).delete()
    if not deleted:
        raise CodeChangedMeanwhile
    known = _unsealed(present)
    if known:
        insert(
            owner,
            HashedCode(known, bytes(present.salt), present.cost),
            present.kind,
            role=SecretCode.Role.PAST,
            created_at=present.created_at,
        )
    past = owner.secret_codes.filter(role=SecretCode.Role.PAST).order_by("-created_at", "-id")
    kept = list(past.values_list("id", flat=True)[:EARLIER_CODES_KEPT])
    past.exclude(id__in=kept).delete()


@sensitive_variables()
def insert(
    owner: AbstractBaseUser,
    hashed: HashedCode,
    kind: str,
    *,
    role: str = SecretCode.Role.PRESENT,
    letter: SealedLetter | None = None,
    created_at: datetime | None = None,
) -> SecretCode:
    """Seals and stores one code in its role."""
    row = SecretCode.sealed(
        hashed.hashed,
        cost=hashed.cost,
        salt=hashed.salt,
        owner=owner,
        role=role,
        kind=kind,
        letter=letter,
        created_at=created_at or timezone.now(),
    )
    row.save(force_insert=True)
    if role != SecretCode.Role.PAST:
        costs.register(hashed.cost)
    return row
