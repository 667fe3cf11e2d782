"""Who may be the same person as somebody about to be registered: one person has one code client.

Asked about is whoever was born on the same day, or is reached in the same way, and has a family name and a given name
in common, present or earlier, each in its place or in the other's: given names change their order, and people their
names. Names are compared as the search compares them, by the sound too, and as they look.
"""

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet

from accounts.clients import contact_changes, doubtful_contacts
from accounts.models import Client, FormerName
from accounts.notation import names, search_words, sounds

# More would be a list of the clientele; one is enough to ask.
MOST = 10
# Beside the rest of a name these tell nobody apart.
PARTICLES = {
    "al", "ben", "d", "da", "de", "del", "den", "der", "des", "di", "do", "dos", "du", "el", "l", "la", "las", "le",
    "les", "los", "n", "o", "saint", "st", "van", "von",
}  # fmt: skip
Words = frozenset[str]


def of(person: Client) -> list[Client]:
    """Registered clients who may be `person`, whom nothing needs to have stored yet."""
    found: dict[int, Client] = {}
    for candidates in _candidates(person):
        others = candidates.exclude(pk=person.pk).prefetch_related("former_names")
        alike = (client for client in others if are_alike(person, client))
        found |= {client.pk: client for client in alike}
    return list(found.values())[:MOST]


def are_alike(one: Client, other: Client) -> bool:
    """Whether they have a family name and a given name in common, perhaps each in the other’s place."""
    family, given = _families(one), _given(one)
    others_family, others_given = _families(other), _given(other)
    is_so = family & others_family and given & others_given
    return bool(is_so or (family & others_given and given & others_family))


def _candidates(person: Client) -> Iterator[QuerySet[Client]]:
    yield Client.objects.filter(birth_date=person.birth_date)
    for contact, value in contact_changes.values(person).items():
        if value:
            yield Client.objects.filter(doubtful_contacts.having_same(person, contact))


def _families(person: Client) -> Words:
    return _words([person.family_name, *(former.family_name for former in _former(person))])


def _given(person: Client) -> Words:
    return _words([person.given_names, *(former.given_names for former in _former(person))])


def _former(person: Client) -> Iterable[FormerName]:
    return person.former_names.all() if person.pk else ()


def _words(called: Iterable[str]) -> Words:
    said = {word for name in called for word in search_words.of_name(name)}
    telling = said - PARTICLES or said
    return frozenset(names.looks(word) for word in telling) | frozenset(_heard(telling))


def _heard(words: Iterable[str]) -> Iterator[str]:
    for sound in map(sounds.key, words):
        if len(sound) >= search_words.SHORTEST_SOUND:
            yield f"heard {sound}"
