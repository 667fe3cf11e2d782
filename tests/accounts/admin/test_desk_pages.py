"""The advisors' desk: who may enter, that every page renders, what each of them shows."""

import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.desk import roles
from accounts.models import Client, User
from accounts.notation import ibans
from auth_codes.models import AttemptCounter
from auth_codes.sessions import limits
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import text_of
from tests.standing import made_once

ADMIN = "/admin/"
CLIENTS = "/admin/accounts/client/"


def pages_of(client) -> list[str]:
    sheet = f"{CLIENTS}{client.pk}/"
    return [
        ADMIN, "/admin/accounts/", CLIENTS, f"{CLIENTS}?recherche=x", f"{CLIENTS}add/", f"{sheet}change/",
        f"{sheet}history/", f"{sheet}ouvrir/compte/", f"{sheet}ouvrir/contrat/", f"{sheet}espace-en-ligne/",
        "/admin/password_change/", "/admin/jsi18n/",
    ]  # fmt: skip


@made_once
def superuser(db):
    return User.objects.create_superuser("directrice", password=makers.PASSWORD)


@pytest.mark.parametrize("place", range(12))
def test_every_page_opens_for_an_advisor(advisor_browser, new_client, place):
    assert advisor_browser.get(pages_of(new_client)[place]).status_code == 200


@pytest.mark.parametrize("place", range(12))
def test_anonymous_is_sent_to_the_login_of_the_desk(browser, new_client, place):
    page = pages_of(new_client)[place]
    answer = browser.get(page)
    assert (answer.status_code, answer.url.split("?")[0]) == (302, "/admin/login/")


@pytest.mark.parametrize("place", range(12))
def test_client_finds_nothing_there(client_browser, client_, place):
    assert client_browser.get(pages_of(client_)[place]).status_code == 404


@pytest.mark.parametrize("page", ["/admin/login/", "/admin/logout/", "/admin/nowhere/", "/admin/accounts/user/"])
def test_client_finds_neither_login_nor_staff_nor_unknown_pages(client_browser, page):
    assert client_browser.get(page).status_code == 404
    assert client_browser.post(page).status_code == 404


def test_client_can_change_nothing_there(client_browser, client_, person):
    for page in pages_of(person):
        assert client_browser.post(page, {"kind": "current"}).status_code == 404
    assert not person.bank_accounts.exists()


def test_login_page_of_the_desk_opens_for_all(browser, db):
    assert browser.get("/admin/login/").status_code == 200


def test_advisor_logs_in_at_the_desk(browser, advisor):
    answer = browser.post("/admin/login/?next=/admin/", {"username": advisor.username, "password": makers.PASSWORD})
    assert (answer.status_code, answer.url) == (302, ADMIN)
    assert browser.get(CLIENTS).status_code == 200


def test_own_failures_are_given_back_by_the_advisor_s_success(browser, advisor):
    for password in ["wrong"] * 4 + [makers.PASSWORD]:
        browser.post("/admin/login/?next=/admin/", {"username": advisor.username, "password": password})
    assert AttemptCounter.objects.get().count == 0


def test_logout_of_the_desk_leads_to_its_login(advisor_browser):
    answer = advisor_browser.post("/admin/logout/")
    assert (answer.status_code, answer.url) == (302, "/admin/login/")
    assert advisor_browser.get(ADMIN).status_code == 302


def test_staff_without_the_group_have_no_rights(db, new_client):
    newcomer = User.objects.create_user("nouveau", password=makers.PASSWORD, is_staff=True)
    browser = StrictBrowser.logged_in(newcomer)
    assert browser.get(ADMIN).status_code == 200
    for page in pages_of(new_client)[2:10]:
        assert browser.get(page).status_code == 403, page
        assert browser.post(page).status_code == 403, page


def test_staff_without_rights_leave_no_trace_of_a_look_they_did_not_get(new_client):
    newcomer = User.objects.create_user("nouveau", password=makers.PASSWORD, is_staff=True)
    StrictBrowser.logged_in(newcomer).get(f"{CLIENTS}{new_client.pk}/change/")
    assert not newcomer.acts.filter(kind="client_consulted").exists()


