"""Random texts are drawn from the system's own source, each sign as likely as any other."""

import os
from collections import Counter

import pytest
from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.middleware import csrf
from django.utils.crypto import RANDOM_STRING_CHARS

from auth_codes import random_texts
from auth_codes.sessions.store import SessionStore
from banking_portal.serving import tokens

ALL_BYTES = bytes(range(256)).decode("latin-1")


@pytest.mark.parametrize("signs", [RANDOM_STRING_CHARS, VALID_KEY_CHARS, "01", "x", ALL_BYTES])
def test_every_sign_stands_for_as_many_bytes(signs):
    table, refused = random_texts._translation(signs)
    drawn = Counter(bytes(range(256)).translate(table, refused).decode("latin-1"))
    assert set(drawn) == set(signs)
    assert len(set(drawn.values())) == 1


@pytest.mark.parametrize("length", [0, 1, 32, 1000])
def test_text_is_as_long_as_asked_and_of_its_signs(length):
    text = random_texts.drawn(length, VALID_KEY_CHARS)
    assert len(text) == length
    assert set(text) <= set(VALID_KEY_CHARS)


def test_bytes_that_would_favour_a_sign_are_drawn_anew(monkeypatch):
    asked = iter([b"\xff\xfe\xfd\xfc", b"\x00\xff\x01\x02"])
    monkeypatch.setattr(os, "urandom", lambda number: next(asked))
    assert random_texts.drawn(2) == RANDOM_STRING_CHARS[:2]


def test_no_text_is_drawn_twice():
    assert len({random_texts.drawn(32) for _ in range(1000)}) == 1000


@pytest.mark.parametrize("signs", ["", "aa", "aé€", ALL_BYTES + "é"])
def test_signs_that_cannot_be_drawn_evenly_are_refused(signs):
    with pytest.raises(ValueError):  # noqa: PT011  # of the codec's own kind for a sign of two bytes
        random_texts.drawn(8, signs)


def test_key_of_a_session_is_one_that_django_takes():
    key = SessionStore()._get_new_session_key()
    assert len(key) == 32
    assert SessionStore()._validate_session_key(key)


def test_tokens_of_forms_are_drawn_so(monkeypatch, rf):
    drawn = []
    for name in ("get_random_string", "_mask_cipher_secret", "_unmask_cipher_token"):
        monkeypatch.setattr(csrf, name, getattr(csrf, name))
    monkeypatch.setattr(random_texts, "drawn", lambda *given, **named: drawn.append((given, named)) or "t" * 32)
    tokens.draw_at_once()
    request = rf.get("/")
    assert len(csrf.get_token(request)) == csrf.CSRF_TOKEN_LENGTH
    assert len(drawn) == 2  # the secret, and what hides it in the page
