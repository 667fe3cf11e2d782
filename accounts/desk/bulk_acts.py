"""Acts in bulk by one person at the desk: counted in the journal, told to the auditors.

Whoever copies the clientele, or closes what he can before he leaves, does with each client what he may do: only how
many there are tells. Refused are only a sheet without a reason in words and, of who has one, his second moyen, see
sheets.py; and, to who has seen too many people by his searches, one more that may show many.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.expressions import Combinable
from django.utils import timezone

from accounts.desk import roles
from accounts.kinds import Event, Mail
from accounts.models import User
from auth_codes import journal, notices, wording
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.kinds import InWords, LineKind, among
from auth_codes.measures import series
from auth_codes.models import SecurityEvent

log = logging.getLogger(__name__)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# A long weekend: who comes back reads what happened meanwhile.
ALARMS_STAND = timedelta(days=4)
ALARMS_SHOWN = 20
WITHIN = {"hour": "en une heure", "day": "en un jour"}


Counted = Callable[[Q], Combinable]


def _lines(when: Q) -> Count:
    return Count("pk", distinct=True, filter=when)


def _sheets(when: Q) -> Count:
    return Count("subject_row__subject", distinct=True, filter=when)


def _people(when: Q) -> Combinable:
    """Whom searches have shown; one that showed nobody has tried somebody."""
    return Count("mentions__subject", distinct=True, filter=when) + Count("pk", filter=when & Q(mentions=None))


class Most(NamedTuple):
    """How much of an act one person does in an hour and in 24 of them before it is told, and how it reads."""

    hour: int
    day: int
    words: str
    counted: Counted = _lines
    alarm: LineKind = Event.BULK_ALARM


SHEETS_AN_HOUR, SHEETS_A_DAY = 40, 200
# A line of results says who somebody is and no way to reach him, no account and no paper: five are less than a sheet.
RESULTS_FOR_A_SHEET = 5

# By kind of line.
MOST: Mapping[LineKind, Most] = {
    # Forty sheets in an hour, one every ninety seconds, and two hundred in a day are the bank's own figures; a sheet
    # that is opened again is no other one.
    Event.CLIENT_CONSULTED: Most(SHEETS_AN_HOUR, SHEETS_A_DAY, "fiches ouvertes", _sheets, Event.SHEETS_ALARM),
    # A search shows 25 people at most; who asks for the birth date is shown one.
    Event.CLIENTS_SEARCHED: Most(
        SHEETS_AN_HOUR * RESULTS_FOR_A_SHEET,
        SHEETS_A_DAY * RESULTS_FOR_A_SHEET,
        "personnes cherchées dans la liste des clients",
        _people,
    ),
    # Each of them is explained: whoever reads that sends few.
    Event.SEARCH_REFUSED: Most(15, 60, "recherches de clients refusées"),
    # Fifty lines a page; lines about one client, with a reason, are sheets.
    Event.JOURNAL_READ: Most(60, 300, "pages du journal lues"),
    # One is written by hand in some minutes.
    Event.LETTER_WRITTEN: Most(15, 60, "courriers écrits"),
    # One caller in some minutes, to whom it is read digit by digit.
    Event.CODE_SHOWN: Most(20, 60, "codes clients montrés"),
    Event.CODE_SENT: Most(20, 60, "codes clients envoyés par courrier"),
    # Rare: a fraud, a death. Each shuts somebody out until a letter reaches him.
    SecurityEvent.Kind.ACCESS_CLOSED: Most(5, 15, "accès fermés"),
    SecurityEvent.Kind.SESSIONS_SHUT: Most(5, 15, "clients déconnectés"),
    Event.CLIENT_ENDED: Most(5, 15, "fins de relation notées"),
    # As many lines as holders: four joint accounts, and eight of one holder.
    Event.ACCOUNT_CLOSED: Most(8, 24, "comptes clôturés, comptés pour chaque titulaire"),
    # The same accounts; each line may be a letter.
    Event.CLOSING_ASKED: Most(12, 36, "clôtures demandées, comptées pour chaque personne"),
}


ALARMS = (Event.BULK_ALARM, Event.SHEETS_ALARM)
for _kind in MOST:
    series.bulk_alarms.labels(_kind.value)  # from the start, so that the first one is an increase


class Done(NamedTuple):
    """How often somebody did an act in the last hour and in the last 24."""

    hour: int
    day: int

    def within(self, most: Most) -> str:
        """The stretch of time in which it was more than `most`; empty when in neither."""
        if self.hour > most.hour:
            return "hour"
        return "day" if self.day > most.day else ""


def is_one_too_many(client_pk: int, by: Actor) -> bool:
    """Whether one more sheet, this client's, is more than is usual. Asked under the lock of `owners.lock`."""
    others = _done(Event.CLIENT_CONSULTED, by.person, timezone.now(), ~Q(subject_row__subject=client_pk))
    return bool(Done(others.hour + 1, others.day + 1).within(MOST[Event.CLIENT_CONSULTED]))


