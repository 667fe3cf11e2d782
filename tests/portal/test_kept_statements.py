"""What PostgreSQL keeps of the questions that are asked again and again, on a connection of the portal's own."""

import pytest
from django.db import connections
from django.db.models import CharField
from psycopg import ProgrammingError
from psycopg.errors import UndefinedColumn

from accounts.models import Branch
from auth_codes.prepared import Prepared, kept_cursor
from banking_portal.environment import BadEnvironment, database
from banking_portal.postgresql.connections import PREPARED_AFTER
from tests.portal.test_bounded_waits import opened
from tests.postgres import own_server

VALUE = "nobody’s own value"
KEPT = "SELECT statement FROM pg_prepared_statements"
QUESTION = "SELECT length(%s::text)"


@pytest.fixture(scope="module")
def server():
    with own_server() as server:
        yield server


def kept_after(database, times):
    """What the server keeps once a question was asked as often."""
    for _ in range(times):
        with kept_cursor(database) as cursor:
            cursor.execute(QUESTION, [VALUE])
            assert cursor.fetchone() == (len(VALUE),)
    with database.cursor() as cursor:
        cursor.execute(KEPT)
        return [statement for (statement,) in cursor.fetchall()]


@pytest.mark.slow
@pytest.mark.parametrize("options", [{}, {"pool": True}], ids=["alone", "pool"])
def test_server_keeps_a_question_without_its_values(server, options, django_db_blocker):
    with django_db_blocker.unblock(), opened(server, options) as database:
        assert kept_after(database, PREPARED_AFTER) == []
        assert kept_after(database, 1) == [QUESTION.replace("%s", "$1")]


@pytest.mark.slow
def test_server_keeps_nothing_where_a_pooler_cannot(server, django_db_blocker):
    with django_db_blocker.unblock(), opened(server, {"prepare_threshold": None}) as database:
        assert kept_after(database, PREPARED_AFTER + 3) == []


@pytest.mark.slow
def test_a_question_is_answered_after_a_rollback_and_after_its_table_grew_a_column(server, django_db_blocker):
    with django_db_blocker.unblock(), opened(server, {}) as database:
        assert kept_after(database, PREPARED_AFTER + 1)
        with database.cursor() as cursor:
            cursor.execute("CREATE TABLE thing (id int)")
        for column in ("first", "second"):
            for _ in range(PREPARED_AFTER + 2):
                with kept_cursor(database) as cursor:
                    cursor.execute("SELECT id FROM thing WHERE id = %s", [1])
                    assert cursor.fetchall() == []
            database.set_autocommit(False)
            database.rollback()
            database.set_autocommit(True)
            with database.cursor() as cursor:
                cursor.execute(f"ALTER TABLE thing ADD COLUMN {column} int")
        assert kept_after(database, 1) == []


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["%", "100 %", "%s", "$1", "'; --", "\u00a0é", ""])
def test_signs_of_a_statement_in_a_value_are_but_text(text):
    Branch.objects.create(name=f"Agence {text}")
    named = Prepared(lambda name: Branch.objects.filter(name=name), name=CharField())
    for _ in range(PREPARED_AFTER + 2):
        assert [branch.name for branch in named.ask(name=f"Agence {text}")] == [f"Agence {text}"]


def test_address_says_that_nothing_is_kept_and_nothing_else_about_it(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://portal@db/portal?prepare_threshold=none")
    assert database(default="")["OPTIONS"] == {"prepare_threshold": None}
    monkeypatch.setenv("DATABASE_URL", "postgres://portal:secret@db/portal?prepare_threshold=5")
    with pytest.raises(BadEnvironment, match="prepare_threshold") as refused:
        database(default="")
    assert "secret" not in str(refused.value)


def test_a_database_without_kept_statements_is_asked_as_ever(db):
    with kept_cursor(connections["default"]) as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


@pytest.mark.slow
def test_a_connection_changes_how_it_commits_between_transactions_alone(server, django_db_blocker):
    with django_db_blocker.unblock(), opened(server, {}) as database:
        database.ensure_connection()
        changes_between_transactions_alone(database.connection)


def changes_between_transactions_alone(connection):
    connection.execute("BEGIN")
    for broken in (False, True):
        if broken:
            with pytest.raises(UndefinedColumn):
                connection.execute("SELECT nowhere")
        with pytest.raises(ProgrammingError):
            connection.set_autocommit(False)
        assert connection.autocommit
    connection.execute("ROLLBACK")
    for wanted in (False, True):
        connection.set_autocommit(wanted)
        assert connection.autocommit is wanted
