"""Sealing every stored code anew under the first key, while customers log in and change codes.

A batch is one short transaction: a run that was killed has finished whole batches, and the next one finds only what
remains. Rows that somebody holds are skipped and found by the next pass, never waited for: a customer's change locks
several rows of his, and two who wait for each other would end in a deadlock.
"""

import logging
import time
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count

from auth_codes.codes import resealing
from auth_codes.crypto.sealing import SealError
from auth_codes.models import SecretCode, SecretCodeQuerySet

log = logging.getLogger(__name__)

BATCH = 500
# A server that still seals under another key makes each pass find something: that is said, not waited for.
MOST_PASSES = 20
PAUSE_SECONDS = 0.5
READ = ("role", "memory_kib", "iterations", "parallelism", "salt", "format_version", "key_id", "nonce", "ciphertext")
BEFORE_ALL = UUID(int=0)


class Rotation(NamedTuple):
    """What a run did: rows sealed anew, the ids of those that it could not open, rows left under each missing key."""

    rotated: int
    unreadable: frozenset[UUID]
    under_missing_keys: dict[str, int]


class _Batch(NamedTuple):
    last: UUID
    rotated: int
    unreadable: dict[UUID, str]


def waiting() -> SecretCodeQuerySet:
    """The codes, living and past, that are not sealed under the first key."""
    return SecretCode.objects.exclude(key_id=next(iter(settings.SECRET_CODE_KEYS)))


def openable() -> SecretCodeQuerySet:
    """Those of them whose key is among the settings."""
    return waiting().filter(key_id__in=settings.SECRET_CODE_KEYS)


def rows_under_other_keys() -> dict[str, int]:
    """How many codes wait under each key id: none need the keys that are not named here."""
    return dict(waiting().order_by("key_id").values_list("key_id").annotate(Count("id")))


def rows_under_missing_keys() -> dict[str, int]:
    """How many of them wait for each key that is not among the settings."""
    return {key: rows for key, rows in rows_under_other_keys().items() if key not in settings.SECRET_CODE_KEYS}


def rotate(advance: Callable[[int], None]) -> Rotation:
    """Passes over what waits until a pass leaves nothing that can be opened; `advance` is told how many were read.

    What cannot be opened is passed once, named in the log by its id, and stays as it is; what waits for a missing key
    is not even read, and the log names that key once.
    """
    rotated, unreadable = 0, frozenset[UUID]()
    for _ in range(MOST_PASSES):
        moved, unreadable = _one_pass(advance, known=unreadable)
        rotated += moved
        if openable().count() <= len(unreadable):
            break
        if not moved:
            time.sleep(PAUSE_SECONDS)  # somebody holds what is left, for no longer than his transaction
    return Rotation(rotated, unreadable, _say_missing_keys())


def _say_missing_keys() -> dict[str, int]:
    missing = rows_under_missing_keys()
    for key_id, rows in missing.items():
        log.error("%d secret codes stay as they are: the key %r is not among SECRET_CODE_KEYS", rows, key_id)
    return missing


def _one_pass(advance: Callable[[int], None], known: frozenset[UUID]) -> tuple[int, frozenset[UUID]]:
    """How many rows were sealed anew, and which could not be opened; the log already names the `known` ones."""
    rotated, unreadable, last = 0, set(), BEFORE_ALL
    while batch := _one_batch(after=last):
        for row_id, reason in batch.unreadable.items():
            unreadable.add(row_id)
            if row_id not in known:
                log.error("Secret code %s cannot be sealed anew: %s", row_id, reason)
        advance(batch.rotated)
        rotated, last = rotated + batch.rotated, batch.last
    return rotated, frozenset(unreadable)


def _one_batch(after: UUID) -> _Batch | None:
    """Seals anew, in one transaction, the rows that come next by id; None when there is none."""
    with transaction.atomic():
        free = openable().select_for_update(of=("self",), skip_locked=True)
        read = free.select_related("owner").only(*READ, "owner__username", "owner__code_generation")
        rows = list(read.filter(id__gt=after).order_by("id")[:BATCH])
        if not rows:
            return None
        anew, unreadable = {}, {}
        for row in rows:
            try:
                anew[row] = resealing.sealed_anew(row, row.unseal(), bytes(row.salt), row.cost)
            except SealError as error:
                unreadable[row.id] = str(error)
        return _Batch(rows[-1].id, resealing.replace(list(anew), list(anew.values())), unreadable)
