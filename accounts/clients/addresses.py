"""The postal address as a page shows it to who answers for a letter."""

from accounts.models import Client


def as_shown(client: Client) -> str:
    """The address in one text: what the second advisor had before his eyes goes along with his answer."""
    return "\n".join(client.address_lines)


def is_as_seen(client: Client, seen: str) -> bool:
    """Whether the address is still the one that a page showed; browsers send line ends of their own."""
    return seen.replace("\r\n", "\n") == as_shown(client)
