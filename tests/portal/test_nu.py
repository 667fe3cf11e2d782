"""The HTML checker of the W3C's validator finds no error, on any page in any state."""

import pytest

from tests import makers, nu
from tests.accounts.desk.test_staff_requests import administrator
from tests.conftest import StrictBrowser
from tests.portal import states
from tests.portal.states import TEMPLATES, Pages
from tests.portal.test_desk_looks import bank, stranger  # noqa: F401 - fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def pages(bank, advisor, stranger, client_, new_client, settings):  # noqa: F811
    pages = Pages()
    states.of_everybody(pages, bank)
    states.of_the_desk(pages, bank, advisor, stranger)
    states.of_what_waits(pages, client_, advisor)
    savings = makers.make_savings(client_, "100")
    states.of_transfers(pages, client_, savings, client_.bank_accounts.exclude(pk=savings.pk).get())
    states.of_factors(pages, client_)
    states.of_doors(pages, client_)
    states.of_documents(pages, client_)
    states.of_acts(pages, client_, advisor, stranger)
    states.of_representatives(pages, client_, advisor)
    states.of_closings(pages, client_, advisor)
    states.of_staff(pages, administrator("anne.roux"), administrator("basile.noir"))
    states.of_locks(pages, makers.make_personalised_client(advisor, family_name="Lemaire"), advisor)
    states.of_errors(pages)
    settings.DEBUG = True
    pages.keep("components", StrictBrowser().get("/composants/"))
    return pages


def test_no_page_has_an_error_and_every_template_is_on_one(pages):
    assert nu.faults_in(pages.by_name) == {}
    missing = {str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")} - pages.made_of
    assert not missing, f"no page of tests/portal/states.py shows {sorted(missing)}"


def test_fault_is_found_and_only_what_is_allowed_is_not():
    page = '<!doctype html><html lang="fr"><title>A</title><p><input type="password" aria-label="a" {}></p></html>'
    assert nu.faults_in({"allowed": page.format('passwordrules="minlength: 6;"')}) == {}
    assert list(nu.faults_in({"right": page.format(""), "wrong": page.format("colour=red")})) == ["wrong"]


def test_without_java_it_is_said_how_to_mend_it(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(nu.NoCheckerError, match="« apt install default-jre-headless »"):
        nu.faults_in({"page": "<!doctype html>"})
