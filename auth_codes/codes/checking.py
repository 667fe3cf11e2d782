"""Finding the code an attempt is compared with, and comparing: as long for a number that nobody holds."""

import hmac
import logging
import secrets
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import DatabaseError
from django.db.models import Exists, OuterRef, QuerySet
from django.views.decorators.debug import sensitive_variables

from auth_codes.codes import costs, resealing, stored
from auth_codes.crypto import hashing
from auth_codes.models import Factor, SecretCode
from auth_codes.owner import Owner
from auth_codes.prepared import TEXT, Blank, Prepared

log = logging.getLogger(__name__)

STAND_IN_HASH = bytes(hashing.HASH_BYTES)


@sensitive_variables()
def is_right(candidate: SecretCode | None, client_code: str, code: str, now: datetime) -> bool:
    """Whether `code` is the one stored in `candidate`; each cost in use is computed once, also when there is none.

    A row that cannot be opened (key lost or wrong, row altered or moved) is an ordinary refusal for the customer and
    an error in the log for the operator.
    """
    candidate = candidate or _stand_in(client_code)
    known = stored.unsealed(candidate)
    if known is None:
        candidate = _stand_in(client_code)  # its own salt or cost may be none that Argon2 computes
    hashed = _hashed_like(candidate, client_code, code)
    equal = hmac.compare_digest(hashed, known or STAND_IN_HASH)
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
        hashed = stored.hash_for(candidate.owner, code)
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


def living_codes(client_code: str) -> list[SecretCode]:
    """The codes, with owner and letter, that may log in under this number: one, two during a renewal, or none.

    One query, asked alike for a number that nobody holds; each knows whether a lock stands, as of the same moment as
    its owner's row: a session that begins in between is bound to a password that the lock has made anew.
    """
    return LIVING.ask(client_code=client_code)


def _living(client_code: Blank) -> QuerySet[SecretCode]:
    codes = SecretCode.objects.living().with_lock().filter(owner__username=client_code)
    bound = f"owner__{get_user_model().BOUND_THROUGH}"
    has_factor = {"has_factor": Exists(Factor.objects.active().filter(owner=OuterRef("owner")))}
    return codes.select_related("owner", bound, "owner__code_reminder", "letter__batch").annotate(**has_factor)


LIVING = Prepared(_living, client_code=TEXT)


def candidate_among(codes: list[SecretCode], letter_digest: str = "") -> SecretCode | None:
    """The one code that an attempt is compared with: the present one or, under its letter's number, that letter's."""
    if letter_digest:
        return next((code for code in codes if code.letter and code.letter.number_digest == letter_digest), None)
    return next((code for code in codes if code.role == SecretCode.Role.PRESENT), None)


def present_code(owner: Owner) -> SecretCode | None:
    """The code in use; None for staff."""
    return candidate_among(living_codes(owner.username))
