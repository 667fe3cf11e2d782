"""Templates that were gone through render as Django's own, byte by byte, whatever is shown in them."""

# ruff: noqa: E501 - as templates are written
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.conf import settings
from django.template import Context, Engine, TemplateDoesNotExist
from django.test import override_settings
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from accounts.models import Category
from banking_portal.template_loader import Included, Parts, ShownVariable
from tests import makers
from tests.conftest import StrictBrowser

TEMPLATES = {
    "values": "{% for value in values %}[{{ value }}|{{ value|safe }}|{{ value|upper }}|{{ value.nothing }}]{% endfor %}",
    "bare": "{% autoescape off %}{% for value in values %}[{{ value }}]{% endfor %}{% include 'sentence' %}{% endautoescape %}",
    "sentence": "{% blocktranslate with name=values.0 %}Bonjour {{ name }}, {{ missing }} {{ token }}{% endblocktranslate %}",
    "counted": "{% blocktranslate count number=values|length %}une{% plural %}{{ number }}{% endblocktranslate %}",
    "constants": "a{# b #}c{% load static %}{% translate 'Mes comptes' %}{% translate 'Virements' %}{% icon 'key' %}{{ token }}d",
    "tree": "{% if a %}1{% elif values %}2{% icon 'key' %}{% else %}3{% endif %}{% with x=token %}{{ x }}{% endwith %}"
    "{% for one in nothing %}4{% empty %}5{{ token }}{% endfor %}{% firstof nothing token %}{{ x }}",
    "row": "<{{ one }}{{ token }}>{% with token='within' %}{{ token }}{% endwith %}{% call_bank as token %}{{ token }}",
    "rows": "{% for one in 'ab' %}{% include 'row' %}{% include 'row' with one='c' %}{% include 'row' only %}{% endfor %}{{ token }}",
    "cycle": "{% for one in 'ab' %}{% cycle 'x' 'y' %}{% endfor %}{% ifchanged token %}n{% else %}o{% endifchanged %}",
    "cycles": "{% include 'cycle' %}{% include 'cycle' %}{% for one in 'ab' %}{% include 'cycle' %}{% endfor %}",
    "layout": "{% block one %}1{{ token }}{% endblock %}{% block two %}{% include 'block' %}{% endblock %}{% include 'block' %}",
    "block": "{% block one %}partial{% endblock %}",
    "page": "{% extends 'layout' %}{% block one %}{{ block.super }}{% include 'page of its own' %}{% endblock %}",
    "page of its own": "{% extends 'block' %}{% block one %}own {{ block.super }}{% endblock %}",
    "by name": "{% include which %}{% include './row' %}",
    "forms": "{% csrf_token %}{% include 'form' %}",
    "form": "<form>{% csrf_token %}</form>",
    "itself": "{{ depth.word }}{% if depth.deeper %}{% include 'itself' with depth=depth.deeper %}{% endif %}",
    "spaces": "{% spaceless %}<a> {{ token }} </a> <b></b>{% endspaceless %}{% filter upper %}x{{ token }}{% endfilter %}",
}  # fmt: skip
VALUES = [
    "<b>&\"'", mark_safe("<b>"), gettext_lazy("Virement"), "", None, True, 0, 1234567, 12.5, Decimal("-1234.50"), Category.FOOD,
    date(2026, 3, 1), datetime(2026, 3, 1, 23, 30, tzinfo=UTC), [1, "<"], {"a": "<"}, ValueError("<"), lambda: "<called>",
]  # fmt: skip
TOKENS = ["<&", "a" * 64, "A1" * 32, "", None, '"' * 64, "é" * 64]


def engine(loader):
    builtins = settings.TEMPLATES[0]["OPTIONS"]["builtins"]
    libraries = settings.TEMPLATES[0]["OPTIONS"]["libraries"]
    loaders = [(loader, [("django.template.loaders.locmem.Loader", TEMPLATES)])]
    return Engine(loaders=loaders, builtins=builtins, libraries=libraries)


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_renders_as_djangos(name):
    own, djangos = engine("banking_portal.template_loader.Loader"), engine("django.template.loaders.cached.Loader")
    depth = {"word": "<1", "deeper": {"word": "2", "deeper": {"word": "3"}}}
    for token in TOKENS:
        for language in ("fr", "en"):
            shown = {"values": VALUES, "token": token, "csrf_token": token, "which": "row", "depth": depth}
            with translation.override(language):
                made, expected = (each.get_template(name).render(Context(dict(shown))) for each in (own, djangos))
            assert made == expected


def test_nodes_are_exchanged_but_for_those_that_keep_something():
    own = engine("banking_portal.template_loader.Loader")
    rows = own.get_template("rows").nodelist
    assert isinstance(rows, Parts)
    assert len(rows.get_nodes_by_type(Included)) == 2
    assert len(own.get_template("values").nodelist.get_nodes_by_type(ShownVariable)) == 4
    page = own.get_template("cycles")
    page.render(Context())
    assert {node._known for node in page.nodelist.get_nodes_by_type(Included)} == {None}


def test_constants_beside_each_other_are_one():
    own = engine("banking_portal.template_loader.Loader")
    assert len(own.get_template("constants").nodelist) == 3


def test_with_debug_templates_stay_as_they_are():
    loaders = [("banking_portal.template_loader.Loader", [("django.template.loaders.locmem.Loader", TEMPLATES)])]
    assert type(Engine(loaders=loaders, debug=True).get_template("block").nodelist) is not Parts


def test_included_template_that_is_missing_is_told_as_it_is_rendered():
    loaders = [
        (
            "banking_portal.template_loader.Loader",
            [("django.template.loaders.locmem.Loader", {"a": "{% include 'b' %}"})],
        )
    ]
    page = Engine(loaders=loaders).get_template("a")
    for _ in range(2):
        with pytest.raises(TemplateDoesNotExist):
            page.render(Context())


def plain_templates():
    """The portal's templates as Django alone compiles them, its own tags included."""
    own = settings.TEMPLATES[0]
    builtins = [
        name
        for name in own["OPTIONS"]["builtins"]
        if name not in ("banking_portal.constants", "banking_portal.layouts")
    ]
    options = own["OPTIONS"] | {
        "builtins": [*builtins, "tests.portal.constant_tag"],
        "loaders": own["OPTIONS"]["loaders"][0][1],
    }
    return [own | {"OPTIONS": options | {"libraries": {}}}]


PAGES = [
    "/",
    "/espace-client/",
    "/espace-client/comptes/{}/",
    "/mon-profil/",
    "/mon-profil/journal/",
    "/mon-profil/moyens/",
]


def said(answer):
    """The whole page, but its tokens, which are others each time, and the seconds that are left."""
    return re.sub(r'value="\w{64}"|data-seconds-[a-z-]+="\d+"|content="\d+;', "", answer.content.decode())


@pytest.mark.slow
@pytest.mark.parametrize("language", ["fr", "en"])
def test_pages_are_those_of_djangos_templates(client_, language):
    makers.make_operation(client_.bank_accounts.get(), "Café <du> Pont", "12.50")
    browser = StrictBrowser.logged_in(client_.user, headers={"accept-language": language})
    for page in PAGES:
        page = page.format(client_.bank_accounts.get().pk)
        own = said(browser.get(page))
        with override_settings(TEMPLATES=plain_templates()):
            assert said(browser.get(page)) == own
