"""Django's own PostgreSQL backend, whose waits are bounded; Django finds it by the name of this module."""

from collections.abc import Callable
from threading import get_ident
from typing import Any, ClassVar

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base, operations, schema
from django.db.backends.postgresql.base import ServerBindingCursor  # type: ignore[attr-defined]  # the stubs lack it
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, Model
from psycopg import IsolationLevel

from banking_portal.postgresql.connections import (
    BOUNDS,
    POOL,
    PREPARED_AFTER,
    REACHED_WITHIN,
    BoundedConnection,
    PatientPool,
)
from banking_portal.postgresql.moments import read_fast
from banking_portal.postgresql.reach import reach

KEPT = "kept"  # not a name that the server knows a cursor by


class DatabaseOperations(operations.DatabaseOperations):
    """Django's own, and what tests and a debug page read of a statement whose values went to the server apart."""

    def last_executed_query(self, cursor: object, sql: str, params: object) -> str:
        if isinstance(cursor, ServerBindingCursor):
            return str(self.compose_sql(sql, params))
        return super().last_executed_query(cursor, sql, params)


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    """Django's own, which gives each unique or indexed text a second index for LIKE, paid for by each write.

    Nothing asks it: words that begin alike are those of the search, whose table declares its index.
    """

    def _create_like_index_sql(self, model: type[Model], field: "Field[Any, Any]") -> None:
        """No statement."""


class KeptCursor(CursorWrapper):
    """One for all kept statements of a connection, whose rows are read before the next is executed: none closes it."""

    def execute(self, sql: Any, params: Any = None) -> Any:
        """As Django's own, without the steps that have nothing to do here."""
        if self.db.execute_wrappers or self.db.needs_rollback:
            return super().execute(sql, params)
        with self.db.wrap_database_errors:
            return self.cursor.execute(sql, params)

    def fetchone(self) -> Any:
        with self.db.wrap_database_errors:
            return self.cursor.fetchone()

    def fetchall(self) -> Any:
        with self.db.wrap_database_errors:
            return self.cursor.fetchall()

    def close(self) -> None:
        """Nothing: it goes with its connection."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Connects within three seconds or fails, with a pool and without; what the address says itself counts first."""

    ops_class = DatabaseOperations
    SchemaEditorClass = DatabaseSchemaEditor
    # Django's own, which its stubs do not tell.
    connection: BoundedConnection | None
    health_check_enabled: bool
    health_check_done: bool
    _thread_ident: int
    _kept: KeptCursor | None = None
    _connection_pools: ClassVar[dict[str, PatientPool]]
    _configure_connection: Callable[[BoundedConnection], None]
    _cursor: Callable[[str], CursorWrapper]

    @property
    def pool(self) -> PatientPool | None:
        wanted = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not wanted:
            return None
        if self.alias not in self._connection_pools:
            self._connection_pools.setdefault(self.alias, self._new_pool({} if wanted is True else wanted))
        return self._connection_pools[self.alias]

    def _new_pool(self, wanted: dict[str, Any]) -> PatientPool:
        return PatientPool(
            kwargs=self.get_connection_params() | {"autocommit": True},
            connection_class=BoundedConnection,
            open=False,
            configure=self._configure_connection,
            **POOL | wanted,
        )

    def get_connection_params(self) -> dict[str, Any]:
        asked = {"prepare_threshold": PREPARED_AFTER} | self.settings_dict["OPTIONS"]
        own = super().get_connection_params()
        ours = {"prepare_threshold": asked["prepare_threshold"], "context": read_fast(own["context"])}
        return BOUNDS | own | ours

    def get_new_connection(self, conn_params: dict[str, Any]) -> BoundedConnection:
        self.isolation_level = IsolationLevel.READ_COMMITTED
        with reach.tried():
            if not self.pool:
                return BoundedConnection.connect(**conn_params)
            self.pool.open()
            return self.pool.getconn()

    def is_usable(self) -> bool:
        if self.connection is None:
            return False
        with self.connection.answering_within(REACHED_WITHIN):
            return super().is_usable()

    def kept_cursor(self) -> CursorWrapper:
        """For statements that are executed again and again: the server keeps how they are answered.

        Their values go to the server apart from the text, which is the same each time. Whoever is given it reads all
        rows of his statement before anybody executes the next one.
        """
        if self.queries_logged:
            return self._cursor(KEPT)
        kept = self._kept
        is_looked_at = self.health_check_done or not self.health_check_enabled
        is_own = self._thread_ident == get_ident()
        if kept is not None and kept.cursor.connection is self.connection and is_looked_at and is_own:
            return kept  # the same that the next lines would find
        self.close_if_health_check_failed()
        self.ensure_connection()
        self.validate_thread_sharing()
        kept = self._kept
        if kept is None or kept.cursor.connection is not self.connection:
            with self.wrap_database_errors:
                kept = self._kept = KeptCursor(self.create_cursor(KEPT), self)
        return kept

    def create_cursor(self, name: str | None = None) -> Any:
        if name != KEPT:
            return super().create_cursor(name)
        if self.connection is None or self.connection.prepare_threshold is None:
            return super().create_cursor()
        return ServerBindingCursor(self.connection)
