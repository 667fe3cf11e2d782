"""The two acts for scripts."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import client_codes
from accounts.bank_accounts.opening import open_account
from accounts.models import BankAccount, Client
from auth_codes.actor import Actor
from auth_codes.models import SealedLetter, SecurityEvent
from tests import makers

PERSON = {
    "--title": "M.", "--given-names": "Gaston", "--family-name": "Lagaffe", "--birth-date": "1957-02-28",
    "--email": "gaston@example.org", "--mobile-phone": "06 79 24 08 15", "--street": "4 quai de la Loire",
    "--postcode": "44000", "--city": "Nantes",
}  # fmt: skip


def run(name: str, *arguments: str) -> str:
    printed = StringIO()
    call_command(name, *arguments, stdout=printed)
    return printed.getvalue()


def open_first_account(*more: str, **changed: str) -> str:
    options = PERSON | {f"--{name.replace('_', '-')}": value for name, value in changed.items()}
    return run("open_first_account", *(f"{name}={value}" for name, value in options.items()), *more)


def test_first_account_prints_one_line_with_the_code_client(advisor):
    printed = open_first_account()
    client = Client.objects.get()
    assert printed.count("\n") == 1
    assert json.loads(printed) == {"client_code": client.client_code}
    assert client_codes.is_well_formed(client.client_code)


def test_first_account_registers_all_that_was_given(advisor):
    open_first_account(home_phone="02 40 00 00 00", address_complement="Bâtiment B", kind="savings")
    client = Client.objects.get()
    assert (str(client), client.mobile_phone, client.home_phone) == (
        "M. Gaston LAGAFFE",
        "+33679240815",
        "+33240000000",
    )
    assert client.address_complement == "Bâtiment B"
    assert client.bank_accounts.get().kind == BankAccount.Kind.SAVINGS
    assert client.advisor == advisor


def test_first_account_leaves_the_same_lines_as_the_desk(advisor):
    open_first_account()
    assert set(SecurityEvent.objects.values_list("kind", "by")) == {
        (kind, advisor.pk) for kind in ("client_registered", "client_code_issued", "account_opened")
    }


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("birth_date", "2999-01-01", "--birth-date : La date de naissance est dans le futur"),
        ("birth_date", "1899-12-31", "--birth-date : La date de naissance est antérieure à 1900"),
        ("birth_date", "hier", "--birth-date : Écrivez la date ainsi : 12/03/1958."),
        ("mobile_phone", "06 12", "--mobile-phone : Ce numéro de téléphone n’est pas reconnu"),
        ("postcode", "123", "--postcode : Un code postal français a cinq chiffres"),
        ("email", "gaston", "--email : "),
        ("family_name", "", "--family-name : Ce champ est obligatoire"),
    ],
)
def test_bad_field_is_named_with_a_sentence_and_nobody_is_registered(advisor, field, value, sentence):
    with pytest.raises(CommandError) as refusal:
        open_first_account(**{field: value})
    assert str(refusal.value).startswith(sentence)
    assert not Client.objects.exists()


def test_name_of_several_alphabets_is_registered_once_it_is_said_to_be_written_so(advisor):
    mixed = "L\u0430gaffe"  # a Cyrillic letter
    with pytest.raises(CommandError, match=r"mêle plusieurs alphabets.* ajoutez --another-person"):
        open_first_account(family_name=mixed)
    assert not Client.objects.exists()
    open_first_account("--another-person", family_name=mixed)
    assert Client.objects.get().family_name == mixed


def test_address_that_is_not_written_as_in_its_country_is_asked_about(advisor):
    german = {"country": "DE", "city": "Berlin", "postcode": "1011"}
    with pytest.raises(CommandError, match=r"--postcode : .* ajoutez --keep-address"):
        open_first_account(**german)
    assert not Client.objects.exists()
    open_first_account("--keep-address", **german)
    assert Client.objects.get().postcode == "1011"


def test_person_who_exists_is_not_registered_twice_unless_it_is_said(advisor):
    open_first_account()
    with pytest.raises(CommandError, match=r"existe déjà\. Si c’est une autre personne, ajoutez --another-person"):
        open_first_account()
    open_first_account("--another-person")
    assert Client.objects.count() == 2


def test_advisor_is_named_when_there_are_several(advisor):
    makers.make_advisor("marc.lefevre")
    with pytest.raises(CommandError, match="Précisez le conseiller"):
        open_first_account()
    open_first_account(advisor="marc.lefevre")
    assert Client.objects.get().advisor.username == "marc.lefevre"


@pytest.mark.parametrize("name", ["personne", "1000000009"])
def test_unknown_advisor_is_refused(advisor, name):
    with pytest.raises(CommandError, match="Il n’y a pas de conseiller"):
        open_first_account(advisor=name)


@pytest.mark.django_db
def test_without_any_staff_the_command_says_how_to_begin():
    with pytest.raises(CommandError, match="createsuperuser"):
        open_first_account()


def test_client_is_no_advisor(new_client):
    with pytest.raises(CommandError, match="Il n’y a pas de conseiller"):
        open_first_account(advisor=new_client.client_code)


def test_online_space_prints_one_line_and_never_a_code(person, advisor):
    open_account(person, kind="current", by=Actor(advisor))
    printed = run("create_online_space", person.client_code)
    person.refresh_from_db()
    assert json.loads(printed) == {"client_code": person.client_code}
    assert makers.default_code(person) not in printed


def test_online_space_takes_the_code_as_it_is_shown(person, advisor):
    open_account(person, kind="current", by=Actor(advisor))
    run("create_online_space", client_codes.display(person.client_code))
    assert SealedLetter.objects.count() == 1


def test_online_space_is_created_once(new_client):
    with pytest.raises(CommandError, match="existe déjà"):
        run("create_online_space", new_client.client_code)
    assert SealedLetter.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("1000000005", "attribué à personne"),
        ("1000000003", "erreur de saisie"),
        ("12345", "a 10 chiffres"),
        ("inconnu", "que des chiffres"),
    ],
)
def test_online_space_of_a_number_that_nobody_holds_is_refused_with_the_reason(db, typed, sentence):
    with pytest.raises(CommandError, match=sentence):
        run("create_online_space", typed)
