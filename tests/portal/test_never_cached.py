"""What keeps pages out of caches is what Django itself would say."""

import pytest
from django.http import HttpResponse
from django.utils.cache import add_never_cache_headers

from banking_portal import middleware


def told(response):
    return {name: value for name, value in response.items() if name != "Expires"}, "Expires" in response


@pytest.mark.parametrize("said", [{}, {"Cache-Control": "private"}, {"Cache-Control": "max-age=60"}, {"Expires": "0"}])
def test_page_is_never_cached_as_django_says_it(said):
    own, djangos = HttpResponse(headers=said), HttpResponse(headers=said)
    middleware.never_cache(own)
    add_never_cache_headers(djangos)
    assert told(own) == told(djangos)


def test_what_nothing_was_said_of_is_not_put_together_anew(monkeypatch):
    monkeypatch.setattr(middleware, "add_never_cache_headers", lambda response: pytest.fail("again"))
    middleware.never_cache(HttpResponse())
