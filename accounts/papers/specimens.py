"""Pictures of the papers for /code-client-oublie/: the real papers of an invented client, with the block marked."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypedDict

import typst

from accounts.papers.contents import UNNAMED_BANK, ContentsForClient, in_words
from accounts.papers.contract import ContractContents
from accounts.papers.letter import welcome_letter
from accounts.papers.statement import StatementContents, StatementLine
from auth_codes.pdf import FONTS, ROOT


class ForClient(TypedDict):
    """What all papers for a client say of him and of the bank."""

    client_code: str
    address: tuple[str, ...]
    advisor: str
    bank_name: str
    bank_phone: str


CLIENT: ForClient = {
    # Its check digit is wrong: nobody can hold it.
    "client_code": "1234567890",
    "address": ("MME CAMILLE EXEMPLE", "1 RUE DE LA PAIX", "75000 VILLE"),
    "advisor": "Dominique Modèle",
    "bank_name": UNNAMED_BANK,
    "bank_phone": "01 99 00 00 00",
}
LONG_DECIMALS = re.compile(rb"\d+\.\d{3,}")  # a hundredth of a point is finer than any screen
DAY = date(2026, 11, 2)
NAME = "Mme Camille Exemple"


def specimens() -> dict[str, ContentsForClient]:
    """The contents of each picture, by the paper's kind."""
    return {"statement": _statement(), "contract": _contract(), "letter": _letter()}


def draw(contents: ContentsForClient) -> bytes:
    """The top of the paper's first page as SVG, the same bytes for the same contents and the same version of typst."""
    pages = typst.compile(
        contents.SOURCE,
        root=ROOT,
        font_paths=FONTS,
        format="svg",
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(in_words(contents) | {"specimen": True})},
    )
    first_page = pages if isinstance(pages, bytes) else pages[0]
    return LONG_DECIMALS.sub(lambda number: b"%.2f" % float(number[0]), first_page)


def _statement() -> StatementContents:
    operations = [(1, "Virement salaire", "1850"), (3, "Loyer", "-640"), (5, "Supermarché", "-72.35")]
    return StatementContents(
        **CLIENT,
        month=date(2026, 10, 1),
        issued_on=DAY,
        account_label="Compte courant",
        account_number="00000000000",
        iban="FR0000000000000000000000000",
        bic="XXXXXXXX",
        holders=(NAME,),
        opening_balance=Decimal("412.18"),
        lines=tuple(
            StatementLine(
                booked_on=date(2026, 10, day), value_on=date(2026, 10, day), label=label, amount=Decimal(amount)
            )
            for day, label, amount in operations
        ),
    )


def _contract() -> ContractContents:
    return ContractContents(
        **CLIENT,
        kind="card",
        title="Carte bancaire",
        number="00000000000",
        client_name=NAME,
        concluded_at=datetime(DAY.year, DAY.month, DAY.day, 10, 30, tzinfo=UTC),
        terms=(("Compte lié", "Compte courant"), ("Débit", "Immédiat")),
    )


def _letter() -> ContentsForClient:
    return welcome_letter(**CLIENT, salutation="Madame Exemple", written_on=DAY)
