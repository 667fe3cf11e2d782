"""Every icon and picture that a page names is shipped."""

import re
from pathlib import Path

import pytest
from django.contrib import admin

from accounts.models import Category, ServiceContract
from accounts.papers.kinds import PAPERS
from banking_portal import icons

ROOT = Path(__file__).resolve().parent.parent.parent
SYMBOLS = set(re.findall(r'<symbol id="([a-z-]+)"', (ROOT / "static" / icons.SPRITE).read_text()))


def test_every_icon_of_a_template_stands_in_the_sprite():
    named = {
        name
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'\{% icon "([^"]+)"', path.read_text())
    }
    assert named
    assert named <= SYMBOLS


@pytest.mark.parametrize(("kinds", "chosen"), [(Category, icons.CATEGORIES), (ServiceContract.Kind, icons.CONTRACTS)])
def test_every_kind_has_an_icon(kinds, chosen):
    assert set(chosen) == set(kinds)
    assert set(chosen.values()) <= SYMBOLS


def test_every_kind_of_paper_has_an_icon():
    assert {paper.KIND.icon for paper in PAPERS.values()} <= SYMBOLS


def test_every_list_of_the_desk_has_an_icon():
    assert set(icons.DESK) == {model.__name__ for model in admin.site._registry}
    assert set(icons.DESK.values()) <= SYMBOLS


def test_icon_is_for_the_eye_alone():
    assert 'class="icon icon--small" aria-hidden="true"' in icons.icon("transfer", "small")
