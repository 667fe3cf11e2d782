"""Registering somebody who has one name, no e-mail, no telephone, or of whom the year of birth alone is known."""

from html import unescape

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts.clients import confirmation
from accounts.clients.finding import find
from accounts.clients.identity_changes import approve, start
from accounts.models import Client, ContactChange, IdentityChange
from auth_codes.actor import Actor
from tests import makers
from tests.accounts.admin.test_desk_acts import ADD, again, sheet, text_of, typed
from tests.pages import say_why

pytestmark = pytest.mark.django_db

NOTHING = {
    "given_names": "", "has_one_name": "on", "family_name": "Sukarno", "birth_date": "", "birth_year": "1961",
    "email": "", "has_no_email": "on", "mobile_phone": "", "home_phone": "", "has_no_phone": "on",
}  # fmt: skip


def refusals(browser, advisor, **said):
    form = browser.post(ADD, typed(advisor, **said)).context["adminform"].form
    return {name: [error.code for error in errors] for name, errors in form.errors.as_data().items()}


def registered(browser, advisor, **said) -> Client:
    answer = browser.post(ADD, typed(advisor, **said))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    return Client.objects.latest("pk")


def test_person_of_one_name_and_of_nothing_else_is_registered(advisor_browser, advisor):
    client = registered(advisor_browser, advisor, **NOTHING)
    assert (client.given_names, client.birth_date, client.birth_year, client.email, client.mobile_phone) == (
        "", None, 1961, "", "",
    )  # fmt: skip
    assert (str(client), client.salutation, client.address_lines[0]) == ("M. SUKARNO", "Monsieur Sukarno", "M. SUKARNO")
    page = text_of(advisor_browser.get(sheet(client)))
    for said in ("Né en 1961, jour et mois inconnus", "Aucune adresse électronique", "Aucun téléphone"):
        assert said in page


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"given_names": ""}, {"given_names": ["required"]}),
        ({"has_one_name": "on"}, {"has_one_name": ["contradicted"]}),
        ({"email": ""}, {"email": ["required"]}),
        ({"has_no_email": "on"}, {"has_no_email": ["contradicted"]}),
        ({"mobile_phone": ""}, {"mobile_phone": ["required"]}),
        ({"has_no_phone": "on"}, {"has_no_phone": ["contradicted"]}),
        (
            {"mobile_phone": "", "home_phone": "02 40 00 00 00", "has_no_phone": "on"},
            {"has_no_phone": ["contradicted"]},
        ),
        ({"birth_date": ""}, {"birth_date": ["required"]}),
        ({"birth_year": "1957"}, {"birth_year": ["contradicted"]}),
        ({"birth_date": "1957"}, {"birth_date": ["invalid"]}),
        ({"birth_date": "", "birth_year": "57"}, {"birth_year": ["invalid"]}),
        ({"birth_date": "", "birth_year": "\u0661\u0669\u0665\u0667"}, {"birth_year": ["invalid"]}),
        ({"birth_date": "", "birth_year": "2999"}, {"birth_year": [None]}),
        ({"birth_date": "", "birth_year": "1899"}, {"birth_year": [None]}),
        ({"birth_name": "<b>"}, {"birth_name": ["invalid"]}),
        ({"birth_name": "Mar\u200btin"}, {"birth_name": ["unseen"]}),
    ],
)  # fmt: skip
def test_what_is_neither_written_nor_said_to_be_missing_is_asked_for(advisor_browser, advisor, said, refused):
    assert refusals(advisor_browser, advisor, **said) == refused
    assert not Client.objects.exists()


def test_bad_number_is_not_taken_for_none(advisor_browser, advisor):
    assert refusals(advisor_browser, advisor, mobile_phone="06 12", has_no_phone="on") == {"mobile_phone": ["invalid"]}


@pytest.mark.parametrize("sign", ["-", "—", "...", "/"])
def test_sign_in_the_place_of_a_given_name_is_answered_by_the_box(advisor_browser, advisor, sign):
    answer = advisor_browser.post(ADD, typed(advisor, given_names=sign))
    assert "cochez « Cette personne n’a qu’un nom »" in text_of(answer)
    assert answer.context["adminform"].form["given_names"].value() == sign


