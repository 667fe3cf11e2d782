"""Servers of one database have the same keys: each connection compares them before it is used, until one has agreed.

A key that no server had before is written down; one under a known id that is not the known key is refused. Two servers
between which a rotation stands agree: new ids are added by whoever has them first. Not so of the SECRET_KEY that stands
first, under which wrong codes are counted: two servers that put different ones there would each verify five, so the
second is refused until `exchange` has said, once for all, that nobody counts under the former one any more.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Event

from django.conf import settings
from django.db import connection as default_connection
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from auth_codes import journal
from auth_codes.crypto.fingerprints import FIRST, Fingerprint, WrongKeys, at_hand
from auth_codes.models import KeyFingerprint, SecurityEvent

TABLE = KeyFingerprint._meta.db_table
FIELDS = ", ".join(Fingerprint._fields)
UNLIKE = (
    "Ce serveur n’a pas les mêmes clés que la base : {} « {} » y est une autre clé que la sienne. Il ne sert personne, "
    "pour ne bloquer aucun client. Donnez-lui les clés des autres serveurs ; si elles sont perdues : "
    "manage.py accept_keys."
)
FOREIGN = (
    "Ce serveur n’a pas la SECRET_KEY de la base, ni dans SECRET_KEY_FALLBACKS. Il ne sert personne, pour ne bloquer "
    "aucun client. Donnez-lui celle des autres serveurs ; si elle est perdue : manage.py accept_keys."
)
NOT_FIRST = (
    "Ce serveur met en premier une autre SECRET_KEY que celle sous laquelle la base compte les codes erronés : à deux, "
    "chacun compterait de son côté. Il ne sert personne. Donnez-lui l’ordre des autres serveurs ; ou, pour en changer, "
    "arrêtez-les tous, puis lancez une fois : manage.py exchange_secret_key."
)

# The databases that this process has agreed with: they are not asked again at each connection.
_agreed: set[str] = set()
_unjudged = Event()


def have_agreed() -> bool:
    """Whether this process has compared its keys with those of its database, and found them the same."""
    return str(default_connection.settings_dict["NAME"]) in _agreed


def judge_connection(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Closes a connection just made when the keys at hand are not those of its database. Raises WrongKeys.

    A command that has no keys, and a database that has no such table yet, are not judged.
    """
    database = str(connection.settings_dict["NAME"])
    if database in _agreed or _unjudged.is_set() or not settings.SECRET_CODE_KEYS:
        return
    if TABLE not in connection.introspection.table_names():
        return
    known, mine = _known(connection), at_hand()
    problem = _problem(known, mine)
    if not problem and set(mine) - known:
        _write_down(connection, mine)
        problem = _problem(_known(connection), mine)  # another server may have been first, with another key
    if problem:
        connection.close()  # else the next question would be answered by it, unjudged
        raise WrongKeys(problem)
    _agreed.add(database)


def accept() -> None:
    """After the loss of keys: takes those at hand for the database's. What the lost ones sealed stays shut."""
    mine = at_hand()
    with _unjudged_for_a_while(), transaction.atomic():
        KeyFingerprint.objects.all().delete()
        KeyFingerprint.objects.bulk_create(KeyFingerprint(**key._asdict()) for key in mine)
        _note(mine)


def exchange() -> None:
    """While no server serves: from now on wrong codes are counted under the SECRET_KEY that stands first here.

    Raises WrongKeys where the one of before is not among this server's: whoever was bound by it could not log in.
    """
    mine = at_hand()
    with _unjudged_for_a_while(), transaction.atomic():
        known = _known(default_connection)
        former = {key.digest for key in known if key.variable == FIRST}
        problem = _problem({key for key in known if key.variable != FIRST}, mine)
        if problem or not former <= {key.digest for key in mine}:
            raise WrongKeys(problem or FOREIGN)
        KeyFingerprint.objects.filter(variable=FIRST).delete()
        _write_down(default_connection, mine)
        _note(key for key in mine if key.variable == FIRST)


@contextmanager
def _unjudged_for_a_while() -> Iterator[None]:
    _unjudged.set()
    try:
        yield
    finally:
        _unjudged.clear()


def _note(keys: Iterable[Fingerprint]) -> None:
    names = [f"{key.variable} {key.key_id}" for key in keys]
    journal.record(SecurityEvent.Kind.KEYS_ACCEPTED, details={"keys": ", ".join(names)})


def _problem(known: set[Fingerprint], mine: Iterable[Fingerprint]) -> str:
    digests = {(key.variable, key.key_id): key.digest for key in known}
    unlike = [key for key in mine if digests.get(key[:2], key.digest) != key.digest]
    for key in unlike:
        if key.variable != FIRST:
            return UNLIKE.format(key.variable, key.key_id)
    for variable in {key.variable for key in mine} - {FIRST}:
        theirs = {key for key in known if key.variable == variable}
        if theirs and not theirs & set(mine):
            return FOREIGN
    return NOT_FIRST if unlike else ""


def _known(connection: BaseDatabaseWrapper) -> set[Fingerprint]:
    """Asked of this very connection: a manager would ask the one that its alias stands for in this thread."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {FIELDS} FROM {TABLE}")  # noqa: S608 - a model’s own table and fields
        return {Fingerprint(*row) for row in cursor.fetchall()}


def _write_down(connection: BaseDatabaseWrapper, mine: Iterable[Fingerprint]) -> None:
    into = f"INSERT INTO {TABLE} ({FIELDS}) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"  # noqa: S608 - as above
    with connection.cursor() as cursor:
        cursor.executemany(into, list(mine))