def test_advisors_have_these_rights_and_no_others(advisor):
    group = Group.objects.get(name=roles.ADVISORS)
    rights = {right.codename for right in group.permissions.all()}
    on_clients = {"view_client", "add_client", "change_client"}
    second_advisor = {"view_renewal", "change_renewal", "view_accessrequest", "change_accessrequest"}
    second_advisor |= {"view_identitychange", "change_identitychange", "view_unblocking", "change_unblocking"}
    second_advisor |= {"view_factorsending", "change_factorsending", "view_ticketrequest", "change_ticketrequest"}
    second_advisor |= {"view_unlocking", "change_unlocking"}
    second_advisor |= {"view_undoing", "change_undoing", "view_joining", "change_joining"}
    second_advisor |= {"view_representationrequest", "change_representationrequest"}
    stand_ins = {"view_substitution", "add_substitution", "change_substitution"}
    assert rights == on_clients | second_advisor | stand_ins | {"view_letterbatch"}
    assert not advisor.has_perm("accounts.view_user")


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_deletes_a_client(superuser, new_client, method):
    browser = StrictBrowser.logged_in(superuser)
    answer = getattr(browser, method)(f"{CLIENTS}{new_client.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 403
    answer = browser.post(CLIENTS, {"action": "delete_selected", "_selected_action": new_client.pk, "post": "yes"})
    assert Client.objects.filter(pk=new_client.pk).exists()


def test_unknown_client_or_act_is_not_found(advisor_browser, new_client):
    for page in (f"{CLIENTS}999999/ouvrir/compte/", f"{CLIENTS}999999/espace-en-ligne/"):
        assert advisor_browser.get(page).status_code == 404
    for method in (advisor_browser.get, advisor_browser.post):
        assert method(f"{CLIENTS}{new_client.pk}/ouvrir/coffre/").status_code == 404


def test_staff_list_does_not_show_clients(superuser, advisor, new_client):
    page = StrictBrowser.logged_in(superuser).get("/admin/accounts/user/").content.decode()
    assert advisor.username in page
    assert new_client.client_code not in page


@pytest.mark.parametrize("page", ["change/", "password/", "history/", "delete/"])
def test_user_of_a_client_cannot_be_reached_there(superuser, new_client, page):
    answer = StrictBrowser.logged_in(superuser).get(f"/admin/accounts/user/{new_client.user.pk}/{page}", follow=True)
    assert new_client.client_code not in answer.content.decode()


STAFF_PAGES = ["accounts/user/", "accounts/user/{}/change/", "accounts/user/{}/history/", "auth/group/"]


@pytest.mark.parametrize("page", STAFF_PAGES)
def test_staff_pages_open_for_the_superuser(superuser, advisor, page):
    assert StrictBrowser.logged_in(superuser).get(f"/admin/{page.format(advisor.pk)}").status_code == 200


def queries_of_the_list(browser) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.post(CLIENTS, {"said": "martin"}, follow=True).status_code == 200
    return len(queries)


@pytest.mark.slow
def test_look_up_costs_as_many_queries_for_many_clients_as_for_few(advisor, advisor_browser):
    makers.make_new_client(advisor)
    queries_of_the_list(advisor_browser)
    few = queries_of_the_list(advisor_browser)
    for _ in range(4):
        makers.make_new_client(advisor)
        makers.make_personalised_client(advisor)
        makers.make_person(advisor)
    assert queries_of_the_list(advisor_browser) == few


def test_list_says_where_each_online_space_stands(advisor, advisor_browser):
    makers.make_person(advisor)
    makers.make_new_client(advisor)
    makers.make_personalised_client(advisor)
    page = advisor_browser.post(CLIENTS, {"said": "martin"}, follow=True).content.decode()
    for state in ("non créé", "code provisoire, pas encore utilisé", "ouvert, code personnel"):
        assert page.count(state) == 1


def test_list_offers_to_register_a_person(advisor_browser):
    page = advisor_browser.get(CLIENTS).content.decode()
    assert "Enregistrer une personne" in page
    assert "Ajouter client" not in page.split('<div id="content-main">')[1]


def test_form_of_a_new_person_says_so(advisor_browser):
    page = advisor_browser.get(f"{CLIENTS}add/").content.decode()
    assert "<h1>Enregistrer une personne</h1>" in page
    assert "› Enregistrer une personne" in page


def test_sheet_is_titled_as_such(advisor_browser, person):
    page = text_of(advisor_browser.get(f"{CLIENTS}{person.pk}/change/"))
    assert f'<h1><span class="visually-hidden">Fiche client de </span>{person}</h1>' in page


def test_sheet_groups_the_digits_of_account_numbers(advisor_browser, new_client):
    page = advisor_browser.get(f"{CLIENTS}{new_client.pk}/change/").content.decode()
    assert f">{ibans.display_number(new_client.bank_accounts.get().number)}<" in re.sub(
        r">\s+|\s+<", lambda m: m[0].strip(), page
    )


def test_desk_wears_its_own_sheet(advisor_browser):
    assert "css/admin.css" in advisor_browser.get(ADMIN).content.decode()


def test_pages_are_in_no_cache(advisor_browser, new_client):
    assert "no-store" in advisor_browser.get(f"{CLIENTS}{new_client.pk}/change/")["Cache-Control"]


def test_an_advisors_session_lasts_a_conversation(browser, advisor):
    browser.post("/admin/login/", {"username": advisor.username, "password": makers.PASSWORD})
    assert limits.life(browser.session).kind == limits.STAFF
