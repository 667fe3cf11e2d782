"""What administrators of the staff read of the groups, and where a password is changed."""

import pytest

from accounts.desk import roles
from tests.accounts.desk.test_staff_requests import group
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def test_rights_of_a_group_are_said_in_french(browser_of_anne):
    page = text_of(browser_of_anne.get(f"/admin/auth/group/{group(roles.ADVISORS).pk}/change/"))
    assert "Voir : client" in page
    assert "Can view" not in page


def test_own_password_is_changed_on_the_page_that_asks_for_the_present_one(browser_of_anne, anne):
    answer = browser_of_anne.get(f"/admin/accounts/user/{anne.pk}/password/")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/password_change/")


def test_nobody_sets_the_password_of_a_colleague(browser_of_anne, advisor):
    assert browser_of_anne.get(f"/admin/accounts/user/{advisor.pk}/password/").status_code == 403