def test_half_filled_form_is_there_again_as_its_boxes_were(advisor_browser, advisor):
    client = registered(advisor_browser, advisor, **NOTHING)
    say_why(advisor_browser, client)
    page = f"/admin/accounts/client/{client.pk}/modifier/"
    seen = advisor_browser.get(page).context["adminform"].form["seen"].value()
    fields = {"email": "sukarno@example.org", "has_one_name": "on", "seen": seen}
    advisor_browser.post("/admin/brouillon/", {"draft-page": page, **fields})
    form = advisor_browser.get(page).context["adminform"].form
    assert (form["email"].value(), form["has_no_email"].value(), form["has_one_name"].value()) == (
        "sukarno@example.org", False, "on",
    )  # fmt: skip


def test_landline_alone_is_a_telephone(advisor_browser, advisor):
    client = registered(advisor_browser, advisor, mobile_phone="", home_phone="02 40 00 00 00")
    assert (client.mobile_phone, client.home_phone) == ("", "+33240000000")
    assert "02 40 00 00 00" in text_of(advisor_browser.get(sheet(client)))


@pytest.mark.parametrize("written", ["1961", " 1961 ", "00/00/1961", "00.00.1961"])
def test_year_is_read_as_papers_write_it(advisor_browser, advisor, written):
    assert registered(advisor_browser, advisor, birth_date="", birth_year=written).birth_year == 1961


def test_sheet_shows_what_is_missing_ticked_and_keeps_it_when_something_else_changes(advisor_browser, advisor):
    client = registered(advisor_browser, advisor, **NOTHING)
    sent = again_of(advisor_browser, client)
    assert {"has_one_name", "has_no_email", "has_no_phone"} <= sent.keys()
    assert sent["birth_year"] == 1961
    advisor_browser.post(sheet(client), sent | {"city": "Paris"})
    client.refresh_from_db()
    assert (client.city, client.birth_year, IdentityChange.objects.count()) == ("Paris", 1961, 0)


def again_of(browser, client):
    """What the page of somebody without a birth date sends back."""
    say_why(browser, client)
    form = browser.get(f"/admin/accounts/client/{client.pk}/modifier/").context["adminform"].form
    return {name: form[name].value() for name in form.fields if form[name].value() not in (None, False, "")}


def test_address_that_is_taken_away_waits_for_a_second_advisor(advisor_browser, advisor, person):
    say_why(advisor_browser, person)
    advisor_browser.post(sheet(person), again(advisor_browser, person, email="", has_no_email="on"))
    change = ContactChange.objects.get(contact="email")
    assert (change.old, change.new, change.confirmed_at) == ("ines@example.org", "", None)
    assert Client.objects.get(pk=person.pk).recent_emails() == ["ines@example.org"]


def test_name_of_birth_that_is_the_name_is_not_kept_twice(advisor_browser, advisor):
    assert registered(advisor_browser, advisor, family_name="Martin", birth_name="MARTIN").birth_name == ""


def test_name_of_birth_and_year_are_found_by(advisor_browser, advisor):
    client = registered(
        advisor_browser, advisor, given_names="Anne", family_name="Durand", birth_name="N’Diaye", birth_date="",
        birth_year="1961",
    )  # fmt: skip
    everybody = Client.objects.all()
    for text in ("ndiaye anne", "durand 1961", "n'diaye 12/03/1961", "durand mars 1961"):
        assert find(everybody, text).clients == [client], text
    assert find(everybody, "durand 12/03/1962").clients == []
    assert find(everybody, "12/03/1961").clients == []


