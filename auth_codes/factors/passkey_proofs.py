"""What a passkey shows, against the row that it is about."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q
from django.views.decorators.debug import sensitive_variables

from auth_codes.crypto.sealing import SealError
from auth_codes.factors import challenges, passkeys
from auth_codes.factors.passkeys import Passkey, PasskeyFault
from auth_codes.models import Challenge, Factor

log = logging.getLogger(__name__)


class Assertion(NamedTuple):
    """What a browser handed on, as JSON, and the address at which its page was."""

    text: str
    origin: str


@sensitive_variables()
def is_right(factor: Factor, shown: Assertion, challenge: Challenge, now: datetime) -> bool:
    """Whether this passkey signed this challenge, its count of signatures having risen, which it keeps.

    Called in the transaction that spends the challenge, without which the same answer would serve again. False where
    the row cannot be opened, as for each moyen; else raises passkeys.Refused.
    """
    passkey = opened(factor) if factor.kind == Factor.Kind.PASSKEY else None
    if passkey is None:
        return False
    named = passkeys.named_in(shown.text)
    if named != passkey.name:
        raise passkeys.Refused(_why_not(factor, named))
    count = passkeys.verify(passkey, shown.text, challenge=challenges.bytes_of(challenge), origin=shown.origin)
    if not _take(factor, count, now):
        raise passkeys.Refused(PasskeyFault.COPIED if _is_active(factor) else PasskeyFault.REMOVED)
    return True


@sensitive_variables()
def meant(factors: Sequence[Factor], text: str) -> Factor:
    """Of an owner's passkeys the one that an answer names, on whose count it is; the first where it names none."""
    try:
        named = passkeys.digest_of(passkeys.named_in(text))
    except passkeys.Refused:
        return factors[0]
    return next((factor for factor in factors if factor.credential_digest == named), factors[0])


@sensitive_variables()
def opened(factor: Factor) -> Passkey | None:
    """What its row seals; None, with an error in the log for the operator, where that does not open."""
    try:
        return passkeys.read(factor.unseal())
    except SealError as error:
        log.error("The moyen %s cannot be opened: %s", factor.pk, error)
        return None


def all_opened(factors: Sequence[Factor]) -> list[Passkey]:
    """Those of them that open."""
    return [passkey for factor in factors if (passkey := opened(factor))]


def _why_not(factor: Factor, named: bytes) -> PasskeyFault:
    """Whether his own, which has ended. Of another client's nothing is said that is not said of one never seen."""
    own = factor.owner.factors.filter(credential_digest=passkeys.digest_of(named), state=Factor.State.ENDED)
    return PasskeyFault.REMOVED if own.exists() else PasskeyFault.UNKNOWN


def _take(factor: Factor, count: int, now: datetime) -> bool:
    """Source: Web Authentication 7.2, step 22: a copy is told by its count, once either of the two has signed."""
    risen = Q(sign_count__lt=count) if count else Q(sign_count=0)
    return Factor.objects.active().filter(risen, pk=factor.pk).update(sign_count=count, used_at=now) == 1


def _is_active(factor: Factor) -> bool:
    return Factor.objects.active().filter(pk=factor.pk).exists()
