"""The sealed hashes of staff passwords, while the sealing keys change."""

import logging
from collections import Counter
from collections.abc import Callable

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet

from auth_codes.codes import bindings
from auth_codes.crypto import sealed_hasher
from auth_codes.crypto.sealing import SealError
from auth_codes.owner import Owner

log = logging.getLogger(__name__)


def rows_by_key(database: str = DEFAULT_DB_ALIAS) -> Counter[str]:
    """How many stand under each key id, today's included."""
    return Counter(map(sealed_hasher.key_of, _sealed().using(database).values_list("password", flat=True)))


def seal_anew(advance: Callable[[int], None]) -> int:
    """Seals each under today's key and binds it; says how many. Whoever works at the desk has to log in again.

    One that cannot be opened stays as it is, and the log names its owner; so does one that a stranger's hand has put
    there. What waits for a missing key is not even read: `check --database` names that key.
    """
    done, earlier = 0, list(settings.SECRET_CODE_KEYS)[1:]
    for owner in _sealed().order_by("pk").iterator():
        if sealed_hasher.key_of(owner.password) in earlier:
            done += _one(owner)
            advance(1)
    return done


def _one(owner: Owner) -> int:
    try:
        hashed = sealed_hasher.anew(owner.password)
    except SealError as error:
        log.error("The hash of staff member %s cannot be sealed anew: %s", owner.pk, error)
        return 0
    return bindings.replace_hash(owner, hashed)


def _sealed() -> QuerySet[Owner]:
    sealed = f"{sealed_hasher.ALGORITHM}$"
    return bindings.owners_with_bound().filter(is_staff=True, password__startswith=sealed)
