"""Every URL pattern there is."""

from collections.abc import Iterator

from django.urls import URLPattern, get_resolver


def portal_patterns(resolver=None) -> Iterator[URLPattern]:
    """Those of the portal's own pages; the desk guards its own by its site."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield pattern
        elif getattr(pattern, "namespace", None) != "admin":
            yield from portal_patterns(pattern)
