from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import client_codes
from accounts.clients.finding import find
from accounts.clients.look_up import why_nobody
from accounts.models import Client
from accounts.notation import ibans
from tests import makers
from tests.standing import made_once

BORN = date(1984, 11, 2)


@made_once
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
    return find(Client.objects.all(), text).clients


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


@pytest.mark.parametrize(
    "text",
    [
        "0692 12 34 56", "06 92 12 34 56", "+262 692 12 34 56", "+262 (0)692 12 34 56", "00262 692 12 34 56",
        "0033 692 12 34 56", "+33 (0)6 92 12 34 56", "+262\u00a0692\u00a012\u00a034\u00a056",
    ],
)  # fmt: skip
def test_found_by_a_phone_overseas_in_any_notation(wanted, text):
    Client.objects.filter(pk=wanted.pk).update(home_phone="+262692123456")
    assert found(text) == [wanted]


@pytest.mark.parametrize("text", ["+99912345678", "+999 12 345 678", "00999 (12) 345.678"])
def test_found_by_a_phone_that_no_plan_knows_as_it_is_kept(wanted, text):
    Client.objects.filter(pk=wanted.pk).update(home_phone="+99912345678")
    assert found(text) == [wanted]


def test_found_by_code_client_as_shown_or_as_typed(wanted):
    for text in (
        wanted.client_code,
        client_codes.display(wanted.client_code),
        client_codes.display(wanted.client_code).replace("\u00a0", "-"),
    ):
        assert found(text) == [wanted]


def test_found_by_account_number_and_by_iban_with_or_without_spaces(wanted):
    account = wanted.bank_accounts.get()
    iban = ibans.iban_of(account.number)
    for text in (
        account.number,
        ibans.display_number(account.number),
        iban,
        ibans.display(account.iban),
        iban.lower(),
        f" {iban}\n",
    ):
        assert found(text) == [wanted]


@pytest.mark.parametrize(
    "text",
    [
        "M. Le Goff Élie", "monsieur goff", "Goff né le 02/11/1984", "goff, ne le 2.11.84", "goff né(e) le 02/11/84",
        "Goff 2 novembre 1984", "goff 2 nov. 84", "02111984 goff", "goff 02 11 1984", "goff 1984-11-02",
        "goff - 02 / 11 / 1984", "M. goff née le 2 Nov 1984",
    ],
)  # fmt: skip
def test_found_by_what_advisors_really_type(wanted, text):
    assert found(text) == [wanted]


def test_civility_alone_is_a_name(advisor):
    mme = makers.make_person(advisor, family_name="Mme")
    makers.make_person(advisor)
    assert found("mme") == [mme]


def test_civility_beside_a_birth_date_is_none(wanted):
    assert len(found("M. 02/11/1984")) == 2


def test_two_digits_of_a_year_mean_both_centuries(advisor):
    born = {date(1912, 3, 1), date(2012, 3, 1)}
    for day in [*born, date(1984, 3, 1)]:
        makers.make_person(advisor, birth_date=day)
    assert {client.birth_date for client in found("1er mars 12")} == born


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


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("5724816390", "Ce numéro comporte une erreur de saisie"),
        ("5724 816 390", "Ce numéro comporte une erreur de saisie"),
        ("31/02/1958", "Cette date n’existe pas : 31/02/1958."),
        ("petit née le 31 févr. 58", "Cette date n’existe pas : 31/02/58."),
    ],
)
def test_what_cannot_be_is_explained(text, sentence):
    assert why_nobody(text).startswith(sentence)


@pytest.mark.parametrize(
    "text", ["", "goff", "5724816396", "06 98 76 54 33", "06.98.76.54.33", "02/11/84", "12345678901"]
)
def test_what_might_be_needs_no_explanation(text):
    assert why_nobody(text) is None


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text() | st.text(alphabet="0123456789/.-+ FR'%_\\\x00é", max_size=40))
def test_no_text_raises(db, text):
    assert found(text) == []
    why_nobody(text)
