"""A list of which nearly everybody opens the first page alone: a compiled question answers for it."""

from collections.abc import Callable
from functools import cached_property
from typing import Generic

from django.db.models import Model, QuerySet

from auth_codes.prepared import Prepared, Row


class BegunList(Generic[Row]):
    """What a Paginator of pages of `length` takes: the first rows by `first`, all that comes after them by `rows`.

    `first` asks the same of its blank `client`, for one row more than a page has: where there is none, nobody needs to
    `count`. What `rows` gives is put together for the other pages alone.
    """

    def __init__(
        self,
        first: Prepared[Row],
        rows: "Callable[[], QuerySet[Model, Row]]",
        length: int,
        *,
        client: int,
        count: Callable[[], int],
    ):
        self._first, self._rows, self._length, self._client, self._count = first, rows, length, client, count

    @cached_property
    def _begun(self) -> list[Row]:
        return self._first.ask(client=self._client)

    def count(self) -> int:
        return len(self._begun) if len(self._begun) <= self._length else self._count()

    def __getitem__(self, part: slice) -> list[Row]:
        return self._begun[part] if part.stop <= self._length else list(self._rows()[part])
