"""What an HTML checker finds, on every page: values it knows, roles that say something new, names that are there."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from auth_codes import wording
from tests.portal.test_access_sweep import pages_of, world  # noqa: F401 - a fixture

# https://www.w3.org/TR/html-aria/: the role that an element has without saying so.
ROLES = {
    "a": "link", "article": "article", "aside": "complementary", "button": "button", "dd": "definition",
    "dialog": "dialog", "dt": "term", "fieldset": "group", "figure": "figure", "footer": "contentinfo", "form": "form",
    "h1": "heading", "h2": "heading", "h3": "heading", "header": "banner", "hr": "separator", "img": "img",
    "li": "listitem", "main": "main", "nav": "navigation", "ol": "list", "option": "option", "section": "region",
    "summary": "button",
    "table": "table", "tbody": "rowgroup", "td": "cell", "textarea": "textbox", "tfoot": "rowgroup",
    "thead": "rowgroup", "tr": "row", "ul": "list",
}  # fmt: skip
HEADS = {"columnheader", "rowheader"}
# https://html.spec.whatwg.org/#datetime-value: a day, a month, or a moment with at most thousandths of a second.
TIME = re.compile(r"\d{4}-\d\d(-\d\d)?|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:?\d\d)?")
NAMES_OTHERS = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "form")
FORM = re.compile(r'<form [^>]*method="post"[^>]*>')
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Checker(HTMLParser):
    """The faults of a page, in words."""

    def __init__(self, page: str):
        super().__init__()
        self.faults, self.ids, self.named, self.open = [], [], set(), []
        self.feed(page)
        self.faults += [f"an id stands twice: {one}" for one in set(self.ids) if self.ids.count(one) > 1]
        self.faults += [f"names nothing: {one}" for one in self.named - set(self.ids)]
        self.faults += [f"never closed: {tag}" for tag in self.open]

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if len(values) < len(attrs):
            self.faults.append(f"an attribute stands twice: {tag}")
        role = values.get("role")
        if role and (role == ROLES.get(tag) or (tag == "th" and role in HEADS)):
            self.faults.append(f"says its role again: {tag}")
        if tag == "time" and not TIME.fullmatch(values.get("datetime", "")):
            self.faults.append(f"no time: {values.get('datetime')}")
        self.ids += [values["id"]] if "id" in values else []
        for name in NAMES_OTHERS:
            self.named |= set((values.get(name) or "").split())
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"closed out of turn: {tag}")


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("visitor", ["A", "default", "anonymous"])
def test_no_page_holds_what_an_html_checker_refuses(world, visitor):  # noqa: F811
    found = {address: Checker(page).faults for address, page in pages_of(world, visitor)}
    assert len(found) >= 7
    assert {address: faults for address, faults in found.items() if faults} == {}


def test_every_form_of_a_customer_names_its_address():
    """Else the fragment of the skip link stays, and with one no browser takes the focus to what was refused."""
    folders = [Path(settings.BASE_DIR, "templates", room) for room in ("accounts", "auth_codes", "partials")]
    forms = [form for room in folders for path in room.rglob("*.html") for form in FORM.findall(path.read_text())]
    assert len(forms) > 15
    assert [form for form in forms if "action=" not in form] == []


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ('<table role="table"></table>', "says its role again: table"),
        ('<th role="columnheader"></th>', "says its role again: th"),
        ('<time datetime="2026-11-29T10:15:00.123456+01:00">x</time>', "no time: 2026-11-29T10:15:00.123456+01:00"),
        ('<p id="a"></p><p id="a"></p>', "an id stands twice: a"),
        ('<p aria-labelledby="b"></p>', "names nothing: b"),
        ('<p class="a" class="b"></p>', "an attribute stands twice: p"),
        ("<p><b></p></b>", "closed out of turn: p"),
        ("<p>", "never closed: p"),
    ],
)
def test_fault_is_found(page, fault):
    assert fault in Checker(page).faults


def test_moment_is_written_for_machines_without_parts_of_a_second():
    assert TIME.fullmatch(wording.iso(timezone.now()))
