"""Verifying what a moyen shows. Whoever calls this has counted the attempt before: login/second.py alone does."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from auth_codes.crypto.sealing import SealError
from auth_codes.factors import challenges, lists, passkey_proofs, passkeys, tokens, totp
from auth_codes.factors.passkey_proofs import Assertion
from auth_codes.models import Challenge, Factor, ListCode

log = logging.getLogger(__name__)
# What is typed, or what a browser hands on.
Shown = str | Assertion
Taking = Callable[[], bool]
AnotherIsAsked = lists.AnotherIsAsked


@sensitive_variables()
def is_right(factor: Factor, code: str, now: datetime) -> bool:
    """Whether `code` is what it shows at this moment and has never been accepted; it never is again.

    One conditional update: of the same number many times at once, on however many servers, one is right. What cannot
    be opened is an ordinary refusal for its owner, and an error in the log for the operator. No transaction may be
    open. Raises AnotherIsAsked where the right code of a list has served meanwhile: that is no wrong attempt.
    """
    taking = find(factor, code, now)
    return taking is not None and taking()


@sensitive_variables("shown", "taking")
def prove(challenge: Challenge, factor: Factor, shown: Shown, now: datetime) -> bool:
    """The same, and spends the challenge with it. Raises challenges.AlreadyProved where it was proved or is over.

    A second click, with what the first one has just shown, finds it spent: that is no wrong attempt. Of a passkey what
    is not right raises passkeys.Refused, which says why.
    """
    try:
        taking = _found(challenge, factor, shown, now)
        with transaction.atomic():
            right = taking is not None and taking()
            if right:
                challenges.spend(challenge, now)
    except (passkeys.Refused, AnotherIsAsked):
        _require_unspent(challenge)
        raise
    if not right:
        _require_unspent(challenge)
    return right


@sensitive_variables()
def find(factor: Factor, code: str, now: datetime) -> Taking | None:
    """What takes `code`, if it is right, and says whether it still could; not called, it uses nothing up.

    The hash of a list's code is computed here, before any transaction. Both raise AnotherIsAsked as `is_right` does.
    """
    finder = FINDERS.get(Factor.Kind(factor.kind))
    try:
        return finder(factor, code, now) if finder else None
    except SealError as error:
        log.error("The moyen %s cannot be opened: %s", factor.pk, error)
        return None


@sensitive_variables("shown")
def _found(challenge: Challenge, factor: Factor, shown: Shown, now: datetime) -> Taking | None:
    if isinstance(shown, Assertion):
        return partial(passkey_proofs.is_right, factor, shown, challenge, now)
    return find(factor, shown, now)


@sensitive_variables()
def _of_app(factor: Factor, code: str, now: datetime) -> Taking | None:
    step = totp.step_of(factor.unseal(), code, now)
    return None if step is None else partial(_take, factor, now, last_step=step)


@sensitive_variables()
def _of_token(factor: Factor, code: str, now: datetime) -> Taking | None:
    seen = tokens.steps_of(factor, code, now)
    return None if seen is None else partial(_take, factor, now, **seen)


@sensitive_variables()
def _of_list(factor: Factor, code: str, now: datetime) -> Taking | None:
    row = lists.found(factor, code)
    return None if row is None else partial(_take_code, row, now)


def _require_unspent(challenge: Challenge) -> None:
    if challenges.is_spent(challenge):
        raise challenges.AlreadyProved


def _take(factor: Factor, now: datetime, *, last_step: int, **columns: int) -> bool:
    unused = Factor.objects.active().filter(pk=factor.pk, last_step__lt=last_step)
    return unused.update(last_step=last_step, used_at=now, **columns) == 1


def _take_code(row: ListCode, now: datetime) -> bool:
    lists.take(row, now)
    return True


# Of what is typed; a passkey answers a challenge.
FINDERS: dict[Factor.Kind, Callable[[Factor, str, datetime], Taking | None]] = {
    Factor.Kind.TOTP: _of_app,
    Factor.Kind.LIST: _of_list,
    Factor.Kind.TOKEN: _of_token,
}
