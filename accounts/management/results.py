"""Notes how a timer's command has ended, and the numbers of the JSON line that it printed, for the operators' page."""

import json
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TextIO

from django.apps import apps
from django.db import DatabaseError
from django.utils import timezone

log = logging.getLogger(__name__)

# Those that docs/operating.md has run again and again; a command that somebody types tells him himself.
TIMERS = frozenset(
    {
        "check_factors", "check_ledger", "check_owners", "clearsessions", "end_representations", "erase_clients",
        "export_post",
        "export_sealed_letters", "fill_search_words", "forget_former_contacts", "forget_unconfirmed_transfers",
        "issue_lists", "issue_requested_letters", "issue_statements", "keep_month_sums", "lapse_closings",
        "lapse_requests",
        "note_expired_codes", "purge_attempts", "purge_challenges", "purge_journal", "purge_papers", "purge_post",
        "seal_journal",
        "send_notices", "watch_logins",
    }
)  # fmt: skip
KEPT_FOR = timedelta(days=30)
INTERRUPTED = 130


class Overheard:
    """An output that remembers its last line."""

    def __init__(self, output: TextIO) -> None:
        self.output = output
        self.last = ""

    def write(self, text: str) -> int:
        lines = [line for line in text.splitlines() if line.strip()]
        self.last = lines[-1] if lines else self.last
        return self.output.write(text)

    def __getattr__(self, name: str) -> object:
        return getattr(self.output, name)


@contextmanager
def noted(arguments: Sequence[str]) -> Iterator[None]:
    """Around a run of manage.py with these arguments."""
    name = arguments[1] if len(arguments) > 1 else ""
    if name not in TIMERS or "--help" in arguments:
        yield
        return
    started_at, heard, exit_code = timezone.now(), Overheard(sys.stdout), 1
    sys.stdout = heard
    try:
        yield
        exit_code = 0
    except SystemExit as end:
        exit_code = end.code if isinstance(end.code, int) else 1
        raise
    except KeyboardInterrupt:
        exit_code = INTERRUPTED
        raise
    finally:
        sys.stdout = heard.output
        _keep(name, started_at, exit_code, _figures(heard.last))


def _figures(line: str) -> dict[str, int | float]:
    """The numbers of a JSON line: what is a text in it may name somebody."""
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    figures = told.items() if isinstance(told, dict) else ()
    return {name: value for name, value in figures if isinstance(value, int | float)}


def _keep(name: str, started_at: datetime, exit_code: int, figures: dict[str, int | float]) -> None:
    """Nothing is kept, and nothing fails, where the database is out of reach or not migrated yet."""
    if not apps.ready:
        return
    runs, ended_at = apps.get_model("accounts", "CommandRun")._default_manager, timezone.now()
    try:
        runs.create(name=name, started_at=started_at, ended_at=ended_at, exit_code=exit_code, figures=figures)
        earlier = runs.filter(name=name, ended_at__lt=ended_at - KEPT_FOR)
        # When it last went well is told for ever: a command of each month must not seem never to have run.
        latest_good = runs.filter(name=name, exit_code=0).order_by("-ended_at", "-id").values_list("pk", flat=True)[:1]
        earlier.exclude(pk__in=list(latest_good)).delete()
    except DatabaseError:
        log.warning("The result of %s was not kept", name)
