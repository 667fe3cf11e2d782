"""Templates that were gone through render as Django's own, byte by byte, whatever is shown in them."""

# ruff: noqa: E501 - as templates are written
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.conf import settings
from django.template import Context, Engine, Node, TemplateDoesNotExist
from django.test import override_settings
from django.utils import timezone, translation
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
    "translated": "{% blocktranslate with number=token %}Appelez votre conseiller sans attendre, au {{ number }}.{% endblocktranslate %}{% constant %}{% translate 'Virements' %}{% endconstant %}",
    "counted": "{% blocktranslate count number=values|length %}une{% plural %}{{ number }}{% endblocktranslate %}",
    "constants": "a{# b #}c{% load static %}{% translate 'Mes comptes' %}{% translate 'Virements' %}{% icon 'key' %}{{ token }}d",
    "tree": "{% if a %}1{% elif values %}2{% icon 'key' %}{% else %}3{% endif %}{% with x=token %}{{ x }}{% endwith %}"
    "{% for one in nothing %}4{% empty %}5{{ token }}{% endfor %}{% firstof nothing token %}{{ x }}",
    "row": "<{{ one }}{{ token }}>{% with token='within' %}{{ token }}{% endwith %}{% call_bank as token %}{{ token }}",
    "rows": "{% for one in 'ab' %}{% include 'row' %}{% include 'row' with one='c' %}{% include 'row' only %}{% endfor %}{{ token }}",
    "cycle": "{% for one in 'ab' %}{% cycle 'x' 'y' %}{% endfor %}{% ifchanged token %}n{% else %}o{% endifchanged %}",
    "cycles": "{% include 'cycle' %}{% include 'cycle' %}{% for one in 'ab' %}{% include 'cycle' %}{% endfor %}",
    "changed": "{% ifchanged one %}{{ one }}{% else %}-{% endifchanged %}{% ifchanged %}{{ token }}{% endifchanged %}",
    "changes": "{% for one in 'aab' %}{% include 'changed' %}{% include 'changed' with one='c' %}{% endfor %}{% include 'changed' %}{% include 'changed' %}",
    "within": "{% for one in 'aabb' %}{% ifchanged %}{{ one }}{% endifchanged %}{% cycle 'x' 'y' as place %}{{ place }}{% if forloop.counter == 3 %}{% resetcycle place %}{% endif %}{% endfor %}",
    "withins": "{% for one in 'ab' %}{% include 'within' %}{% cycle 'v' 'w' as place %}{{ place }}{% include 'cycle' %}{{ place }}{% endfor %}{% include 'within' %}",
    "again": "{% cycle 'x' 'y' 'z' as turn %}{% cycle turn %}{% resetcycle turn %}{% cycle turn %}",
    "agains": "{% for one in 'abc' %}{% cycle 'p' 'q' 'r' as turn %}{% include 'again' %}{% if one == 'b' %}{% resetcycle turn %}{% endif %}{{ turn }}{% endfor %}{{ turn }}",
    "l": "{% block a %}PARENT{% endblock %}",
    "p": "{{ block.super }}",
    "t": "{% extends 'l' %}{% block a %}{% include 'p' %}{% endblock %}",
    "both": "{% extends 'l' %}{% block a %}{{ block.super }}{% include 'p' %}{% include 't' %}{% include 'l' %}{{ block.super }}{% endblock %}",
    "loop of layouts": "{% for one in 'ab' %}{% include 't' %}{% include 'both' %}{% include 'page' %}{% endfor %}",
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


# The portal's own in place of Django's, which are those that are compared.
INSTEAD = ("banking_portal.constants", "banking_portal.layouts")
BUILTINS = settings.TEMPLATES[0]["OPTIONS"]["builtins"]
DJANGOS = [*(name for name in BUILTINS if name not in INSTEAD), "tests.portal.constant_tag"]


def own_engine():
    libraries = settings.TEMPLATES[0]["OPTIONS"]["libraries"]
    return engine("banking_portal.template_loader.Loader", BUILTINS, libraries)


def djangos_engine():
    return engine("django.template.loaders.cached.Loader", DJANGOS, {"static": "django.templatetags.static"})


def engine(loader, builtins, libraries):
    loaders = [(loader, [("django.template.loaders.locmem.Loader", TEMPLATES)])]
    return Engine(loaders=loaders, builtins=builtins, libraries=libraries)


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_renders_as_djangos(name):
    own, djangos = own_engine(), djangos_engine()
    depth = {"word": "<1", "deeper": {"word": "2", "deeper": {"word": "3"}}}
    for token in TOKENS:
        for language in ("fr", "en", "fr"):
            shown = {"values": VALUES, "token": token, "csrf_token": token, "which": "row", "depth": depth}
            with translation.override(language):
                made, expected = (each.get_template(name).render(Context(dict(shown))) for each in (own, djangos))
            assert made == expected


def test_an_included_template_knows_no_block_of_the_page():
    assert own_engine().get_template("t").render(Context()) == ""


def test_django_alone_compiles_what_is_compared():
    for name in ("translated", "t"):
        nodes = djangos_engine().get_template(name).nodelist.get_nodes_by_type(Node)
        assert not {type(node).__module__ for node in nodes} & {*INSTEAD, "banking_portal.template_loader"}


def test_nodes_are_exchanged():
    own = own_engine()
    rows = own.get_template("rows").nodelist
    assert isinstance(rows, Parts)
    assert len(rows.get_nodes_by_type(Included)) == 2
    assert len(own.get_template("values").nodelist.get_nodes_by_type(ShownVariable)) == 4
    page = own.get_template("cycles")
    page.render(Context())
    assert {node._known for node in page.nodelist.get_nodes_by_type(Included)} == {own.get_template("cycle")}


def test_constants_beside_each_other_are_one():
    own = own_engine()
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
    options = {"builtins": DJANGOS, "loaders": own["OPTIONS"]["loaders"][0][1], "libraries": {}}
    return [own | {"OPTIONS": own["OPTIONS"] | options}]


PAGES = [
    "/",
    "/espace-client/",
    "/espace-client/comptes/{}/",
    "/mon-profil/",
    "/mon-profil/journal/",
    "/mon-profil/moyens/",
]


def said(answer):
    """The whole page, but its tokens, which are others each time."""
    assert answer.status_code == 200
    return re.sub(r'value="\w{64}"', "", answer.content.decode())


@pytest.mark.slow
@pytest.mark.parametrize("language", ["fr", "en"])
def test_pages_are_those_of_djangos_templates(client_, language, monkeypatch):
    """At one moment: a page says how long the session still lasts."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    makers.make_operation(client_.bank_accounts.get(), "Café <du> Pont", "12.50")
    browser = StrictBrowser.logged_in(client_.user, headers={"accept-language": language})
    for page in PAGES:
        page = page.format(client_.bank_accounts.get().pk)
        own = said(browser.get(page))
        with override_settings(TEMPLATES=plain_templates()):
            assert said(browser.get(page)) == own
