"""One paper of each kind."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from msgspec.structs import replace

from accounts.papers.bank_details import BankDetailsContents
from accounts.papers.contract import ContractContents
from accounts.papers.letter import welcome_letter
from accounts.papers.lock_receipt import LockReceiptContents
from accounts.papers.postal_notice import NoticeContents
from accounts.papers.receipt import ReceiptContents
from accounts.papers.statement import StatementContents, StatementLine

ADDRESS = ("Mme Inès Léa MARTIN", "12 rue des Lilas", "Bâtiment B", "69003 LYON")
CLIENT = {"client_code": "1234567890", "address": ADDRESS, "bank_name": "Votre banque", "bank_phone": "01 99 00 12 34"}


def make_lines(count):
    amounts = [Decimal("-1250.30"), Decimal("-9.90"), Decimal("2150.00")]
    first = date(2026, 10, 1)
    return tuple(
        StatementLine(
            booked_on=first + timedelta(days=place * 30 // count),
            value_on=first + timedelta(days=place * 30 // count),
            label=f"Opération {place + 1}",
            amount=amounts[place % 3],
        )
        for place in range(count)
    )


STATEMENT = StatementContents(
    **CLIENT,
    month=date(2026, 10, 1),
    issued_on=date(2026, 11, 2),
    account_label="Compte courant",
    account_number="12345678901",
    iban="FR7699999000011234567890155",
    bic="VBNQFRPPXXX",
    holders=("Mme Inès Léa Martin", "M. Paul Martin"),
    advisor="Claire Dubois",
    opening_balance=Decimal("1250.30"),
    lines=make_lines(3),
)
CONTRACT = ContractContents(
    **CLIENT,
    kind="credit",
    title="Crédit personnel",
    number="40012345678",
    client_name="Mme Inès Léa Martin",
    concluded_at=datetime(2026, 10, 3, 12, 5, tzinfo=UTC),
    terms=(("Montant emprunté", "8 000,00 €"), ("Durée", "48 mois")),
    advisor="Claire Dubois",
)
LETTER = welcome_letter(**CLIENT, salutation="Madame Martin", advisor="Claire Dubois", written_on=date(2026, 10, 1))
RECEIPT = ReceiptContents(
    **CLIENT,
    reference="VIR-7KQ4-M2XD",
    confirmed_at=datetime(2026, 11, 3, 23, 30, tzinfo=UTC),
    executed_on=date(2026, 11, 4),
    amount=Decimal("1250"),
    from_label="Compte courant",
    from_number="12345678901",
    to_label="Livret d’épargne",
    to_number="22345678901",
    label="Vacances d’été",
    ordered_by="Mme Inès Léa Martin",
)
BANK_DETAILS = BankDetailsContents(
    issued_on=date(2026, 11, 3),
    holders=("Mme Inès Léa Martin", "M. Paul Martin"),
    account_label="Compte courant",
    bank_code="99999",
    branch_code="00001",
    account_number="12345678901",
    key="55",
    iban="FR7699999000011234567890155",
    bic="VBNQFRPPXXX",
    domiciliation="Votre banque, agence de Lyon",
)
NOTICE = NoticeContents(
    address=ADDRESS,
    written_on=date(2026, 11, 3),
    subject="Vos coordonnées ont changé",
    body=(
        "Bonjour Madame Martin,\n\nVotre banque a modifié vos coordonnées :\n\n- l’adresse postale\n\n"
        "Vous n’avez rien demandé ?\nAppelez-nous.\n\nVotre banque"
    ),
    bank_phone="01 99 00 12 34",
)
LOCK_RECEIPT = LockReceiptContents(
    **CLIENT,
    reference="7KQ4M2XDR9TB",
    locked_at=datetime(2026, 11, 3, 23, 30, tzinfo=UTC),
    way="avec le code client et le code secret",
    position="40215",
    mac=bytes(range(32)).hex(" ", 4),
    card_stop_phone="01 99 00 56 78",
)
FOR_CLIENT = {
    "statement": STATEMENT,
    "long statement": replace(STATEMENT, lines=make_lines(60)),
    "contract": CONTRACT,
    "letter": LETTER,
    "receipt": RECEIPT,
    "lock": LOCK_RECEIPT,
}
ALL = FOR_CLIENT | {"bank details": BANK_DETAILS, "notice": NOTICE}
