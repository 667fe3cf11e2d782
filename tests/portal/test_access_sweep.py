"""Access by owner only: every address of the portal, asked for by everybody, of objects that are client A's.

What each visitor must get stands in access_table.py, and how a new address is entered there.
"""

import re
import uuid
from html import unescape
from urllib.parse import quote, urlencode

import pytest
from django.db import transaction
from django.urls import reverse

from accounts import client_codes
from tests import pdfs
from tests.auth_codes.login.test_no_oracle import VOLATILE_HEADERS
from tests.conftest import StrictBrowser
from tests.portal.access_table import READ_PAPERS, TABLE, VISITORS, as_markdown
from tests.portal.access_world import NOBODY, NOTHING, make_world
from tests.portal.test_pages import every_address
from tests.portal.url_patterns import portal_patterns
from tests.standing import made_once

pytestmark = pytest.mark.django_db

# What differs from one answer to the next whatever is asked for: the token of the form, and the session's clock.
PASSING = re.compile(
    r'name="csrfmiddlewaretoken" value="\w+"|data-seconds-[a-z-]+="\d+"|http-equiv="refresh" content="\d+;'
    r"|(?<=data-session-sentence>)[^<]*"
)
CASES = [
    (row, method)
    for row in TABLE
    for method, expected in (("get", row.get), ("post", row.post))
    if expected is not None
]
# Whoever asks for these is led on.
LEADING_ON = {
    "lock_receipt",
    "unlock",
    "own_lock",
    "second_step",
    "step_ticket",
    "favicon",
    "change_password",
    "logout",
    "access_closed",
    "forget_client_code",
    "language",
}
DESK = [address for address in every_address() if address.startswith("/admin/")]


@made_once
def world(advisor):
    return make_world(advisor)


def case_name(row, method) -> str:
    return f"{method.upper()} {row.pattern} {row.what}".strip()


def visit(world, visitor, address, method="get", fields=None):
    """The answer, with its `text_read`, as if nobody had been there before: all that the visit wrote is undone."""
    user = world.visitors[visitor]
    before = transaction.savepoint()
    try:
        browser = StrictBrowser.logged_in(user) if user else StrictBrowser()
        answer = getattr(browser, method)(address, fields or {})
        answer.text_read = read(answer)
        return answer
    finally:
        transaction.savepoint_rollback(before)


def pages_of(world, visitor):
    """The HTML of every page that a visitor gets, by its address."""
    for row in TABLE:
        if row.get is not None and row.get[visitor] == 200:
            address, fields = asked(row, world)
            answer = visit(world, visitor, address, fields=fields)
            if answer["Content-Type"].startswith("text/html"):
                yield address, answer.text_read


def read(answer) -> str:
    """All that is answered; of a PDF what a reader reads, since its bytes are compressed."""
    body = b"".join(answer)
    if answer.get("Content-Type", "").startswith("application/pdf"):
        return "\n".join(page.extract_text() for page in pdfs.read(body).pages)
    return body.decode(errors="replace")


def asked(row, world, *, is_there=True):
    """Address and fields of a case; with what does not exist in the place of each object, unless `is_there`."""
    arguments, fields = row.fills(world), row.sends(world)
    if not is_there:
        arguments, fields = map(replaced, (arguments, fields))
    return reverse(row.pattern, kwargs=arguments), fields


def replaced(values: dict) -> dict:
    by_kind = {int: NOBODY, uuid.UUID: NOTHING}
    return {name: by_kind.get(type(value), value) for name, value in values.items()}


def lasting(answer, address, query="") -> tuple:
    """Status, headers and body of an answer, but for what is passing, and for the address that was asked for."""
    body = PASSING.sub("", answer.text_read)
    for echoed in (quote(f"{address}?{query}", safe=""), quote(address, safe=""), address):
        body = body.replace(echoed, "")
    headers = {name: value for name, value in answer.headers.items() if name not in VOLATILE_HEADERS}
    return answer.status_code, headers, body


def codes_of_others(world, visitor, answer) -> list[str]:
    """The codes client that an answer holds, in any spelling, but for the visitor's own."""
    said = unescape(answer.text_read) + str(answer.headers) + answer.cookies.output()
    digits = re.sub(r"<[^>]*>|[\s\u00a0\u202f.\u2011-]", "", said)
    user = world.visitors[visitor]
    codes = {client.client_code for client in world.clients} - {user.username if user else ""}
    return [code for code in codes if code in said or code in digits]


def others_in(row, world, visitor, answer) -> list[str]:
    """The same, but for A's code client on papers of hers that who acts for her reads."""
    reads = row.pattern in ("document", "read_document") and visitor in READ_PAPERS
    allowed = {world.clients[0].client_code} if reads else set()
    return [code for code in codes_of_others(world, visitor, answer) if code not in allowed]


