"""Whether the database is in reach, as the last one who tried has found it.

While it is not, two threads of a process may wait for it, and the others are answered at once: else all would wait, and
with them whoever asks for a picture or for the health of the server.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import OperationalError

from banking_portal.database_errors import in_a_sentence

log = logging.getLogger(__name__)

WAIT_AT_MOST = 2
STILL_LOST = "others are waiting for it already"
BACK = "La base de données répond à nouveau."


class Reach:
    """What the threads of a process know of a database."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._is_lost = False
        self._trying = 0

    @contextmanager
    def tried(self) -> Iterator[None]:
        """Around a try to connect. Raises psycopg.OperationalError when enough others try."""
        with self._guard:
            if self._is_lost and self._trying >= WAIT_AT_MOST:
                raise psycopg.OperationalError(STILL_LOST)
            self._trying += 1
        try:
            yield
        except psycopg.OperationalError as error:
            self._found_lost(error)
            raise
        else:
            self._found()
        finally:
            with self._guard:
                self._trying -= 1

    def _found_lost(self, error: psycopg.OperationalError) -> None:
        with self._guard:
            is_news, self._is_lost = not self._is_lost, True
        if is_news:
            log.error(in_a_sentence(OperationalError(str(error))))

    def _found(self) -> None:
        with self._guard:
            is_news, self._is_lost = self._is_lost, False
        if is_news:
            log.warning(BACK)


reach = Reach()
