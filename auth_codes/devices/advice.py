"""Which card of advice a client is shown after a login, once: about a new device, or about somebody else's computer.

It waits in the session for the first page that shows it, and is taken off as it is shown: going on dismisses it.
"""

from enum import StrEnum

from django.http import HttpRequest

WAITING = "login_advice"


class Card(StrEnum):
    """The names that templates/partials/_login_advice.html knows."""

    NEW_DEVICE = "new_device"
    PUBLIC_COMPUTER = "public_computer"


def after_login(request: HttpRequest, *, is_public: bool, is_known: bool) -> None:
    """What the client said of the device, and whether it was known before this login; on his own known one nothing."""
    if is_public:
        keep(request, Card.PUBLIC_COMPUTER)
    elif not is_known:
        keep(request, Card.NEW_DEVICE)


def keep(request: HttpRequest, card: Card) -> None:
    """The next page shows it, instead of any that still waits."""
    request.session[WAITING] = card.value


def take(request: HttpRequest) -> str:
    """The card that waits, or nothing; taken off."""
    return str(request.session.pop(WAITING, ""))