def test_every_pattern_stands_in_the_table_and_no_other():
    patterns = {pattern.name for pattern in portal_patterns()}
    entered = {row.pattern for row in TABLE}
    assert not patterns - entered, "enter these in tests/portal/access_table.py"
    assert not entered - patterns, "these are gone: take them out of tests/portal/access_table.py"


def test_every_pattern_is_swept_by_both_methods_with_an_object_for_each_argument(world):
    swept = {method: {row.pattern for row, one in CASES if one == method} for method in ("get", "post")}
    assert swept["get"] == swept["post"] == {row.pattern for row in TABLE}
    for row, _ in CASES:
        asked(row, world)  # raises where an argument has no object
        assert all(set(expected) == set(VISITORS) for expected in (row.get, row.post) if expected is not None)


@pytest.mark.proves("ASVS 8.2.1", "ASVS 8.2.2", "ASVS 8.3.1")
@pytest.mark.slow
@pytest.mark.parametrize("visitor", VISITORS)
def test_visitor_gets_what_the_table_says_and_nobody_else_s_code_client(world, visitor):
    wrong = {}
    for row, method in CASES:
        address, fields = asked(row, world)
        answer = visit(world, visitor, address, method, fields)
        told = (answer.status_code, others_in(row, world, visitor, answer))
        if told != (getattr(row, method)[visitor], []):
            wrong[case_name(row, method)] = told
    assert wrong == {}


@pytest.mark.proves("RTS 25(2)(c)")
@pytest.mark.slow
@pytest.mark.parametrize("visitor", ["default", "locked", "anonymous"])
def test_who_may_not_enter_yet_is_led_to_the_page_that_lets_in(world, visitor):
    elsewhere = {}
    for row, method in CASES:
        if row.pattern in LEADING_ON or getattr(row, method)[visitor] != 302:
            continue
        address, fields = asked(row, world)
        came_from = f"{address}?{urlencode(fields)}" if method == "get" and fields else address
        page = "/mon-profil/code-secret/" if visitor == "default" else f"/connexion/?next={quote(came_from)}"
        led = visit(world, visitor, address, method, fields)["Location"]
        if led != page:
            elsewhere[case_name(row, method)] = led
    assert elsewhere == {}


@pytest.mark.proves("ASVS 8.2.2")
@pytest.mark.slow
@pytest.mark.parametrize("visitor", VISITORS)
def test_what_is_not_the_visitor_s_is_answered_like_what_does_not_exist(world, visitor):
    different = []
    for row, method in CASES:
        there, nowhere = asked(row, world), asked(row, world, is_there=False)
        if there == nowhere or getattr(row, method)[visitor] != 404:
            continue
        mine, missing = (
            lasting(visit(world, visitor, at, method, sent), at, urlencode(sent)) for at, sent in (there, nowhere)
        )
        if mine != missing:
            different.append(case_name(row, method))
    assert not different


def test_code_client_of_somebody_else_would_be_noticed_in_any_spelling(world):
    answer = visit(world, "A", "/mon-profil/")
    answer.text_read = f"<b>{client_codes.display(world.clients[1].client_code).replace(chr(160), '</b><b>')}</b>"
    assert codes_of_others(world, "A", answer) == [world.clients[1].client_code]
    assert codes_of_others(world, "B", answer) == []


@pytest.mark.slow
@pytest.mark.parametrize("visitor", ["A", "default"])
def test_to_a_client_no_page_of_the_desk_exists(world, visitor):
    found = {
        (method, address): lasting(visit(world, visitor, address, method), address)
        for address in DESK
        for method in ("get", "post")
    }
    assert len(found) > 100
    assert {status for status, *_ in found.values()} == {404}
    assert len({body for _, _, body in found.values()}) == 1


BEFORE_THE_DESK = {
    "/admin/second/", "/admin/moyens/", "/admin/moyens/ticket/", "/admin/moyens/application/",
    "/admin/moyens/application/annuler/", "/admin/moyens/cle/", "/admin/moyens/cle/annuler/",
}  # fmt: skip


@pytest.mark.slow
def test_to_who_is_nobody_every_page_of_the_desk_is_its_login(world):
    answers = {address: visit(world, "anonymous", address) for address in DESK if address != "/admin/login/"}
    # Whose link opens his account the first time is nobody yet; this one is no link.
    [link] = [address for address in answers if address.startswith("/admin/premier-acces/")]
    assert answers.pop(link).status_code == 404
    assert {answer.status_code for answer in answers.values()} == {302}
    leads_to = {address: answer["Location"] for address, answer in answers.items()}
    # What comes before the desk is open is no place to come back to after a login.
    assert {leads_to.pop(address) for address in BEFORE_THE_DESK} == {"/admin/login/"}
    assert all("login/?next=" in there for there in leads_to.values())


def test_table_can_be_shown():
    shown = as_markdown()
    assert "| `/espace-client/comptes/<int:pk>/` | joint | GET | 200 | 404 | 200 |" in shown
    assert shown.count("\n| ") == len(CASES) + 1
