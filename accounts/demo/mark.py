"""The demo and the bank never share a database or a server: whatever opens the other's database is refused."""

from django.conf import settings
from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

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
    problem = _mixture_on(connection.alias)
    if problem:
        connection.close()  # else the next question would be answered by it, unjudged
        raise Mixture(problem)
    if DemoMark.objects.using(connection.alias).exists() == settings.DEMO:
        _agreed.add(database)


def check_database(**kwargs: object) -> list[CheckMessage]:
    """Opens the demo's database, so that a command which asks it nothing is refused on a bank's as well."""
    if settings.DEMO:
        connection.ensure_connection()
    return []


def _mixture_on(alias: str) -> str:
    if DemoMark.objects.using(alias).exists():
        return "" if settings.DEMO else THE_DEMOS
    holds_people = any(model._default_manager.using(alias).exists() for model in (Client, User))
    return A_BANKS if settings.DEMO and holds_people else ""
