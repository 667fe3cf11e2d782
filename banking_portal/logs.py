"""What no line of the log may hold, and how many lines a refusal takes."""

import logging
import re
from http import HTTPStatus

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