def test_two_advisors_change_name_of_birth_and_year(advisor, person):
    colleague = makers.make_advisor("marc.lefevre")
    for asked_for in ({"birth_name": "Petit"}, {"birth_name": "Garnier"}, {"birth_date": None, "birth_year": 1988}):
        approve(start(Client.objects.get(pk=person.pk), asked_for, by=Actor(advisor)), by=Actor(colleague))
    person.refresh_from_db()
    assert (person.birth_name, person.birth_date, person.birth_year) == ("Garnier", None, 1988)
    assert [str(former) for former in person.former_names.all()] == ["Inès Léa PETIT"]
    for text in ("garnier", "petit", "martin 1988"):
        assert find(Client.objects.all(), text).clients == [person]


def test_second_advisor_reads_name_of_birth_and_year(advisor_browser, person):
    asked = {"birth_name": "Petit", "birth_date": None, "birth_year": 1988, "given_names": ""}
    change = start(person, asked, by=Actor(makers.make_advisor("marc.lefevre")))
    page = text_of(advisor_browser.get(f"/admin/accounts/identitychange/{change.pk}/change/"))
    for said in ("PETIT", "le même que le nom", "25 juillet 1988", "1988, jour et mois inconnus", "Mme MARTIN"):
        assert said in page


def test_change_of_birth_is_typed_on_the_sheet(advisor_browser, person):
    say_why(advisor_browser, person)
    sent = again(advisor_browser, person, birth_date="", birth_year="1988", birth_name="Petit")
    advisor_browser.post(sheet(person), sent)
    change = IdentityChange.objects.get()
    assert (change.birth_date, change.birth_year, change.birth_name) == (None, 1988, "Petit")
    person.refresh_from_db()
    assert (person.birth_year, person.birth_name) == (None, "")


@pytest.mark.parametrize(
    "born",
    [
        {"birth_date": None, "birth_year": None},
        {"birth_year": 1988},
        {"birth_date": None, "birth_year": 1899},
        {"birth_date": None, "birth_year": 0},
    ],
)
def test_database_asks_for_a_day_or_a_year(advisor, born):
    with pytest.raises(IntegrityError), transaction.atomic():
        makers.make_person(advisor, **born)


def test_command_registers_who_lacks_something(advisor):
    asked = "--title=Mme --one-name --family-name=Sukarno --birth-year=1961 --no-email --no-phone --postcode=44000"
    call_command("open_first_account", *asked.split(), "--street=4 quai de la Loire", "--city=Nantes")
    client = Client.objects.get()
    assert (str(client), client.birth_year, client.email, client.mobile_phone) == ("Mme SUKARNO", 1961, "", "")
    with pytest.raises(CommandError, match="--mobile-phone : Écrivez un numéro"):
        call_command("open_first_account", *asked.replace(" --no-phone", "").split(), "--street=x", "--city=Nantes")


# Who cannot be rung back.


def test_nobody_without_a_telephone_is_said_to_have_been_rung_back(advisor_browser, client_):
    Client.objects.filter(pk=client_.pk).update(mobile_phone="")
    page = advisor_browser.get(f"/admin/accounts/client/{client_.pk}/renouveler/")
    assert 'value="phone"' not in page.content.decode()
    refused = advisor_browser.post(
        f"/admin/accounts/client/{client_.pk}/renouveler/",
        {"identity_check": "phone", "token": "11111111-1111-4111-8111-111111111111"},
    )
    assert refused.status_code == 200
    assert not client_.user.renewals.exists()
    page = unescape(
        advisor_browser.get(f"/admin/accounts/client/{client_.pk}/code-client/?pour=phone").content.decode()
    )
    assert "Rappel à un numéro connu" not in page
    assert "Aucun téléphone connu" in page


def test_number_that_nobody_has_confirmed_is_none_to_ring(advisor, client_):
    Client.objects.filter(pk=client_.pk).update(mobile_phone="")
    client_.refresh_from_db()
    ContactChange.objects.create(client=client_, contact="mobile_phone", old="", new="+33699999942", changed_by=advisor)
    Client.objects.filter(pk=client_.pk).update(mobile_phone="+33699999942")
    assert confirmation.phones_to_ring(Client.objects.get(pk=client_.pk)) == []
