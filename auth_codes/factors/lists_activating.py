"""« Activer ma liste »: the paper has come, into the right hands: its letter's number and the code asked for prove it.

The list before serves until this very moment, and ends with it.
"""

from datetime import datetime

from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.views.decorators.debug import sensitive_variables

from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.factors import ending, enrolling, lists
from auth_codes.letters import letter_numbers
from auth_codes.models import Factor, KnownDevice, SealedLetter
from auth_codes.owner import Owner


class NothingToActivate(Exception):
    """No list waits, or it was activated or called off in another window."""


def to_activate(owner: Owner, now: datetime) -> Factor:
    """The list whose letter has been made and is not too old. Raises NothingToActivate."""
    waiting = lists.waiting(owner)
    if waiting is None or waiting.letter is None or waiting.letter.expires_at() <= now:
        raise NothingToActivate
    waiting.owner = owner
    return waiting


@sensitive_variables("number")
def is_its_letter(factor: Factor, number: str) -> bool:
    """Whether a normalised number is that of the list's letter: 55 bits, which nobody guesses, so none is counted."""
    return factor.letter is not None and constant_time_compare(
        factor.letter.number_digest, letter_numbers.digest(number)
    )


def activate(factor: Factor, *, device: KnownDevice | None, by: Actor, now: datetime) -> Factor:
    """Puts the list into service, once its letter's number and a code of it have been shown, and tells its owner.

    `device` is the known one on which it happens. Raises NothingToActivate; SessionEnded; SealError.
    """
    owner, secret = factor.owner, factor.unseal()
    with transaction.atomic():
        owners.lock_in_session(owner)
        former = lists.of(owner).active().first()
        factor.state, factor.created_at, factor.payments_from = Factor.State.ACTIVE, now, now + enrolling.resting()
        factor.asked_from = _asked_from(former, device, now)
        factor.seal(secret)
        if former:
            ending.replace_list(former, by=by, now=now)
        columns = ("state", "created_at", "asked_from", "payments_from", *Factor.SEALED)
        waiting = owner.factors.waiting_lists().filter(pk=factor.pk)
        if not waiting.update(**{name: getattr(factor, name) for name in columns}):
            raise NothingToActivate
        enrolling.void_unproved(owner)
        SealedLetter.objects.filter(factor=factor.pk, first_used_at=None).update(first_used_at=now)
        enrolling.tell(factor, by=by)
    return factor


def _asked_from(former: Factor | None, device: KnownDevice | None, now: datetime) -> datetime:
    """As any first moyen it rests on a new device; one that follows another is asked for as that was."""
    if former:
        return max(former.asked_from, now)
    return now if enrolling.is_established(device, now) else now + enrolling.resting()
