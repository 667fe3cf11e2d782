"""Who is meant by what an advisor has typed, the best match first.

Names are found by the words of `SearchWord`. What is typed is split in all the ways in which its words, said without a
pause, are words of somebody: « jean pierre » is « jeanpierre » as well, and « le mans » may be a town. Of each way the
rarest word is looked for and the others are asked of whom it finds, so that a common name costs little beside another
word. First come those who have the very words, then those whose words begin so; only where nobody does, those whose
names sound alike.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from operator import or_
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.clients import look_up, questions
from accounts.clients.questions import Description
from accounts.models import Client, SearchWord
from accounts.models.search import beginning, condition
from accounts.notation import search_words, sounds
from accounts.notation.search_words import WordKind

# On one page; that there are more is said, how many is not counted.
SHOWN = 25
# Of how many rows the best are chosen; some people have several words that begin alike.
ROWS = 150
# How far the rows of a word are counted, to tell the rarest.
COUNTED = 1000
# Of more words the ways to join them would be too many; nobody has as many names as the last.
MOST_JOINED, MOST_WORDS = 5, 12


class Found(NamedTuple):
    """Those who match, the best first, whether they are all, and whether their names only sound alike."""

    clients: list[Client]
    are_all: bool = True
    sound_alike: bool = False


class Term(NamedTuple):
    """A word that somebody must have, or one that begins so."""

    kind: WordKind
    word: str
    goes_on: bool = False

    def rows(self) -> Q:
        return Q(kind=self.kind.value) & (beginning(self.word) if self.goes_on else Q(word=self.word))


# Of these terms one is enough; of a reading each must be met.
Choice = tuple[Term, ...]
Reading = tuple[Choice, ...]
Choosing = Callable[[str], Choice]


def find(clients: QuerySet[Client], text: str) -> Found:
    """Whom among `clients` the text means: by numbers, or by names with what it says of birth, postcode and town."""
    asked = questions.read(text)
    if look_up.why_nobody(text) or asked == Description():
        return Found([])
    found = _answer(clients, asked)
    if not found.clients and asked.year and asked.words:
        # « Martin 1984 » may have an account that ends so.
        return _answer(clients, asked._replace(year="", last_four=asked.year))
    return found


def _answer(clients: QuerySet[Client], asked: Description) -> Found:
    by_name = Search(asked)
    if asked.numbers or asked.last_four:
        return by_name.among_few(questions.narrowed(clients, asked))
    return by_name.among_all(clients)


class Search:
    """One question about names, and how many rows each word has, counted once."""

    def __init__(self, asked: Description):
        self.words = asked.words[:MOST_WORDS]
        self.besides = tuple(_besides(asked))
        self.counted: dict[Term, int] = {}

    def among_few(self, clients: QuerySet[Client]) -> Found:
        """Those of a number: all else that is said must fit, by the sound where a name is spelt otherwise."""
        for choice in (*self.besides, *map(_anyhow, self.words)):
            clients = clients.filter(_has(choice, "pk"))
        found = list(clients[: SHOWN + 1])
        return Found(found[:SHOWN], are_all=len(found) <= SHOWN)

    def among_all(self, clients: QuerySet[Client]) -> Found:
        tiers: dict[int, int] = {}
        are_all = True
        for tier, choose in enumerate(TIERS):
            if (tiers and choose is _by_ear) or len(tiers) > SHOWN:
                break
            for reading in self._readings(choose):
                if len(tiers) > SHOWN:
                    break
                pks = self._rows(reading)
                are_all = are_all and len(pks) < ROWS
                tiers.update({pk: tier for pk in pks if pk not in tiers})
        best = self._ranked(clients, tiers)
        chosen = clients.in_bulk(best[:SHOWN])
        sound_alike = bool(tiers) and TIERS[min(tiers.values())] is _by_ear
        shown = [chosen[pk] for pk in best[:SHOWN]]
        return Found(shown, are_all=are_all and len(best) <= SHOWN, sound_alike=sound_alike)

    def _ranked(self, clients: QuerySet[Client], tiers: dict[int, int]) -> list[int]:
        """First those who have the very words, then those whose family name is one of them."""
        some = sorted(tiers, key=tiers.__getitem__)[:ROWS]
        named = clients.order_by().filter(pk__in=some).values_list("family_key", "given_key", "pk")
        said = {*self.words, "".join(self.words)}
        return [
            pk
            for *_, pk in sorted(
                (tiers[pk], not said & search_words.of_name(family), family, given, pk) for family, given, pk in named
            )
        ]

    def _readings(self, choose: Choosing) -> Iterator[Reading]:
        """The ways to read the words as names, the last or the first of them as a town; without what nobody has."""
        readings = list(_read(self.words, choose))
        self._learn(choice for named in readings for choice in (*named, *self.besides))
        for named in readings:
            reading = (*named, *self.besides)
            if all(map(self._count, reading)):
                yield reading

    def _rows(self, reading: Reading) -> list[int]:
        rarest = min(reading, key=self._count)
        rows = SearchWord.objects.filter(_any(rarest))
        for choice in reading:
            if choice is not rarest:
                rows = rows.filter(_has(choice, "client"))
        return list(rows.values_list("client_id", flat=True)[:ROWS])

    def _count(self, choice: Choice) -> int:
        return sum(self.counted[term] for term in choice)

    def _learn(self, choices: Iterable[Choice]) -> None:
        """Counts the rows of these terms, but those that it knows already."""
        new = list(dict.fromkeys(term for choice in choices for term in choice if term not in self.counted))
        conditions = [condition(*term[:2], goes_on=term.goes_on) for term in new]
        self.counted |= dict(zip(new, SearchWord.objects.count_up_to(COUNTED, conditions), strict=True))


def _besides(asked: Description) -> Iterator[Choice]:
    """What is said of birth and postcode."""
    if asked.born:
        yield tuple(Term(WordKind.BORN, f"{day:%Y%m%d}") for day in asked.born.days())
    if asked.month or asked.year:
        yield (Term(WordKind.BORN, asked.month or asked.year, goes_on=True),)
    if asked.postcode:
        yield (Term(WordKind.POSTCODE, asked.postcode),)


def _read(words: tuple[str, ...], choose: Choosing) -> Iterator[Reading]:
    for split in _splits(words):
        named: Reading = tuple(choose("".join(run)) for run in split)
        yield named
        if len(split) > 1:
            yield (*named[:-1], _town(split[-1]))
            yield (_town(split[0]), *named[1:])


def _splits(words: tuple[str, ...]) -> Iterator[list[tuple[str, ...]]]:
    """All ways to part `words` into runs, their order kept; first with each by itself."""
    if len(words) > MOST_JOINED:
        yield [(word,) for word in words]
        return
    yield from sorted(_parted(words), key=len, reverse=True)


def _parted(words: tuple[str, ...]) -> Iterator[list[tuple[str, ...]]]:
    if not words:
        yield []
    for length in range(1, len(words) + 1):
        yield from ([words[:length], *rest] for rest in _parted(words[length:]))


def _equal(word: str) -> Choice:
    return (Term(WordKind.NAME, word),)


def _begun(word: str) -> Choice:
    return (Term(WordKind.NAME, word, goes_on=True),)


def _town(run: Iterable[str]) -> Choice:
    return (Term(WordKind.TOWN, search_words.town(" ".join(run)), goes_on=True),)


def _by_ear(word: str) -> Choice:
    sound = sounds.key(word)
    is_told = len(sound) >= search_words.SHORTEST_SOUND
    return (*_begun(word), Term(WordKind.SOUND, sound)) if is_told else _begun(word)


def _anyhow(word: str) -> Choice:
    return (*_by_ear(word), *_town([word]))


def _any(choice: Choice) -> Q:
    return reduce(or_, (term.rows() for term in choice))


def _has(choice: Choice, owner: str) -> Exists:
    return Exists(SearchWord.objects.filter(_any(choice), client=OuterRef(owner)))


# The nearest first.
TIERS: tuple[Choosing, ...] = (_equal, _begun, _by_ear)
