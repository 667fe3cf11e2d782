"""Putting a code, hashed or sealed anew, in the place of what was read: the one way in which a stored code is updated.

Each update holds only while the row is what was read. So a key rotation, a second one beside it, a rise of the cost
and a customer who changes his code may all meet at one row: the first one wins, the others change nothing.
"""

from collections.abc import Sequence

from django.db import connection
from django.db.models import Model

from auth_codes.hashing import Cost
from auth_codes.models import SecretCode

CHANGED = (*Cost._fields, "salt", "format_version", "key_id", "nonce", "ciphertext")
READ = ("id", "key_id", "nonce")
UPDATE = (
    f"UPDATE {SecretCode._meta.db_table} SET {', '.join(f'{name} = %s' for name in CHANGED)} "  # noqa: S608 - names of ours
    f"WHERE {' AND '.join(f'{name} = %s' for name in READ)}"
)


def sealed_anew(row: SecretCode, hashed: bytes, salt: bytes, cost: Cost) -> SecretCode:
    """An unsaved row for the place of `row`: `hashed`, sealed under the first key with the same binding."""
    return SecretCode.sealed(hashed, cost=cost, salt=salt, id=row.id, owner=row.owner, role=row.role)


def replace(read: Sequence[SecretCode], anew: Sequence[SecretCode]) -> int:
    """Stores each row of `anew` over the one of `read` at its place, where that still stands; says how many did."""
    parameters = [_adapted(new, CHANGED) + _adapted(old, READ) for old, new in zip(read, anew, strict=True)]
    if not parameters:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(UPDATE, parameters)
        return cursor.rowcount


def _adapted(row: Model, names: Sequence[str]) -> list:
    fields = [row._meta.get_field(name) for name in names]
    return [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
