"""How much somebody has proved in his session beside his two codes, and what he could prove.

The codes alone are one element. A printed list that was shown is checked, but no element of its own (EBA-Op-2019-06).
What is strong is a setting. Source: RTS 2018/389 art. 10: the two codes alone open balances and 90 days of operations.
"""

from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

from auth_codes.factors.asking import ASKED
from auth_codes.models import Factor
from auth_codes.owner import Owner

# In the session: the moyens that were shown in it, and when each was for the last time.
SHOWN = "shown_moyens"
# So long whoever has shown one is not asked again before he changes his code secret.
RECENT = timedelta(minutes=10)


class Level(IntEnum):
    """What a session has proved."""

    CODES = 0
    CHECKED = 1
    STRONG = 2


class SessionProof(NamedTuple):
    """What a session has proved, and the moyens that its owner could show, a login's choice first.

    `is_recent`: one of them was shown in the last ten minutes.
    """

    level: Level
    factors: tuple[Factor, ...]
    is_recent: bool

    @property
    def strong(self) -> tuple[Factor, ...]:
        """Those that the bank takes for strong."""
        return tuple(filter(is_strong, self.factors))

    @property
    def owes_proof(self) -> bool:
        """Whether he has a strong moyen that was not shown in this session."""
        return self.level < Level.STRONG and bool(self.strong)

    @property
    def owes_recent_proof(self) -> bool:
        """Whether he has a moyen, and none was shown in the last ten minutes."""
        return bool(self.factors) and not self.is_recent


def standing(owner: Owner, session: SessionBase, now: datetime) -> SessionProof:
    """One question. A moyen that has ended since it was shown proves nothing any more."""
    factors, shown_at = tuple(ASKED.ask(owner=owner.pk, now=now)), session.get(SHOWN, {})
    shown = {
        factor: datetime.fromisoformat(shown_at[str(factor.pk)]) for factor in factors if str(factor.pk) in shown_at
    }
    is_recent = any(now - at < RECENT for at in shown.values())
    return SessionProof(max(map(_level_of, shown), default=Level.CODES), factors, is_recent)


def is_strong(factor: Factor) -> bool:
    """Whether the bank takes it for strong, to read what he has."""
    return factor.kind in settings.STRONG_FOR_ACCESS


def note(session: SessionBase, factor: Factor) -> None:
    """It has just been shown in this session; it takes nothing from what was shown before."""
    session[SHOWN] = {**session.get(SHOWN, {}), str(factor.pk): timezone.now().isoformat()}


def end_at_login(sender: type[Owner], request: HttpRequest, user: Owner, **kwargs: object) -> None:
    """Receives Django's signal: a login begins anew, also over a session that is still open."""
    request.session.pop(SHOWN, None)


def is_required(now: datetime) -> bool:
    """Whether the day has come from which the codes alone open a part of the space."""
    begins = settings.SECOND_FACTOR_REQUIRED_FROM
    return begins is not None and timezone.localdate(now) >= begins


def is_last_strong(factor: Factor, now: datetime) -> bool:
    """Whether its owner, who must have one, would be left without: he adds another first, or an advisor ends it."""
    if not is_required(now) or not is_strong(factor) or factor.asked_from > now:
        return False
    others = factor.owner.factors.asked_at(now).exclude(pk=factor.pk)
    return not any(map(is_strong, others))


def _level_of(shown: Factor) -> Level:
    return Level.STRONG if is_strong(shown) else Level.CHECKED
