"""The tokens of forms are those that Django makes, and Django judges them."""

from collections import Counter

import pytest
from django.middleware.csrf import (
    CSRF_ALLOWED_CHARS,
    CSRF_TOKEN_LENGTH,
    _mask_cipher_secret,
    _unmask_cipher_token,
    get_token,
)
from django.test import RequestFactory

from auth_codes import csrf_tokens, random_texts

SECRET = "".join(CSRF_ALLOWED_CHARS[place * 7 % 62] for place in range(32))


@pytest.fixture
def request_(rf: RequestFactory):
    request = rf.get("/")
    request.META["CSRF_COOKIE"] = SECRET
    return request


def test_django_finds_the_secret_in_each_token():
    tokens = [csrf_tokens.masked(SECRET) for _ in range(500)]
    assert {_unmask_cipher_token(token) for token in tokens} == {SECRET}
    assert {len(token) for token in tokens} == {CSRF_TOKEN_LENGTH}
    assert len(set(tokens)) == len(tokens)


def test_the_secret_is_found_in_each_token_of_djangos():
    tokens = [_mask_cipher_secret(SECRET) for _ in range(500)]
    assert {csrf_tokens.unmasked(token) for token in tokens} == {SECRET}


def test_of_any_other_token_the_same_is_found_as_by_django():
    for _ in range(500):
        token = random_texts.drawn(CSRF_TOKEN_LENGTH, CSRF_ALLOWED_CHARS)
        assert csrf_tokens.unmasked(token) == _unmask_cipher_token(token)


def test_each_letter_comes_as_often_at_each_place():
    """Eight standard deviations: by chance it fails once in some 10¹⁰ runs."""
    tokens = [csrf_tokens.masked(SECRET) for _ in range(20_000)]
    places = [Counter(letters) for letters in zip(*tokens, strict=True)]
    assert len(places) == CSRF_TOKEN_LENGTH
    expected = len(tokens) / len(CSRF_ALLOWED_CHARS)
    for found in places:
        assert set(found) == set(CSRF_ALLOWED_CHARS)
        assert all(abs(times - expected) < 8 * expected**0.5 for times in found.values())


def test_each_letter_comes_as_often_over_all_places():
    """What is too little at one place to be told from chance, as letters by the remainder of a byte."""
    found = Counter("".join(csrf_tokens.masked(SECRET)[:32] for _ in range(20_000)))
    expected = 20_000 * 32 / len(CSRF_ALLOWED_CHARS)
    assert all(abs(found[letter] - expected) < 8 * expected**0.5 for letter in CSRF_ALLOWED_CHARS)


def test_a_token_sends_the_cookie_again_as_django_does(request_, rf):
    own = rf.get("/")
    own.META["CSRF_COOKIE"] = SECRET
    get_token(own)
    csrf_tokens.of(request_)
    told = ("CSRF_COOKIE", "CSRF_COOKIE_NEEDS_UPDATE")
    assert [request_.META[name] for name in told] == [own.META[name] for name in told]


def test_who_brings_no_cookie_gets_a_secret_by_django(rf):
    request = rf.get("/")
    token = csrf_tokens.of(request)
    assert _unmask_cipher_token(token) == request.META["CSRF_COOKIE"]
    assert request.META["CSRF_COOKIE_NEEDS_UPDATE"]


def test_a_page_without_a_form_asks_for_none(request_):
    told = csrf_tokens.in_templates(request_)
    assert "CSRF_COOKIE_NEEDS_UPDATE" not in request_.META
    assert _unmask_cipher_token(str(told["csrf_token"])) == SECRET
