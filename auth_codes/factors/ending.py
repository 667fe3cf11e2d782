"""Ending a moyen: by its owner, by « Ce n’était pas moi », or by two advisors. What proved it is gone with it."""

from datetime import datetime, timedelta

from auth_codes import journal, notices
from auth_codes.actor import SYSTEM, Actor
from auth_codes.factors import tokens, told
from auth_codes.models import Factor, KnownDevice, ListCode, Notice, SealedLetter, SecurityEvent
from auth_codes.owner import Owner

# A thief who got in may have added his own: « Ce n’était pas moi » takes those that are as young as this.
DOUBTED_FOR = timedelta(days=30)


def end(factor: Factor, why: Factor.Why, *, by: Actor, now: datetime) -> bool:
    """Ends one; says whether it had not ended already. Called under the owner's lock, in the act's transaction.

    A device on which it was shown is asked again: the proof is worth no more than the moyen.
    """
    if not _ended(factor, why, now):
        return False
    KnownDevice.objects.filter(owner=factor.owner).update(proved_at=None)
    _note(factor, why, by)
    if factor.owner.is_staff:
        return True  # told by what ended it: staff.py
    own = by if by.user == factor.owner else SYSTEM
    notices.tell_owner(Notice.Kind.FACTOR_REMOVED, factor.owner, by=own, name=factor.name, why=why.value)
    return True


def end_all(owner: Owner, why: Factor.Why, *, by: Actor, now: datetime) -> int:
    """Ends each, and a list that is on its way; says how many were in service.

    What somebody has deleted from the database ends by its line alone, and is told.
    """
    end_waiting_lists(owner, why, by=by, now=now)
    for number, gone in told.gone(owner).items():
        details: dict[str, str | int] = {"factor": gone.kind, "factor_number": number, "ended": why.value}
        journal.record(SecurityEvent.Kind.FACTOR_REMOVED, owner=owner, by=by, details=details)
        if owner.is_staff:
            continue  # as below
        with notices.in_language_of(owner):
            name = gone.in_words()
        notices.tell_owner(Notice.Kind.FACTOR_REMOVED, owner, name=name, why=why.value)
    return sum(end(factor, why, by=by, now=now) for factor in owner.factors.active())


def end_doubted(owner: Owner, *, by: Actor, now: datetime) -> int:
    """Ends those that a thief may have added, and what he may have ordered; says how many were in service."""
    end_waiting_lists(owner, Factor.Why.NOT_ME, by=by, now=now)
    young = owner.factors.active().filter(created_at__gt=now - DOUBTED_FOR)
    return sum(end(factor, Factor.Why.NOT_ME, by=by, now=now) for factor in young)


def end_waiting_lists(owner: Owner, why: Factor.Why, *, by: Actor = SYSTEM, now: datetime) -> None:
    """Calls off the list that is on its way, or not activated yet. Called under the owner's lock."""
    for waiting in owner.factors.waiting_lists():
        waiting.owner = owner
        end_waiting_list(waiting, why, by=by, now=now)


def end_waiting_list(factor: Factor, why: Factor.Why, *, by: Actor = SYSTEM, now: datetime) -> bool:
    """The same of one; says whether it still was. What has not been printed never is."""
    if not _ended(factor, why, now, state=Factor.State.PENDING):
        return False
    details: dict[str, str | int] = {"factor_number": factor.generation, "ended": why.value}
    journal.record(SecurityEvent.Kind.LIST_CALLED_OFF, owner=factor.owner, by=by, details=details)
    return True


def replace_list(former: Factor, *, by: Actor, now: datetime) -> None:
    """Ends the list whose place a new one takes: what was proved by it stays so, and the new one's mail tells of it."""
    if _ended(former, Factor.Why.NEXT_LIST, now):
        _note(former, Factor.Why.NEXT_LIST, by)


def _ended(factor: Factor, why: Factor.Why, now: datetime, state: Factor.State = Factor.State.ACTIVE) -> bool:
    standing = Factor.objects.filter(pk=factor.pk, state=state)
    if not standing.update(state=Factor.State.ENDED, ended_at=now, ended_why=why, ciphertext=None):
        return False
    if factor.kind == Factor.Kind.LIST:
        ListCode.objects.filter(factor=factor.pk).delete()
        # As the row says it: the letter may have been made since `factor` was read.
        SealedLetter.objects.filter(factor=factor.pk).update(voided_at=now, ciphertext=None)
    return True


def _note(factor: Factor, why: Factor.Why, by: Actor) -> None:
    details: dict[str, str | int] = {"factor": factor.kind, "factor_number": factor.generation, "ended": why.value}
    journal.record(SecurityEvent.Kind.FACTOR_REMOVED, owner=factor.owner, by=by, details=details)


def erase(owner: Owner) -> None:
    """Leaves nothing of them, once the bank has to forget who he was."""
    owner.challenges.all().delete()
    owner.factors.all().delete()
    tokens.forget_borrower(owner)
