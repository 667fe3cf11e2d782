"""Who stands in for an absent advisor: declared by himself or by the manager of his branch, between two days.

For that long the absent advisor's clients are the stand-in's own: he gives no reason, and they read that he stands in.
Nobody makes himself a stand-in, and none outlives its last day, by the clock of the database.
"""

import uuid
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.desk import roles
from accounts.kinds import Event, Mail
from accounts.models import Substitution, User
from auth_codes import journal, notices
from auth_codes.actor import Actor
from auth_codes.codes import owners

# A season: who is away for longer gives his clients to somebody.
LONGEST = timedelta(days=92)
EARLIEST = timedelta(days=365)  # before its first day


class NotHisToSay(Exception):
    """Neither the absent advisor, nor the manager of his branch; or the stand-in himself."""


class NotColleagues(Exception):
    """One of the two serves no clients, has left, or works in another branch."""


class WrongDays(Exception):
    """The days are past, the wrong way round, or too many."""


class Overlaps(Exception):
    """Somebody stands in for him on some of these days already."""


class AlreadyOver(Exception):
    """Somebody has ended it, or its last day has passed."""


def declare(
    absent: User, substitute: User, *, starts_on: date, ends_on: date, token: uuid.UUID, by: Actor
) -> Substitution:
    """The same token again (a double click) gives what it has declared.

    Raises NotHisToSay, NotColleagues, WrongDays or Overlaps.
    """
    with transaction.atomic():
        owners.lock(absent)  # one declaration for him at a time
        if known := Substitution.objects.filter(token=token).first():
            return known
        _judge(User.objects.get(pk=absent.pk), User.objects.get(pk=substitute.pk), starts_on, ends_on, by)
        days = {"starts_on": starts_on, "ends_on": ends_on}
        made = Substitution(absent=absent, substitute=substitute, token=token, declared_by=by.person, **days)
        made.save(force_insert=True)
        _note(Event.SUBSTITUTE_DECLARED, made, by)
        if by.person.pk != absent.pk:
            _tell_absent(made)
    return made


def end(substitution: Substitution, *, by: Actor) -> None:
    """Before its last day; the stand-in may do so too, who gives up something. Raises NotHisToSay or AlreadyOver."""
    with transaction.atomic():
        if not may_end(substitution, by.person):
            raise NotHisToSay
        ended = Substitution.objects.standing().filter(pk=substitution.pk)
        if not ended.update(ended_at=timezone.now(), ended_by=by.person):
            raise AlreadyOver
        _note(Event.SUBSTITUTE_ENDED, substitution, by)


def may_end(substitution: Substitution, person: User) -> bool:
    """Whether it concerns him, or he manages the branch of the absent one."""
    is_his = person.pk in (substitution.absent_id, substitution.substitute_id)
    return is_his or person.manages(substitution.absent)


def shown_to(user: User) -> QuerySet[Substitution]:
    """His own, in either part, and those of the branch that he manages."""
    every = Substitution.objects.select_related("absent", "substitute", "declared_by", "ended_by")
    if user.is_superuser:
        return every
    theirs = Q(absent=user.pk) | Q(substitute=user.pk)
    if user.has_perm("accounts.manage_branch") and user.branch_id:
        theirs |= Q(absent__branch=user.branch_id)
    return every.filter(theirs)


def portfolios_of(user: User) -> list[int]:
    """Whose clients are his own today: his, and those of the colleagues for whom he stands in."""
    absent = Substitution.objects.in_force().filter(substitute=user.pk)
    return [user.pk, *absent.values_list("absent", flat=True)]


def may_be_absent(user: User) -> QuerySet[User]:
    """For whom he may declare somebody."""
    advisors = roles.at_the_desk().order_by("last_name", "first_name", "pk")
    if user.is_superuser:
        return advisors.exclude(branch=None)
    if user.has_perm("accounts.manage_branch") and user.branch_id:
        return advisors.filter(branch=user.branch_id)
    return advisors.filter(pk=user.pk).exclude(branch=None)


def colleagues_of(user: User) -> QuerySet[User]:
    """Who may stand in for those of `may_be_absent`; nobody but a superuser names himself."""
    advisors = roles.at_the_desk().exclude(pk=user.pk).order_by("last_name", "first_name", "pk")
    return advisors.exclude(branch=None) if user.is_superuser else advisors.filter(branch=user.branch_id)


def _judge(absent: User, substitute: User, starts_on: date, ends_on: date, by: Actor) -> None:
    if by.person.pk == substitute.pk or not (by.person.pk == absent.pk or by.person.manages(absent)):
        raise NotHisToSay
    both = roles.at_the_desk().filter(pk__in=(absent.pk, substitute.pk), branch=absent.branch_id)
    if absent.branch_id is None or both.count() != 2:
        raise NotColleagues
    today = timezone.localdate()
    if not today <= starts_on <= today + EARLIEST or not starts_on <= ends_on <= starts_on + LONGEST:
        raise WrongDays
    others = Substitution.objects.filter(absent=absent, ended_at=None, starts_on__lte=ends_on, ends_on__gte=starts_on)
    if others.exists():
        raise Overlaps


def _note(kind: Event, substitution: Substitution, by: Actor) -> None:
    details = {
        "staff_name": substitution.absent.username,
        "substitute": substitution.substitute.username,
        "days_away": substitution.days,
    }
    journal.record(kind, owner=substitution.absent, by=by, details=details)


def _tell_absent(made: Substitution) -> None:
    """Whose clients somebody else has given to a colleague learns it."""
    absent, facts = made.absent, {"by": str(made.declared_by), "substitute": str(made.substitute), "days": made.days}
    told = {"recipient": absent.notification_email(), "salutation": absent.salutation()}
    notices.tell(Mail.STAND_IN, owner=absent, at=made.declared_at, **facts, **told)
