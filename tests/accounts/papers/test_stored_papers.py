"""What is stored of each kind of paper is read for ever, and would be written again sign for sign."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tests.accounts.papers.contents import BANK_DETAILS, CONTRACT, LETTER, RECEIPT, STATEMENT, make_lines, replace

ANY_SIGNS = 'Chèque « 7 » \\ "Noël"\t\xa0\u202f\u2028😀\x00\x7f'
CONTENTS = {
    "statement": replace(
        STATEMENT,
        opening_balance=Decimal("-0.5"),
        lines=(*make_lines(2), replace(make_lines(1)[0], label=ANY_SIGNS, amount=Decimal("123456789012.10"))),
    ),
    "statement of nothing": replace(
        STATEMENT,
        address=(),
        holders=(),
        lines=(),
        advisor="",
        opening_balance=Decimal("-0.00"),
        month=date(2024, 2, 1),
    ),
    "contract": replace(CONTRACT, concluded_at=datetime(2026, 10, 3, 12, 5, 7, 120, tzinfo=UTC)),
    "contract in another zone": replace(
        CONTRACT, kind="card", terms=(), concluded_at=datetime(2026, 7, 3, 12, 5, 7, tzinfo=ZoneInfo("Europe/Paris"))
    ),
    "letter": replace(LETTER, body="Bonjour !\r\n\r\nL’avez-vous\nlu ?\u2029 \n<Oui> & </script>."),
    "receipt": replace(RECEIPT, label="", confirmed_at=datetime(2026, 11, 3, 23, 30, 0, 999999, tzinfo=UTC)),
    "receipt in another zone": replace(
        RECEIPT,
        amount=Decimal("0.01"),
        confirmed_at=datetime(1999, 11, 3, 23, 30, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
    ),
    "bank details": BANK_DETAILS,
}
STORED = {
    "statement": (
        '{"version": 1, "client_code": "1234567890", "address": ["Mme Inès Léa MARTIN", "12 rue des Lilas", '
        '"Bâtiment B", "69003 LYON"], "month": "2026-10-01", "issued_on": "2026-11-02", '
        '"account_label": "Compte courant", "account_number": "12345678901", '
        '"iban": "FR7699999000011234567890155", "bic": "VBNQFRPPXXX", "holders": ["Mme Inès Léa Martin", '
        '"M. Paul Martin"], "advisor": "Claire Dubois", "bank_phone": "01 99 00 12 34", '
        '"opening_balance": "-0.50", "lines": [{"booked_on": "2026-10-01", "value_on": "2026-10-01", '
        '"label": "Opération 1", "amount": "-1250.30"}, {"booked_on": "2026-10-16", "value_on": "2026-10-16", '
        '"label": "Opération 2", "amount": "-9.90"}, {"booked_on": "2026-10-01", "value_on": "2026-10-01", '
        '"label": "Chèque « 7 » \\\\ \\"Noël\\"\\t\xa0\u202f\u2028😀\\u0000\x7f", "amount": "123456789012.10"}]}'
    ),
    "statement of nothing": (
        '{"version": 1, "client_code": "1234567890", "address": [], "month": "2024-02-01", '
        '"issued_on": "2026-11-02", "account_label": "Compte courant", "account_number": "12345678901", '
        '"iban": "FR7699999000011234567890155", "bic": "VBNQFRPPXXX", "holders": [], "advisor": "", '
        '"bank_phone": "01 99 00 12 34", "opening_balance": "-0.00", "lines": []}'
    ),
    "contract": (
        '{"version": 1, "client_code": "1234567890", "address": ["Mme Inès Léa MARTIN", "12 rue des Lilas", '
        '"Bâtiment B", "69003 LYON"], "kind": "credit", "title": "Crédit personnel", "number": "40012345678", '
        '"client_name": "Mme Inès Léa Martin", "concluded_at": "2026-10-03T12:05:07.000120+00:00", '
        '"terms": [["Montant emprunté", "8 000,00 €"], ["Durée", "48 mois"]], "advisor": "Claire Dubois", '
        '"bank_phone": "01 99 00 12 34"}'
    ),
    "contract in another zone": (
        '{"version": 1, "client_code": "1234567890", "address": ["Mme Inès Léa MARTIN", "12 rue des Lilas", '
        '"Bâtiment B", "69003 LYON"], "kind": "card", "title": "Crédit personnel", "number": "40012345678", '
        '"client_name": "Mme Inès Léa Martin", "concluded_at": "2026-07-03T12:05:07+02:00", "terms": [], '
        '"advisor": "Claire Dubois", "bank_phone": "01 99 00 12 34"}'
    ),
    "letter": (
        '{"version": 1, "client_code": "1234567890", "address": ["Mme Inès Léa MARTIN", "12 rue des Lilas", '
        '"Bâtiment B", "69003 LYON"], "written_on": "2026-10-01", "salutation": "Madame Martin", '
        '"subject": "Bienvenue : voici votre code client", '
        '"body": "Bonjour !\\r\\n\\r\\nL’avez-vous\\nlu ?\u2029 \\n<Oui> & </script>.", '
        '"advisor": "Claire Dubois", "bank_phone": "01 99 00 12 34"}'
    ),
    "receipt": (
        '{"version": 1, "client_code": "1234567890", "address": ["Mme Inès Léa MARTIN", "12 rue des Lilas", '
        '"Bâtiment B", "69003 LYON"], "reference": "VIR-7KQ4-M2XD", '
        '"confirmed_at": "2026-11-03T23:30:00.999999+00:00", "executed_on": "2026-11-04", "amount": "1250.00", '
        '"from_label": "Compte courant", "from_number": "12345678901", "to_label": "Livret d’épargne", '
        '"to_number": "22345678901", "label": "", "ordered_by": "Mme Inès Léa Martin", '
        '"bank_phone": "01 99 00 12 34"}'
    ),
    "receipt in another zone": (
        '{"version": 1, "client_code": "1234567890", "address": ["Mme Inès Léa MARTIN", "12 rue des Lilas", '
        '"Bâtiment B", "69003 LYON"], "reference": "VIR-7KQ4-M2XD", '
        '"confirmed_at": "1999-11-03T23:30:00-09:30", "executed_on": "2026-11-04", "amount": "0.01", '
        '"from_label": "Compte courant", "from_number": "12345678901", "to_label": "Livret d’épargne", '
        '"to_number": "22345678901", "label": "Vacances d’été", "ordered_by": "Mme Inès Léa Martin", '
        '"bank_phone": "01 99 00 12 34"}'
    ),
    "bank details": (
        '{"version": 1, "issued_on": "2026-11-03", "holders": ["Mme Inès Léa Martin", "M. Paul Martin"], '
        '"account_label": "Compte courant", "bank_code": "99999", "branch_code": "00001", '
        '"account_number": "12345678901", "key": "55", "iban": "FR7699999000011234567890155", '
        '"bic": "VBNQFRPPXXX", "domiciliation": "Votre banque, agence de Lyon"}'
    ),
}
ALL = pytest.mark.parametrize(("contents", "stored"), [(CONTENTS[name], STORED[name]) for name in STORED], ids=STORED)


@ALL
def test_stored_paper_is_read(contents, stored):
    assert type(contents).from_json(stored) == contents


@ALL
def test_paper_read_is_written_again_sign_for_sign(contents, stored):
    assert type(contents).from_json(stored).to_json() == contents.to_json() == stored


def test_moment_read_keeps_its_time_zone():
    moment = CONTENTS["receipt in another zone"].confirmed_at
    assert type(RECEIPT).from_json(STORED["receipt in another zone"]).confirmed_at.utcoffset() == moment.utcoffset()
