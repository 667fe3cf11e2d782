"""The batches of ordinary letters at the desk: read by print operators, written by nobody; no letter is shown."""

import pytest
from django.contrib.auth.models import Group

from accounts.desk import roles
from accounts.models import PostBatch, User
from tests import makers
from tests.accounts.print_stream.queued import export, make_items
from tests.conftest import StrictBrowser
from tests.pages import queries_of

BATCHES = "/admin/accounts/postbatch/"


@pytest.fixture
def batch(person, tmp_path):
    make_items(person, 2)
    export(tmp_path)
    make_items(person, 1)
    return PostBatch.objects.get()


def browser_of(role):
    person = User.objects.create_user(f"role.{role}", password=makers.PASSWORD, is_staff=True)
    roles.make_groups()
    person.groups.add(Group.objects.get(name=role))
    return StrictBrowser.logged_in(person)


def pages_of(batch):
    return [BATCHES, f"{BATCHES}{batch.pk}/change/", f"{BATCHES}{batch.pk}/history/"]


def test_print_operator_reads_counts_and_no_letter(batch):
    browser = browser_of(roles.PRINT_OPERATORS)
    for page in pages_of(batch):
        answer = browser.get(page)
        assert answer.status_code == 200
        assert "rue des Lilas" not in answer.content.decode()
        assert "MARTIN" not in answer.content.decode()
    shown = browser.get(BATCHES).content.decode()
    assert batch.pk in shown
    assert "1 en attente d’un lot" in shown


@pytest.mark.parametrize(
    "role", [roles.ADVISORS, roles.BRANCH_MANAGERS, roles.AUDITORS, roles.OPERATORS, roles.STAFF_ADMINISTRATORS]
)
def test_no_other_role_reads_any(batch, role):
    browser = browser_of(role)
    assert [browser.get(page).status_code for page in pages_of(batch)] == [403] * 3


def test_print_operator_changes_nothing(batch):
    browser = browser_of(roles.PRINT_OPERATORS)
    answers = [browser.post(page, {"confirmed_at_0": "01/01/2026"}).status_code for page in pages_of(batch)[:2]]
    assert answers[1] == 403
    assert browser.get(f"{BATCHES}add/").status_code == 403
    assert browser.get(f"{BATCHES}{batch.pk}/delete/").status_code == 403
    assert PostBatch.objects.get().confirmed_at is None


def test_list_asks_as_much_of_many_batches_as_of_one(batch, person, tmp_path):
    browser = browser_of(roles.PRINT_OPERATORS)
    asked = [queries_of(browser, BATCHES) for _ in range(2)][1]
    for _ in range(3):
        export(tmp_path)
        make_items(person, 1)
    assert PostBatch.objects.count() == 4
    assert queries_of(browser, BATCHES) == asked


@pytest.mark.parametrize("name", ["a%00b", "%D9%A1", "20260101-ABCDEF", "x" * 300, "%ED%A0%BD"])
@pytest.mark.parametrize("model", ["accounts/postbatch", "auth_codes/letterbatch"])
def test_batch_that_there_is_not_is_not_found(batch, model, name):
    assert browser_of(roles.PRINT_OPERATORS).get(f"/admin/{model}/{name}/change/").status_code == 404
