"""The demo and the bank never share a database or a server: whatever opens the other's database is refused."""

from django.conf import settings
from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from accounts.demo.mixture import Mixture
from accounts.models import Client, DemoMark, User

A_BANKS = "DEMO=1, mais cette base contient des personnes et n’est pas celle d’une démonstration. Retirez DEMO."
NOT_MARKED = "DEMO=1, mais cette base n’est pas marquée « démonstration » (manage.py seed_demo)."
THE_DEMOS = "Cette base est une démonstration : le portail n’y démarre qu’avec DEMO=1."

# The databases that this process was found to belong to: they are not judged again at each connection.
_agreed: set[str] = set()


def is_demo_database() -> bool:
    """Whether `seed_demo` has marked this database, on which a bank's portal then never starts."""
    return DemoMark.objects.exists()


def mark_as_demo() -> None:
    """Marks an empty database. Raises ImproperlyConfigured for one that holds people and is not the demo's."""
    if not is_demo_database() and (Client.objects.exists() or User.objects.exists()):
        raise ImproperlyConfigured("Cette base contient des personnes et n’est pas celle d’une démonstration.")
    DemoMark.objects.get_or_create(id=1)


def refuse_mixture() -> None:
    """Raises Mixture when the server would run the demo on a bank's database, or the reverse."""
    if settings.DEMO and not is_demo_database():
        raise Mixture(NOT_MARKED)
    if not settings.DEMO and is_demo_database():
        raise Mixture(THE_DEMOS)


def judge_connection(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Closes a connection just made to the other's database, by whatever command or script. Raises Mixture.

    A demo's database is empty until `seed_demo` marks it: `migrate` may run there.
    """
    database = str(connection.settings_dict["NAME"])
    if database in _agreed or DemoMark._meta.db_table not in connection.introspection.table_names():
        return
    is_demo = _has_rows(connection, DemoMark)
    problem = _mixture_on(connection, is_demo=is_demo)
    if problem:
        connection.close()  # else the next question would be answered by it, unjudged
        raise Mixture(problem)
    if is_demo == settings.DEMO:
        _agreed.add(database)


def check_database(**kwargs: object) -> list[CheckMessage]:
    """Opens the demo's database, so that a command which asks it nothing is refused on a bank's as well."""
    if settings.DEMO:
        connection.ensure_connection()
    return []


def _mixture_on(connection: BaseDatabaseWrapper, *, is_demo: bool) -> str:
    if is_demo:
        return "" if settings.DEMO else THE_DEMOS
    is_banks = settings.DEMO and (_has_rows(connection, Client) or _has_rows(connection, User))
    return A_BANKS if is_banks else ""


def _has_rows(connection: BaseDatabaseWrapper, model: type[Model]) -> bool:
    """Asked of this very connection: a manager would ask the one that its alias stands for in this thread."""
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608 - a model’s own table
        return cursor.fetchone() is not None
