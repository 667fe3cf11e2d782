"""The token of a page's forms: masked and unmasked letter by letter as Django does, by a tenth of the calls.

Whether a token that comes back is the visitor's own is judged by Django alone.
"""

from functools import partial

from django.http import HttpRequest
from django.middleware.csrf import CSRF_ALLOWED_CHARS, CSRF_SECRET_LENGTH, get_token
from django.utils.functional import SimpleLazyObject

from auth_codes import random_texts

LETTERS = CSRF_ALLOWED_CHARS.encode()
NUMBER = len(LETTERS)
PLACES = bytes.maketrans(LETTERS, bytes(range(NUMBER)))


def in_templates(request: HttpRequest) -> dict[str, object]:
    """A context processor in the place of Django's own: a page without a form needs no token, and sets no cookie."""
    return {"csrf_token": SimpleLazyObject(partial(of, request))}


def of(request: HttpRequest) -> str:
    """As Django's `get_token`: another one each time, so that a compressed page gives nothing away (BREACH)."""
    secret = request.META.get("CSRF_COOKIE")
    if secret is None:
        return get_token(request)
    request.META["CSRF_COOKIE_NEEDS_UPDATE"] = True
    return masked(secret)


def masked(secret: str) -> str:
    """A random mask, and the secret with each letter moved on by the mask's."""
    mask = random_texts.drawn(CSRF_SECRET_LENGTH, CSRF_ALLOWED_CHARS).encode()
    pairs = zip(secret.encode().translate(PLACES), mask.translate(PLACES), strict=True)
    return (mask + bytes([LETTERS[(place + steps) % NUMBER] for place, steps in pairs])).decode()


def unmasked(token: str) -> str:
    """The secret again, of a token whose length and letters have been looked at."""
    places = token.encode().translate(PLACES)
    pairs = zip(places[CSRF_SECRET_LENGTH:], places[:CSRF_SECRET_LENGTH], strict=True)
    return bytes([LETTERS[(place - steps) % NUMBER] for place, steps in pairs]).decode()
