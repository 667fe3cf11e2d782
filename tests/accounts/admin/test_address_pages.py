"""A changed address at the desk: what is said of it, and the page where a second advisor confirms it."""

import html
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.bank_accounts.opening import open_account
from accounts.clients import contact_changes
from accounts.models import Client
from auth_codes.actor import Actor
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import say_why, seen

pytestmark = pytest.mark.django_db

MANAGEMENT = ("TOTAL_FORMS", "INITIAL_FORMS")


def sheet(client, act=""):
    return f"/admin/accounts/client/{client.pk}/{act or 'change/'}"


def text(answer):
    return html.unescape(seen(answer.content.decode()))


@pytest.fixture
def colleagues_browser(advisor):
    return StrictBrowser.logged_in(makers.make_advisor("marc.lefevre"))


def move(client, by):
    makers.change_address(client, by)


def save_sheet(browser, client, **changed):
    """« Enregistrer » on the sheet as it stands, with what was typed over it; the page that follows."""
    form = browser.get(sheet(client).replace("/change/", "/modifier/")).context["adminform"].form
    typed = {name: form.initial[name] or "" for name in (*makers.person_fields(), "home_phone", "address_complement")}
    typed |= {"birth_date": "25/07/1988", "advisor": client.advisor_id, "country": "France"}
    typed["seen"] = form["seen"].value()
    inlines = {f"{name}-{form}": 0 for name in ("holdings", "service_contracts") for form in MANAGEMENT}
    return browser.post(sheet(client), typed | inlines | changed, follow=True)


# Changing.


def test_changed_contacts_are_kept_with_their_old_values_and_their_advisor(advisor_browser, advisor, client_):
    save_sheet(advisor_browser, client_, street="1 rue Neuve", email="autre@example.org")
    kept = {change.contact: (change.old, change.new, change.changed_by) for change in client_.contact_changes.all()}
    assert kept["email"] == ("ines@example.org", "autre@example.org", advisor)
    old, new, by = kept["address"]
    assert (old.splitlines()[0], new.splitlines()[0], by) == ("12 rue des Lilas", "1 rue Neuve", advisor)


def test_who_changes_the_address_stays_on_the_sheet_and_is_told_what_that_entails(advisor_browser, client_):
    answer = save_sheet(advisor_browser, client_, street="1 rue Neuve")
    assert answer.redirect_chain == [(sheet(client_), 302)]
    said = text(answer)
    assert "Coordonnées modifiées (adresse postale)" in said
    assert "averti aux adresses électroniques qu’il a eues jusqu’ici" in said


def test_other_changes_say_nothing_of_contacts(advisor_browser, client_):
    answer = save_sheet(advisor_browser, client_, given_names="Inès")
    assert answer.redirect_chain == [(sheet(client_), 302)]
    assert "aucun code n’y part" not in text(answer)


def test_sheet_says_however_long_it_takes_what_waits_and_who_changed_it(advisor_browser, advisor, client_):
    move(client_, advisor)
    client_.contact_changes.update(changed_at=timezone.now() - timedelta(days=400))
    said = text(advisor_browser.get(sheet(client_)))
    assert f"Adresse postale, changement fait par {advisor}" in said


# Confirming.


def test_confirmation_is_offered_to_another_advisor_alone(advisor_browser, colleagues_browser, client_, advisor):
    move(client_, advisor)
    say_why(colleagues_browser, client_)
    assert "Confirmer les coordonnées" in text(colleagues_browser.get(sheet(client_)))
    assert "Confirmer les coordonnées" not in text(advisor_browser.get(sheet(client_)))


def test_page_says_what_is_confirmed_what_it_replaces_and_which_number_to_ring(colleagues_browser, client_, advisor):
    move(client_, advisor)
    client_.mobile_phone = "+33699999999"
    contact_changes.note(client_, ["mobile_phone"], by=Actor(advisor))
    Client.objects.filter(pk=client_.pk).update(mobile_phone=client_.mobile_phone)
    say_why(colleagues_browser, client_)
    page = " ".join(text(colleagues_browser.get(sheet(client_, "adresse/"))).split())
    assert all(said in page for said in ("1 rue Neuve", "12 rue des Lilas", "06 99 99 99 99"))
    assert f"le {timezone.localdate():%d/%m/%Y} par {advisor}" in page
    known = page.split("Numéro à rappeler")[1]
    assert "06 12 34 56 78, connu depuis" in known
    assert "06 99" not in known


def test_second_advisor_confirms_what_he_sees(colleagues_browser, client_, advisor):
    move(client_, advisor)
    say_why(colleagues_browser, client_)
    seen = colleagues_browser.get(sheet(client_, "adresse/")).context["seen"]
    answer = colleagues_browser.post(sheet(client_, "adresse/"), {"seen": seen}, follow=True)
    assert "Coordonnées confirmées" in text(answer)
    assert "Confirmer les coordonnées" not in text(colleagues_browser.get(sheet(client_)))


def test_address_that_changed_after_it_was_seen_is_not_confirmed(colleagues_browser, client_, advisor):
    move(client_, advisor)
    say_why(colleagues_browser, client_)
    seen = colleagues_browser.get(sheet(client_, "adresse/")).context["seen"]
    Client.objects.filter(pk=client_.pk).update(street="99 rue du Voleur")
    answer = colleagues_browser.post(sheet(client_, "adresse/"), {"seen": seen}, follow=True)
    assert "vient de changer de nouveau" in text(answer)


def test_who_changed_the_address_is_told_that_another_must_confirm(advisor_browser, client_, advisor):
    move(client_, advisor)
    assert "un autre conseiller doit les confirmer" in text(advisor_browser.get(sheet(client_, "adresse/")))


def test_online_space_waits_for_the_confirmation_too(advisor_browser, advisor, person):
    open_account(person, kind="current", by=Actor(advisor))
    move(person, advisor)
    advisor_browser.post(sheet(person, "espace-en-ligne/"))
    person.refresh_from_db()
    assert person.user is None
