"""Whether this server can be sent customers: its database answers, is migrated, and holds codes that its keys open.

A thread of its own looks, so that whoever asks waits no longer than the bound, whatever the database does; all who ask
meanwhile share that one look, so that nobody who asks often takes connections from customers.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import cache

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from auth_codes.crypto.sealing import SealError
from auth_codes.models import SecretCode

log = logging.getLogger(__name__)

WITHIN_SECONDS = 2.0
# As many codes are tried as it takes to tell a key that is not ours from rows that somebody has damaged.
TRIED = 20


class Part(StrEnum):
    """What a server needs before it serves."""

    DATABASE = "database"
    MIGRATIONS = "migrations"
    KEYS = "keys"


class Look:
    """One look into the database: what is missing, once `ended`."""

    def __init__(self, look: Callable[[], frozenset[Part]]) -> None:
        self.look, self.ended = look, threading.Event()
        self.found = frozenset({Part.DATABASE})
        threading.Thread(target=self._run, name="readiness", daemon=True).start()

    def _run(self) -> None:
        try:
            self.found = self.look()
        except DatabaseError as error:
            log.warning("The database does not answer: %s", type(error).__name__)
        finally:
            connection.close()
            self.ended.set()


class Readiness:
    """Looks one at a time, each for everybody who asks while it lasts."""

    def __init__(self, look: Callable[[], frozenset[Part]]) -> None:
        self.look, self._turn = look, threading.Lock()
        self._latest: Look | None = None
        self._told: frozenset[Part] = frozenset()

    def missing(self, within: float) -> frozenset[Part]:
        """What is missing now; the database, where it does not say so within these seconds."""
        with self._turn:
            if self._latest is None or self._latest.ended.is_set():
                self._latest = Look(self.look)
            latest = self._latest
        found = latest.found if latest.ended.wait(within) else frozenset({Part.DATABASE})
        self._tell(found)
        return found

    def _tell(self, found: frozenset[Part]) -> None:
        """One line for each change, and not for each probe."""
        if found != self._told:
            log.warning("Not ready, missing: %s", ", ".join(sorted(found)) or "nothing any more")
        self._told = found


def look() -> frozenset[Part]:
    """Asks the database by the connection of the calling thread. Raises DatabaseError."""
    return frozenset(_missing())


def missing() -> frozenset[Part]:
    """What is missing for this process to serve; nothing when it is ready."""
    expected_migrations()  # read from the disk, once: the bound is the database's
    return _readiness.missing(WITHIN_SECONDS)


def _missing() -> Iterator[Part]:
    # Before its tables are as this version wants them, nothing else is asked of it.
    if expected_migrations() - set(MigrationRecorder(connection).applied_migrations()):
        yield Part.MIGRATIONS
        return
    if not _keys_open():
        yield Part.KEYS


@cache
def expected_migrations() -> frozenset[tuple[str, str]]:
    """Those that came with this version; the database of a later one has more."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).graph.nodes)


def _keys_open() -> bool:
    """Whether any of some codes in use opens; a bank without codes needs no key yet."""
    codes = list(SecretCode.objects.living().select_related("owner").order_by("pk")[:TRIED])
    return not codes or any(map(_opens, codes))


def _opens(code: SecretCode) -> bool:
    try:
        code.unseal()
    except SealError:
        return False
    return True


_readiness = Readiness(look)
