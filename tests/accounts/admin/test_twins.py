"""One person has one code client: whoever may be registered already is asked about, and shown."""

import uuid

import pytest

from accounts.models import Client
from tests.accounts.admin.test_desk_acts import ADD, sheet, text_of, typed

pytestmark = pytest.mark.django_db

# Nothing of Inès Léa Martin, born on 25/07/1988, but what a test says.
ELSEWHERE = {"birth_date": "25/07/1988", "given_names": "Inès Léa", "family_name": "Martin"}


def is_asked_about(browser, advisor, person, **said) -> bool:
    answer = browser.post(ADD, typed(advisor, **said))
    asked = "Est-ce la même personne ?" in text_of(answer)
    assert asked == (f'<a href="{sheet(person)}">' in text_of(answer))
    assert Client.objects.count() == (1 if asked else 2)
    return asked


@pytest.mark.parametrize(
    "said",
    [
        {"given_names": "Léa Inès"}, {"given_names": "Léa"}, {"given_names": "Zoé Inès"}, {"given_names": "INES-LEA"},
        {"given_names": "Inèslea"}, {"family_name": "Martain"}, {"family_name": "Dupont-Martin"},
        {"family_name": "Martin Dupont"}, {"given_names": "Martin", "family_name": "Inès"},
        {"given_names": "Martin", "family_name": "Léa"}, {"given_names": "Ynès"},
    ],
)  # fmt: skip
def test_same_birth_date_with_a_family_and_a_given_name_in_common_is_asked_about(
    advisor_browser, advisor, person, said
):
    assert is_asked_about(advisor_browser, advisor, person, **ELSEWHERE | said)


@pytest.mark.parametrize(
    "said",
    [
        {"given_names": "Zoé"}, {"family_name": "Dupont"}, {"given_names": "Dupont", "family_name": "Inès"},
        {"birth_date": "26/07/1988"},
    ],
)  # fmt: skip
def test_one_of_them_alone_is_another_person(advisor_browser, advisor, person, said):
    assert not is_asked_about(advisor_browser, advisor, person, **ELSEWHERE | said)


@pytest.mark.parametrize(
    "said",
    [
        {"email": "INES@example.org"}, {"mobile_phone": "06 12 34 56 78"}, {"home_phone": "06 12 34 56 78"},
        {"street": "12 RUE DES LILAS", "postcode": "69003", "city": "Lyon"},
    ],
)  # fmt: skip
def test_same_contact_with_a_like_name_is_asked_about_whatever_the_birth_date(advisor_browser, advisor, person, said):
    mistyped = ELSEWHERE | {"birth_date": "25/07/1987"} | said
    assert is_asked_about(advisor_browser, advisor, person, **mistyped)


def test_family_that_shares_its_contacts_is_not_asked_about(advisor_browser, advisor, person):
    brother = {"given_names": "Hugo", "family_name": "Martin", "email": "ines@example.org", "birth_date": "01/01/1990"}
    assert not is_asked_about(advisor_browser, advisor, person, **brother)


def test_particle_is_no_name_in_common(advisor_browser, advisor, person):
    Client.objects.filter(pk=person.pk).update(family_name="Le Goff")
    assert not is_asked_about(advisor_browser, advisor, person, **ELSEWHERE | {"family_name": "Le Bihan"})


# Somebody who has one name, or whose papers name a year alone.


@pytest.mark.parametrize(
    "said",
    [
        {"birth_date": "", "birth_year": "1988"}, {"birth_date": "", "birth_year": "1988", "given_names": "Léa"},
        {"birth_date": "", "birth_year": "1988", "family_name": "Martain"},
        {"given_names": "", "has_one_name": "on"}, {"given_names": "", "has_one_name": "on", "family_name": "Inès"},
        {"given_names": "", "has_one_name": "on", "birth_date": "", "birth_year": "1988"},
        {"family_name": "Durand", "birth_name": "Martin"},
    ],
)  # fmt: skip
def test_who_may_be_the_same_is_asked_about_though_the_papers_say_less(advisor_browser, advisor, person, said):
    assert is_asked_about(advisor_browser, advisor, person, **ELSEWHERE | said)


@pytest.mark.parametrize(
    "said",
    [
        {"birth_date": "", "birth_year": "1987"}, {"birth_date": "", "birth_year": "1988", "family_name": "Dupont"},
        {"given_names": "", "has_one_name": "on", "family_name": "Dupont"},
    ],
)  # fmt: skip
def test_who_shares_too_little_is_another_person_though_the_papers_say_less(advisor_browser, advisor, person, said):
    assert not is_asked_about(advisor_browser, advisor, person, **ELSEWHERE | said)


@pytest.mark.parametrize(
    "registered",
    [
        {"birth_date": None, "birth_year": 1988}, {"given_names": ""},
        {"family_name": "Durand", "birth_name": "Martin"}, {"given_names": "", "birth_date": None, "birth_year": 1988},
        {"given_names": "", "family_name": "Léa", "birth_date": None, "birth_year": 1988},
    ],
)  # fmt: skip
def test_registered_of_whom_less_is_known_is_asked_about(advisor_browser, advisor, person, registered):
    for name, value in registered.items():
        setattr(person, name, value)
    person.save()
    assert is_asked_about(advisor_browser, advisor, person, **ELSEWHERE)


def test_both_orders_of_given_names_get_one_code(advisor_browser, advisor):
    first = typed(advisor, given_names="Hélène Rose", family_name="Martin")
    advisor_browser.post(ADD, first)
    second = first | {"given_names": "Rose Hélène", "token": str(uuid.uuid4())}
    assert "Est-ce la même personne ?" in text_of(advisor_browser.post(ADD, second))
    assert Client.objects.count() == 1
    advisor_browser.post(ADD, second | {"is_another_person": "on"})
    assert Client.objects.count() == 2
