"""Whether somebody still is a client: nothing new begins for who is not, and no end passes an act that is under way."""

from accounts.models import Client


class ClientEnded(Exception):
    """He died, left the bank or is under guardianship: nothing begins for him any more."""


def lock(client: Client) -> Client:
    """The client as he stands, who does not end before the caller's transaction does. Raises ClientEnded."""
    stored = Client.objects.locked(client.pk)
    if stored.ended_on:
        raise ClientEnded
    return stored
