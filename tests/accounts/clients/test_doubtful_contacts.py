"""Who is registered with a contact that may be another person's is shown to a second advisor before any code leaves."""

import html

import pytest

from accounts.bank_accounts.opening import open_account
from accounts.clients import confirmation, doubtful_contacts
from accounts.clients.online_space import ContactsUnconfirmed, create_online_space
from accounts.models import BankAccount, Client, ContactChange
from auth_codes import dual_control
from auth_codes.actor import Actor
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import say_why
from tests.standing import made_once

pytestmark = pytest.mark.django_db

Contact = ContactChange.Contact
HOME = {"street": "7 rue du Port", "postcode": "29200", "city": "Brest"}


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


def person(advisor, name, **fields):
    own = {"email": f"{name.lower()}@example.org", "mobile_phone": f"+336000000{len(name):02}", "street": f"{name} 1"}
    return makers.make_person(advisor, given_names=name, **(own | fields))


def test_ordinary_contacts_are_not_doubted(advisor):
    person(advisor, "Ada")
    assert doubtful_contacts.reasons(person(advisor, "Beatrice")) == {}


@pytest.mark.parametrize("written", ["claire@banque.example", "CLAIRE@Banque.example"])
def test_address_of_a_member_of_the_staff(advisor, written):
    type(advisor).objects.filter(pk=advisor.pk).update(email="claire@banque.example")
    assert doubtful_contacts.reasons(person(advisor, "Ada", email=written)) == {
        Contact.EMAIL: doubtful_contacts.OF_THE_STAFF
    }


@pytest.mark.parametrize(
    ("contact", "fields"),
    [
        (Contact.EMAIL, {"email": "same@example.org"}),
        (Contact.MOBILE_PHONE, {"mobile_phone": "+33611223344"}),
        (Contact.ADDRESS, HOME),
    ],
)
def test_contact_of_two_others_is_doubted_wherever_they_live(advisor, contact, fields):
    at_home = HOME if contact != Contact.ADDRESS else {}
    for name in ("Ada", "Beatrice"):
        person(advisor, name, **(at_home | fields))
    found = doubtful_contacts.reasons(person(advisor, "Clementine", **(at_home | fields)))
    assert found[contact] == doubtful_contacts.SHARED


def test_couple_shares_its_telephone_and_home(advisor):
    shared = HOME | {"mobile_phone": "+33611223344", "email": "deux@example.org"}
    person(advisor, "Ada", **shared)
    assert doubtful_contacts.reasons(person(advisor, "Beatrice", **(shared | {"street": "7, Rue du port"}))) == {}


@pytest.mark.parametrize("field", ["mobile_phone", "home_phone"])
def test_telephone_of_who_lives_elsewhere(advisor, field):
    person(advisor, "Ada", **{field: "+33611223344"})
    found = doubtful_contacts.reasons(person(advisor, "Beatrice", mobile_phone="+33611223344"))
    assert found == {Contact.MOBILE_PHONE: doubtful_contacts.OF_ANOTHER_ADDRESS}


def test_no_space_is_opened_before_a_colleague_has_confirmed(advisor, colleague):
    type(advisor).objects.filter(pk=advisor.pk).update(email="claire@banque.example")
    client = person(advisor, "Ada", email="claire@banque.example")
    doubtful_contacts.hold(client, by=Actor(advisor))
    open_account(client, kind=BankAccount.Kind.CURRENT, by=Actor(advisor))
    with pytest.raises(ContactsUnconfirmed):
        create_online_space(client, by=Actor(advisor))
    seen = confirmation.fingerprint(confirmation.waiting(client))
    with pytest.raises(dual_control.SameAdvisor):
        confirmation.confirm(client, seen=seen, by=Actor(advisor))
    confirmation.confirm(client, seen=seen, by=Actor(colleague))
    assert create_online_space(client, by=Actor(advisor)).username == Client.objects.get(pk=client.pk).client_code


def test_desk_registers_the_person_and_says_what_waits(advisor, colleague):
    person(advisor, "Ada", mobile_phone="+33611223344")
    browser = StrictBrowser.logged_in(advisor)
    typed = {
        "title": "Mme", "given_names": "Rose", "family_name": "Le Goff", "birth_date": "03/04/1985",
        "email": "rose@example.org", "mobile_phone": "06 11 22 33 44", "home_phone": "", "country": "France",
        "address_complement": "", "advisor": advisor.pk, **HOME,
    }  # fmt: skip
    page = html.unescape(browser.post("/admin/accounts/client/add/", typed, follow=True).content.decode())
    assert "À confirmer par un autre conseiller" in page
    client = Client.objects.get(family_name="Le Goff")
    [held] = client.contact_changes.unconfirmed()
    assert (held.contact, held.new, held.changed_by) == (Contact.MOBILE_PHONE, "+33611223344", advisor)
    second = StrictBrowser.logged_in(colleague)
    say_why(second, client)
    shown = html.unescape(second.get(f"/admin/accounts/client/{client.pk}/adresse/").content.decode())
    assert f"Elle est {doubtful_contacts.OF_ANOTHER_ADDRESS}" in shown
