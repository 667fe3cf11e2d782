"""Attributing a default code: drawn, hashed, sealed in a letter to the print workshop; then forgotten."""

from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes import journal, letter_numbers, letters, secret_codes
from auth_codes.letters import PAYLOAD_VERSION, LetterContents
from auth_codes.models import SealedLetter, SecurityEvent
from auth_codes.secret_codes import HashedCode


class DefaultCode(NamedTuple):
    """A default code ready to be stored: its hash for the database, its letter for the workshop."""

    hashed: HashedCode
    letter: SealedLetter


@sensitive_variables("code")
def prepare_default_code(owner: AbstractBaseUser, now: datetime | None = None) -> DefaultCode:
    """Draws a code and returns it hashed and sealed only: nobody who calls this can read it."""
    code = secret_codes.draw(owner.personal_data())
    return DefaultCode(secret_codes.hash_for(owner, code), sealed_letter(owner, code, now or timezone.now()))


@sensitive_variables("code", "number", "contents")
def sealed_letter(
    owner: AbstractBaseUser, code: str, now: datetime, *, occasion: str = SealedLetter.Occasion.FIRST
) -> SealedLetter:
    """The unsaved letter that carries `code`; its text is in clear nowhere but in this function.

    `occasion`, one of SealedLetter.Occasion, is why the code is issued: the page says it to who opens the letter.
    """
    number = letter_numbers.draw()
    letter = SealedLetter(owner=owner, occasion=occasion, number_digest=letter_numbers.digest(number), issued_at=now)
    to = owner.letter_address()
    contents = LetterContents(
        version=PAYLOAD_VERSION,
        letter_id=str(letter.id),
        address=tuple(to.lines),
        name=to.salutation,
        secret_code=code,
        letter_number=number,
        issued_on=timezone.localdate(now).isoformat(),
        occasion=str(occasion),
    )
    letter.ciphertext = letters.seal_for_workshop(contents)
    return letter


def issue_default_code(
    owner: AbstractBaseUser, prepared: DefaultCode, *, by: AbstractBaseUser | None = None, request=None
) -> None:
    """Stores the prepared code and its letter together; to be called in the transaction that makes the online space."""
    with transaction.atomic():
        prepared.letter.save(force_insert=True)
        secret_codes.attribute(owner, prepared.hashed, prepared.letter)
        journal.record(SecurityEvent.Kind.DEFAULT_CODE_ISSUED, owner=owner, by=by, request=request)
