"""Names and birth date: asked for by one advisor, changed by the second one's yes, and never before."""

import html
from datetime import date

import pytest

from accounts.clients import identity_changes
from accounts.kinds import Event, Mail
from accounts.models import Client, IdentityChange
from auth_codes import dual_control
from auth_codes.actor import Actor
from auth_codes.models import Notice, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import say_why
from tests.standing import made_once

pytestmark = pytest.mark.django_db


# What the client owns, shown below the sheet.
PARTS = ("holdings", "service_contracts")


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


def sheet(client) -> str:
    return f"/admin/accounts/client/{client.pk}/change/"


def typed(client, browser, **changed):
    """The sheet as its page shows it, with some fields typed anew."""
    say_why(browser, client)
    form = browser.get(sheet(client).replace("/change/", "/modifier/")).context["adminform"].form
    inlines = {f"{part}-{number}": "0" for part in PARTS for number in ("TOTAL_FORMS", "INITIAL_FORMS")}
    shown = inlines | {name: form[name].value() for name in form.fields if name != "is_another_person"}
    return {name: "" if value is None else value for name, value in shown.items()} | {
        "birth_date": client.birth_date.strftime("%d/%m/%Y"), **changed,
    }  # fmt: skip


@pytest.fixture
def asked(client_, advisor):
    return identity_changes.start(client_, {"family_name": "Durand"}, by=Actor(advisor))


def test_sheet_asks_for_a_name_and_changes_the_rest_at_once(client_, advisor):
    browser = StrictBrowser.logged_in(advisor)
    sent = typed(client_, browser, family_name="Durand", birth_date="02/01/1990", city="Paris")
    page = html.unescape(browser.post(sheet(client_), sent, follow=True).content.decode())
    assert "un second conseiller doit approuver le changement" in page
    client = Client.objects.get(pk=client_.pk)
    assert (client.family_name, client.family_key, client.birth_date) == (
        client_.family_name, client_.family_key, client_.birth_date,
    )  # fmt: skip
    assert client.city == "Paris"
    change = IdentityChange.objects.get()
    assert (change.family_name, change.birth_date) == ("Durand", date(1990, 1, 2))
    assert (change.given_names, change.started_by) == (client_.given_names, advisor)


def test_second_advisor_sees_old_and_new_and_makes_the_change(client_, colleague, asked):
    second = StrictBrowser.logged_in(colleague)
    page = f"/admin/accounts/identitychange/{asked.pk}/change/"
    shown = html.unescape(second.get(page).content.decode())
    assert asked.name_before in shown
    assert asked.name_asked in shown
    assert "Numéro à rappeler" in shown
    Notice.objects.all().delete()
    second.post(page, {"answer": "approve"})
    client = Client.objects.get(pk=client_.pk)
    assert (client.family_name, client.family_key) == ("Durand", "durand")
    assert Notice.objects.get(kind=Mail.CONTACT_CHANGED).facts["changed"] == ["le nom"]


def test_who_asked_cannot_approve(advisor, asked, client_):
    with pytest.raises(dual_control.SameAdvisor):
        identity_changes.approve(asked, by=Actor(advisor))
    assert Client.objects.get(pk=client_.pk).family_name == client_.family_name


def test_refused_change_changes_nothing(client_, colleague, asked):
    identity_changes.refuse(asked, by=Actor(colleague))
    assert Client.objects.get(pk=client_.pk).family_name == client_.family_name
    with pytest.raises(dual_control.AlreadyDecided):
        identity_changes.approve(asked, by=Actor(colleague))


def test_one_change_waits_at_a_time(client_, advisor, asked):
    browser = StrictBrowser.logged_in(advisor)
    sent = typed(client_, browser, family_name="Petit")
    page = html.unescape(browser.post(sheet(client_), sent, follow=True).content.decode())
    assert "attend déjà un second conseiller" in page
    assert IdentityChange.objects.get().family_name == "Durand"


def test_what_changed_meanwhile_is_not_written_over(client_, colleague, asked):
    Client.objects.filter(pk=client_.pk).update(given_names="Autre")
    with pytest.raises(identity_changes.IdentityMoved):
        identity_changes.approve(asked, by=Actor(colleague))
    asked.refresh_from_db()
    assert asked.decision == ""


def test_each_step_is_a_line_of_the_journal(client_, advisor, colleague, asked):
    identity_changes.approve(asked, by=Actor(colleague))
    lines = SecurityEvent.objects.filter(kind__in=(Event.IDENTITY_ASKED, Event.IDENTITY_CHANGED)).order_by("id")
    assert [(line.by, line.owner, line.details["fields"]) for line in lines] == [
        (advisor, client_.user, "family_name"),
        (colleague, client_.user, "family_name"),
    ]


def test_nobody_becomes_somebodys_twin_alone(client_, advisor):
    """The attack: another client is made to look like the one whose letter is wanted."""
    other = makers.make_person(advisor, given_names="Zoé", family_name="Autre")
    browser = StrictBrowser.logged_in(advisor)
    names = {"given_names": client_.given_names, "family_name": client_.family_name, "is_another_person": "on"}
    browser.post(sheet(other), typed(other, browser, **names))
    assert str(Client.objects.get(pk=other.pk)) == str(other)
    assert IdentityChange.objects.get().client == other
