"""Roles that contradict each other: one person never has both, by whatever way."""

import html
import uuid
from itertools import combinations

import pytest
from django.contrib.auth.models import Group
from django.core.checks import run_checks

from accounts.desk import roles, staff_requests
from accounts.models import StaffRequest, User
from auth_codes.actor import Actor
from tests.accounts.desk.test_staff_requests import NEW, REQUESTS, administrator, ask, group
from tests.conftest import StrictBrowser
from tests.standing import made_once

pytestmark = pytest.mark.django_db

Kind = StaffRequest.Kind
# All pairs that one person may have.
TOGETHER = {
    frozenset({roles.ADVISORS, roles.BRANCH_MANAGERS}),
    frozenset({roles.OPERATORS, roles.PRINT_OPERATORS}),
    frozenset({roles.OPERATORS, roles.STAFF_ADMINISTRATORS}),
    frozenset({roles.PRINT_OPERATORS, roles.STAFF_ADMINISTRATORS}),
}
BOTH = (roles.ADVISORS, roles.AUDITORS)


@made_once
def anne(advisor):
    return administrator("anne.roux")


@made_once
def basile(advisor):
    return administrator("basile.noir")


@pytest.mark.parametrize("pair", list(combinations(roles.MAY, 2)))
def test_each_pair_is_judged_in_either_order(pair):
    assert bool(roles.contradiction(pair)) is (frozenset(pair) not in TOGETHER)
    assert roles.contradiction(pair[::-1]) == roles.contradiction(pair)


def test_one_role_alone_and_none_contradict_nothing():
    assert not any(roles.contradiction(names) for names in ([], *([name] for name in roles.MAY)))


def test_forms_say_which_two_and_why_and_keep_what_was_typed(anne, advisor):
    groups = [group(name).pk for name in BOTH]
    browser = StrictBrowser.logged_in(anne)
    typed = {**NEW, "groups": groups, "token": uuid.uuid4()}
    for page in (f"{REQUESTS}add/", f"{REQUESTS}membre/{advisor.pk}/groups/"):
        answer = html.unescape(browser.post(page, typed).content.decode())
        assert "« Contrôleurs » et « Conseillers » ne vont pas ensemble : qui contrôle" in answer
        assert answer.count("checked") == 2
    assert not StaffRequest.objects.exists()


def test_request_that_comes_by_no_form_is_refused_when_asked_and_when_approved(anne, basile, advisor):
    with pytest.raises(staff_requests.RolesContradict):
        ask(anne, Kind.GROUPS, advisor, [group(name) for name in BOTH])
    asked = ask(anne, Kind.NEW, groups=[group(roles.ADVISORS)])
    asked.groups.add(group(roles.AUDITORS))  # asked before there was a table
    with pytest.raises(staff_requests.RolesContradict):
        staff_requests.approve(asked, by=Actor(basile))
    assert not User.objects.filter(username="paul.martin").exists()


def test_check_names_who_holds_two_already(anne, advisor):
    advisor.groups.add(Group.objects.get(name=roles.AUDITORS))
    left = administrator("partie", is_active=False)
    left.groups.add(Group.objects.get(name=roles.ADVISORS))
    [found] = [message for message in run_checks(databases=["default"]) if message.id == "accounts.W001"]
    assert found.msg.startswith("claire.dubois : « Contrôleurs » et « Conseillers »")


def test_check_without_databases_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert roles.check_roles(databases=None) == []
