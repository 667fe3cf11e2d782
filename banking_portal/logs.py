"""What no line of the log may hold."""

import logging
import re

LINK = re.compile(r"(/premier-acces/)[^/\s\"']+")


class HideLinks(logging.Filter):
    """Leaves the token of a one-time link out of a line: Django logs the addresses that it refuses."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        if LINK.search(said):
            record.msg, record.args = LINK.sub(r"\1…", said), ()
        return True
