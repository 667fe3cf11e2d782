"""Administrators of the staff open and name branches; nobody takes one away."""

import pytest

from accounts.desk.branch_forms import UNSEEN
from accounts.kinds import Event
from accounts.models import Branch
from auth_codes.models import SecurityEvent
from tests.pages import text_of

pytestmark = pytest.mark.django_db

ADD = "/admin/accounts/branch/add/"


def page(branch, act="change"):
    return f"/admin/accounts/branch/{branch.pk}/{act}/"


def test_administrator_opens_a_branch_with_its_line(browser_of_anne, anne):
    assert "Ouvrir une agence" in text_of(browser_of_anne.get(ADD))
    answer = browser_of_anne.post(ADD, {"name": "Nantes"}, follow=True)
    assert "Nantes" in text_of(answer)
    assert Branch.objects.filter(name="Nantes").exists()
    line = SecurityEvent.objects.get(kind=Event.BRANCH_MADE)
    assert (line.by, line.details) == (anne, {"staff_branch": "Nantes"})


@pytest.mark.parametrize("name", ["Nan\u200btes", "Nantes\u202e"])
def test_name_with_a_sign_that_nobody_sees_opens_no_branch(browser_of_anne, name):
    assert UNSEEN in text_of(browser_of_anne.post(ADD, {"name": name}))
    assert not Branch.objects.filter(name__startswith="Nan").exists()


def test_saving_a_branch_as_it_was_writes_no_line(browser_of_anne, advisor):
    browser_of_anne.post(page(advisor.branch), {"name": advisor.branch.name})
    assert not SecurityEvent.objects.filter(kind=Event.BRANCH_RENAMED).exists()


def test_no_branch_is_taken_away(browser_of_anne, advisor):
    assert browser_of_anne.post(page(advisor.branch, "delete"), {"post": "yes"}).status_code == 403
    assert Branch.objects.filter(pk=advisor.branch_id).exists()


def test_advisors_open_and_rename_none(advisor_browser, advisor):
    assert advisor_browser.post(ADD, {"name": "Nantes"}).status_code == 403
    assert advisor_browser.post(page(advisor.branch), {"name": "Nantes"}).status_code == 403
    assert not Branch.objects.filter(name="Nantes").exists()
