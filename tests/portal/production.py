"""docs/production.md as a program: its blocks of commands, and how each was tried."""

import re
from pathlib import Path
from typing import NamedTuple

from tests.portal.starting import ROOT

PAGE = ROOT / "docs" / "production.md"
FOLDER = ROOT / "docs" / "production"
BLOCK = re.compile(r"([^\n]*)\n\n```(\w+) ?([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
# How a block was tried, by the word behind its « ``` », and how the sentence before it ends.
WAYS = {"tested": "Tested:", "bare": "y hand:", "unrun": "ot run:"}
VARIABLE = re.compile(r"^#? ?([A-Z_]+)=(.*)$", re.MULTILINE)
# What a bank fills in.
FILLED_IN = {
    "ALLOWED_HOSTS": "portail.example", "PORTAL_ADDRESS": "portail.example", "BANK_NAME": '"Banque des Lilas"',
    "BANK_CODE": "30001", "BANK_BRANCH_CODE": "00794", "BANK_BIC": "BDFEFRPPCCT", "BANK_PHONE": '"01 23 45 67 89"',
    "CARD_STOP_PHONE": '"01 23 45 67 80"', "BANK_ADDRESS": '"12 rue des Lilas, 69003 Lyon"',
    "BANK_LEGAL_FORM": '"Société anonyme au capital de 5 000 000 €"', "BANK_REGISTERED": '"RCS Lyon 123 456 782"',
}  # fmt: skip


class Block(NamedTuple):
    before: str
    language: str
    way: str
    commands: str


def blocks() -> list[Block]:
    return [Block(*found) for found in BLOCK.findall(PAGE.read_text())]


def script() -> str:
    """What the page says is tested, in its order."""
    return "\n".join(block.commands for block in blocks() if block.way == "tested")


def told() -> dict[str, str]:
    """The variables of the template with their values, those in comments too."""
    return dict(VARIABLE.findall((FOLDER / "portal.env").read_text()))


def filled_in(secrets: Path, **more: str) -> str:
    """The template as a bank fills it in, with its secrets in the files of that folder."""
    text = (FOLDER / "portal.env").read_text().replace("/etc/portail/secrets", str(secrets))
    for name, value in (FILLED_IN | more).items():
        text = re.sub(rf"^{name}=.*$", lambda _, line=f"{name}={value}": line, text, flags=re.MULTILINE)
    return text
