"""What is said of a database that is out of reach: to the operator in a sentence, to a customer by a page."""

from django.conf import settings
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError

OUT_OF_REACH = "La base de données ne répond pas : {}. Vérifiez DATABASE_URL."
NOT_MIGRATED = "La base de données n’est pas à jour : {}. Lancez « manage.py migrate »."
BEHIND = ("no such table", "no such column")  # how SQLite begins; PostgreSQL has another class of errors for it
# Of PostgreSQL, those errors of a transaction that say something of the server: it has become a replica, or has ended a
# transaction that was idle for too long.
OF_THE_SERVER = {"25006", "25P03"}


def in_a_sentence(error: DatabaseError | InterfaceError) -> str:
    """The cause as the driver names it, on one line; never the password, which it may repeat."""
    cause = next(iter(str(error).splitlines()), "").strip(" .")
    password = settings.DATABASES["default"].get("PASSWORD")
    if password:
        cause = cause.replace(password, "***")
    return (NOT_MIGRATED if cause.startswith(BEHIND[0]) else OUT_OF_REACH).format(cause)


def is_out_of_reach(error: BaseException | None) -> bool:
    """Whether the same request may succeed in a while: the database is gone, full, stopped, or too busy."""
    if isinstance(error, InternalError):
        return getattr(error.__cause__, "sqlstate", None) in OF_THE_SERVER
    return isinstance(error, OperationalError | InterfaceError) and not str(error).startswith(BEHIND)
