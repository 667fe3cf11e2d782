"""What Prometheus is shown: what the processes counted, and what waits in the database at the moment of asking.

The database is asked here, by the process that serves the figures, and never by a page: a page costs no statement more.
What is asked has an index, so that it does not grow with the bank. Nothing names anybody: labels are names of commands,
alarms and parts, all written in the code.
"""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Min, QuerySet
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from accounts.management.results import TIMERS
from accounts.models import CommandRun, PostalItem
from auth_codes import notices, readiness
from auth_codes.lockout import watch
from auth_codes.measures import files
from auth_codes.models import AccessLock, RenewalRequest, SealedLetter
from auth_codes.readiness import Part

# Scrapes that come more often are answered from memory: several Prometheus, or somebody's browser, cost the same.
KEPT_SECONDS = 5.0
ALARMS = (watch.BINDING_BROKEN, watch.COUNTERS_FULL, watch.MANY_FAILURES)


class Processes(Collector):
    """The figures of all processes of this machine, added up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def collect(self) -> Iterator[Metric]:
        yield from MultiProcessCollector.merge(list(map(str, files.present(self.folder))))


class Database(Collector):
    """What the database holds, asked once in a few seconds. `leave`: how the thread of a scrape lets go of it."""

    def __init__(self, leave: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        self.leave, self.clock = leave, clock
        self._kept: list[Metric] = []
        self._until = 0.0

    def collect(self) -> list[Metric]:
        if self.clock() >= self._until:
            try:
                self._kept = list(_asked())
            finally:
                self.leave()
            self._until = self.clock() + KEPT_SECONDS
        return self._kept


def _asked() -> Iterator[Metric]:
    missing = readiness.missing()
    ready = _gauge("portal_ready", "Whether this part of what a server needs is there.", "part")
    for part in Part:
        ready.add_metric([part], part not in missing)
    yield ready
    yield GaugeMetricFamily("portal_hash_slots_per_process", "HASHING_SLOTS.", settings.HASHING_SLOTS)
    if missing & {Part.DATABASE, Part.MIGRATIONS}:
        return
    try:
        yield from [*_waiting(timezone.now()), _alarms(timezone.now()), *_commands()]
    except DatabaseError:
        return  # it went away meanwhile: the next scrape says so


def _waiting(now: datetime) -> Iterator[Metric]:
    """How many wait of each kind, and since when the oldest of them does."""
    requests = RenewalRequest.objects.filter(handled_at=None)
    lines: dict[str, tuple[QuerySet, str]] = {
        "sealed_letter": (SealedLetter.objects.waiting(), "issued_at"),
        "post_letter": (PostalItem.objects.waiting(), "queued_at"),
        "letter_request": (requests.filter(held_at=None), "requested_at"),
        "held_letter_request": (requests.filter(held_at__isnull=False), "requested_at"),
        "notice": (notices.waiting(), "at"),
        "locked_access": (AccessLock.objects.standing().filter(owner__is_active=True), "at"),
    }
    numbers = _gauge("portal_waiting", "How many wait to leave, by what they are.", "what")
    ages = _gauge("portal_oldest_waiting_seconds", "How long the oldest of them has waited; 0 for none.", "what")
    for what, (rows, since) in lines.items():
        oldest = rows.aggregate(oldest=Min(since))["oldest"]
        numbers.add_metric([what], rows.count())
        ages.add_metric([what], max(0.0, (now - oldest).total_seconds()) if oldest else 0.0)
    yield from (numbers, ages)


def _alarms(now: datetime) -> Metric:
    standing = {alarm.name for alarm in watch.alarms(now)}
    alarms = _gauge("portal_alarm", "Whether this alarm stands.", "alarm")
    for alarm in ALARMS:
        alarms.add_metric([alarm], alarm in standing)
    return alarms


def _commands() -> Iterator[Metric]:
    """Of each timer's command that has run: when it last succeeded, and how its last run ended."""
    succeeded = _gauge("portal_command_last_success_timestamp_seconds", "When this command last ended well.", "command")
    ended = _gauge("portal_command_last_end_timestamp_seconds", "When this command last ended.", "command")
    code = _gauge("portal_command_last_exit_code", "How its last run ended: 0 is well, 130 interrupted.", "command")
    took = _gauge("portal_command_last_duration_seconds", "How long its last run took.", "command")
    for name in sorted(TIMERS):
        runs = CommandRun.objects.filter(name=name).order_by("-ended_at", "-id")
        for good in runs.filter(exit_code=0)[:1]:
            succeeded.add_metric([name], good.ended_at.timestamp())
        for latest in runs[:1]:
            ended.add_metric([name], latest.ended_at.timestamp())
            code.add_metric([name], latest.exit_code)
            took.add_metric([name], (latest.ended_at - latest.started_at).total_seconds())
    yield from (succeeded, ended, code, took)


def _gauge(name: str, told: str, label: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, told, labels=[label])
