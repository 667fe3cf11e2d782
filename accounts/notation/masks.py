"""What is shown of something by which its owner knows it again, and nobody else learns it."""

from django.utils.safestring import SafeString

from accounts import client_codes
from auth_codes import wording

HIDDEN = "•••"


def email(address: str) -> str:
    """« i•••@e•••.org »"""
    name, _, domain = address.rpartition("@")
    host, _, ending = domain.rpartition(".")
    return f"{name[:1]}{HIDDEN}@{host[:1]}{HIDDEN}.{ending}"


def phone(number: str) -> str:
    """« se terminant par 78 »"""
    return f"se terminant par {number[-2:]}"


def client_code(number: str | None) -> SafeString:
    """« •••• ••• 890 », heard as « se terminant par 8 9 0 »; nothing while none is attributed."""
    if not number:
        return SafeString()
    heard = f"se terminant par {' '.join(number[-client_codes.DIGITS_SHOWN :])}"
    return wording.heard_as(heard, client_codes.display(client_codes.masked(number)))
