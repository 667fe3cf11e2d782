"""Issuing a code by letter: drawn, hashed, encrypted to the print workshop; then forgotten."""

from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes import journal, notices
from auth_codes.actor import SYSTEM, Actor
from auth_codes.codes import changing, stored
from auth_codes.codes.stored import HashedCode
from auth_codes.letters import envelopes, letter_numbers
from auth_codes.letters.envelopes import PAYLOAD_VERSION, CodeLetterContents
from auth_codes.locking import lock_codes
from auth_codes.models import Notice, SealedLetter, SecurityEvent
from auth_codes.owner import CodeOwner, Owner
from auth_codes.renewals import code_life


class AddressUnconfirmed(Exception):
    """No letter with a code goes to this address before somebody else than who changed it has confirmed it."""


class OwnerEnded(Exception):
    """The owner is nobody's client any more: no code is made for him."""


class IssuedCode(NamedTuple):
    """A code ready to be stored: its hash for the database, its letter for the workshop.

    `lock_digest` is that of the lock code on the letter.
    """

    hashed: HashedCode
    letter: SealedLetter
    lock_digest: str


def check_address(owner: CodeOwner) -> None:
    """Raises AddressUnconfirmed when no letter with a code may go to the owner's address."""
    if owner.letter_address().is_held:
        raise AddressUnconfirmed


def check_owner(owner: Owner) -> None:
    """Raises OwnerEnded; asked under the owner's lock."""
    if not owner.is_active:
        raise OwnerEnded


@sensitive_variables("code", "lock_code")
def prepare(owner: Owner, occasion: str = SealedLetter.Occasion.FIRST, now: datetime | None = None) -> IssuedCode:
    """Draws a code and returns it hashed and encrypted only: nobody who calls this can read it.

    Hashing takes its time: to be called before the transaction that stores it. Raises AddressUnconfirmed.
    """
    now = now or timezone.now()
    check_address(owner)
    code = changing.draw(owner.personal_data())
    lock_code = lock_codes.draw()
    letter = sealed_letter(owner, code, now, occasion=occasion, lock_code=lock_code)
    return IssuedCode(stored.hash_for(owner, code), letter, lock_codes.digest(lock_code))


@sensitive_variables("code", "number", "lock_code", "contents")
def sealed_letter(
    owner: Owner, code: str, now: datetime, *, occasion: str = SealedLetter.Occasion.FIRST, lock_code: str = ""
) -> SealedLetter:
    """The unsaved letter that carries `code`; its text is in clear nowhere but in this function and who calls it.

    `occasion`, one of SealedLetter.Occasion, is why the code is issued: the page says it to who opens the letter.
    """
    number = letter_numbers.draw()
    letter = SealedLetter(owner=owner, occasion=occasion, number_digest=letter_numbers.digest(number), issued_at=now)
    to = owner.letter_address()
    contents = CodeLetterContents(
        version=PAYLOAD_VERSION,
        letter_id=str(letter.id),
        address=tuple(to.lines),
        name=to.salutation,
        secret_code=code,
        letter_number=number,
        issued_on=timezone.localdate(now).isoformat(),
        occasion=str(occasion),
        phone=settings.BANK_PHONE,
        portal=settings.PORTAL_ADDRESS,
        large_print=to.large_print,
        bank=settings.BANK_NAME,
        lock_code=lock_code,
    )
    letter.ciphertext = envelopes.encrypt_for_workshop(contents)
    return letter


def issue(owner: Owner, prepared: IssuedCode, *, by: Actor = SYSTEM) -> None:
    """Stores the prepared code and its letter together; what was in use until now is void at once, its lock code too.

    To be called in the transaction of the act that asks for it.
    """
    with transaction.atomic():
        code_life.attribute(owner, prepared.hashed, prepared.letter, by=by)
        lock_codes.keep(owner, prepared.lock_digest)
        _record(owner, prepared, by)


def issue_beside(owner: Owner, prepared: IssuedCode) -> None:
    """The same, but the code in use stays valid until the new one is first used."""
    with transaction.atomic():
        code_life.attribute_beside(owner, prepared.hashed, prepared.letter)
        lock_codes.keep_beside(owner, prepared.lock_digest)
        _record(owner, prepared, SYSTEM)


def _record(owner: Owner, prepared: IssuedCode, by: Actor) -> None:
    issued, occasion = SecurityEvent.Kind.DEFAULT_CODE_ISSUED, prepared.letter.occasion
    journal.record(issued, owner=owner, by=by, details={"occasion": occasion})
    # Told by another way than the letter's: whoever asked in the owner's name cannot hide it from him.
    notices.tell_owner(Notice.Kind.LETTER_ISSUED, owner, occasion=occasion)