def is_covered(client_pk: int, by: Actor, confirmed_at: datetime, now: datetime) -> bool:
    """Whether a moyen that was shown then, to open more than is usual, is good for this client's sheet too.

    For an hour, and as many sheets as are usual in one. Asked under the same lock: of two tabs one opens the last.
    """
    if not now - HOUR < confirmed_at <= now:
        return False
    since = Q(at__gte=confirmed_at) & ~Q(subject_row__subject=client_pk)
    lines = SecurityEvent.objects.filter(since, by=by.person, kind=Event.CLIENT_CONSULTED)
    return lines.values("subject_row__subject").distinct().count() < SHEETS_AN_HOUR


def has_searched_too_much(by: Actor) -> bool:
    """Whether searches have shown more people than is usual. Asked under the lock of `owners.lock`."""
    return bool(_done(Event.CLIENTS_SEARCHED, by.person, timezone.now()).within(MOST[Event.CLIENTS_SEARCHED]))


def ring_if_many(kind: LineKind, *, by: Actor) -> None:
    """After an act: a line and a mail to each auditor when `by` has done it too often, once an hour."""
    advisor, now = by.person, timezone.now()
    with transaction.atomic():
        owners.lock(advisor)  # of two tabs the later one sees the line of the first
        done = _done(kind, advisor, now)
        within = done.within(MOST[kind])
        alarm = MOST[kind].alarm
        rung = SecurityEvent.objects.filter(kind=alarm, at__gt=now - HOUR, by=advisor, details__acts=kind.value)
        if not within or rung.exists():
            return
        details = {"acts": kind.value, "done": getattr(done, within), "within": within}
        line = journal.record(alarm, by=by, details=details)
        _tell_auditors(line, advisor)
    series.bulk_alarms.labels(kind.value).inc()
    log.error("User %s did %d %s within a %s, more than is usual", advisor.pk, details["done"], kind.value, within)


def alarms(user: User, now: datetime) -> list[str]:
    """Those of the last days as sentences, the newest first: to an auditor all, since they name an advisor.

    To the manager of a branch those of its other people that tell of sheets.
    """
    rung = _shown_to(user, SecurityEvent.objects.filter(at__gt=now - ALARMS_STAND, by__is_staff=True))
    if rung is None:
        return []
    shown = rung.select_related("by").order_by("-at", "-pk")[:ALARMS_SHOWN]
    return [f"{line.by} : {in_words(line)}, le {wording.moment(line.at)}." for line in shown]


def in_words(line: SecurityEvent) -> str:
    """« 41 fiches ouvertes en une heure »."""
    acts = {kind.value: most.words for kind, most in MOST.items()}
    return f"{line.details['done']} {acts[line.details['acts']]} {WITHIN[line.details['within']]}"


# How the details of its lines read.
DETAILS_IN_WORDS: dict[str, InWords] = {
    "acts": among({kind.value: most.words for kind, most in MOST.items()}),
    "done": str,
    "within": among(WITHIN),
}


def _done(kind: LineKind, by: User, now: datetime, which: Q | None = None) -> Done:
    """By the index of who acted, of his last 24 hours alone, whatever the rest of the journal holds."""
    lines = SecurityEvent.objects.filter(which or Q(), by=by, kind=kind, at__gt=now - DAY)
    counted = MOST[kind].counted
    return Done(**lines.aggregate(hour=counted(Q(at__gt=now - HOUR)), day=counted(Q(at__gt=now - DAY))))


def _shown_to(user: User, lines: QuerySet[SecurityEvent]) -> QuerySet[SecurityEvent] | None:
    """Of these lines the alarms that he reads; None where he reads none."""
    if roles.has_role(user, roles.AUDITORS):
        return lines.filter(kind__in=ALARMS)
    if user.branch_id and user.has_perm("accounts.manage_branch"):
        return lines.filter(kind=Event.SHEETS_ALARM, by__branch=user.branch_id).exclude(by=user)
    return None


def _tell_auditors(line: SecurityEvent, advisor: User) -> None:
    for auditor in roles.in_role(roles.AUDITORS).exclude(pk=advisor.pk).order_by("pk"):
        told = {"recipient": auditor.notification_email(), "salutation": auditor.salutation()}
        notices.tell(Mail.BULK_ACTS, owner=advisor, at=line.at, name=str(advisor), done=in_words(line), **told)
