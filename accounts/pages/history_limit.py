"""How far back a client sees what has moved before he has shown a moyen in this session: 90 days.

Every page, export and paper that tells operations asks here; test_history_limit.py sweeps them all.
Who has no strong moyen sees all, until one is required of everybody. Source: RTS 2018/389 art. 10(1).
"""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponseRedirect
from django.utils import timezone

from auth_codes.pages import showing
from auth_codes.pages.visitor import is_restricted, visitor_of

SEEN_BY_CODES = timedelta(days=90)


class AsksProof(Exception):
    """What is asked for takes a moyen, to look further back (`is_history`) or for another reason.

    `back_to`: where he comes back to; where it was asked, unless said.
    """

    def __init__(self, back_to: str = "", *, is_history: bool = True):
        super().__init__("asks a proof")
        self.back_to, self.is_history = back_to, is_history


def first_day(request: HttpRequest) -> date | None:
    """The first day that he sees; None where he sees all."""
    is_limited = visitor_of(request).standing.owes_proof or is_restricted(request)
    return _seen_by_codes() if is_limited else None


def first_day_of(request: HttpRequest, begins: date | None) -> date | None:
    """The same of what begins on this day, None of what tells nothing; of what is no older nothing is asked."""
    return first_day(request) if begins is not None and begins < _seen_by_codes() else None


def judge(request: HttpRequest, begins: date | None, back_to: str = "") -> None:
    """Raises AsksProof where what is told begins on a day that he does not see."""
    if first_day_of(request, begins) is not None:
        raise AsksProof(back_to)


def _seen_by_codes() -> date:
    return timezone.localdate() - SEEN_BY_CODES


def to_prove(request: HttpRequest, asked: AsksProof) -> HttpResponseRedirect:
    """To the page that takes the proof, and from there back."""
    return showing.to_prove(request, back_to=asked.back_to, is_history=asked.is_history)


def address(request: HttpRequest) -> str:
    """The same for a link of a page that shows what it may."""
    return to_prove(request, AsksProof()).url
