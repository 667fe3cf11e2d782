"""LOG_FORMAT=json: one JSON object a line, for whoever collects logs, holding nothing that a customer has typed or is.

A line has only the fields below: what a library adds to a record of its own (Django adds the whole request) is left
out. Of an error stands what it is and where it was raised, not what it says: databases quote the row that they refuse.
"""

import logging
import re
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime

from django.http import HttpRequest
from pythonjsonlogger.json import JsonFormatter

from banking_portal import request_ids

HIDDEN = "…"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# Our own lines name rows by their keys, which have digits too; no other number stands in them.
OURS = ("accounts.", "auth_codes.", "banking_portal.")
# What a message may quote: what follows a question mark, e-mails, IBAN.
_PERSONAL = (
    re.compile(r"\?\S*"),
    re.compile(r"[^\s@/<>\"'=(]+(?:@|%40)[^\s@/<>\"']+", re.IGNORECASE),
    re.compile(r"\b[A-Z]{2}\d{2}(?:[\s._-]|%20)?(?:[A-Z0-9](?:[\s._-]|%20)?){11,30}\b", re.IGNORECASE),
)
# And of others' lines codes, numbers of clients, of cards, of accounts, telephones and birth dates, spaced or not.
_DIGITS = re.compile(r"\+?\d(?:(?:[\s._/-]|%20)?\d){3,}")


def said(record: logging.LogRecord) -> str:
    """The message without what may be somebody's: of a request how it was answered, and by which pattern of address."""
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest):
        return f"{getattr(record, 'status_code', '')} {_method(request)} {_pattern(request)}".strip()
    text = hide(record.getMessage())
    return text if record.name.startswith(OURS) else _DIGITS.sub(HIDDEN, text)


def _method(request: HttpRequest) -> str:
    return request.method if request.method in METHODS else HIDDEN


def _pattern(request: HttpRequest) -> str:
    """As urls.py writes it, without what filled it; an address that no page has may hold anything."""
    match = request.resolver_match
    return f"/{match.route}" if match else HIDDEN


def hide(text: str) -> str:
    """The text without what is nobody's key in the database."""
    for pattern in _PERSONAL:
        text = pattern.sub(HIDDEN, text)
    return text


class PortalJsonFormatter(JsonFormatter):
    """The moment in UTC, the level, who writes, what, in which request, and the error."""

    def add_fields(
        self, log_data: dict[str, object], record: logging.LogRecord, message_dict: Mapping[str, object]
    ) -> None:
        log_data["at"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data["level"], log_data["logger"] = record.levelname, record.name
        log_data["message"] = said(record)
        about = getattr(record, "request", None)
        if request_id := request_ids.present() or getattr(about, "request_id", ""):
            log_data["request_id"] = request_id
        if record.exc_info and record.exc_info[1]:
            log_data["error"] = raised(record.exc_info[1])


def raised(error: BaseException) -> list[dict[str, object]]:
    """The error and what it came from, the first one last: its kind, a database's code, and the places it went by."""
    told, seen = [], set()
    step: BaseException | None = error
    while step is not None and id(step) not in seen:
        seen.add(id(step))
        told.append(_one(step))
        step = step.__cause__ or (None if step.__suppress_context__ else step.__context__)
    return told


def _one(error: BaseException) -> dict[str, object]:
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    told: dict[str, object] = {"kind": f"{type(error).__module__}.{type(error).__qualname__}", "places": places}
    if sqlstate := getattr(error, "sqlstate", None):
        told["sqlstate"] = sqlstate
    return told
