"""Two sheets beside each other: what is equal and what differs, for who says that they are one person."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple

from accounts.clients import confirmation, contact_changes, space_state
from accounts.models import Client, ContactChange
from accounts.notation import masks, names, phones
from auth_codes import wording

Contact = ContactChange.Contact
# That two sheets of one person may say otherwise, and a second advisor has looked at.
NAMES = ("title", "given_names", "family_name", "birth_name")
Said = tuple[str, str]


class Compared(NamedTuple):
    """One thing that both sheets say."""

    what: str
    one: str
    other: str
    is_equal: bool


def compare(one: Client, other: Client) -> list[Compared]:
    """Who each is and how he is reached; in names accents, capitals and the like make no difference.

    Without what neither says.
    """
    named = [Compared(*row, names.key(row[1]) == names.key(row[2])) for row in _beside(_named, one, other)]
    reached = [Compared(*row, row[1].casefold() == row[2].casefold()) for row in _beside(_reached, one, other)]
    return [row for row in named + reached if row.one or row.other]


def differing_names(one: Client, other: Client) -> list[str]:
    """Which parts of the name are not the same, by their names on the sheet."""
    return [name for name in NAMES if names.key(getattr(one, name)) != names.key(getattr(other, name))]


def states(one: Client, other: Client, now: datetime) -> list[tuple[str, str, str]]:
    """What each sheet opens and who serves it; nothing of it need be equal."""
    return _beside(lambda client: _state(client, now), one, other)


def _beside(said_by: Callable[[Client], Iterator[Said]], one: Client, other: Client) -> list[tuple[str, str, str]]:
    """What each says of the same."""
    return [(what, first, second) for (what, first), (_, second) in zip(said_by(one), said_by(other), strict=True)]


def _named(client: Client) -> Iterator[Said]:
    yield "Civilité", str(client.get_title_display())
    yield "Prénoms", client.given_names
    yield "Nom", client.family_name
    yield "Nom de naissance", client.birth_name
    yield "Noms d’autrefois", ", ".join(map(str, client.former_names.all()))


def _reached(client: Client) -> Iterator[Said]:
    yield "Date de naissance", wording.short_day(client.birth_date) if client.birth_date else client.birth_in_words
    for contact, value in contact_changes.values(client).items():
        shown = phones.display(value) if value and contact in confirmation.PHONES else value
        yield str(Contact(contact).label).capitalize(), shown


def _state(client: Client, now: datetime) -> Iterator[Said]:
    space = space_state.state_of(client, now)
    yield "Code client", masks.client_code(client.client_code) or "pas encore attribué"
    yield "Espace en ligne", space.words if space else space_state.NO_SPACE
    yield "Conseiller", str(client.advisor)
    yield "Fiche créée le", wording.short_day(client.registered_at)
