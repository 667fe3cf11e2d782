"""The words that a person is found by: parts of his names, how they sound, birth date, postcode and town."""

from collections.abc import Iterable
from datetime import date

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


Words = set[tuple[str, str]]


def of_person(*, called: Iterable[str], born: date, postcode: str, city: str) -> Words:
    """Each as its kind and the word; `called` are all names that somebody has or had, family and given alike."""
    said = {word for name in called for word in of_name(name)}
    heard = {sounds.key(word) for word in said}
    words = {(WordKind.NAME.value, word) for word in said}
    words |= {(WordKind.SOUND.value, sound) for sound in heard if len(sound) >= SHORTEST_SOUND}
    words |= {
        (WordKind.BORN.value, f"{born:%Y%m%d}"),
        (WordKind.POSTCODE.value, joined(postcode)),
        (WordKind.TOWN.value, town(city)),
    }
    return {(kind, word) for kind, word in words if word}


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
