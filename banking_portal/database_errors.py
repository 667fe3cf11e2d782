"""What an operator reads when the database is out of reach."""

from django.conf import settings
from django.db import OperationalError

OUT_OF_REACH = "La base de données ne répond pas : {}. Vérifiez DATABASE_URL."
NOT_MIGRATED = "La base de données n’est pas à jour : {}. Lancez « manage.py migrate »."


def in_a_sentence(error: OperationalError) -> str:
    """The cause as the driver names it, on one line; never the password, which it may repeat."""
    cause = next(iter(str(error).splitlines()), "").strip(" .")
    password = settings.DATABASES["default"].get("PASSWORD")
    if password:
        cause = cause.replace(password, "***")
    return (NOT_MIGRATED if cause.startswith("no such table") else OUT_OF_REACH).format(cause)
