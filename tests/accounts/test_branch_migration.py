"""Branches come by a migration while people are logged in: every advisor of before works in one."""

import pytest
from django.contrib.auth.models import Group

from accounts.desk import roles
from accounts.models import FIRST_BRANCH, Branch, User
from tests import makers
from tests.accounts.ledger.test_ledger_guards import all_migrated, migrate, migrate_all
from tests.conftest import StrictBrowser

__all__ = ["all_migrated"]


@pytest.mark.django_db(transaction=True)
def test_advisors_of_before_work_in_one_branch_and_stay_logged_in(all_migrated):
    advisor, operator = makers.make_advisor(), makers.make_staff("lucie.robin", roles.OPERATORS)
    browser = StrictBrowser.logged_in(advisor)
    migrate("0032_large_print")
    migrate_all()
    assert browser.get("/admin/").status_code == 200
    assert User.objects.get(pk=advisor.pk).branch.name == FIRST_BRANCH
    assert User.objects.get(pk=operator.pk).branch is None
    assert Branch.objects.count() == 1
    rights = Group.objects.get(name=roles.ADVISORS).permissions.values_list("codename", flat=True)
    assert "add_substitution" in rights
