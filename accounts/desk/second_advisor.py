"""What waits for an advisor who did not begin it: acts to approve, addresses to confirm."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.auth import get_permission_codename
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.clients import daily_number
from accounts.desk import branches
from accounts.models import Client, StaffRequest, User
from auth_codes import dual_control
from auth_codes.models import DualControlAct
from auth_codes.renewals import online

# A week's holidays apart, who asked has been at his desk since.
LAPSES_SHOWN_FOR = timedelta(days=7)
MOST_COUNTED = 100
HELD_SHOWN = 20


class ActsToApprove(NamedTuple):
    """How many acts of a kind wait, in words, and the page where they do."""

    words: str
    page: str


class Unanswered(NamedTuple):
    """What somebody has asked for and nobody has judged in time, since when, and its page."""

    what: str
    started_at: datetime
    page: str


class HeldRequest(NamedTuple):
    """« Code secret oublié », asked online, whose letter waits for an address that was changed."""

    client: Client
    requested_at: datetime


class WaitingActs(NamedTuple):
    """Who began the acts that somebody may decide, by their kinds, as many as one looks at.

    Of those `beyond`, whom the daily number has stopped, the manager of their branch approves, and he alone.
    """

    authors: Mapping[type[DualControlAct], Sequence[int]]
    beyond: Collection[int]

    def is_beyond(self, act: DualControlAct) -> bool:
        return counts(type(act)) and act.started_by_id in self.beyond


def waiting_for(user: User, kinds: Iterable[type[DualControlAct]], now: datetime) -> WaitingActs:
    """What waits for `user` and is not his own; a count of all of it would grow with the bank."""
    open_ones = {kind: kind.objects.open_at(now).exclude(started_by=user) for kind in kinds if may_decide(user, kind)}
    of_his = {kind: branches.of_his_branch(acts, user) for kind, acts in open_ones.items()}
    authors = {kind: list(acts.values_list("started_by", flat=True)[:MOST_COUNTED]) for kind, acts in of_his.items()}
    counted = {key for kind, keys in authors.items() if counts(kind) for key in keys}
    people = User.objects.filter(pk__in=counted) if counted else []
    return WaitingActs(authors, daily_number.out_of_reach(user, people, now))


def counts(kind: type[DualControlAct]) -> bool:
    """Whether acts of this kind count towards the daily number."""
    return kind is not StaffRequest


def manager_of(author: User) -> str:
    """Who approves what the daily number has stopped."""
    return f"le directeur de l’agence « {author.branch} »" if author.branch else "le directeur de son agence"


def shown_to(user: User, waiting: WaitingActs) -> dict[str, list[ActsToApprove] | list[HeldRequest] | list[Unanswered]]:
    """For the desk's templates: nothing that `user` has no right to end."""
    now = timezone.now()
    return {
        "acts_to_approve": acts_to_approve(waiting),
        "unanswered": unanswered(user, now),
        "held_requests": held_requests(user) if user.has_perm("accounts.change_client") else [],
    }


def acts_to_approve(waiting: WaitingActs) -> list[ActsToApprove]:
    """One for each kind of act of which some wait that may be approved by who looks."""
    numbers = {
        kind: sum(not (counts(kind) and author in waiting.beyond) for author in authors)
        for kind, authors in waiting.authors.items()
    }
    return [ActsToApprove(kind.waiting_in_words(number), _page(kind)) for kind, number in numbers.items() if number]


def unanswered(user: User, now: datetime) -> list[Unanswered]:
    """What `user` himself has asked for that has lapsed in the last days, whether or not it is written down yet."""
    late = [act for kind in dual_control.kinds() if may_decide(user, kind) for act in _lapsed(user, kind, now)]
    return [Unanswered(act.title, act.started_at, _page_of(act)) for act in late]


def may_decide(user: User, kind: type[DualControlAct]) -> bool:
    """Whether he may answer acts of this kind at all."""
    return user.has_perm(f"{kind._meta.app_label}.{get_permission_codename('change', kind._meta)}")


def held_requests(user: User) -> list[HeldRequest]:
    """The requests that `user` frees by confirming the address, the oldest first; a manager's are his branch's."""
    requested_at = dict(online.held().values_list("client_code", "requested_at"))
    clients = branches.of_his_advisors(Client.objects.filter(client_code__in=requested_at), user)
    waiting = [
        HeldRequest(who, requested_at[who.client_code or ""]) for who in clients if who.address_awaits_confirmation
    ]
    return sorted(waiting, key=lambda request: request.requested_at)[:HELD_SHOWN]


def _lapsed(user: User, kind: type[DualControlAct], now: datetime) -> QuerySet[DualControlAct]:
    recent = Q(decision=DualControlAct.Decision.LAPSED, decided_at__gt=now - LAPSES_SHOWN_FOR)
    own = kind.objects.filter(started_by=user)
    return own.filter(recent) | own.lapsed_at(now)


def _page_of(act: DualControlAct) -> str:
    return reverse(f"admin:{act._meta.app_label}_{act._meta.model_name}_change", args=[act.pk])


def _page(kind: type[DualControlAct]) -> str:
    return reverse(f"admin:{kind._meta.app_label}_{kind._meta.model_name}_changelist")
