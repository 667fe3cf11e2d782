"""« Ce n’était pas moi »: the owner closes his own access at once, and says how it is to be opened again.

Nothing is asked of him but the click: whoever is frightened must be fast, and closing gives nothing to anybody. What
opens it again is a letter to the address that the bank knows, or two advisors.
Source: PSD2 art. 70(1)(c), the means to notify at all times; NIST SP 800-63B 6.2, prompt suspension.
"""

from datetime import datetime

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from auth_codes import journal, notices
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.crypto.hashing import HashingFailed
from auth_codes.factors import ending
from auth_codes.lockout import counters
from auth_codes.models import Notice, SealedLetter, SecretCode, SecurityEvent
from auth_codes.owner import Owner
from auth_codes.renewals import code_life, issuing

CLOSINGS = (SecurityEvent.Kind.CLOSED_BY_OWNER, SecurityEvent.Kind.ACCESS_CLOSED)


class Opens(models.TextChoices):
    """What opens a closed access again."""

    BY_LETTER = "courrier", _("Recevoir un nouveau code par courrier, à mon adresse")
    BY_ADVISOR = "conseiller", _("Pas de courrier : mon conseiller rouvrira l’accès")
    # Wished for by letter, which could not be: the address is too recent, or no code could be hashed at this moment.
    NOT_BY_LETTER = "sans-courrier", "Le courrier demandé ne part pas"


def close_with_letter(owner: Owner, *, by: Actor, now: datetime | None = None) -> str:
    """Closes the access and issues the code of a letter, the only one left. One of Opens.

    No letter goes to an address that was changed and not confirmed; the access is closed all the same.
    """
    try:
        prepared = issuing.prepare(owner, SealedLetter.Occasion.ALARM, now)
    except (issuing.AddressUnconfirmed, HashingFailed):
        opens = close(owner, by=by)
        return opens if opens == Opens.BY_LETTER else Opens.NOT_BY_LETTER
    with transaction.atomic():
        if _begin(owner, by):
            issuing.issue(owner, prepared, by=by)
        return _what_opens(owner)


def close(owner: Owner, *, by: Actor) -> str:
    """Closes the access: no code is left, two advisors open it again. One of Opens."""
    with transaction.atomic():
        if _begin(owner, by):
            code_life.end_all(owner, by=by)
            notices.tell_owner(Notice.Kind.CLOSED_BY_OWNER, owner, by=by)
        return _what_opens(owner)


def last_closing(owner: Owner) -> SecurityEvent | None:
    """The line of the journal that tells who closed the access last, and when."""
    return owner.security_events.filter(kind__in=CLOSINGS).order_by("-at").first()


def _begin(owner: Owner, by: Actor) -> bool:
    """Whether there is something to close. Not after a first click, nor after a renewal at the same instant.

    A change of the code at the same instant hinders nobody from closing: a thief may have made it.
    """
    owners.lock(owner)
    if _is_shut(_present(owner)):
        return False
    counters.forget(counters.client_counter(owner.username))  # what was guessed at is no longer valid
    ending.end_doubted(owner, by=by, now=timezone.now())
    journal.record(SecurityEvent.Kind.CLOSED_BY_OWNER, owner=owner, by=by)
    return True


def _what_opens(owner: Owner) -> str:
    return Opens.BY_LETTER if _present(owner) else Opens.BY_ADVISOR


def _is_shut(present: SecretCode | None) -> bool:
    """Whether no code opens the access but, at most, that of a letter which nobody has used yet."""
    return present is None or (
        present.letter is not None and present.is_default and present.letter.first_used_at is None
    )


def _present(owner: Owner) -> SecretCode | None:
    return owner.secret_codes.present().select_related("letter").first()
