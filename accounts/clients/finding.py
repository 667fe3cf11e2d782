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

from accounts.clients import joined, look_up, questions
from accounts.clients.questions import Description
from accounts.models import Client, SearchWord
from accounts.models.search import Condition, beginning, condition, has_too, has_too_each
from accounts.notation import search_words, sounds
from accounts.notation.search_words import WordKind

# On one page; that there are more is said, how many is not counted.
SHOWN = 25
# Of how many rows the best are chosen; some people have several words that begin alike.
ROWS = 50
# How far the rows of a word are counted, to tell the rarest. To ask that many people one by one takes 20 ms at most;
# of more, PostgreSQL had better read both words.
COUNTED = 1000
# As many words say who is meant: where somebody has them all, nobody else is looked for whose words only begin so.
IN_FULL = 3
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

    def condition(self) -> Condition:
        return condition(self.kind, self.word, goes_on=self.goes_on)


# Of these terms one is enough; of a reading each must be met.
Choice = tuple[Term, ...]
Reading = tuple[Choice, ...]
Choosing = Callable[[str], Choice]


def find(clients: QuerySet[Client], text: str) -> Found:
    """Whom among `clients` the text means: by numbers, or by names with what it says of birth, postcode and town."""
    asked, *others = questions.readings(text)
    if look_up.why_nobody(text) or asked == Description():
        return Found([])
    found = _answer(clients, asked)
    for other in others:
        # Of what a name is said with alone: whoever is looked for must still be named.
        if not found.clients and other.longest_word >= look_up.FEWEST_LETTERS:
            found = _answer(clients, other)
    return found._replace(clients=joined.led_on(found.clients, clients))


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
            if self._are_enough(tiers, choose):
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

    def _are_enough(self, found: dict[int, int], further: Choosing) -> bool:
        """Whether nobody is looked for in a further way beside these."""
        if not found:
            return False
        return len(found) > SHOWN or further is _by_ear or len(self.words) >= IN_FULL

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
            # A day, a month or a postcode is said of fewer people than a name that is as common.
            reading = tuple(map(self._of_somebody, (*self.besides, *named)))
            if all(reading):
                yield reading

    def _of_somebody(self, choice: Choice) -> Choice:
        return tuple(term for term in choice if self.counted[term])

    def _rows(self, reading: Reading) -> list[int]:
        rarest, *others = sorted(reading, key=self._count)
        # One after the other: of both at once PostgreSQL would read the table beside the index.
        ways = [[term.condition(), *had] for term in rarest for had in self._had_beside(rarest, others)]
        return SearchWord.objects.clients_with(ways, ROWS)

    def _had_beside(self, rarest: Choice, others: list[Choice]) -> list[list[Condition]]:
        """In which ways whoever has the rarest may have the others.

        Where even the rarest is common, the next one is asked for term by term: PostgreSQL goes through two words
        side by side, but asks whether somebody has one of two words of each person again.
        """
        if not others or self._count(rarest) < COUNTED:
            return [[has_too_each(_conditions(choice)) for choice in others]]
        next_one, *further = others
        return [[has_too(_conditions(choice)) for choice in ((term,), *further)] for term in next_one]

    def _count(self, choice: Choice) -> int:
        return sum(self.counted[term] for term in choice)

    def _learn(self, choices: Iterable[Choice]) -> None:
        """Counts the rows of these terms, but those that it knows already."""
        new = list(dict.fromkeys(term for choice in choices for term in choice if term not in self.counted))
        self.counted |= dict(zip(new, SearchWord.objects.count_up_to(COUNTED, _conditions(new)), strict=True))


def _besides(asked: Description) -> Iterator[Choice]:
    """What is said of birth and postcode."""
    if asked.born:
        days = asked.born.days()
        # Beside a name, also those whose year of birth alone is known.
        years = {f"{day:%Y}" for day in days} if asked.words else set()
        yield tuple(Term(WordKind.BORN, born) for born in (*(f"{day:%Y%m%d}" for day in days), *sorted(years)))
    if asked.month:
        yield (Term(WordKind.BORN, asked.month, goes_on=True), Term(WordKind.BORN, asked.month[:4]))
    elif asked.year:
        yield (Term(WordKind.BORN, asked.year, goes_on=True),)
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
    # The sound first: who has the word that begins so mostly has it too, and a whole word is found sooner.
    return (Term(WordKind.SOUND, sound), *_begun(word)) if is_told else _begun(word)


def _anyhow(word: str) -> Choice:
    return (*_by_ear(word), *_town([word]))


def _conditions(terms: Iterable[Term]) -> list[Condition]:
    return [term.condition() for term in terms]


def _any(choice: Choice) -> Q:
    return reduce(or_, (term.rows() for term in choice))


def _has(choice: Choice, owner: str) -> Exists:
    return Exists(SearchWord.objects.filter(_any(choice), client=OuterRef(owner)))


# The nearest first.
TIERS: tuple[Choosing, ...] = (_equal, _begun, _by_ear)
