"""Servers of the version before run beside a database that is migrated: what no migration may take from them.

`python -m benchmarks.upgrade REVISION` does such an upgrade while customers log in.
"""

import inspect
import re
from collections.abc import Iterator

from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED, ManyToManyField

from tests.portal.production import PAGE

OURS = ("accounts", "auth_codes")
# What a server of before still names.
TAKEN_AWAY = (
    operations.RemoveField, operations.RenameField, operations.RenameModel, operations.DeleteModel,
    operations.AlterModelTable,
)  # fmt: skip
READS_ALL = (operations.AddIndex, operations.AddConstraint)
GROWING = {
    "bankaccount", "booking", "client", "contactchange", "document", "documentfile", "entry", "failedattempt",
    "holding", "journallink", "journalsubject", "knowndevice", "monthsum", "notice", "opensession", "postalitem",
    "renewal", "renewalrequest", "sealedletter", "searchword", "secretcode", "securityevent", "servicecontract",
    "statement", "transfer", "user",
}  # fmt: skip
# Of before the rule: an upgrade from before them is made in a quiet hour.
EARLY_IN_ONE_TRANSACTION = {
    ("accounts", "0003"), ("accounts", "0005"), ("accounts", "0007"), ("accounts", "0014"), ("accounts", "0022"),
    ("accounts", "0039"), ("accounts", "0040"), ("accounts", "0052"), ("auth_codes", "0003"), ("auth_codes", "0008"),
    ("auth_codes", "0013"), ("auth_codes", "0021"),
}  # fmt: skip
NAMED = re.compile(r"`(accounts|auth_codes) (\d{4})`")


def in_database(migration: Migration) -> Iterator[operations.base.Operation]:
    for operation in migration.operations:
        yield from getattr(operation, "database_operations", [operation])


def leaves_unsaid(operation: operations.AddField) -> bool:
    """Whether a server that does not know the field cannot write a row: the database says nothing in its place."""
    field = operation.field
    return not (isinstance(field, ManyToManyField) or field.null or field.db_default is not NOT_PROVIDED)


def stops_older_servers(migration: Migration) -> bool:
    made = set()
    for operation in in_database(migration):
        if isinstance(operation, operations.CreateModel):
            made.add(operation.name_lower)
        is_new = getattr(operation, "model_name_lower", None) in made
        if isinstance(operation, TAKEN_AWAY) and not is_new:
            return True
        if isinstance(operation, operations.AddField) and not is_new and leaves_unsaid(operation):
            return True
    return False


def holds_up_writers(migration: Migration) -> bool:
    """Whether it reads a whole table that grows with the bank while nobody may write in it."""
    made = set()
    for operation in in_database(migration):
        if isinstance(operation, operations.CreateModel):
            made.add(operation.name_lower)
        table = getattr(operation, "model_name_lower", None)
        if table in GROWING - made and (isinstance(operation, READS_ALL) or makes_index(operation)):
            return True
    return False


def makes_index(operation: operations.base.Operation) -> bool:
    if not isinstance(operation, operations.AddField) or isinstance(operation.field, ManyToManyField):
        return False
    return operation.field.unique or operation.field.db_index


def touches_rows(operation: operations.base.Operation) -> bool:
    """Whether its Python asks for rows; one that makes triggers does not."""
    if not isinstance(operation, operations.RunPython):
        return False
    module = inspect.getsource(inspect.getmodule(operation.code))
    return operation.code is not operations.RunPython.noop and ("get_model" in module or ".objects" in module)


def ours() -> Iterator[tuple[tuple[str, str], Migration]]:
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        if app in OURS:
            yield (app, name[:4]), migration


def named(beginning: str) -> set[tuple[str, str]]:
    """The migrations in the sentence of the page that begins so."""
    [_, rest] = PAGE.read_text().split(beginning)
    return set(NAMED.findall(re.split(r"`\. ", rest)[0] + "`"))


def test_page_names_each_migration_that_no_older_server_can_run_beside():
    """Whoever adds one splits it: the column first, with a default of the database; what nobody names goes later."""
    assert named("Five early ones") == {number for number, it in ours() if stops_older_servers(it)}


def test_page_names_each_migration_that_holds_up_who_writes_in_a_large_table():
    """Whoever adds one makes the index by AddIndexConcurrently, or names it there for a quiet hour."""
    assert named("These read a large table") == {number for number, it in ours() if holds_up_writers(it)}


def test_each_migration_that_goes_through_rows_commits_in_batches():
    """In one transaction it would hold what it has written from everybody until its end, and begin anew when killed."""
    at_once = {number for number, it in ours() if it.atomic and any(map(touches_rows, in_database(it)))}
    assert at_once == EARLY_IN_ONE_TRANSACTION


def test_each_migration_has_a_way_back():
    assert [number for number, it in ours() if not all(operation.reversible for operation in it.operations)] == []
