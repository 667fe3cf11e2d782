"""An address that is always the same is looked for once where the portal is served, and leads where it led."""

import pytest
from django.urls import Resolver404, URLPattern, get_resolver

from banking_portal.serving import routes
from tests.portal.starting import python

SAYS_HOW = """
import banking_portal.wsgi
from django.urls import get_resolver
print(get_resolver().resolve.__module__)
"""
WITH_A_NUMBER = "/espace-client/comptes/7/"


def constant_routes(patterns, before="/"):
    for each in patterns:
        route = before + str(each.pattern)
        if "<" in route or "^" in route or "\\" in route:
            continue
        if isinstance(each, URLPattern):
            yield route
        else:
            yield from constant_routes(each.url_patterns, route)


@pytest.fixture
def resolver(monkeypatch):
    """The root of all addresses, and how often it really looks for one."""
    resolver = get_resolver()
    look_for, looked_for = resolver.resolve, []
    monkeypatch.setitem(vars(resolver), "resolve", lambda path: looked_for.append(path) or look_for(path))
    routes.keep_routes()
    resolver.looked_for = looked_for
    yield resolver
    del resolver.looked_for


def said(match):
    return match.func, match.args, match.kwargs, match.url_name, match.namespaces, match.app_names, match.route


def test_each_leads_where_it_led(resolver):
    wanted = list(constant_routes(resolver.url_patterns))
    assert len(wanted) > 100
    for path in wanted:
        expected = said(type(resolver).resolve(resolver, path))
        assert [said(resolver.resolve(path)) for _ in range(2)] == [expected] * 2
        assert resolver.looked_for.count(path) == 1


def test_what_has_a_number_is_not_kept(resolver):
    assert [resolver.resolve(WITH_A_NUMBER).kwargs for _ in range(2)] == [{"pk": 7}] * 2
    assert resolver.looked_for == [WITH_A_NUMBER] * 2


@pytest.mark.parametrize("path", ["/nulle-part/", "/connexion", "/connexion/\n", "/connexion/\0", "//connexion/", ""])
def test_what_is_nowhere_stays_so(resolver, path):
    for _ in range(2):
        with pytest.raises(Resolver404):
            resolver.resolve(path)
    assert resolver.looked_for == [path] * 2


def test_the_server_keeps_them(ready):
    assert python(ready, "-c", SAYS_HOW).stdout.splitlines()[-1] == "banking_portal.serving.routes"
