"""What an advisor begins his day with: acts to approve, closings to finish, clients to call, the sheets he had open.

Each list is read by an index and ends after a few; none counts what grows with the bank.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import NamedTuple

from django.contrib.admin import AdminSite
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from accounts.desk import branches, closings, second_advisor, substitutes
from accounts.desk.closings import ToFinish
from accounts.desk.dual_control import DualControlAdmin
from accounts.desk.second_advisor import WaitingActs
from accounts.kinds import Event
from accounts.models import Client, User
from auth_codes import wording
from auth_codes.lockout import counters
from auth_codes.models import AccessLock, DualControlAct, SealedLetter, SecurityEvent
from auth_codes.models.letters import ISSUED_LIFETIME

SHOWN = 8
# Enough lines to find as many different clients in.
READ = 40
# A letter has arrived, and whoever wanted to has used it.
UNUSED_FOR = timedelta(days=15)
BLOCKED_WITHIN = timedelta(days=30)


class ToApprove(NamedTuple):
    """An act that waits for a second person, and its page; `manager` is who alone approves it, empty for `user`."""

    what: str
    about: str
    started_by: User
    started_at: datetime
    page: str
    manager: str = ""


class ToCall(NamedTuple):
    """A client of one's own who cannot enter his space, why, and since when."""

    client: Client
    why: str
    detail: str
    is_blocked: bool
    since: datetime


def shown_to(
    user: User, site: AdminSite, waiting: WaitingActs, now: datetime
) -> dict[str, Sequence[ToApprove | ToFinish | ToCall | Client]]:
    """For the desk's first page: nothing that `user` has no right to see."""
    sees_clients = user.has_perm("accounts.view_client")
    return {
        "to_approve": to_approve(user, site, waiting, now),
        "to_finish": closings.to_finish(user, now) if sees_clients else [],
        "to_call": to_call(user, now) if sees_clients else [],
        "recent_sheets": recent_sheets(user) if sees_clients else [],
    }


def to_approve(user: User, site: AdminSite, waiting: WaitingActs, now: datetime) -> list[ToApprove]:
    """The acts that wait the longest, of every kind that `user` may decide; none that he began or is about him.

    Those that only a branch manager may approve come last.
    """
    desks = [desk for desk in site._registry.values() if isinstance(desk, DualControlAdmin)]
    theirs = (act for desk in desks if desk.model in waiting.authors for act in _waiting(user, desk, waiting, now))
    return sorted(theirs, key=lambda act: (bool(act.manager), act.started_at))[:SHOWN]


def to_call(user: User, now: datetime) -> list[ToCall]:
    """Clients of one's own who have locked their access, who are blocked, and whose first letter lies unused."""
    return [*_locked(user), *islice(_blocked(user, now), SHOWN), *_unused(user, now)]


def recent_sheets(user: User) -> list[Client]:
    """Whose sheets `user` had open, the latest first."""
    numbers = dict.fromkeys(looks_of(user).values_list("details__client", flat=True))
    own = user.own_sheets()
    shown = [number for number in numbers if number and number not in own][:SHOWN]
    known = Client.objects.in_bulk(shown)
    return [known[number] for number in shown if number in known]


def looks_of(user: User) -> QuerySet[SecurityEvent]:
    """The last lines of sheets that `user` had open."""
    return SecurityEvent.objects.filter(by=user, kind=Event.CLIENT_CONSULTED).order_by("-at")[:READ]


def blocks_of_clients(user: User, now: datetime) -> QuerySet[SecurityEvent]:
    """The last lines of blocks of the clients of his portfolio and of those he stands in for."""
    blocks = SecurityEvent.objects.filter(kind=SecurityEvent.Kind.LOGIN_BLOCKED, at__gt=now - BLOCKED_WITHIN)
    own = blocks.filter(owner__client__advisor__in=substitutes.portfolios_of(user))
    return own.select_related("owner__client").order_by("-at")[:READ]


def locks_of_clients(user: User) -> QuerySet[AccessLock]:
    """The last locks that those clients have put on their access, and that stand."""
    # Asked of each standing lock, of which there are few: a join may begin at all the clients of an advisor.
    own = Client.objects.filter(user=OuterRef("owner"), advisor__in=substitutes.portfolios_of(user), ended_on=None)
    standing = AccessLock.objects.standing().filter(Exists(own))
    return standing.prefetch_related("owner__client").order_by("-at")[:SHOWN]


def unused_letters(user: User, now: datetime) -> QuerySet[SealedLetter]:
    """The first letters of those clients that lie unused, the oldest first."""
    own = SealedLetter.objects.unused().filter(owner__client__advisor__in=substitutes.portfolios_of(user))
    first = own.filter(occasion=SealedLetter.Occasion.FIRST)
    lying = first.filter(issued_at__lte=now - UNUSED_FOR, issued_at__gt=now - ISSUED_LIFETIME)
    return lying.select_related("owner__client", "batch").order_by("issued_at")[:SHOWN]


def _waiting(user: User, desk: DualControlAdmin, waiting: WaitingActs, now: datetime) -> Iterator[ToApprove]:
    kind: type[DualControlAct] = desk.model
    own = set(user.own_sheets())
    open_ones = branches.of_his_branch(kind.objects.open_at(now), user)
    acts = desk.with_people(open_ones.exclude(started_by=user)).order_by("started_at")
    stopped = Q(started_by__in=waiting.beyond if second_advisor.counts(kind) else ())
    for act in chain(acts.exclude(stopped)[:SHOWN], acts.filter(stopped)[:SHOWN]):
        clients = list(desk.clients_shown(act))
        if not own.intersection(client.pk for client in clients):
            about = str(clients[-1]) if clients else ""
            page = reverse(f"admin:{kind._meta.app_label}_{kind._meta.model_name}_change", args=[act.pk])
            manager = second_advisor.manager_of(act.started_by) if waiting.is_beyond(act) else ""
            yield ToApprove(act.title, about, act.started_by, act.started_at, page, manager)


def _locked(user: User) -> Iterator[ToCall]:
    for lock in locks_of_clients(user):
        yield ToCall(lock.owner.client, "accès verrouillé", f"par le client, référence {lock.reference}", True, lock.at)


def _blocked(user: User, now: datetime) -> Iterator[ToCall]:
    latest = {line.owner_id: line for line in reversed(blocks_of_clients(user, now))}
    lines = sorted(latest.values(), key=lambda line: line.at, reverse=True)
    keys = {line.owner_id: counters.client_counter(line.owner.username) for line in lines if line.owner}
    standings = counters.standings(keys.values(), now)
    for line in lines:
        standing = standings.get(keys[line.owner_id].key)
        if standing and standing.block and line.owner:
            until = standing.block.until
            ends = f"jusqu’au {wording.short_moment(until)}" if until else "jusqu’au renouvellement du code"
            failed = ngettext("{} code erroné", "{} codes erronés", standing.failures).format(standing.failures)
            yield ToCall(line.owner.client, "connexion en pause", f"{failed}, {ends}", True, line.at)


def _unused(user: User, now: datetime) -> Iterable[ToCall]:
    for letter in unused_letters(user, now):
        if letter.is_alive(now):
            ends = f"le code expire le {wording.short_day(letter.expires_at())}"
            yield ToCall(letter.owner.client, "espace jamais ouvert", ends, False, letter.issued_at)
