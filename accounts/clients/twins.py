"""Who may be the same person as somebody about to be registered: one person has one code client.

Asked about is whoever was born on the same day, or is reached in the same way, and has a family name and a given name
in common, present, of birth or earlier, each in its place or in the other's: given names change their order, and people
their names. Of somebody whose year of birth alone is known the whole year is the day; of somebody who has one name
alone, any name in common is enough. Names are compared as the search compares them, by the sound too, and as they look.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple, Self

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.clients import contact_changes, doubtful_contacts, joined
from accounts.models import Client, FormerName, SearchWord
from accounts.models.search import condition, has_too, has_too_each
from accounts.notation import names, search_words, sounds
from accounts.notation.search_words import WordKind

# More would be a list of the clientele; one is enough to ask.
MOST = 10
# As many of a name are asked one by one when they were born; of more, the year is read beside the name.
FEW = 1000
# Beside the rest of a name these tell nobody apart.
PARTICLES = {
    "al", "ben", "d", "da", "de", "del", "den", "der", "des", "di", "do", "dos", "du", "el", "l", "la", "las", "le",
    "les", "los", "n", "o", "saint", "st", "van", "von",
}  # fmt: skip
Words = frozenset[str]


def of(person: Client) -> list[Client]:
    """Registered clients who may be `person`, whom nothing needs to have stored yet; not those known to be."""
    found: dict[int, Client] = {}
    names_of_person = _Names.of(person)  # once: very many were born on the same day
    for candidates in _candidates(person):
        others = candidates.exclude(pk=person.pk).prefetch_related("former_names")
        alike = (client for client in others if names_of_person.are_like_those_of(client))
        found |= {client.pk: client for client in alike}
    others = Client.objects.exclude(pk=person.pk)
    return joined.led_on(found.values(), others)[:MOST]


class _Names(NamedTuple):
    """What somebody is called, by words that are compared."""

    family: Words
    given: Words

    @classmethod
    def of(cls, client: Client) -> Self:
        return cls(_words(_family_names(client)), _words(_given_names(client)))

    def are_like_those_of(self, client: Client) -> bool:
        """Whether they have a family name and a given name in common, perhaps each in the other’s place."""
        others_family = _words(_family_names(client))
        if self.given and not others_family & (self.family | self.given):
            return False  # as of most people, whose given names need not be looked at
        others_given = _words(_given_names(client))
        if not (self.given and others_given):
            return bool((self.family | self.given) & (others_family | others_given))
        is_so = self.family & others_family and self.given & others_given
        return bool(is_so or (self.family & others_given and self.given & others_family))


def _candidates(person: Client) -> Iterator[QuerySet[Client]]:
    yield from _born_likewise(person)
    for contact, value in contact_changes.values(person).items():
        if value:
            yield Client.objects.filter(doubtful_contacts.having_same(person, contact))


def _born_likewise(person: Client) -> Iterator[QuerySet[Client]]:
    """On the same day, or in the same year where one of the two papers says no more."""
    if person.birth_date:
        yield Client.objects.filter(birth_date=person.birth_date)
        for namesakes in _namesakes(person):
            yield namesakes.filter(birth_year=person.birth_date.year)
    elif person.birth_year:
        yield from _born_that_year(person, person.birth_year)


def _born_that_year(person: Client, year: int) -> Iterator[QuerySet[Client]]:
    """On a day of it or on one that nobody knows; by the words of both names, the fewer first."""
    family, given = _said_of(person)
    # That no year stands beside a day is a constraint, of which PostgreSQL does not know what it says of an index.
    in_the_year = Q(birth_date__range=(date(year, 1, 1), date(year, 12, 31)), birth_year=None)
    if family and given:
        # By their numbers: of both names at once PostgreSQL would read all people who have one of the given names.
        yield Client.objects.filter(_has_one_of(given), pk__in=_called_so_of_the_year(family, year))
    for namesakes in _of_one_name(family, given):
        yield namesakes.filter(birth_year=year)
        yield namesakes.filter(in_the_year)


def _called_so_of_the_year(names_of_family: Words, year: int) -> set[int]:
    """The numbers of all who were born then and have one of these words: those of fewer people are gone through."""
    heard, short = _asked_for(names_of_family)
    words = [*((WordKind.SOUND, sound) for sound in sorted(heard)), *((WordKind.NAME, word) for word in sorted(short))]
    called = [condition(kind, word, goes_on=False) for kind, word in words]
    born = condition(WordKind.BORN, str(year), goes_on=True)
    if sum(SearchWord.objects.count_up_to(FEW, called)) < FEW:
        ways = [[one, has_too_each([born])] for one in called]
    else:
        ways = [[born, has_too([one])] for one in called]
    return set(SearchWord.objects.clients_with(ways))


def _namesakes(person: Client) -> Iterator[QuerySet[Client]]:
    """Those who have words of his names: very many were born in a year, and few of them are called so."""
    family, given = _said_of(person)
    if family and given:
        yield Client.objects.filter(_has_one_of(family), _has_one_of(given))
    yield from _of_one_name(family, given)


def _of_one_name(family: Words, given: Words) -> Iterator[QuerySet[Client]]:
    """Where he or they have one name alone, any of his is enough."""
    clients = Client.objects.filter(_has_one_of(family | given))
    yield clients.filter(given_key="") if family and given else clients


def _said_of(person: Client) -> tuple[Words, Words]:
    """Words of his family names and of his given names."""
    return _said(_family_names(person)), _said(_given_names(person))


def _has_one_of(words: Words) -> Exists:
    """Two questions in one would be asked of each person again."""
    heard, short = _asked_for(words)
    alike = Q(kind=WordKind.SOUND.value, word__in=heard)
    if short:
        alike |= Q(kind=WordKind.NAME.value, word__in=short)
    return Exists(SearchWord.objects.filter(alike, client=OuterRef("pk")))


def _asked_for(words: Words) -> tuple[set[str], set[str]]:
    """Sounds, and words as they are: whoever has a word also has its sound, if that is not too short to be kept."""
    heard = {word: sounds.key(word) for word in words}
    kept = {sound for sound in heard.values() if len(sound) >= search_words.SHORTEST_SOUND}
    return kept, {word for word, sound in heard.items() if sound not in kept}


def _family_names(person: Client) -> list[str]:
    return [person.family_name, person.birth_name, *(former.family_name for former in _former(person))]


def _given_names(person: Client) -> list[str]:
    return [person.given_names, *(former.given_names for former in _former(person))]


def _former(person: Client) -> Iterable[FormerName]:
    return person.former_names.all() if person.pk else ()


def _words(called: Iterable[str]) -> Words:
    telling = _said(called)
    return frozenset(names.looks(word) for word in telling) | frozenset(_heard(telling))


def _said(called: Iterable[str]) -> Words:
    said = {word for name in called for word in search_words.of_name(name)}
    return frozenset(said - PARTICLES or said)


def _heard(words: Iterable[str]) -> Iterator[str]:
    for sound in map(sounds.key, words):
        if len(sound) >= search_words.SHORTEST_SOUND:
            yield f"heard {sound}"
