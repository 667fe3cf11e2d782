"""The words that clients are found by: what the sheet says, kept with it; see notation/search_words.py."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db import connection, models
from django.db.models import Q

from accounts.models.names import FormerName
from accounts.notation.search_words import LENGTH, WordKind, Words

if TYPE_CHECKING:
    from accounts.models.people import Client

AT_ONCE = 5000
# Behind every word that begins alike, where the database compares sign by sign.
LAST_SIGN = "\U0010ffff"
# In SQL, and what fills it in: of what was typed nothing stands in the text.
Condition = tuple[str, list[str]]


def beginning(word: str) -> Q:
    """Words that begin so, by the index: PostgreSQL reads it for LIKE alone, SQLite for a stretch alone."""
    if connection.vendor == "sqlite":
        return Q(word__gte=word, word__lt=word + LAST_SIGN)
    return Q(word__startswith=word)


def condition(kind: WordKind, word: str, *, goes_on: bool) -> Condition:
    """The same in SQL, of one word or of all that begin so."""
    if not goes_on:
        return "kind = %s AND word = %s", [kind.value, word]
    if connection.vendor == "sqlite":
        return "kind = %s AND word >= %s AND word < %s", [kind.value, word, word + LAST_SIGN]
    return "kind = %s AND word LIKE %s", [kind.value, connection.ops.prep_for_like_query(word) + "%"]


def has_too(any_of: Sequence[Condition]) -> Condition:
    """That whoever a word is said of has one of these words as well."""
    return _exists(any_of, "LIMIT 1")


def has_too_each(any_of: Sequence[Condition]) -> Condition:
    """The same, asked of each of a few people.

    By its « OFFSET » PostgreSQL does not make a join of it, for which it would read all people of a common word: how
    many words begin alike it guesses badly, and that the people are few it is not told.
    """
    return _exists(any_of, "LIMIT 1 OFFSET 0")


def _exists(any_of: Sequence[Condition], limit: str) -> Condition:
    table = SearchWord._meta.db_table
    one_of_them = " OR ".join(f"({sql})" for sql, _ in any_of)
    asked = f"SELECT 1 FROM {table} AS other WHERE other.client_id = {table}.client_id AND ({one_of_them}) {limit}"  # noqa: S608 - as `count_up_to`
    return f"EXISTS ({asked})", [value for _, values in any_of for value in values]


class SearchWordQuerySet(models.QuerySet["SearchWord"]):
    """Words of clients, as their sheets say them."""

    def keep(self, clients: Iterable["Client"]) -> int:
        """Makes the words of these clients those of their sheets as they are given; how many had others."""
        said = self._said_by(clients)
        kept = self._of(said)
        wrong = [pk for pk, words in said.items() if words != kept[pk]]
        for pk in wrong:
            for kind, word in kept[pk] - said[pk]:
                self.filter(client=pk, kind=kind, word=word).delete()
        self._write((pk, said[pk] - kept[pk]) for pk in wrong)
        return len(wrong)

    def write(self, clients: Iterable["Client"]) -> None:
        """The words of clients who have none yet, nor had other names."""
        self._write((client.pk, client.said_to_find_by()) for client in clients)

    def differing(self, clients: Iterable["Client"]) -> list[int]:
        """Those whose words are not the ones that their sheets say."""
        said = self._said_by(clients)
        kept = self._of(said)
        return [pk for pk, words in said.items() if words != kept[pk]]

    def clients_with(self, ways: Sequence[Sequence[Condition]], most: int | None = None) -> list[int]:
        """The numbers of up to `most` people who meet all conditions of a way, perhaps several times; in one question.

        Written as SQL, which Django takes longer to write than PostgreSQL to answer.
        """
        table = self.model._meta.db_table
        asked = " UNION ALL ".join(
            f"SELECT client_id FROM {table} WHERE " + " AND ".join(sql for sql, _ in way)  # noqa: S608 - as below
            for way in ways
        )
        limit = f" LIMIT {most}" if most else ""
        with connection.cursor() as cursor:
            cursor.execute(asked + limit, [value for way in ways for _, values in way for value in values])
            return [pk for [pk] in cursor.fetchall()]

    def count_up_to(self, most: int, conditions: Sequence[Condition]) -> list[int]:
        """How many rows each of these `condition`s has, none counted further than `most`: in one question."""
        if not conditions:
            return []
        table = self.model._meta.db_table
        # Of what was typed nothing stands in it: `condition` leaves that to be filled in.
        one = f"(SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {{}} LIMIT {most}) AS counted)"  # noqa: S608 - as above
        asked = "SELECT " + ", ".join(one.format(sql) for sql, _ in conditions)
        with connection.cursor() as cursor:
            cursor.execute(asked, [value for _, values in conditions for value in values])
            return list(cursor.fetchone())

    def _said_by(self, clients: Iterable["Client"]) -> dict[int, Words]:
        """What the sheets say, earlier names among it."""
        found = list(clients)
        former: dict[int, list[str]] = {client.pk: [] for client in found}
        for pk, *called in FormerName.objects.filter(client__in=former).values_list(
            "client_id", "family_name", "given_names"
        ):
            former[pk] += called
        return {client.pk: client.said_to_find_by(former[client.pk]) for client in found}

    def _of(self, clients: Iterable[int]) -> dict[int, Words]:
        kept: dict[int, Words] = {pk: set() for pk in clients}
        for pk, kind, word in self.filter(client__in=list(kept)).values_list("client", "kind", "word"):
            kept[pk].add((kind, word))
        return kept

    def _write(self, words: Iterable[tuple[int, Words]]) -> None:
        rows = (self.model(client_id=pk, kind=kind, word=word) for pk, some in words for kind, word in sorted(some))
        # A sheet that is saved twice at once says the same words twice.
        self.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)


class SearchWord(models.Model):
    """That a client is found by a word of this kind."""

    pk = models.CompositePrimaryKey("client", "kind", "word")
    # Nothing of it is worth keeping without its sheet; the key begins with the client, so no index of its own.
    client = models.ForeignKey("accounts.Client", models.CASCADE, related_name="search_words", db_index=False)
    kind = models.CharField("nature", max_length=1, choices=WordKind)
    word = models.CharField("mot", max_length=LENGTH)

    objects = SearchWordQuerySet.as_manager()

    class Meta:
        verbose_name = "mot de recherche"
        verbose_name_plural = "mots de recherche"
        # By LIKE a word is found whatever the language of the database. All that is asked stands in the index.
        indexes = [
            models.Index(
                fields=["kind", "word", "client"],
                opclasses=["varchar_pattern_ops", "varchar_pattern_ops", "int8_ops"],
                name="clients_by_word",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} du client {self.client_id}"
