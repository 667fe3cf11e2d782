"""The developers' page shows every component in every state, and a bank's server does not know it."""

import re
from pathlib import Path

import pytest

from banking_portal.components import SampleForm, colours
from tests.portal.test_html import Checker

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = "/composants/"
# Their every modifier is shown; of what lays out one kind of page alone, that page is the picture.
SHEETS = ["button", "notice", "card", "icon", "fold", "proposed_code"]
OF_ONE_PAGE = {"hero", "hero__text", "hero__picture", "client-code__reminder", "notice--first"}


@pytest.fixture
def shown(browser, settings):
    settings.DEBUG = True
    answer = browser.get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


def test_page_is_not_found_without_debug(browser, client_browser):
    assert {visitor.get(PAGE).status_code for visitor in (browser, client_browser)} == {404}


@pytest.mark.parametrize("sheet", SHEETS)
def test_every_class_of_a_component_is_shown(shown, sheet):
    classes = set(re.findall(r"\.([a-z][a-z_-]+)", re.sub(r"/\*.*?\*/|\d\.\d", "", css_of(sheet), flags=re.DOTALL)))
    on_the_page = set(" ".join(re.findall(r'class="([^"]*)"', shown)).split())
    assert classes - on_the_page - OF_ONE_PAGE - {"form", "standalone", "split", "pagination"} == set()


def css_of(sheet: str) -> str:
    return (ROOT / "static" / "css" / f"{sheet}.css").read_text()


def test_every_field_is_shown_empty_and_refused(shown):
    for name in SampleForm.base_fields:
        assert f'name="{name}"' in shown
        assert f'name="refused-{name}"' in shown
    assert shown.count("field--invalid") == len(SampleForm.base_fields)


def test_every_icon_doorway_and_colour_is_shown(shown):
    for symbol in re.findall(r'<symbol id="([a-z-]+)"', (ROOT / "static/img/icons.svg").read_text()):
        assert f">{symbol}</code>" in shown
    for picture in (ROOT / "static/img/doorway").glob("*.svg"):
        assert picture.name in shown
    assert {"--paper", "--ink", "--sun", "--danger"} <= set(colours())
    assert all(f"var({name})" in shown for name in colours())


def test_page_is_as_correct_as_the_others(shown):
    assert Checker(shown).faults == []
