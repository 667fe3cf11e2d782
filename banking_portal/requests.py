"""Requests as the portal reads them: in UTF-8, whatever their Content-Type says.

Django decodes the address and the fields by any codec that a Content-Type names and Python knows, « rot13 » too, before
any middleware has seen the request: one that cannot decode them would be answered by the server's own bare page.
Browsers send forms in the page's own coding, which is UTF-8.
"""

from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters

# What a load balancer or a proxy asks each server for, whatever the Host header that it was left with.
PROBES = {"/healthz", "/readyz"}
PROBED_HOST = "localhost"
UTF_8 = {"", "utf-8", "utf8"}


class PortalRequest(WSGIRequest):
    """A request that is made whatever its headers say; `UnreadableRequestMiddleware` refuses the ones not in UTF-8."""

    _allowed_host: str | None = None

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        self.content_type, self.content_params = content_type_of(meta) or ("", {})

    def get_host(self) -> str:
        """A probe names a server by its address, or nothing: what it is answered is made of no host."""
        if self.path_info in PROBES:
            return PROBED_HOST
        # Asked for five times at a login, and judged once.
        said: str = self._get_raw_host()  # type: ignore[attr-defined]  # the stubs forget it
        if said != self._allowed_host:
            self._allowed_host = super().get_host()
        return said


class PortalApplication(WSGIHandler):
    """Django's WSGI application, with the portal's requests."""

    request_class = PortalRequest


def content_type_of(meta: dict[str, Any]) -> tuple[str, dict[str, str]] | None:
    """The type and its parameters; None for a header that nobody can read."""
    try:
        return parse_header_parameters(meta.get("CONTENT_TYPE", ""))
    except (ValueError, LookupError, TypeError):  # what the standard library raises for parameters after RFC 2231
        return None


def is_in_utf_8(meta: dict[str, Any]) -> bool:
    """Whether the Content-Type can be read, and names no other coding."""
    read = content_type_of(meta)
    return read is not None and read[1].get("charset", "").strip().lower() in UTF_8
