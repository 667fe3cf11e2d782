"""The words that a person is found by: parts of his names, how they sound, birth date, postcode and town."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from operator import itemgetter

from django.db.models import TextChoices

from accounts.notation import names, sounds

LENGTH = 40
# A shorter sound is that of half the clientele.
SHORTEST_SOUND = 2
SAINTS = {"st": "saint", "ste": "sainte"}


class WordKind(TextChoices):
    """What a word is said of."""

    NAME = "n", "nom"
    SOUND = "s", "son du nom"
    BORN = "d", "naissance"
    POSTCODE = "p", "code postal"
    TOWN = "t", "ville"


# Of one person some twenty are made at a time; an enumeration is slow to say its values.
NAME, SOUND, BORN, POSTCODE, TOWN = (kind.value for kind in WordKind)
Words = set[tuple[str, str]]


def of_person(*, called: Iterable[str], born: date | int | None, postcode: str, city: str) -> Words:
    """Each as its kind and the word; `called` are all names that somebody has or had, family and given alike.

    `born` is the year where it alone is known.
    """
    besides = ((BORN, _born(born)), (POSTCODE, joined(postcode)), (TOWN, town(city)))
    return set().union(*map(_told_by, called), filter(itemgetter(1), besides))


@lru_cache(maxsize=2**13)  # common names are very common, and all of the clientele may be read at once
def _told_by(name: str) -> frozenset[tuple[str, str]]:
    said = of_name(name)
    heard = {sound for sound in map(sounds.key, said) if len(sound) >= SHORTEST_SOUND}
    return frozenset([*((NAME, word) for word in said), *((SOUND, sound) for sound in heard)])


def _born(born: date | int | None) -> str:
    # `isoformat`, where `strftime` takes ten times as long and the clientele is read.
    return born.isoformat().replace("-", "") if isinstance(born, date) else str(born or "")


def of_name(name: str) -> set[str]:
    """Each part of it, and what is said without a pause: « le », « fevre » and « lefevre », « jeanpierre » too."""
    parts = names.key(name).split()
    ends = {"".join(parts[start:]) for start in range(len(parts))}
    return {word[:LENGTH] for word in {*parts, *ends, *map(joined, name.split())} if word}


def joined(text: str) -> str:
    """« Jean-Pierre » is « jeanpierre », « 1012 AB » is « 1012ab »."""
    return "".join(names.key(text).split())[:LENGTH]


def town(city: str) -> str:
    """« St-Étienne Cedex 2 » is « saintetiennecedex2 », which begins as « saint etienne » does."""
    return "".join(SAINTS.get(word, word) for word in names.key(city).split())[:LENGTH]
