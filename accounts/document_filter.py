"""Choosing among a client's documents by year and kind, by plain links."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, Self
from urllib.parse import urlencode

from django.db.models import Count

from accounts.models import Document
from accounts.models.documents import DocumentQuerySet

KINDS = {
    Document.Kind.STATEMENT: "Relevés",
    Document.Kind.CONTRACT: "Contrats",
    Document.Kind.LETTER: "Courriers",
    Document.Kind.RECEIPT: "Avis de virement",
}


class Choice(NamedTuple):
    """A link of the filter, how many documents it leads to, and whether it is what is shown now."""

    label: str
    count: int
    query: str
    is_chosen: bool


@dataclass(frozen=True)
class DocumentFilter:
    """`year` and `kind` that are looked for; None for all."""

    year: int | None = None
    kind: Document.Kind | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """What the address asks for; what it does not say clearly is not asked."""
        year, kind = query.get("annee", ""), query.get("nature", "")
        is_year = len(year) == 4 and year.isascii() and year.isdecimal()
        return cls(int(year) if is_year else None, Document.Kind(kind) if kind in KINDS else None)

    def among(self, documents: DocumentQuerySet) -> DocumentQuerySet:
        """Those of the `listed` documents that it asks for."""
        asked = {"year": self.year, "kind": self.kind}
        return documents.filter(**{name: value for name, value in asked.items() if value is not None})

    def choices(self, documents: DocumentQuerySet) -> dict[str, list[Choice]]:
        """The links by year and by kind, each with what it would show beside the other filter."""
        rows = documents.order_by().values_list("year", "kind").annotate(Count("pk"))
        by_year, by_kind = Counter(), Counter()
        for year, kind, count in rows:
            by_year[year] += count if self.kind in (None, kind) else 0
            by_kind[kind] += count if self.year in (None, year) else 0
        years = [(year, str(year)) for year in sorted(by_year, reverse=True)]
        kinds = [(kind, label) for kind, label in KINDS.items() if kind in by_kind]
        return {
            "years": list(self._links("year", [(None, "Toutes"), *years], by_year)),
            "kinds": list(self._links("kind", [(None, "Tous"), *kinds], by_kind)),
        }

    def _links(self, name: str, values: list[tuple[object, str]], counts: Counter) -> Iterator[Choice]:
        for value, label in values:
            count = counts[value] if value is not None else counts.total()
            yield Choice(label, count, replace(self, **{name: value}).query(), getattr(self, name) == value)

    def query(self) -> str:
        asked = {"annee": self.year, "nature": self.kind.value if self.kind else None}
        return "?" + urlencode({name: value for name, value in asked.items() if value is not None})
