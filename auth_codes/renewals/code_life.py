"""What becomes of the codes that letters carry: attributed, first used, voided, expired; each told to the journal.

A later letter voids the code of the one before. A code asked for online stands beside the present one, which stays
valid until the new one is first used; an advisor's renewal voids the present one at once.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import models, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from auth_codes import batched_deletes, journal, notices
from auth_codes.actor import SYSTEM, Actor
from auth_codes.codes import changing, owners, put_back, stored
from auth_codes.codes.changing import CodeChangedMeanwhile
from auth_codes.codes.stored import HashedCode
from auth_codes.devices import known_devices
from auth_codes.factors import client_tickets, ending
from auth_codes.locking import lock_codes, locks
from auth_codes.lockout import counters
from auth_codes.models import (
    DELIVERED_LIFETIME,
    ISSUED_LIFETIME,
    Factor,
    LetterBatch,
    Notice,
    SealedLetter,
    SecretCode,
    SecurityEvent,
)
from auth_codes.owner import Owner

NOTED_AT_ONCE = 1000


class Why(models.TextChoices):
    """Why one advisor ends sessions or closes an access at once, in words that the owner reads."""

    FRAUD = "fraud", _("une fraude est à craindre")
    LOST = "lost", _("un appareil, un courrier ou un code est perdu ou volé")
    ASKED = "asked", _("demande du client")


def attribute(owner: Owner, hashed: HashedCode, letter: SealedLetter, *, by: Actor) -> None:
    """Makes the code of `letter` the one in use; whatever the owner had is void, and his sessions end.

    Called inside the issuing transaction, as `attribute_beside` is.
    """
    owners.lock(owner)
    _void_pending(owner, by)
    if _void_present(owner, by):
        _end_access(owner, by)
    elif letter.occasion != SealedLetter.Occasion.FIRST:
        put_back.end_number(owner, by=by)
    letter.save(force_insert=True)
    stored.insert(owner, hashed, SecretCode.Kind.DEFAULT, letter=letter)


def attribute_beside(owner: Owner, hashed: HashedCode, letter: SealedLetter) -> None:
    """Stores the code of `letter` beside the present one: it opens under its letter's number alone."""
    owners.lock(owner)
    _void_pending(owner, SYSTEM)
    letter.save(force_insert=True)
    stored.insert(owner, hashed, SecretCode.Kind.DEFAULT, role=SecretCode.Role.PENDING, letter=letter)


def void_all(owner: Owner, *, why: Why, by: Actor) -> None:
    """Closes the access at once, without a letter: no code is left, sessions end; a renewal opens it again."""
    with transaction.atomic():
        owners.lock(owner)
        end_all(owner, by=by)
        journal.record(SecurityEvent.Kind.ACCESS_CLOSED, owner=owner, by=by, details={"why": why.value})
        notices.tell_owner(Notice.Kind.ACCESS_CLOSED, owner, why=str(why.label))


def end_sessions(owner: Owner, *, why: Why, by: Actor) -> None:
    """Ends every session at once; the code and the known devices stay, so that the owner logs in again."""
    with transaction.atomic():
        owners.lock(owner)
        owners.end_sessions(owner)
        journal.record(SecurityEvent.Kind.SESSIONS_SHUT, owner=owner, by=by, details={"why": why.value})
        notices.tell_owner(Notice.Kind.SESSIONS_SHUT, owner, why=str(why.label))


def end_all(owner: Owner, *, by: Actor) -> None:
    """Leaves no code, lock code, session, known device, ticket or list on its way.

    Called under the owner's lock, by the act that says why.
    """
    _void_pending(owner, by)
    if not _void_present(owner, by):
        put_back.end_number(owner, by=by)
    lock_codes.void(owner)
    client_tickets.void(owner)
    ending.end_waiting_lists(owner, Factor.Why.CLOSED, by=by, now=timezone.now())
    _end_access(owner, by)


def note_use(code: SecretCode, *, by: Actor) -> None:
    """After a login with `code`: dates the first use of a default one, and lets it take the present one's place.

    `by` is its owner. `code.owner` is left as the database has it, so that the session that begins now is bound to it.
    Raises CodeChangedMeanwhile when a later letter voided the code while it was verified, or locks.AccessLocked.
    """
    if not code.is_default:
        return
    owner = code.owner
    with transaction.atomic():
        owners.lock(owner)
        locks.require_none(owner)
        if not SecretCode.objects.filter(pk=code.pk).exists():
            _join_first_click(owner, code)
            return
        if code.its_letter().filter(first_used_at=None).update(first_used_at=timezone.now()):
            counters.forget(counters.client_counter(owner.username))  # what was guessed at is no longer valid
            journal.record(SecurityEvent.Kind.DEFAULT_CODE_USED, owner=owner, by=by)
        if code.role == SecretCode.Role.PENDING:
            _take_its_place(code, by)


