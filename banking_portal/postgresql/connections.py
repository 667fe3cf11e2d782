"""Connections to PostgreSQL that wait for their server for so long and no longer.

Against a server that is gone, a connection fails by itself. One that has only stopped, or whose network swallows what
is sent, keeps it open and says nothing: without bounds of our own whoever asks would wait for ever.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool, PoolTimeout

Answer = TypeVar("Answer")

REACHED_WITHIN = 3  # seconds, to open a connection or to be given one
ANSWERED_WITHIN = 25  # while pages are served: the server itself ends a statement before (STATEMENT_SECONDS)
STATEMENT_SECONDS, LOCK_SECONDS, IDLE_SECONDS = 20, 10, 60
TRIED_EVERY = 0.5  # seconds, while a pool is waited for
# After how many times on one connection the server keeps a statement that is executed again and again, and how many.
PREPARED_AFTER, PREPARED_AT_MOST = 2, 300
POOL = {"min_size": 1, "max_size": 64, "timeout": REACHED_WITHIN, "reconnect_timeout": 0, "max_idle": 300}
BOUNDS: dict[str, int | str] = {
    "connect_timeout": REACHED_WITHIN,
    # A host that vanished: the system gives up what it has sent, or an answer that does not come, after ten seconds.
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
# Of pages alone: a migration, a rotation or an export takes what it takes.
WHILE_SERVING = (
    f"-c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout={LOCK_SECONDS}s "
    f"-c idle_in_transaction_session_timeout={IDLE_SECONDS}s"
)


class BoundedConnection(psycopg.Connection[tuple[object, ...]]):
    """A connection that ends when a question is not answered within `answered_within` seconds; None: whenever."""

    answered_within: float | None = None

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.prepared_max = PREPARED_AT_MOST

    def wait(self, gen: PQGen[Answer], interval: float = 0.1, timeout: float | None = None) -> Answer:
        try:
            return super().wait(gen, interval, self.answered_within if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()  # its late answer would be read as that of the next question
            raise

    def set_autocommit(self, value: bool) -> None:
        """As psycopg's own, which sends nothing either, but makes a generator and waits for it."""
        if self.pgconn.transaction_status == TransactionStatus.IDLE and self._pipeline is None:
            self._autocommit = bool(value)
        else:
            super().set_autocommit(value)

    @contextmanager
    def answering_within(self, seconds: float) -> Iterator[None]:
        """Another bound for the questions of the block."""
        usual, self.answered_within = self.answered_within, seconds
        try:
            yield
        finally:
            self.answered_within = usual

    def is_alive(self) -> bool:
        """Whether the server still answers it."""
        try:
            with self.answering_within(REACHED_WITHIN):
                self.execute("")
        except psycopg.Error:
            return False
        return True


class PatientPool(ConnectionPool[BoundedConnection]):
    """A pool that gives no connection which has died meanwhile, and tries to make one for as long as it is waited for.

    The pool's own check waits a second for each dead connection it finds, and its own reconnecting ever longer: after a
    restart of the server, pages would fail for minutes.
    """

    def getconn(self, timeout: float | None = None) -> BoundedConnection:
        """Raises PoolTimeout after `timeout` seconds."""
        deadline = monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            try:
                connection = super().getconn(timeout=min(TRIED_EVERY, deadline - monotonic()))
            except PoolTimeout:
                if monotonic() >= deadline:
                    raise
                continue
            if connection.is_alive():
                return connection
            self.putconn(connection)  # which throws it away


def bound_pages() -> None:
    """From now on this process serves pages, for whose questions somebody waits."""
    BoundedConnection.answered_within = ANSWERED_WITHIN
    BOUNDS["options"] = WHILE_SERVING
