"""Pages made of a layout are those that Django makes of it."""

import pytest
from django.template import Context, Engine
from django.template.loaders.locmem import Loader

TEMPLATES = {
    "layout": "a{% block one %}1{% endblock %}b{% block two %}2{% block inner %}3{% endblock %}{% endblock %}c",
    "between": "{% extends 'layout' %}{% block one %}({{ block.super }}){% endblock %}",
    "no blocks": "plain",
    "comment": "{# first #}{% extends 'layout' %}{% block inner %}x{% endblock %}",
    "page": "{% extends 'between' %}{% block inner %}{{ word }}{% endblock %}{% block one %}<{{ block.super }}>{% endblock %}",  # noqa: E501
    "other": "{% extends 'layout' %}{% block two %}{{ block.super }}{{ word }}{% endblock %}",
    "of nothing": "{% extends 'no blocks' %}{% block one %}lost{% endblock %}",
    "by name": "{% extends name %}{% block one %}named{% endblock %}",
    "many": "{% for one in 'ab' %}{% include 'page' with word=one %}{% endfor %}{% include 'other' %}",
}


def engine(**options):
    loaders = [("django.template.loaders.cached.Loader", [("django.template.loaders.locmem.Loader", TEMPLATES)])]
    return Engine(loaders=loaders, **options)


@pytest.mark.parametrize("name", TEMPLATES)
def test_page_is_made_as_by_django(name):
    own, djangos = engine(builtins=["banking_portal.layouts"]), engine()
    for word, layout in (("w", "layout"), ("<", "between"), ("w", "no blocks"), ("w", "layout")):
        shown = {"word": word, "name": layout}
        made, expected = (each.get_template(name).render(Context(shown)) for each in (own, djangos))
        assert made == expected


def test_layout_that_was_changed_is_looked_at_anew(monkeypatch):
    own = engine(builtins=["banking_portal.layouts"])
    page = own.get_template("other")
    assert page.render(Context()) == "a1b23c"
    monkeypatch.setattr(Loader, "get_contents", lambda self, origin: "z{% block two %}4{% endblock %}")
    own.template_loaders[0].reset()
    assert page.render(Context()) == "z4"
