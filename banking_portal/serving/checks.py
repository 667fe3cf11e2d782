"""Whether the portal may start here, for its server and its operators: `python -m banking_portal.serving.checks`.

What is wrong is said in a sentence, and the exit code is 1. A database that is not up yet is waited for. What is only
strange is said too, and does not hinder.
"""

import os
import sys
import time
from collections.abc import Iterator

import django
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestFilesMixin
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string

from banking_portal.database_errors import in_a_sentence, is_out_of_reach

DATABASE_COMES_WITHIN = 60  # seconds; systemd kills what has not started within 90
BETWEEN_TRIES = 1.0
CLOCK_MAY_DIFFER, CLOCK_SHOULD_NOT_DIFFER = 60, 5  # seconds
INTERRUPTED = 130
REFUSAL = "Le portail ne démarre pas : {}"
NO_HOSTS = "ALLOWED_HOSTS manque, et aucune page ne répondrait. Exemple : ALLOWED_HOSTS=espace.banque.example"
NO_STATIC_FILES = "les fichiers statiques manquent. Lancez « manage.py collectstatic »."
NOT_MIGRATED = "{} migration(s) manquent à la base de données. Lancez « manage.py migrate »."
WRONG_CLOCK = "l’horloge de ce serveur et celle de la base de données diffèrent de {} secondes. Réglez-les (NTP)."
STRANGE_CLOCK = "L’horloge de ce serveur et celle de la base de données diffèrent de {} secondes : réglez-les (NTP)."
ANY_HOST = "ALLOWED_HOSTS accepte tous les noms : nommez ceux du portail."
NO_PROXY = (
    "TRUSTED_PROXY_COUNT=0 : derrière un serveur mandataire, tous les visiteurs partageraient son adresse ; sans lui, "
    "rien ne chiffre leurs pages."
)
WAITING = "La base de données ne répond pas encore : nouvel essai pendant {} secondes."


class CannotStart(Exception):
    """Why, as it ends the sentence of REFUSAL."""


def main() -> int:
    """The exit code; what it says goes to the log."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banking_portal.settings")
    try:
        django.setup(set_prefix=False)
        for strange in check():
            say(f"Attention : {strange}")
    except CannotStart as refusal:
        say(REFUSAL.format(refusal))
    except ImproperlyConfigured as error:  # a variable, keys not of this database, or the demo on a bank's
        say(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    else:
        return 0
    return 1


def check() -> Iterator[str]:
    """What is strange. Raises CannotStart, or ImproperlyConfigured."""
    yield from _strange_settings()
    _check_settings()
    wait_for_database()
    _check_migrations()
    yield from _check_clock()


def _check_settings() -> None:
    if not settings.ALLOWED_HOSTS:
        raise CannotStart(NO_HOSTS)
    if not settings.DEBUG and _needs_a_manifest() and not (settings.STATIC_ROOT / "staticfiles.json").exists():
        raise CannotStart(NO_STATIC_FILES)


def _needs_a_manifest() -> bool:
    return issubclass(import_string(settings.STORAGES["staticfiles"]["BACKEND"]), ManifestFilesMixin)


def _strange_settings() -> Iterator[str]:
    if "*" in settings.ALLOWED_HOSTS:
        yield ANY_HOST
    # One that is not said at all is among what the workers say (banking_portal/deployment.py).
    if settings.TRUSTED_PROXY_COUNT_IS_SAID and not (settings.DEMO or settings.TRUSTED_PROXY_COUNT):
        yield NO_PROXY


def wait_for_database(within: float = DATABASE_COMES_WITHIN) -> None:
    """Raises CannotStart when the database has not answered `within` so many seconds, or whoever asked has gone."""
    deadline, asker = time.monotonic() + within, os.getppid()
    is_first = True
    while (error := _error_of_database()) is not None:
        if time.monotonic() >= deadline or os.getppid() != asker:
            raise CannotStart(in_a_sentence(error))
        if is_first:
            say(WAITING.format(int(within)))
        is_first = False
        time.sleep(BETWEEN_TRIES)


def _error_of_database() -> DatabaseError | None:
    """Why no connection can be made; None when one was. What is no matter of time is raised."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        if not is_out_of_reach(error):
            raise
        return error
    return None


def _check_migrations() -> None:
    """A database that is ahead of this code is served: an upgrade migrates it before the servers follow."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise CannotStart(NOT_MIGRATED.format(len(missing)))


def _check_clock() -> Iterator[str]:
    """Blocks, sessions and codes end by this server's clock; two servers must tell the same time."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        differs = abs(time.time() - float(cursor.fetchone()[0]))
    if differs > CLOCK_MAY_DIFFER:
        raise CannotStart(WRONG_CLOCK.format(round(differs)))
    if differs > CLOCK_SHOULD_NOT_DIFFER:
        yield STRANGE_CLOCK.format(round(differs))


def say(sentence: str) -> None:
    """Where gunicorn writes as well."""
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
