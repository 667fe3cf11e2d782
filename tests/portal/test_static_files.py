"""The style sheets of a customer's page are sent as one, and every component's is in it."""

import os
import re
import time
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command

from banking_portal.static_files import COMMENT, IMPORT

CSS = Path(settings.BASE_DIR, "static", "css")
# The desk's, after Django's own, and that of the developers' page.
APART = {"admin.css", "desk.css", "desk_pages.css", "desk_search.css", "samples.css", "portal.css"}


@pytest.fixture
def collected(tmp_path, settings):
    """The folder that a server's static files come from."""
    settings.STATIC_ROOT = tmp_path
    served = {"BACKEND": "banking_portal.static_files.PortalStaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": served}
    collect()
    return tmp_path / "css"


def collect():
    call_command("collectstatic", "--noinput", "--ignore", "admin", "--ignore", "img", stdout=StringIO())


def imported() -> list[str]:
    return IMPORT.findall((CSS / "portal.css").read_text())


def test_sheet_of_every_component_is_imported_once():
    assert len(imported()) == len(set(imported()))
    assert set(imported()) == {path.name for path in CSS.glob("*.css")} - APART


def test_every_class_of_a_template_has_a_style_or_a_script():
    """One that has none is a style that was forgotten: the page looks as no one has drawn it."""
    django_s = Path(admin.__file__).parent / "static" / "admin" / "css"
    known = [path.read_text() for path in (*CSS.glob("*.css"), *django_s.glob("*.css"), *CSS.parent.glob("js/*.js"))]
    # The whole of a component may need nothing where its parts are drawn.
    said = {whole for name in re.findall(r"[\w-]+", " ".join(known)) for whole in (name, name.split("__")[0])}
    templates = Path(settings.BASE_DIR, "templates")
    used = {
        (str(path.relative_to(templates)), name)
        for path in templates.rglob("*.html")
        for names in re.findall(r'class="([^"{%]+)"', path.read_text())
        for name in names.split()
    }
    assert {(path, name) for path, name in used if name not in said} == set()


@pytest.mark.slow
def test_sheet_that_is_served_holds_all_that_it_imports_in_order_and_compressed(collected):
    [path] = collected.glob("portal.????????????.css")
    served = path.read_text()
    assert "@import" not in served
    places = [served.index(first_rule_of(name)) for name in imported()]
    assert places == sorted(places)
    for font in re.findall(r'url\("([^"]+\.woff2)"\)', served):
        assert (collected / font).exists()
    assert {one.suffix for one in collected.glob("portal.????????????.css.*")} == {".gz", ".br"}


def first_rule_of(name: str) -> str:
    """As far as no address stands in it, which is another once it is served."""
    rules = COMMENT.sub("", (CSS / name).read_text())
    return rules[: rules.index("url(")] if name == "tokens.css" else rules[: rules.index("}")]


@pytest.mark.slow
def test_sheet_is_another_once_a_component_has_changed(collected, tmp_path, settings):
    changed = tmp_path / "changed" / "css"
    changed.mkdir(parents=True)
    (changed / "field.css").write_text(".field { color: red }\n")
    later = time.time() + 60
    os.utime(changed / "field.css", (later, later))  # what is as old as the copy is not copied again
    settings.STATICFILES_DIRS = [changed.parent, *settings.STATICFILES_DIRS]
    collect()
    sheets = [path.read_text() for path in collected.glob("portal.????????????.css")]
    assert sorted("color: red" in sheet for sheet in sheets) == [False, True]
