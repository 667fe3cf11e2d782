"""A code as it is stored: hashed with its owner's salt, sealed, and opened again."""

import logging
import secrets
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes.codes import costs
from auth_codes.crypto import hashing
from auth_codes.crypto.hashing import Cost
from auth_codes.crypto.sealing import SealError
from auth_codes.models import SealedLetter, SecretCode
from auth_codes.owner import Owner

log = logging.getLogger(__name__)


class HashedCode(NamedTuple):
    """A code on its way to a row: hashed, with what the hash was computed from."""

    hashed: bytes
    salt: bytes
    cost: Cost

    def __repr__(self) -> str:
        return "<HashedCode>"  # six digits are soon found from their hash and salt


@sensitive_variables()
def hash_for(owner: Owner, code: str) -> HashedCode:
    """Hashes a new code with the salt that this owner's codes share, so that one computation meets all of them."""
    cost = hashing.present_cost()
    stored = SecretCode.objects.filter(owner_id=owner.pk, **cost._asdict()).values_list("salt", flat=True)
    whole = (bytes(salt) for salt in stored if len(salt) == hashing.SALT_BYTES)
    salt = next(whole, None) or secrets.token_bytes(hashing.SALT_BYTES)
    return HashedCode(hashing.argon2id(code, salt, cost), salt, cost)


@sensitive_variables()
def unsealed(row: SecretCode) -> bytes | None:
    """The hash in a row; None, and a line in the log, where the row cannot be opened."""
    try:
        return row.unseal()
    except SealError as error:
        log.error("Secret code %s cannot be opened: %s", row.id, error)
        return None


@sensitive_variables()
def insert(
    owner: Owner,
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
