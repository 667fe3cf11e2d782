"""Whether clients are found by what their sheets say: compared, and put right, for all of them."""

from collections.abc import Callable, Iterator

from django.db import transaction

from accounts.models import Client, SearchWord

AT_ONCE = 1000


def compare(advance: Callable[[int], None]) -> Iterator[int]:
    """Those whose words are not the ones of their sheets, by their numbers; `advance` is told how many were read."""
    for clients in _batches():
        yield from SearchWord.objects.differing(clients)
        advance(len(clients))


def put_right(advance: Callable[[int], None]) -> int:
    """Gives each client the words of his sheet, in batches that each commit; how many had others."""
    wrong = 0
    for clients in _batches():
        differing = SearchWord.objects.differing(clients)
        if differing:
            wrong += _write_anew(differing)
        advance(len(clients))
    return wrong


@transaction.atomic
def _write_anew(pks: list[int]) -> int:
    """As the sheets are once nobody writes them."""
    return SearchWord.objects.keep(Client.objects.select_for_update(of=("self",)).filter(pk__in=pks).order_by("pk"))


def _batches() -> Iterator[list[Client]]:
    last = 0
    while clients := list(Client.objects.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        yield clients
        last = clients[-1].pk
