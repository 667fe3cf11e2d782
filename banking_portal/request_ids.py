"""A name for each request, which its answer and its lines of the log carry, so that one finds the other."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest

HEADER = "X-Request-ID"
# As nginx, Envoy and HAProxy draw them. Nothing that a visitor has to say fits in: no name, code, number or address.
DRAWN = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_present: ContextVar[str] = ContextVar("request_id", default="")


def present() -> str:
    """That of the request which this thread answers; empty outside of any."""
    return _present.get()


def of(request: HttpRequest) -> str:
    """What the proxy in front calls it, or a new one: of a visitor who comes without a proxy, nothing is believed."""
    given = request.META.get("HTTP_X_REQUEST_ID", "") if settings.TRUSTED_PROXY_COUNT else ""
    return given if DRAWN.fullmatch(given) else secrets.token_hex(16)


@contextmanager
def named(request_id: str) -> Iterator[None]:
    """What is logged within the block carries this id."""
    token = _present.set(request_id)
    try:
        yield
    finally:
        _present.reset(token)
