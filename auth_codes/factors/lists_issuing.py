"""Making the lists that were ordered, each with its sealed letter, and letting go of those that nobody activates.

A timer's work: forty hashes take a second, which no page waits for. The codes stand in clear nowhere but in the letter,
which the print workshop alone opens.
"""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes import batched_deletes, journal, notices
from auth_codes.codes import owners
from auth_codes.crypto import hashing, slots
from auth_codes.crypto.hashing import HashingFailed
from auth_codes.crypto.sealing import SealError
from auth_codes.factors import ending, lists
from auth_codes.letters import envelopes, letter_numbers, list_codes
from auth_codes.letters.envelopes import VERSION_OF_LISTS, CodeLetterContents
from auth_codes.models import AccessLock, Factor, FactorQuerySet, ListCode, Notice, SealedLetter, SecurityEvent
from auth_codes.owner import Owner

log = logging.getLogger(__name__)

LAPSES_AFTER = timedelta(days=45)
ISSUED, WAITING, FAILED, LAPSED = "issued", "waiting", "failed", "lapsed"


class PreparedList(NamedTuple):
    """A list ready to be stored: its codes hashed and sealed, its letter encrypted to the workshop, its lock code."""

    codes: list[ListCode]
    letter: SealedLetter
    lock_digest: str


def issue_all(now: datetime, advance: Callable[[int], None] = batched_deletes.unheard) -> Counter[str]:
    """Makes each list that was ordered, ends each that was not activated in time; says how many of each outcome."""
    done = Counter({ISSUED: 0, WAITING: 0, FAILED: 0, LAPSED: lapse(now)})
    for ordered in _ordered():
        done[_issued(ordered, now)] += 1
        advance(1)
    return done


def lapse(now: datetime) -> int:
    """Ends the lists that nobody has activated in 45 days, and tells their owners; says how many."""
    ended = 0
    since = now - LAPSES_AFTER
    for late in Factor.objects.waiting_lists().filter(created_at__lte=since).select_related("owner", "letter"):
        if late.letter and late.letter.issued_at > since:
            continue
        with transaction.atomic():
            owners.lock(late.owner)
            if ending.end_waiting_list(late, Factor.Why.LAPSED, now=now):
                ended += 1
                notices.tell_owner(Notice.Kind.LIST_LAPSED, late.owner, at=now)
    return ended


def _ordered() -> FactorQuerySet:
    return Factor.objects.waiting_lists().filter(letter=None).select_related("owner").order_by("created_at")


def _issued(ordered: Factor, now: datetime) -> str:
    """The outcome; one that fails keeps no other from its turn."""
    try:
        return _issue(ordered, now)
    except (HashingFailed, slots.Busy, SealError, DatabaseError) as error:
        log.error("The list %s could not be made: %s", ordered.pk, type(error).__name__)
        return FAILED


def _issue(ordered: Factor, now: datetime) -> str:
    if _must_wait(ordered.owner, now):
        return WAITING
    prepared = _prepare(ordered, now)
    with transaction.atomic():
        owners.lock(ordered.owner)
        if _must_wait(ordered.owner, now):
            return WAITING
        prepared.letter.save(force_insert=True)
        still = Factor.objects.waiting_lists().filter(pk=ordered.pk, letter=None)
        if not still.update(letter=prepared.letter, lock_digest=prepared.lock_digest):
            transaction.set_rollback(True)  # it was called off meanwhile
            return WAITING
        ListCode.objects.bulk_create(prepared.codes)
        details = {"factor_number": ordered.generation}
        journal.record(SecurityEvent.Kind.LIST_ISSUED, owner=ordered.owner, details=details)
    return ISSUED


def _must_wait(owner: Owner, now: datetime) -> bool:
    """While he has locked his access, while nothing but a letter would open it, or to an address that is too recent."""
    try:
        lists.judge_address(owner, now)
    except lists.AddressTooRecent:
        return True
    locked = AccessLock.objects.standing().filter(owner=owner).exists()
    return locked or not owner.is_active or not owner.secret_codes.living().exists()


@sensitive_variables()
def _prepare(ordered: Factor, now: datetime) -> PreparedList:
    """Draws the codes and returns them hashed and encrypted only. Raises HashingFailed or SealError."""
    codes, lock_code, secret = list_codes.draw(), letter_numbers.draw(), lists.ListSecret.of(ordered)
    with slots.taken(is_known=True, wait=hashing.WAIT_SECONDS):
        rows = [_row(ordered, number, secret.hashed(code)) for number, code in enumerate(codes, start=1)]
    letter = _sealed_letter(ordered.owner, codes, lock_code, now)
    return PreparedList(rows, letter, letter_numbers.lock_digest(lock_code, settings.SECRET_KEY))


@sensitive_variables()
def _row(ordered: Factor, number: int, hashed: bytes) -> ListCode:
    row = ListCode(factor=ordered, number=number)
    row.seal(hashed)
    return row


@sensitive_variables()
def _sealed_letter(owner: Owner, codes: list[str], lock_code: str, now: datetime) -> SealedLetter:
    """The unsaved letter: it names no code client, and opens nothing without both codes of its reader."""
    occasion, number, to = SealedLetter.Occasion.LIST, letter_numbers.draw(), owner.letter_address()
    letter = SealedLetter(owner=owner, occasion=occasion, number_digest=letter_numbers.digest(number), issued_at=now)
    contents = CodeLetterContents(
        version=VERSION_OF_LISTS,
        letter_id=str(letter.id),
        address=tuple(to.lines),
        name=to.salutation,
        secret_code="",
        letter_number=number,
        issued_on=timezone.localdate(now).isoformat(),
        occasion=occasion.value,
        phone=settings.BANK_PHONE,
        portal=settings.PORTAL_ADDRESS,
        large_print=to.large_print,
        bank=settings.BANK_NAME,
        lock_code=lock_code,
        codes=tuple(codes),
    )
    letter.ciphertext = envelopes.encrypt_for_workshop(contents)
    return letter
