from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts import client_codes
from accounts.bank_accounts.opening import open_account
from accounts.models import BankAccount, Client, User
from accounts.notation import countries, ibans
from auth_codes import wording
from auth_codes.actor import Actor
from auth_codes.weakness import PERSONAL, PersonalData, why_weak
from tests import makers

DAY = date(2026, 1, 31)
NAMES = st.text(min_size=1, max_size=80)


def client_with(**changed) -> Client:
    return Client(**makers.person_fields(**changed))


def test_address_is_the_name_and_the_postal_lines():
    client = client_with(address_complement="Bâtiment B")
    assert client.address_lines == ("Mme Inès Léa MARTIN", "Bâtiment B", "12 rue des Lilas", "69003 LYON")


@pytest.mark.parametrize("country", ["France", "FRANCE", " france "])
def test_address_in_france_does_not_name_the_country(country):
    assert client_with(country=country).address_lines[-1] == "69003 LYON"


def test_address_abroad_ends_with_the_country():
    assert client_with(country="Belgique", postcode="1000", city="Bruxelles").address_lines[-2:] == (
        "1000 BRUXELLES",
        "BELGIQUE",
    )


def test_what_is_too_long_for_a_line_of_the_address_is_cut():
    client = client_with(family_name="W" * 80, city="ß" * 32, country="ß" * 38)
    assert [len(line) for line in client.address_lines] == [38, 16, 5, 38, 38]


def test_postcode_that_has_no_room_beside_the_town_has_a_line_of_its_own():
    client = client_with(postcode="1" * 10, city="Å" * 32, country="Ailleurs")
    assert client.address_lines[2:] == ("1" * 10, "Å" * 32, "AILLEURS")


@given(
    NAMES, NAMES, st.text(max_size=38), st.text(max_size=10), st.text(max_size=32), st.text(max_size=27),
    st.text(max_size=38) | st.sampled_from(sorted(countries.BY_CODE)),
)  # fmt: skip
def test_address_is_at_most_six_lines_of_38_signs(given_names, family_name, street, postcode, city, region, country):
    client = client_with(
        given_names=given_names, family_name=family_name, street=street, address_complement=street,
        postcode=postcode, city=city, region=region, country=country,
    )  # fmt: skip
    assert len(client.address_lines) <= 6
    assert all(len(line) <= 38 for line in client.address_lines)


def test_long_name_keeps_the_family_name_and_the_given_names_that_fit():
    client = client_with(given_names="Marie Charlotte Antoinette Joséphine", family_name="de la Rochefoucauld")
    assert client.address_lines[0] == "Mme Marie DE LA ROCHEFOUCAULD"


def test_name_keys_follow_a_change_of_name(person):
    person.family_name, person.given_names = "Œuvrard", "Zoé"
    person.save()
    person.refresh_from_db()
    assert (person.family_key, person.given_key) == ("oeuvrard", "zoe")


def test_staff_are_shown_by_their_names_or_else_their_user_name():
    assert str(User(username="claire.dubois", first_name="Claire", last_name="Dubois")) == "Claire Dubois"
    assert str(User(username="claire.dubois")) == "claire.dubois"


@pytest.mark.parametrize("typed", ["5724 816 39", "inconnu", "1234567891"])
def test_what_is_no_client_code_is_refused_with_a_sentence(typed):
    with pytest.raises(ValidationError, match="code client"):
        User.read_client_code(typed)


def test_client_code_is_read_as_typed(new_client):
    assert User.read_client_code(client_codes.display(new_client.client_code)) == new_client.client_code


def test_personal_data_holds_every_number_of_the_client(new_client, advisor):
    second = open_account(new_client, kind=BankAccount.Kind.SAVINGS, by=Actor(advisor))
    Client.objects.filter(pk=new_client.pk).update(home_phone="+33472000000")
    data = User.objects.get(pk=new_client.user.pk).personal_data()
    first = new_client.bank_accounts.first()
    assert set(data.numbers) == {
        new_client.client_code, first.number, second.number, ibans.iban_of(first.number), ibans.iban_of(second.number),
        "+33612345678", "0612345678", "+33472000000", "0472000000",
    }  # fmt: skip
    assert (data.birth_date, data.postcode) == (new_client.birth_date, new_client.postcode)


def personal_codes(client: Client) -> dict[str, str]:
    number = client.bank_accounts.get().number
    return {
        "client code": client.client_code[2:8],
        "account": number[3:9],
        "IBAN": ibans.iban_of(number)[-8:-2],
        "account backwards": number[8:2:-1],
        "phone": "612345678"[1:7],
        "birth date": client.birth_date.strftime("%d%m%y"),
        "postcode": client.postcode + "4",
    }


def test_code_taken_from_a_number_of_the_client_is_refused(new_client):
    data = new_client.user.personal_data()
    for origin, code in personal_codes(new_client).items():
        assert why_weak(code, data) is not None, origin
        if why_weak(code) is None:
            assert why_weak(code, data) == PERSONAL, origin


def test_every_six_digits_of_every_number_of_a_client_are_refused_both_ways(new_client, advisor):
    second = open_account(new_client, kind=BankAccount.Kind.SAVINGS, by=Actor(advisor))
    Client.objects.filter(pk=new_client.pk).update(home_phone="+33472000000")
    data = User.objects.get(pk=new_client.user.pk).personal_data()
    numbers = [new_client.client_code, "0612345678", "33612345678", "0472000000", "33472000000"]
    for account in (new_client.bank_accounts.first(), second):
        numbers += [account.number, ibans.iban_of(account.number).removeprefix("FR")]
    for digits in (*numbers, *(number[::-1] for number in numbers)):
        windows = [digits[start : start + 6] for start in range(len(digits) - 5)]
        assert [code for code in windows if why_weak(code, data) is None] == []


def test_code_taken_from_somebody_else_s_numbers_is_not_personal(new_client):
    nobody = PersonalData(birth_date=date(1950, 1, 1), postcode="29200", numbers=())
    for code in personal_codes(new_client).values():
        assert why_weak(code, nobody) == why_weak(code)


@pytest.mark.parametrize(
    ("amounts", "shown", "is_negative"),
    [
        ([], "0,00\u00a0€", False),
        (["0.30", "-0.10", "-0.20"], "0,00\u00a0€", False),
        (["0.10"] * 10 + ["-1"], "0,00\u00a0€", False),
        (["1000", "-0.01"], "999,99\u00a0€", False),
        (["0.10"] * 3 + ["-0.31"], "\u22120,01\u00a0€", True),
    ],
)
def test_balance_is_the_exact_sum_of_the_entries(new_client, amounts, shown, is_negative):
    makers.make_operations(new_client.bank_accounts.get(), *amounts)
    account = new_client.bank_accounts.with_balances().get()
    assert wording.euros(account.balance) == shown
    assert account.is_negative is is_negative


def test_balances_of_several_accounts_do_not_mix(new_client, advisor):
    other = open_account(new_client, kind=BankAccount.Kind.SAVINGS, by=Actor(advisor))
    makers.make_operations(new_client.bank_accounts.first(), "10", "20")
    makers.make_operations(other, "5")
    balances = new_client.bank_accounts.with_balances().values_list("balance", flat=True)
    assert sorted(balances) == [Decimal(5), Decimal(30)]


def test_iban_is_shown_in_groups_of_four():
    account = BankAccount(number="12345678901")
    assert ibans.display(account.iban).split(" ") == [
        ibans.iban_of("12345678901")[start : start + 4] for start in range(0, 27, 4)
    ]
