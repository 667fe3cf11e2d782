"""How many acts of one person colleagues approve in a day; above it the manager of the branch does, and he alone.

A second advisor who reads each request approves few. Two who work for a thief, or one who no longer reads, are stopped
by the number: whoever began too many needs the manager, and so does whoever approved too many. Renewals, accesses,
identities and confirmed contacts count together, those of the staff's administrators not at all.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from accounts.models import ContactChange, StaffRequest, User
from auth_codes import dual_control
from auth_codes.actor import Actor
from auth_codes.models import DualControlAct

# The bank's own figure: three times what an advisor asks for on a full day.
A_DAY = 15
DAY = timedelta(hours=24)


def judge(asked: DualControlAct, *, by: Actor, now: datetime) -> None:
    """Asked at each approval, in its transaction. Raises AboveDailyNumber."""
    if not isinstance(asked, StaffRequest):
        judge_all([asked.started_by], by=by, now=now)


def judge_all(authors: Collection[User], *, by: Actor, now: datetime) -> None:
    """The same for what several have begun. Raises AboveDailyNumber."""
    approver = by.person
    # Of many at once each counts those before it: all of them wait for the same rows, in one order.
    everybody = {approver.pk, *(author.pk for author in authors)}
    list(User.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=everybody).order_by("pk"))
    if not all(approver.manages(author) for author in authors) and is_above(authors, approver, now):
        raise dual_control.AboveDailyNumber


def is_above(authors: Collection[User], approver: User, now: datetime) -> bool:
    """Whether one more of these authors', or one more by this second advisor, is above the number."""
    return _approved_by(approver, now) >= A_DAY or any(_approved_of(author, now) >= A_DAY for author in authors)


def needs_manager(authors: Collection[User], person: User, now: datetime) -> bool:
    """What a page says before `person` answers."""
    return not all(person.manages(author) for author in authors) and is_above(authors, person, now)


def out_of_reach(person: User, authors: Iterable[User], now: datetime) -> set[int]:
    """The keys of those whose acts `person` approves none of for the moment: the managers of their branches do."""
    others = {author.pk for author in authors if not person.manages(author)}
    if not others or _approved_by(person, now) >= A_DAY:
        return others
    return {author for author, number in _approved_of_each(others, now).items() if number >= A_DAY}


def _approved_of_each(authors: Collection[int], now: datetime) -> Counter[int]:
    """As `_approved_of`, of several by one question a kind."""
    since, numbers = now - DAY, Counter[int]()
    for approved in _approved_since(since):
        of_each = approved.filter(started_by__in=authors).order_by().values_list("started_by")
        numbers.update(dict(of_each.annotate(Count("pk"))))
    confirmed = ContactChange.objects.filter(
        changed_by__in=authors, confirmed_at__gt=since, confirmed_by__is_staff=True
    )
    numbers.update(dict(confirmed.order_by().values_list("changed_by").annotate(Count("client", distinct=True))))
    return numbers


def _approved_of(author: User, now: datetime) -> int:
    return _approved(now, Q(started_by=author), Q(changed_by=author))


def _approved_by(approver: User, now: datetime) -> int:
    return _approved(now, Q(decided_by=approver), Q(confirmed_by=approver))


def _approved(now: datetime, acts: Q, contacts: Q) -> int:
    """A client whose contacts were confirmed is one act, however many they were."""
    confirmed = ContactChange.objects.filter(contacts, confirmed_at__gt=now - DAY, confirmed_by__is_staff=True)
    own = sum(approved.filter(acts).count() for approved in _approved_since(now - DAY))
    return own + confirmed.values("client").distinct().count()


def _approved_since(since: datetime) -> Iterator[QuerySet[DualControlAct]]:
    for kind in dual_control.kinds():
        if kind is not StaffRequest:
            yield kind._default_manager.filter(decision=DualControlAct.Decision.APPROVED, decided_at__gt=since)
