"""Which backends take the credentials of a login, worked out once: Django reads their signatures at each attempt."""

from collections.abc import Iterator
from functools import cache

from django.contrib import auth
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

# As Django's module knows what it asks.
NAME = "_get_compatible_backends"
Chosen = Iterator[tuple[BaseBackend, str]]


def choose_at_once() -> None:
    """From now on in this process: by the names of the credentials, whose values are not looked at."""
    asked = getattr(auth, NAME)  # an AttributeError here is a Django that chooses them otherwise

    @cache
    def paths(names: tuple[str, ...]) -> list[str]:
        return [path for _backend, path in asked(None, **dict.fromkeys(names))]

    def chosen(request: HttpRequest | None, **credentials: object) -> Chosen:
        return ((auth.load_backend(path), path) for path in paths(tuple(credentials)))

    setattr(auth, NAME, chosen)
