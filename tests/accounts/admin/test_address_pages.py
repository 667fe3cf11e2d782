"""A changed address at the desk: what is said of it, and the page where a second advisor confirms it."""

import html
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.bank_accounts.opening import open_account
from accounts.models import Client
from auth_codes.actor import Actor
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import say_why

pytestmark = pytest.mark.django_db

MANAGEMENT = ("TOTAL_FORMS", "INITIAL_FORMS")


def sheet(client, act=""):
    return f"/admin/accounts/client/{client.pk}/{act or 'change/'}"


def text(answer):
    return html.unescape(answer.content.decode())


@pytest.fixture
def colleagues_browser(advisor):
    return StrictBrowser.logged_in(makers.make_advisor("marc.lefevre"))


def move(client, by=None):
    fields = {"street": "1 rue Neuve", "address_changed_on": timezone.localdate(), "address_changed_by": by}
    Client.objects.filter(pk=client.pk).update(**fields)


def save_sheet(browser, client, **changed):
    """« Enregistrer » on the sheet as it stands, with what was typed over it; the page that follows."""
    form = browser.get(sheet(client)).context["adminform"].form
    typed = {name: form.initial[name] or "" for name in (*makers.person_fields(), "home_phone", "address_complement")}
    typed |= {"birth_date": "25/07/1988", "advisor": client.advisor_id, "country": "France"}
    typed["seen"] = form["seen"].value()
    inlines = {f"{name}-{form}": 0 for name in ("holdings", "service_contracts") for form in MANAGEMENT}
    return browser.post(sheet(client), typed | inlines | changed, follow=True)


# Changing.


def test_changed_address_is_traced_to_its_advisor(advisor_browser, advisor, client_):
    save_sheet(advisor_browser, client_, street="1 rue Neuve")
    client_.refresh_from_db()
    assert (client_.street, client_.address_changed_by) == ("1 rue Neuve", advisor)


def test_who_changes_the_address_stays_on_the_sheet_and_is_told_what_that_entails(advisor_browser, client_):
    answer = save_sheet(advisor_browser, client_, street="1 rue Neuve")
    assert answer.redirect_chain == [(sheet(client_), 302)]
    said, until = text(answer), timezone.localdate() + timedelta(days=30)
    assert f"Adresse postale modifiée : aucun code n’y part avant le {until:%d/%m/%Y}" in said
    assert "averti à l’adresse électronique qu’il avait jusqu’ici" in said


def test_other_changes_say_nothing_of_the_address(advisor_browser, client_):
    answer = save_sheet(advisor_browser, client_, email="autre@example.org")
    assert answer.redirect_chain == [(sheet(client_), 302)]
    assert "aucun code n’y part" not in text(answer)


def test_sheet_says_as_long_as_the_address_is_held_who_changed_it_and_until_when(advisor_browser, advisor, client_):
    move(client_, advisor)
    today, rest = timezone.localdate(), timedelta(days=30)
    state = f"Modifiée le {today:%d/%m/%Y} par {advisor} : aucun code n’y part avant le {today + rest:%d/%m/%Y}"
    assert state in text(advisor_browser.get(sheet(client_)))
    Client.objects.filter(pk=client_.pk).update(address_changed_on=today - rest)
    assert "aucun code n’y part" not in text(advisor_browser.get(sheet(client_)))


# Confirming.


def test_confirmation_is_offered_to_another_advisor_alone(advisor_browser, colleagues_browser, client_, advisor):
    move(client_, advisor)
    say_why(colleagues_browser, client_)
    assert "Confirmer l’adresse" in text(colleagues_browser.get(sheet(client_)))
    assert "Confirmer l’adresse" not in text(advisor_browser.get(sheet(client_)))


def test_page_says_what_is_confirmed_and_who_changed_it_when(colleagues_browser, client_, advisor):
    move(client_, advisor)
    say_why(colleagues_browser, client_)
    page = text(colleagues_browser.get(sheet(client_, "adresse/")))
    assert "Adresse à confirmer" in page
    assert f"le {timezone.localdate():%d/%m/%Y} par {advisor}" in page
    assert "en rappelant un numéro connu avant ce changement" in page
    assert "Le pli scellé part à" not in page


def test_second_advisor_confirms_what_he_sees(colleagues_browser, client_, advisor):
    move(client_, advisor)
    say_why(colleagues_browser, client_)
    seen = colleagues_browser.get(sheet(client_, "adresse/")).context["seen"]
    answer = colleagues_browser.post(sheet(client_, "adresse/"), {"seen": seen.replace("\n", "\r\n")}, follow=True)
    assert "Adresse confirmée" in text(answer)
    assert "Confirmer l’adresse" not in text(colleagues_browser.get(sheet(client_)))


def test_address_that_changed_after_it_was_seen_is_not_confirmed(colleagues_browser, client_, advisor):
    move(client_, advisor)
    say_why(colleagues_browser, client_)
    seen = colleagues_browser.get(sheet(client_, "adresse/")).context["seen"]
    Client.objects.filter(pk=client_.pk).update(street="99 rue du Voleur")
    answer = colleagues_browser.post(sheet(client_, "adresse/"), {"seen": seen}, follow=True)
    assert "vient de changer de nouveau" in text(answer)


def test_who_changed_the_address_is_told_that_another_must_confirm(advisor_browser, client_, advisor):
    move(client_, advisor)
    assert "un autre conseiller doit la confirmer" in text(advisor_browser.get(sheet(client_, "adresse/")))


def test_online_space_waits_for_the_confirmation_too(advisor_browser, advisor, person):
    open_account(person, kind="current", by=Actor(advisor))
    move(person, advisor)
    advisor_browser.post(sheet(person, "espace-en-ligne/"))
    person.refresh_from_db()
    assert person.user is None
