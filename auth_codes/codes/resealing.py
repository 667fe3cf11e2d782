"""Putting a code, hashed or sealed anew, in the place of what was read: the one way in which a stored code is updated.

Each update holds only while the row is what was read. So a key rotation, a second one beside it, a rise of the cost
and a customer who changes his code may all meet at one row: the first one wins, the others change nothing.
"""

from collections.abc import Sequence

from django.db import DEFAULT_DB_ALIAS, connections
from django.views.decorators.debug import sensitive_variables

from auth_codes.crypto.hashing import Cost
from auth_codes.models import SecretCode

UPDATE = """
    UPDATE auth_codes_secretcode
    SET memory_kib = %s, iterations = %s, parallelism = %s, salt = %s,
        format_version = %s, key_id = %s, nonce = %s, ciphertext = %s
    WHERE id = %s AND key_id = %s AND nonce = %s
"""
CHANGED = ("memory_kib", "iterations", "parallelism", "salt", "format_version", "key_id", "nonce", "ciphertext")
READ = ("id", "key_id", "nonce")


@sensitive_variables()
def sealed_anew(row: SecretCode, hashed: bytes, salt: bytes, cost: Cost) -> SecretCode:
    """An unsaved row for the place of `row`: `hashed`, sealed under the first key with the same binding."""
    return SecretCode.sealed(hashed, cost=cost, salt=salt, id=row.id, owner=row.owner, role=row.role)


def replace(read: Sequence[SecretCode], anew: Sequence[SecretCode]) -> int:
    """Stores each row of `anew` over the one of `read` at its place, where that still stands; says how many did."""
    database = connections[DEFAULT_DB_ALIAS]  # not its proxy, which a rotation would go through a million times
    columns = {field.name: field for field in SecretCode._meta.concrete_fields}
    changed, as_read = ([columns[name] for name in names] for names in (CHANGED, READ))
    parameters = [
        [field.get_db_prep_save(getattr(row, field.name), database) for row, fields in pair for field in fields]
        for pair in ([(new, changed), (old, as_read)] for old, new in zip(read, anew, strict=True))
    ]
    if not parameters:
        return 0
    with database.cursor() as cursor:
        cursor.executemany(UPDATE, parameters)
        return int(cursor.rowcount)
