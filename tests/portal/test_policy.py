"""The headers that every page has: put together once, and what Django and django-csp would write."""

from csp.middleware import CSPMiddleware
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils.cache import add_never_cache_headers

from banking_portal.middleware import NEVER_CACHED, PolicyMiddleware, never_cache

POLICY, CACHE = "Content-Security-Policy", "Cache-Control"


def policy_of(middleware, response=None):
    answer = middleware(lambda _: response or HttpResponse())(RequestFactory().get("/"))
    return {each.strip() for each in answer[POLICY].split(";")}


def test_policy_is_that_of_the_settings():
    assert policy_of(PolicyMiddleware) == policy_of(CSPMiddleware) > {"default-src 'none'"}


def test_a_response_that_asks_for_more_is_given_it():
    response = HttpResponse()
    response._csp_update = {"img-src": ["data:"]}
    assert "img-src 'self' data:" in policy_of(PolicyMiddleware, response)


def test_nothing_is_kept_in_caches_as_django_says_it():
    ours, djangos = HttpResponse(), HttpResponse()
    never_cache(ours)
    add_never_cache_headers(djangos)
    assert ours[CACHE] == djangos[CACHE] == NEVER_CACHED
    assert "Expires" in ours.headers


def test_what_a_page_says_of_caches_is_added_to():
    response = HttpResponse(headers={CACHE: "no-transform"})
    never_cache(response)
    assert {"no-transform", *NEVER_CACHED.split(", ")} == set(response[CACHE].split(", "))
