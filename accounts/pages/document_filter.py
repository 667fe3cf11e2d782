"""Choosing among a client's documents by year, kind and account, by plain links."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from accounts.documents.listed import Counted
from accounts.models import BankAccount
from accounts.models.documents import DocumentQuerySet
from accounts.papers.kinds import PAPERS
from accounts.papers.statement import StatementContents

STATEMENT = StatementContents.KIND.stored_as


class Choice(NamedTuple):
    """A link of the filter, how many documents it leads to, and whether it is what is shown now."""

    label: str
    count: int  # type: ignore[assignment]  # a name of tuple's own, which nothing here calls
    query: str
    is_chosen: bool


@dataclass(frozen=True)
class DocumentFilter:
    """`year`, `kind` and `account` (its id) that are looked for; None for all."""

    year: int | None = None
    kind: str | None = None
    account: int | None = None

    @classmethod
    def read(cls, query: Mapping[str, str], accounts: Sequence[BankAccount]) -> Self:
        """What the address asks for; what it does not say clearly is not asked.

        Nor is an account that is none of `accounts`, those of the client's statements: whether it exists is not told.
        """
        year, kind, account = (query.get(name, "") for name in ("annee", "nature", "compte"))
        is_year = len(year) == 4 and year.isascii() and year.isdecimal() and year != "0000"
        return cls(
            int(year) if is_year else None,
            kind if kind in PAPERS else None,
            {str(known.pk): known.pk for known in accounts}.get(account),
        )

    def among(self, documents: DocumentQuerySet) -> DocumentQuerySet:
        """Those of the `listed` documents that it asks for."""
        asked = {"year": self.year, "kind": self.kind, "statement__account": self.account}
        return documents.filter(**{name: value for name, value in asked.items() if value is not None})

    def choices(self, rows: Iterable[Counted], accounts: Sequence[BankAccount]) -> dict[str, Collection]:
        """The links by year, by kind and by account, each with what it would show of `rows` beside the other filters.

        None by account where a single one has statements, unless it is asked for and must be left again. And
        `archived_years`, of which there are statements among what is shown.
        """
        by_year, by_kind, by_account = Counter[int](), Counter[str](), Counter[int | None]()
        archived = set[int]()
        for year, kind, account, count in rows:
            of_year, of_kind = self.year in (None, year), self.kind in (None, kind)
            of_account = self.account in (None, account)
            by_year[year] += count if of_kind and of_account else 0
            by_kind[kind] += count if of_year and of_account else 0
            by_account[account] += count if of_year and of_kind else 0
            archived |= {year} if kind == STATEMENT and of_kind and of_account else set()
        years = [(year, str(year)) for year in sorted(by_year, reverse=True)]
        kinds = [(kind, str(paper.KIND.plural)) for kind, paper in PAPERS.items() if kind in by_kind]
        named = _named(accounts) if len(accounts) > 1 or self.account else []
        return {
            "years": list(self._links("year", [(None, _("Toutes")), *years], by_year)),
            "kinds": list(self._links("kind", [(None, _("Tous")), *kinds], by_kind)),
            "accounts": list(self._links("account", [(None, _("Tous")), *named], by_account)) if named else [],
            "archived_years": archived,
        }

    def _links(self, name: str, values: list[tuple[object, str]], counts: Counter) -> Iterator[Choice]:
        for value, label in values:
            count = counts[value] if value is not None else counts.total()
            query = replace(self, **{name: value}).query()  # type: ignore[arg-type]  # of the field's own values
            yield Choice(label, count, query, getattr(self, name) == value)

    def query(self) -> str:
        asked = {"annee": self.year, "nature": self.kind, "compte": self.account}
        return "?" + urlencode({name: value for name, value in asked.items() if value is not None})


def _named(accounts: Sequence[BankAccount]) -> list[tuple[int, str]]:
    """Short names, unless two of them are the same."""
    are_short = len({account.short_name for account in accounts}) == len(accounts)
    return [(account.pk, account.short_name if are_short else str(account)) for account in accounts]
