"""Closings that are asked of their holders, as the desk shows them: who has agreed, and which are now the advisor's."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Prefetch
from django.urls import reverse
from django.utils import timezone

from accounts.bank_accounts import closing_requests
from accounts.desk import substitutes
from accounts.models import BankAccount, Client, ClosingAgreement, ClosingRequest, User
from accounts.models.closings import ClosingRequestQuerySet
from auth_codes import wording

SHOWN = 8
# A week's holidays apart, who asked has been at his desk since.
ENDS_SHOWN_FOR = timedelta(days=7)
READY = "tous les accords demandés en ligne sont donnés"
Outcome = ClosingRequest.Outcome


class Agreement(NamedTuple):
    """Who agrees, and how that stands."""

    who: str
    said: str


class ClosingFile(NamedTuple):
    """What is kept with an account of its last closing, carried out or not; `is_open` while it may be answered."""

    request: ClosingRequest
    agreements: Sequence[Agreement]
    outcome: str
    is_open: bool


class ToFinish(NamedTuple):
    """A closing that waits for who asked for it, or has come to nothing of late: the account's page, and why."""

    account: BankAccount
    client: Client
    why: str
    is_ready: bool
    since: datetime
    page: str


def file_of(account: BankAccount) -> ClosingFile | None:
    """None of an account whose closing nobody has asked for."""
    asked = ClosingRequest.objects.with_agreements().filter(account=account).first()
    if asked is None:
        return None
    outcome = closing_requests.outcome_of(asked, timezone.localdate())
    words = str(Outcome(outcome).label) if outcome else ""
    return ClosingFile(
        asked, [_in_words(row, is_over=bool(outcome)) for row in asked.agreements.all()], words, not outcome
    )


def to_finish(user: User, now: datetime) -> list[ToFinish]:
    """Those of his own and of those he stands in for: ready to be closed, the oldest first, then ended of late."""
    theirs = _latest_of(user)
    ready = theirs.standing().answered().order_by("started_at")[:SHOWN]
    without = (Outcome.REFUSED, Outcome.LAPSED, Outcome.CHANGED)
    ended = theirs.filter(outcome__in=without, ended_at__gt=now - ENDS_SHOWN_FOR).order_by("-ended_at")[:SHOWN]
    today = timezone.localdate(now)
    return [*(_ready(asked, closing_requests.outcome_of(asked, today)) for asked in ready), *map(_ended, ended)]


def _latest_of(user: User) -> ClosingRequestQuerySet:
    """The last one of each account; none of an account that he holds himself."""
    theirs = ClosingRequest.objects.filter(started_by__in=substitutes.portfolios_of(user))
    later = ClosingRequest.objects.filter(account=OuterRef("account"), pk__gt=OuterRef("pk"))
    holders = Prefetch("account__holders", Client.objects.order_by("holdings__id"))
    latest = theirs.filter(~Exists(later)).exclude(account__holders__in=user.own_sheets())
    return latest.with_agreements().prefetch_related(holders)


def _ready(asked: ClosingRequest, outcome: str) -> ToFinish:
    why = str(Outcome(outcome).label) if outcome else READY
    since = max((row.answered_at for row in asked.agreements.all() if row.answered_at), default=asked.started_at)
    return _shown(asked, why, is_ready=not outcome, since=since)


def _ended(asked: ClosingRequest) -> ToFinish:
    return _shown(asked, str(Outcome(asked.outcome).label), is_ready=False, since=asked.ended_at or asked.started_at)


def _shown(asked: ClosingRequest, why: str, *, is_ready: bool, since: datetime) -> ToFinish:
    client = asked.account.holders.all()[0]
    page = reverse("admin:account_close", args=[client.pk, asked.account_id])
    return ToFinish(asked.account, client, why, is_ready, since, page)


def _in_words(row: ClosingAgreement, *, is_over: bool) -> Agreement:
    who = f"{row.signer} pour {row.holder}" if row.is_for_another else str(row.holder)
    if row.answered_at is None:
        return Agreement(who, "pas de réponse en ligne" if is_over else "réponse attendue en ligne")
    at = wording.moment(row.answered_at)
    if row.is_on_paper:
        by = f" par {row.confirmed_by}" if row.confirmed_by else ""
        return Agreement(who, f"accord signé sur papier, enregistré le {at}{by}")
    return Agreement(who, f"accord donné en ligne le {at}" if row.is_agreed else f"refus en ligne le {at}")
