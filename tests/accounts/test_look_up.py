from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import ibans
from accounts.look_up import search
from accounts.models import Client
from tests import makers

BORN = date(1984, 11, 2)


@pytest.fixture
def wanted(advisor):
    """The one who is looked for, among others who resemble him."""
    makers.make_new_client(
        advisor, given_names="Julien", family_name="Moreau", birth_date=date(1990, 1, 1), mobile_phone="+33600000001"
    )
    makers.make_person(advisor, given_names="Éloïse", family_name="Petit", birth_date=BORN)
    return makers.make_new_client(
        advisor, title="M.", given_names="Élie Jean-Marie", family_name="Le Goff-Œuvrard", birth_date=BORN,
        mobile_phone="+33698765432", home_phone="+32470123456",
    )  # fmt: skip


def found(text: str) -> list[Client]:
    return list(search(Client.objects.all(), text))


@pytest.mark.parametrize(
    "text",
    [
        "le goff", "LE GOFF", "goff", "Élie", "elie", "marie goff", "goff jean", "oeuvrard", "Œuvr", "jean-marie",
        "Le Goff-Oeuvrard Elie 02/11/1984", "elie 2/11/1984", "02.11.1984 goff", "02-11-1984 elie", "  goff \x00 ",
    ],
)  # fmt: skip
def test_found_by_part_of_the_names_and_birth_date(wanted, text):
    assert found(text) == [wanted]


@pytest.mark.parametrize(
    "text",
    [
        "06 98 76 54 32", "0698765432", "06.98.76.54.32", "+33 6 98 76 54 32", "+33698765432", "0033698765432",
        "+33 (0)6 98 76 54 32", "06\u00a098\u00a076\u00a054\u00a032", "+32 470 12 34 56", "0032 470 12 34 56",
    ],
)  # fmt: skip
def test_found_by_either_phone_in_any_notation(wanted, text):
    assert found(text) == [wanted]


def test_found_by_code_client_as_shown_or_as_typed(wanted):
    for text in (wanted.client_code, wanted.client_code_display, wanted.client_code_display.replace("\u00a0", "-")):
        assert found(text) == [wanted]


def test_found_by_account_number_and_by_iban_with_or_without_spaces(wanted):
    account = wanted.bank_accounts.get()
    iban = ibans.iban_of(account.number)
    for text in (account.number, account.number_display, iban, account.iban_display, iban.lower(), f" {iban}\n"):
        assert found(text) == [wanted]


def test_birth_date_alone_finds_all_who_were_born_that_day(wanted):
    assert {client.birth_date for client in found("02/11/1984")} == {BORN}
    assert len(found("02/11/1984")) == 2


@pytest.mark.parametrize(
    "text",
    [
        "moreau 03/11/1984", "31/02/1984", "00/00/0000", "goff 99/99/9999", "personne", "off", "06 98 76 54 33",
        "5724816390",
        "FR7630006000011234567890189", "?", "-", "\x00", "%", "_", "' OR 1=1 --", "g_ff%", "a" * 10_000, "a " * 5_000,
        "12345678901",
    ],
)  # fmt: skip
def test_nobody_is_found_by_what_fits_nobody(wanted, text):
    assert found(text) == []


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text() | st.text(alphabet="0123456789/.-+ FR'%_\\\x00é", max_size=40))
def test_no_text_raises(db, text):
    assert found(text) == []
