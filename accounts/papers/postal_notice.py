"""What an e-mail would say, as a letter: to addresses where its reader may be somebody else, so without code client."""

from datetime import date
from pathlib import Path

from accounts.papers.contents import Contents, address_lines, dated, line
from accounts.papers.letter import BLANK_LINE

ITEM = "- "


class NoticeContents(Contents, frozen=True, kw_only=True):
    """`body` is a mail's text: a blank line ends a part; a part of several lines begins with its title.

    `address` begins with the name.
    """

    SOURCE = Path(__file__).with_name("postal_notice.typ")

    address: tuple[str, ...]
    written_on: date
    subject: str
    body: str
    bank_phone: str

    def printed(self) -> dict[str, object]:
        return {
            **dated(self.written_on),
            "address": address_lines(self.address),
            "subject": line(self.subject) or "Lettre de votre banque",
            "parts": [_part(text) for text in BLANK_LINE.split(self.body)],
            "bank_phone": line(self.bank_phone).replace(" ", "\u00a0"),
        }


def _part(text: str) -> dict[str, object]:
    """A title or none, its lines, and the items of a list."""
    said = [shown for shown in map(line, text.splitlines()) if shown]
    items = [shown.removeprefix(ITEM) for shown in said if shown.startswith(ITEM)]
    rest = [shown for shown in said if not shown.startswith(ITEM)]
    title = rest.pop(0) if len(rest) > 1 else ""
    return {"title": title, "lines": rest, "items": items}