def note_expired(now: datetime, advance: Callable[[int], None] = batched_deletes.unheard) -> int:
    """Tells the journal, once, of each default code that expired before it was replaced; says how many.

    `advance` is told so after each transaction. What somebody holds at that moment is left to the next run.
    """
    noted = 0
    for expired in (_by_issue(now), _by_confirmation(now)):
        while done := _note_some(expired, now):
            advance(done)
            noted += done
    return noted


@sensitive_variables()
def _take_its_place(code: SecretCode, by: Actor) -> None:
    owner, hashed = code.owner, HashedCode(code.unseal(), bytes(code.salt), code.cost)
    SecretCode.objects.filter(pk=code.pk).delete()
    _void_present(owner, by)
    stored.insert(owner, hashed, code.kind, letter=code.letter, created_at=code.created_at)
    lock_codes.take_its_place(owner)
    _end_access(owner, by)
    journal.record(SecurityEvent.Kind.CODE_RENEWED, owner=owner, by=by)
    notices.tell_owner(Notice.Kind.CODE_RENEWED, owner, by=by)


def _join_first_click(owner: Owner, code: SecretCode) -> None:
    """The first click of a double click has already put the code in its place, and made the password afresh."""
    if not owner.secret_codes.present().filter(letter=code.letter_id).exists():
        raise CodeChangedMeanwhile  # it was voided since it was verified
    owner.refresh_from_db(fields=["password"])


def _end_access(owner: Owner, by: Actor) -> None:
    """Ends sessions and known devices: whoever knew the code before may sit at one of them."""
    owners.end_sessions(owner)
    known_devices.remove_all(owner, by=by)


def _void_present(owner: Owner, by: Actor) -> bool:
    present = owner.secret_codes.present().first()
    if present is None:
        return False
    changing.retire(owner, present)
    _note_void(owner, present, by)
    return True


def _void_pending(owner: Owner, by: Actor) -> None:
    pending = owner.secret_codes.filter(role=SecretCode.Role.PENDING).first()
    if pending:
        pending.delete()
        lock_codes.void_pending(owner)
        _note_void(owner, pending, by)


def _note_void(owner: Owner, code: SecretCode, by: Actor) -> None:
    """Dates the end of a code that was replaced; a letter that was not yet printed is destroyed with it."""
    kind = SecurityEvent.Kind.DEFAULT_CODE_VOIDED if code.is_default else SecurityEvent.Kind.CODE_VOIDED
    code.its_letter().update(voided_at=timezone.now(), ciphertext=None)
    journal.record(kind, owner=owner, by=by, details={"generation": owner.code_generation})


def _by_issue(now: datetime) -> QuerySet[SealedLetter]:
    return _unused_defaults().filter(issued_at__lte=now - ISSUED_LIFETIME).order_by("issued_at")


def _by_confirmation(now: datetime) -> QuerySet[SealedLetter]:
    """Those of batches that were confirmed so long ago; of the batches before, all have expired by their issue."""
    long_ago = now - DELIVERED_LIFETIME
    confirmed = LetterBatch.objects.filter(exported_at__gt=now - ISSUED_LIFETIME, confirmed_at__lte=long_ago)
    return _unused_defaults().filter(batch__in=list(confirmed.values_list("pk", flat=True)))


def _unused_defaults() -> QuerySet[SealedLetter]:
    living = SealedLetter.objects.unended().filter(secret_code__kind=SecretCode.Kind.DEFAULT)
    return living.exclude(secret_code__role=SecretCode.Role.PAST)


def _note_some(expired: QuerySet[SealedLetter], now: datetime) -> int:
    """One transaction, which waits for nobody: a renewal, which locks its owner first, may hold any of the letters."""
    found = list(expired.values_list("pk", flat=True)[:NOTED_AT_ONCE])
    with transaction.atomic():
        free = SealedLetter.objects.unended().filter(pk__in=found).select_for_update(skip_locked=True)
        owners_of = dict(free.values_list("pk", "owner_id"))
        noted = SealedLetter.objects.filter(pk__in=owners_of)
        # Nobody prints a letter whose code is dead.
        noted.filter(batch=None).update(ciphertext=None)
        noted.update(expiry_noted_at=now)
        journal.record_many(SecurityEvent.Kind.DEFAULT_CODE_EXPIRED, owners_of.values())
    return len(owners_of)
