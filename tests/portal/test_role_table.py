"""Each role at every address of the desk, with an object of each kind: what role_table.py says, nothing else."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import URLPattern, get_resolver, reverse

from tests.conftest import StrictBrowser
from tests.pages import words_of
from tests.portal.role_rows import ELSEWHERE, LOGIN, NO, NOWHERE, VISITORS, WHY, YES
from tests.portal.role_table import TABLE, as_markdown
from tests.portal.role_world import make_role_world
from tests.standing import made_once

pytestmark = pytest.mark.django_db

ASKED = "Pourquoi ouvrez-vous cette fiche ?"
LISTS = {row.page for row in TABLE if row.page.endswith("_changelist")} | {"journal", "login_hours"}
BY_STATUS = {400: NO, 403: NO, 404: NOWHERE, 405: NO, 200: YES}


@made_once
def world(advisor):
    return make_role_world(advisor)


def desk_names(patterns=None, is_desk=False):
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLPattern):
            yield from [entry.name] if is_desk and entry.name else []
        else:
            yield from desk_names(entry.url_patterns, is_desk or getattr(entry, "namespace", None) == "admin")


def visit(world, visitor, row):
    """What this visitor gets, as if nobody had been there before."""
    user, before = world.visitors[visitor], transaction.savepoint()
    try:
        row.before(world)
        browser = StrictBrowser.logged_in(user) if user else StrictBrowser()
        address = reverse(f"admin:{row.page}", kwargs=row.fills(world))
        if row.sends is None:
            return outcome(browser.get(address))
        answer = browser.post(address, row.sends(world))
        if row.did is None:
            return outcome(answer)
        return YES if row.did(world) else outcome(answer, NO)
    finally:
        transaction.savepoint_rollback(before)


def outcome(answer, otherwise=ELSEWHERE) -> str:
    """What a page is, in a word; `otherwise` where it leads somewhere else, or an act has not taken place."""
    if answer.status_code == 302:
        return LOGIN if answer["Location"].startswith("/admin/login/") else otherwise
    if answer.status_code == 200 and not answer.streaming and ASKED in words_of(answer):
        return WHY
    word = BY_STATUS[answer.status_code]
    return otherwise if word == YES and otherwise == NO else word


@pytest.mark.proves("ASVS 8.1.1", "ASVS 8.2.1")
@pytest.mark.slow
@pytest.mark.parametrize("visitor", VISITORS)
def test_each_gets_what_the_table_says(world, visitor):
    wrong = {}
    for row in TABLE:
        got = visit(world, visitor, row)
        if got != row.answers[visitor]:
            wrong[row.what] = (got, row.answers[visitor])
    assert not wrong


def test_every_address_of_the_desk_stands_in_the_table_and_no_other():
    entered = {row.page for row in TABLE}
    assert set(desk_names()) - entered == set(), "enter these in tests/portal/role_table.py"
    assert entered - set(desk_names()) == set(), "these are gone: take them out of tests/portal/role_table.py"


def test_no_two_lines_say_the_same():
    assert len({row.what for row in TABLE}) == len(TABLE)
    assert all(list(row.answers) == list(VISITORS) for row in TABLE)


@pytest.mark.proves("ASVS 8.1.1")
def test_the_printed_table_is_this_one():
    printed = Path(settings.BASE_DIR, "docs/roles.md").read_text()
    assert printed == as_markdown(), "print it again: python -m tests.show_role_table > docs/roles.md"


@pytest.mark.slow
@pytest.mark.parametrize("visitor", [name for name in VISITORS if name not in ("client", "personne")])
def test_first_page_leads_to_nothing_that_is_refused(world, visitor):
    browser = StrictBrowser.logged_in(world.visitors[visitor])
    links = set(re.findall(r'href="(/admin/[^"#]*)"', browser.get("/admin/").content.decode()))
    answers = {link: outcome(browser.get(link)) for link in links}
    assert {link: got for link, got in answers.items() if got != YES} == {}
    lists = {reverse(f"admin:{row.page}") for row in TABLE if row.page in LISTS and row.answers[visitor] == YES}
    assert lists <= links
