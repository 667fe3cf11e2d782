"""What all acts under dual control have in common: started once, decided once, by two different advisors.

Each is called in the transaction of the act itself, once what the act is about is locked.
"""

from datetime import datetime
from typing import Protocol

from django.apps import apps
from django.db import transaction

from auth_codes import journal, notices, wording
from auth_codes.actor import Actor
from auth_codes.models import DualControlAct, Notice, SecurityEvent
from auth_codes.models.dual_control import Act

Decision = DualControlAct.Decision


class AlreadyStarted(Exception):
    """An act about the same waits for its approval."""


class AlreadyDecided(Exception):
    """This act was approved or refused, or it waited too long."""


class SameAdvisor(Exception):
    """Who began something cannot be the second advisor who approves it."""


class NotSettled(Exception):
    """Whose account was made, or given more rights, a few days ago is not yet a second person for anything."""


class BegunByNotSettled(NotSettled):
    """Such an account began it: nobody can approve that, and another colleague begins it anew."""


class AboveDailyNumber(Exception):
    """So many were approved in a day that who is set above both of them approves this one, and he alone."""


class Judge(Protocol):
    """What an app above asks of each approval, in its transaction. Raises AboveDailyNumber."""

    def __call__(self, asked: DualControlAct, *, by: Actor, now: datetime) -> None: ...


_judges: list[Judge] = []


def judged_by(judge: Judge) -> None:
    """Declares what is asked of each approval beside what stands here."""
    _judges.append(judge)


def started_before(asked: Act) -> Act | None:
    """The act that the token of `asked` has started already, after a double click.

    Raises AlreadyDecided when that one no longer waits, or is about something else.
    """
    known = type(asked)._base_manager.filter(token=asked.token).first()
    if known and (known.subject != asked.subject or not known.is_open_at(asked.started_at)):
        raise AlreadyDecided
    return known


def start(asked: DualControlAct) -> None:
    """Stores what is asked for, and that earlier ones about the same have lapsed. Raises AlreadyStarted."""
    same = type(asked).objects.filter(decision="", **asked.subject)
    for late in same.lapsed_at(asked.started_at):
        lapse(late)
    if same.exists():
        raise AlreadyStarted
    asked.save(force_insert=True)


def require_another(asked: DualControlAct, by: Actor) -> None:
    """Raises SameAdvisor; asked before anything is prepared or locked for an approval."""
    if by.user and by.user.pk == asked.started_by_id:
        raise SameAdvisor


def require_settled(by: Actor, now: datetime) -> None:
    """Raises NotSettled: one person who makes himself a second account cannot approve with it what he began."""
    if by.user and not by.user.is_settled_at(now):
        raise NotSettled


def approve(asked: DualControlAct, *, by: Actor, now: datetime) -> None:
    """The second advisor's yes; the act itself is carried out after it.

    Raises SameAdvisor, NotSettled, BegunByNotSettled, AboveDailyNumber or AlreadyDecided.
    """
    require_another(asked, by)
    require_settled(by, now)
    # Nor may the second account begin what the first one approves.
    if not asked.started_by.is_settled_at(asked.started_at):
        raise BegunByNotSettled
    for judge in _judges:
        judge(asked, by=by, now=now)
    _decide(asked, Decision.APPROVED, by, now)


def refuse(asked: DualControlAct, *, by: Actor, now: datetime) -> None:
    """Ends an act that is not carried out; who started it may do so too. Raises AlreadyDecided."""
    _decide(asked, Decision.REFUSED, by, now)


def kinds() -> list[type[DualControlAct]]:
    """Every kind of act under dual control, of whatever app."""
    return [model for model in apps.get_models() if issubclass(model, DualControlAct)]


def lapse_all(now: datetime) -> int:
    """Writes down what nobody has judged in time; says how many acts."""
    return sum(lapse(late) for kind in kinds() for late in kind.objects.lapsed_at(now).order_by("pk"))


def lapse(late: DualControlAct) -> bool:
    """Writes down, once, that nobody judged an act in time: in the journal, and to who asked. Nothing else changes."""
    return _write_down(late, late.lapses_at)


def lapse_early(asked: DualControlAct, now: datetime, *, why: str) -> bool:
    """The same of an act that nobody can carry out any more; `why` is what has become of what it is about."""
    return _write_down(asked, now, why=why)


def _write_down(late: DualControlAct, at: datetime, **facts: str) -> bool:
    with transaction.atomic():
        waiting = type(late).objects.filter(pk=late.pk, decision="")
        if not waiting.update(decision=Decision.LAPSED, decided_at=at):
            return False
        for owner, subject in late.concerned():
            details = {"act": late._meta.label_lower}
            journal.record(SecurityEvent.Kind.REQUEST_LAPSED, owner=owner, subject=subject, details=details)
        _tell_who_asked(late, at, facts)
    return True


def _tell_who_asked(late: DualControlAct, at: datetime, facts: dict[str, str]) -> None:
    asking = late.started_by
    told = {"recipient": asking.notification_email(), "salutation": asking.salutation(), **facts}
    asked_at = wording.moment(late.started_at)
    notices.leave(Notice.Kind.REQUEST_LAPSED, owner=asking, at=at, asked_at=asked_at, **told)


def _decide(asked: DualControlAct, decision: str, by: Actor, now: datetime) -> None:
    waiting = type(asked).objects.open_at(now).filter(pk=asked.pk)
    if not waiting.update(decision=decision, decided_by=by.user, decided_at=now):
        raise AlreadyDecided
