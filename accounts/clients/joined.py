"""Sheets that were closed because their person has another one: whoever finds the one is led to the other."""

from collections.abc import Iterable

from django.db.models import QuerySet

from accounts.models import Client


def led_on(found: Iterable[Client], clients: QuerySet[Client]) -> list[Client]:
    """Whom was found, each once: for a sheet that was joined the one that was kept, when it is among `clients`."""
    people = list(found)
    kept = clients.in_bulk({client.joined_into_id for client in people if client.joined_into_id})
    led = (client if client.joined_into_id is None else kept.get(client.joined_into_id) for client in people)
    return list(dict.fromkeys(client for client in led if client))
