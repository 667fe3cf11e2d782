"""What browsers, search engines and whoever has found a flaw ask for at addresses that are the same everywhere."""

from datetime import UTC, datetime, time

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

PAPER, BRAND = "#f7f2e8", "#0b3d48"  # as in static/css/tokens.css
# What is not public leads to the login, which search engines are welcome to find.
ROBOTS = "User-agent: *\nAllow: /\n"


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For programs that ask for the icon without reading a page."""
    return redirect(static("img/favicon.ico"))


@login_not_required
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """The icon and name on a telephone's home screen. It opens the browser: the address bar proves whose site it is."""
    png = {"type": "image/png"}
    icons = [
        {"src": static("img/icon-192.png"), "sizes": "192x192", **png},
        {"src": static("img/icon-512.png"), "sizes": "512x512", **png},
        {"src": static("img/icon-maskable-512.png"), "sizes": "512x512", "purpose": "maskable", **png},
    ]
    told = {
        "name": "Espace Client",
        "short_name": "Ma banque",
        "lang": "fr",
        "start_url": reverse("overview"),
        "scope": "/",
        "display": "browser",
        "theme_color": BRAND,
        "background_color": PAPER,
        "icons": icons,
    }
    return JsonResponse(told, content_type="application/manifest+json")


@login_not_required
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """For search engines."""
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a flaw, and until when that is true (RFC 9116); not found while the bank has named nobody."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    expires = datetime.combine(settings.SECURITY_TXT_EXPIRES, time.min, UTC)
    fields = {
        "Contact": settings.SECURITY_CONTACT,
        "Expires": f"{expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages": "fr, en",
        "Canonical": request.build_absolute_uri(reverse("security_txt")),
    }
    text = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
