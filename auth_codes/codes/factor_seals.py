"""The sealed moyens, the codes of printed lists and the tokens of the bank, while the sealing keys change."""

import logging
from collections import Counter
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import QuerySet

from auth_codes.crypto.sealing import SealError
from auth_codes.models import Factor, ListCode, Token

log = logging.getLogger(__name__)

BATCH = 500
BEFORE_ALL = UUID(int=0)
Rows = QuerySet[Factor] | QuerySet[ListCode] | QuerySet[Token]


def rows_by_key(database: str = DEFAULT_DB_ALIAS) -> Counter[str]:
    """How many that can still be shown stand under each key id, today's included."""
    counted: Counter[str] = Counter()
    for rows in _kept():
        counted.update(rows.using(database).values_list("key_id", flat=True))
    return counted


def seal_anew(advance: Callable[[int], None]) -> int:
    """Seals each under today's key; says how many.

    One that cannot be opened stays as it is, and the log names it; what waits for a missing key is not even read, and
    `check --database` names that key.
    """
    earlier = list(settings.SECRET_CODE_KEYS)[1:]
    return sum(_seal_anew(rows.filter(key_id__in=earlier), advance) for rows in _kept())


def _kept() -> tuple[Rows, Rows, Rows]:
    """What can still be shown, each with the owner whom it is bound to."""
    codes = ListCode.objects.filter(used_at=None).select_related("factor__owner")
    tokens = Token.objects.exclude(state=Token.State.WITHDRAWN).select_related("lent_to")
    return Factor.objects.unended().select_related("owner"), codes, tokens


def _seal_anew(waiting: Rows, advance: Callable[[int], None]) -> int:
    done, last = 0, BEFORE_ALL
    while batch := list(waiting.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            held = waiting.select_for_update(of=("self",)).filter(pk__in=batch).order_by("pk")
            sealed = sum(map(_one, held))
        advance(sealed)
        done, last = done + sealed, batch[-1]
    return done


def _one(row: Factor | ListCode | Token) -> bool:
    try:
        secret = row.unseal()
    except SealError as error:
        log.error("The moyen %s cannot be sealed anew: %s", row.pk, error)
        return False
    row.seal(secret)
    row.save(update_fields=row.SEALED)
    return True
