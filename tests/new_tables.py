"""Tables as a new bank has them: empty, in files of their own, with numbers that begin at one.

What other tests have left in a database is gone for whoever asks, but not for its plans: rows that were taken back stay
in the files and in the indexes until somebody cleans up, and numbers go on where the last test stopped. A test that
compares plans would pass or fail by what ran before it.
"""

from django.core.management.color import no_style
from django.db import connection

# Made by `migrate` and asked for by name ever after.
KEPT = {"django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}


def make() -> None:
    """For the present transaction, at the end of which all is as it was."""
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - KEPT
    emptying = connection.ops.sql_flush(no_style(), sorted(tables), reset_sequences=True)
    connection.check_constraints()  # what waits to be checked at the end would keep PostgreSQL from emptying them
    with connection.cursor() as cursor:
        for statement in emptying:
            cursor.execute(statement)
