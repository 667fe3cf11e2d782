"""What no line of the log may hold, and how many lines a refusal takes."""

import logging
import re
import time
from http import HTTPStatus

from banking_portal.database_errors import is_out_of_reach

LINK = re.compile(r"(/premier-acces/)[^/\s\"']+")


class HideLinks(logging.Filter):
    """Leaves the token of a one-time link out of a line: Django logs the addresses that it refuses."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if LINK.search(said):
            record.msg, record.args = LINK.sub(r"\1…", said), ()
        return True


class OneLineForRefusals(logging.Filter):
    """Leaves the traceback out of what was refused: whoever sends nonsense fills no disk. Our own faults keep it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", HTTPStatus.INTERNAL_SERVER_ERROR) < HTTPStatus.INTERNAL_SERVER_ERROR:
            record.exc_info = record.exc_text = None
        return True


class OneLineForNoDatabase(logging.Filter):
    """Leaves the traceback out of a page that found no database: there may be thousands of them, all alike."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and is_out_of_reach(record.exc_info[1]):
            record.exc_info = record.exc_text = None
        return True


class OnceInAWhile(logging.Filter):
    """Lets one line through in ten seconds."""

    SECONDS = 10.0

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self._next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self.SECONDS
        return True
