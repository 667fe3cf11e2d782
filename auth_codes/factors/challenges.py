"""What is proved by a moyen: one challenge, in the session that asked for it, for a while, once.

A challenge is bound to all that its page shows: a changed amount or payee is another subject, which this one does not
prove. Its bytes, which a key signs, are made from it and never stored. Source: RTS 2018/389 art. 5, dynamic linking.
"""

import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError

from auth_codes import keyed_hashes
from auth_codes.models import Challenge
from auth_codes.owner import Owner

MARK = "challenged"
MARK_BYTES = 16
Purpose = Challenge.Purpose
LIVES = {
    Purpose.LOGIN: timedelta(minutes=5),
    Purpose.KNOWN_LOGIN: timedelta(minutes=5),
    Purpose.ENROL: timedelta(minutes=15),
    Purpose.CHANGE: timedelta(minutes=15),
    Purpose.ORDER: timedelta(minutes=10),
    Purpose.STEP_UP: timedelta(minutes=10),
    Purpose.ACCESS: timedelta(minutes=10),
    Purpose.UNLOCK: timedelta(minutes=5),
}


class AlreadyProved(Exception):
    """It was proved already, its time is over, or it is another session's, purpose's or subject's."""


def ask(owner: Owner, purpose: Purpose, facts: Mapping[str, str], session: SessionBase, now: datetime) -> Challenge:
    """A new one, about all that `facts` say, for this session alone, which is marked."""
    session.setdefault(MARK, secrets.token_hex(MARK_BYTES))
    return Challenge.objects.create(
        owner=owner,
        purpose=purpose,
        subject=subject_of(facts),
        session_digest=_digest_of(session),
        expires_at=now + LIVES[purpose],
    )


def find(key: str, owner: Owner, facts: Mapping[str, str], session: SessionBase) -> Challenge:
    """The one of this name, proved or not. Raises AlreadyProved where it is about other facts, or another session's."""
    try:
        known = owner.challenges.filter(pk=uuid.UUID(key)).first()
    except (ValueError, ValidationError):  # no identifier of anything
        raise AlreadyProved from None
    if known is None or known.subject != subject_of(facts) or known.session_digest != _digest_of(session):
        raise AlreadyProved
    return known


def spend(challenge: Challenge, now: datetime) -> None:
    """One conditional update, in the transaction of what is proved: of many at once, one spends it.

    Raises AlreadyProved.
    """
    living = Challenge.objects.filter(pk=challenge.pk, spent_at=None, expires_at__gt=now)
    if not living.update(spent_at=now):
        raise AlreadyProved


def is_spent(challenge: Challenge) -> bool:
    """Whether it has been proved, as the database says at this moment."""
    return spent_at(challenge) is not None


def spent_at(challenge: Challenge) -> datetime | None:
    """When it has been proved, as the database says at this moment; None where it has not."""
    found: datetime | None = Challenge.objects.filter(pk=challenge.pk).values_list("spent_at", flat=True).first()
    return found


def bytes_of(challenge: Challenge) -> bytes:
    """What is to be signed: it says which challenge, what for, and about what."""
    said = "|".join((str(challenge.pk), challenge.purpose, challenge.subject))
    return keyed_hashes.of("challenge bytes", said)


def subject_of(facts: Mapping[str, str]) -> str:
    """A keyed digest of each name and value, whatever their order; no two sets of facts are written the same."""
    said = "".join(f"{len(part)}:{part}" for fact in sorted(facts.items()) for part in fact)
    return keyed_hashes.hex_of("challenge subject", said)


def _digest_of(session: SessionBase) -> str:
    mark = str(session.get(MARK, ""))
    # A session without a mark has asked for nothing: what it is compared with equals no digest.
    return keyed_hashes.hex_of("challenge session", mark) if mark else ""
