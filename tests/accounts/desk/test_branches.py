"""Each advisor and each manager works in one branch, which two administrators give him."""

import uuid

import pytest
from django.core.checks import run_checks
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.desk import roles, staff_requests
from accounts.models import FIRST_BRANCH, Branch, StaffRequest, User
from auth_codes.actor import Actor
from tests import makers
from tests.accounts.desk.test_staff_requests import NEW, REQUESTS, administrator, ask, group
from tests.conftest import StrictBrowser
from tests.pages import text_of
from tests.standing import made_once

pytestmark = pytest.mark.django_db

Kind = StaffRequest.Kind


@made_once
def anne(advisor):
    return administrator("anne.roux")


@made_once
def basile(advisor):
    return administrator("basile.noir")


@made_once
def nantes(advisor):
    return Branch.objects.create(name="Nantes")


def fresh(user):
    return User.objects.get(pk=user.pk)


def test_bank_of_one_branch_needs_no_choice(anne, basile):
    staff_requests.approve(ask(anne, Kind.NEW, groups=[group(roles.ADVISORS)]), by=Actor(basile))
    assert User.objects.get(username="paul.martin").branch.name == FIRST_BRANCH


@pytest.mark.parametrize("role", roles.CLIENTELE_ROLES)
def test_where_there_are_several_somebody_says_which(anne, basile, nantes, role):
    with pytest.raises(staff_requests.BranchNeeded):
        ask(anne, Kind.NEW, groups=[group(role)])
    staff_requests.approve(ask(anne, Kind.NEW, groups=[group(role)], branch=nantes), by=Actor(basile))
    assert User.objects.get(username="paul.martin").branch == nantes


@pytest.mark.parametrize("role", sorted(set(roles.MAY) - set(roles.CLIENTELE_ROLES)))
def test_who_serves_no_client_works_in_none(anne, basile, nantes, role):
    staff_requests.approve(ask(anne, Kind.NEW, groups=[group(role)], branch=nantes), by=Actor(basile))
    assert User.objects.get(username="paul.martin").branch is None


def test_request_without_one_that_comes_by_no_form_is_not_approved(anne, basile, nantes):
    asked = ask(anne, Kind.NEW, groups=[group(roles.OPERATORS)])
    asked.groups.set([group(roles.ADVISORS)])
    with pytest.raises(staff_requests.BranchNeeded):
        staff_requests.approve(asked, by=Actor(basile))


def test_form_asks_for_it_and_keeps_what_was_typed(anne, nantes):
    typed = {**NEW, "groups": [group(roles.ADVISORS).pk], "token": uuid.uuid4()}
    browser = StrictBrowser.logged_in(anne)
    answer = text_of(browser.post(f"{REQUESTS}add/", typed))
    assert "Choisissez son agence" in answer
    assert 'value="paul.martin"' in answer
    assert browser.post(f"{REQUESTS}add/", typed | {"branch": nantes.pk}).status_code == 302
    for wrong in ("x", "0", "\x00", "9" * 30, "\u0663"):
        assert browser.post(f"{REQUESTS}add/", typed | {"branch": wrong}).status_code == 200


def test_change_of_groups_keeps_his_branch_and_another_one_moves_him(anne, basile, advisor, nantes):
    first, both = advisor.branch, [group(roles.ADVISORS), group(roles.BRANCH_MANAGERS)]
    staff_requests.approve(ask(anne, Kind.GROUPS, advisor, both), by=Actor(basile))
    assert fresh(advisor).branch == first
    staff_requests.approve(ask(anne, Kind.GROUPS, advisor, [group(roles.ADVISORS)], branch=nantes), by=Actor(basile))
    assert fresh(advisor).branch == nantes


def test_who_serves_no_client_any_more_leaves_it(anne, basile, advisor):
    staff_requests.approve(ask(anne, Kind.GROUPS, advisor, [group(roles.OPERATORS)]), by=Actor(basile))
    assert fresh(advisor).branch is None


def test_manager_in_another_branch_is_nobody_s_second_for_a_week_and_an_advisor_is(anne, basile, advisor, nantes):
    manager = makers.make_staff("nadia.benali", roles.BRANCH_MANAGERS, branch=advisor.branch)
    for user, role in ((advisor, roles.ADVISORS), (manager, roles.BRANCH_MANAGERS)):
        staff_requests.approve(ask(anne, Kind.GROUPS, user, [group(role)], branch=nantes), by=Actor(basile))
    assert fresh(advisor).is_settled_at(timezone.now())
    assert not fresh(manager).is_settled_at(timezone.now())


def test_page_of_the_second_administrator_shows_both(anne, basile, advisor, nantes):
    asked = ask(anne, Kind.GROUPS, advisor, [group(roles.ADVISORS)], branch=nantes)
    page = text_of(StrictBrowser.logged_in(basile).get(f"{REQUESTS}{asked.pk}/change/"))
    assert f"<dt>Agence aujourd’hui</dt><dd>{FIRST_BRANCH}</dd>" in page
    assert "<dt>Agence demandée</dt><dd>Nantes</dd>" in page


def test_check_names_who_serves_clients_in_no_branch(advisor):
    User.objects.filter(pk=advisor.pk).update(branch=None)
    makers.make_advisor("partie", is_active=False, branch=None)
    makers.make_staff("lucie.robin", roles.OPERATORS)
    [found] = [message for message in run_checks(databases=["default"]) if message.id == "accounts.W002"]
    assert found.msg.startswith("claire.dubois : ")


def test_database_places_no_client_in_a_branch_and_takes_no_name_twice(client_, nantes):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=client_.user_id).update(branch=nantes)
    with pytest.raises(IntegrityError), transaction.atomic():
        Branch.objects.create(name="NANTES")


def test_bank_without_a_branch_gets_one_with_the_next_migration(advisor):
    User.objects.update(branch=None)
    Branch.objects.all().delete()
    roles.make_first_branch(using="default")
    roles.make_first_branch(using="default")
    assert Branch.objects.get().name == FIRST_BRANCH
