"""Whether the database answers, for the load balancer: without waiting for a pool whose connections are all in use."""

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper


def ask_database() -> None:
    """Raises DatabaseError when it does not answer within the bounds of the connection."""
    if "pool" not in connection.settings_dict["OPTIONS"]:
        _ask(connection)
        return
    own = _without_pool()
    try:
        _ask(own)
    finally:
        own.close()


def _without_pool() -> BaseDatabaseWrapper:
    own = connection.copy()
    del own.settings_dict["OPTIONS"]["pool"]
    return own


def _ask(asked: BaseDatabaseWrapper) -> None:
    with asked.cursor() as cursor:
        cursor.execute("SELECT 1")
