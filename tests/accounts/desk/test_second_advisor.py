"""What waits for an advisor is shown where he begins his day: the desk's first page, and the list of renewals."""

import html
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.desk import second_advisor
from accounts.models import ContactChange, User
from auth_codes.actor import Actor
from auth_codes.models import RenewalRequest
from auth_codes.renewals import by_advisors
from tests import makers
from tests.conftest import StrictBrowser
from tests.standing import made_once

pytestmark = pytest.mark.django_db

DESK = "/admin/"
RENEWALS = "/admin/auth_codes/renewal/"


def text(browser, page):
    return html.unescape(browser.get(page).content.decode())


def hold(client, days_ago=0):
    """A request of that day, which waits because the address was changed today."""
    makers.change_address(client, client.advisor)
    asked_at = timezone.now() - timedelta(days=days_ago)
    RenewalRequest.objects.create(client_code=client.client_code, requested_at=asked_at, network="", held_at=asked_at)


@made_once
def neighbour(advisor):
    return makers.make_personalised_client(advisor, family_name="Petit", email="petit@example.org")


@made_once
def colleague(db):
    return makers.make_advisor("marc.lefevre")


@made_once
def started(client_, colleague):
    return by_advisors.start(client_.user, by=Actor(colleague), identity_check="branch", token=uuid.uuid4())


def test_desk_says_how_many_renewals_wait_and_leads_to_them(advisor_browser, started):
    page = text(advisor_browser, DESK)
    assert f'<a href="{RENEWALS}">1 renouvellement attend l’approbation d’un second conseiller</a>' in page


def test_desk_says_nothing_when_nothing_waits(advisor_browser, started):
    by_advisors.refuse(started, by=Actor(started.started_by))
    page = text(advisor_browser, DESK)
    assert not [word for word in ("attend", "attendent") if word in page]


def test_what_one_began_oneself_does_not_wait_for_one(colleague, started):
    page = text(StrictBrowser.logged_in(colleague), DESK)
    assert not [word for word in ("attend", "attendent") if word in page]


def test_several_are_told_in_the_plural(colleague, advisor_browser, started, neighbour, client_):
    by_advisors.start(neighbour.user, by=Actor(colleague), identity_check="branch", token=uuid.uuid4())
    hold(neighbour)
    hold(client_)
    page = text(advisor_browser, DESK)
    assert "2 renouvellements attendent l’approbation d’un second conseiller" in page
    assert "2 demandes en ligne attendent une adresse confirmée" in page


@pytest.mark.parametrize("page", [DESK, RENEWALS])
def test_requests_that_an_address_holds_lead_to_their_clients(advisor_browser, client_, page):
    hold(client_)
    shown = text(advisor_browser, page)
    assert "1 demande en ligne attend une adresse confirmée" in shown
    assert f'<a href="/admin/accounts/client/{client_.pk}/change/">{client_}</a>' in shown


def test_requests_are_listed_the_oldest_first(client_, neighbour):
    hold(client_, days_ago=1)
    hold(neighbour, days_ago=3)
    assert [request.client for request in second_advisor.held_requests(client_.advisor)] == [neighbour, client_]


def test_request_whose_address_was_confirmed_waits_for_nobody_here(client_):
    hold(client_)
    ContactChange.objects.update(confirmed_at=timezone.now(), confirmed_by=client_.user)
    assert second_advisor.held_requests(client_.advisor) == []


def test_who_may_end_neither_is_told_of_neither(client_, started):
    hold(client_)
    newcomer = User.objects.create_user("nouveau", password=makers.PASSWORD, is_staff=True)
    page = text(StrictBrowser.logged_in(newcomer), DESK)
    assert not [word for word in ("renouvellement attend", "demande en ligne", str(client_)) if word in page]


def test_desk_shows_no_list_of_acts_that_are_not_logged_there(advisor_browser):
    assert "Actions récentes" not in text(advisor_browser, DESK)
