"""Finding the tokens that somebody wrote into the database, or put back after they were lost: what no loan can tell.

Whoever writes there but has no key makes none that opens, and lending it is refused. What was lost or broken holds no
key any more; a copy of its row from before does, and would be lent as any other. The journal says that it was lost.
"""

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from django.conf import settings
from django.db.models import QuerySet

from auth_codes.crypto.sealing import SealError
from auth_codes.factors import tokens
from auth_codes.models import SecurityEvent, Token

AT_ONCE = 1000


class TokenProblem(Enum):
    """What is wrong with a token."""

    PUT_BACK = "put_back"
    NOT_SEALED = "not_sealed"


class TokenFound(NamedTuple):
    """`serial` is the number on its back."""

    problem: TokenProblem
    serial: str


def check() -> Iterator[TokenFound]:
    """Each token that the bank still has and that is not as the bank has left it. In memory that stays flat.

    Each is read anew before it is told: it may have been lent or given back meanwhile.
    """
    gone = _told_gone()
    for token in _kept().iterator(AT_ONCE):
        if _problem(token, gone):
            again = _kept().filter(pk=token.pk).first()
            problem = _problem(again, gone) if again else None
            if problem:
                yield TokenFound(problem, token.serial)


def _kept() -> QuerySet[Token]:
    return Token.objects.exclude(state=Token.State.WITHDRAWN).select_related("lent_to")


def _told_gone() -> set[str]:
    """The numbers of those that a line of the journal tells to be lost or broken."""
    lines = SecurityEvent.objects.filter(kind=SecurityEvent.Kind.TOKEN_BACK).order_by()
    said = (details for details in lines.values_list("details", flat=True).iterator() if isinstance(details, dict))
    ends = tokens.Back.LOST.value, tokens.Back.BROKEN.value
    return {str(details.get("serial")) for details in said if details.get("back") in ends}


def _problem(token: Token, gone: set[str]) -> TokenProblem | None:
    """Of what waits for a missing key nothing is said, `check --database` does."""
    if token.serial in gone:
        return TokenProblem.PUT_BACK
    if token.key_id not in settings.SECRET_CODE_KEYS:
        return None
    try:
        token.unseal()
    except SealError:
        return TokenProblem.NOT_SEALED
    return None
