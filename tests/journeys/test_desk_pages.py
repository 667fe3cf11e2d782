"""Every page of the desk, and its form refused: axe finds no fault in it, and none is wider than a phone.

A page that is new fails here until it is drawn: the addresses are those of the desk itself.
"""

import json
import os
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders

from tests.journeys.conftest import DESK, PHONE, ROOT, close
from tests.journeys.test_axe import AXE, RUN

# Nothing to look at: what only takes a form, a script's data, a file, a link that was never made, and pages of
# Django's that the table of roles refuses to everybody.
NO_PAGES = {
    "autocomplete", "client_code_letter", "client_document", "client_letter_preview", "draft", "first_access", "logout",
    "auth_user_password_change", "give_up_own_app", "give_up_own_passkey",
}  # fmt: skip
# What a login or a ticket leads to alone, where axe and the width are looked at as well: test_staff_second.py.
ON_THE_WAY = {"second", "own_app", "own_passkey", "rename_own_factor", "remove_own_factor"}
REFUSED_TO_ALL = ("_add", "_delete")
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """What `tests.draw_desk_pages` prints."""
    database = f"sqlite:///{tmp_path_factory.mktemp('desk')}/unused.sqlite3"
    own = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database}
    own.pop("PYTEST_XDIST_TESTRUNUID", None)  # by which it would take the database of this run
    command = [sys.executable, "-m", "tests.draw_desk_pages"]
    done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_address_of_the_desk_has_a_page_here_or_is_known_to_have_none(drawn):
    assert {name for name in drawn["without"] if not name.endswith(REFUSED_TO_ALL)} == NO_PAGES | ON_THE_WAY


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone, light", "desk, dark"])
def test_no_page_of_the_desk_has_a_fault_or_is_wider_than_its_window(drawn, chromium, size, scheme):
    context = chromium.new_context(viewport=size, color_scheme=scheme)
    window, faults = context.new_page(), {}
    for name, page in drawn["pages"].items():
        show(window, page)
        faults[name] = faults_of(window)
    close(context)
    assert {name: found for name, found in faults.items() if found} == {}


def show(window, page: str) -> None:
    """Has the browser load it, with the portal's own style sheets, fonts and scripts."""

    def hand_over(route):
        path = urlsplit(route.request.url).path
        file = finders.find(path.removeprefix("/static/")) if path.startswith("/static/") else None
        if file:
            route.fulfill(path=file)
        elif route.request.is_navigation_request():
            route.fulfill(body=page, content_type="text/html; charset=utf-8")
        else:
            route.abort()

    window.route("**/*", hand_over)
    window.goto("http://desk.test/admin/")
    window.unroute("**/*")


def faults_of(window) -> list[str]:
    window.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true })")
    wide = ["wider than the window"] if window.evaluate(TOO_WIDE) else []
    window.evaluate(AXE)
    return wide + window.evaluate(RUN)
