"""What a request tells of the browser that sent it: address, name, and a signed anonymous mark."""

import ipaddress
import re
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.debug import sensitive_variables

from auth_codes import keyed_hashes

# The prefix keeps a neighbouring domain from planting a mark, whose failures the customer's success would give back.
MARK_COOKIE = "__Host-attempts" if settings.SESSION_COOKIE_SECURE else "attempts"
MARK_SECONDS = 15 * 60
USER_AGENT_LENGTH = 200

UNKNOWN = gettext_noop("Navigateur inconnu")
BROWSERS = [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]
SYSTEMS = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
]


def address(request: HttpRequest) -> str | None:
    """The visitor's address: the peer or, behind N trusted proxies, the N-th entry of X-Forwarded-For from the right.

    What stands further left in that header was written by the visitor himself and is not believed.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    hops = settings.TRUSTED_PROXY_COUNT
    if hops:
        header = request.META.get("HTTP_X_FORWARDED_FOR", "")
        forwarded = [part.strip() for part in header.split(",")] if header else []
        peer = forwarded[-hops] if len(forwarded) >= hops else peer
    # Asked for ten times at a login; kept with the request alone, and beside what it was read from.
    known: tuple[str, str | None] | None = getattr(request, "visitors_address", None)
    if known is None or known[0] != peer:
        known = peer, _address_in(peer)
        vars(request)["visitors_address"] = known
    return known[1]


def _address_in(peer: str) -> str | None:
    try:
        return str(ipaddress.ip_address(without_port(peer)))
    except ValueError:
        return None


def without_port(text: str) -> str:
    """The address of `203.0.113.5:4711` or `[2001:db8::1]:4711`, which some proxies write."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def plain(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address as an object; an IPv4 one that is written as IPv6 is IPv4."""
    ip = ipaddress.ip_address(address)
    return getattr(ip, "ipv4_mapped", None) or ip


def network(request: HttpRequest) -> str:
    """Whose attempts are counted together; empty for a visitor without a known address."""
    return network_of(address(request))


def network_of(address: str | None) -> str:
    """The line that an address belongs to: itself for IPv4, the /64 that one line is given of IPv6."""
    if not address:
        return ""
    ip = plain(address)
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network((ip, 64), strict=False))


def network_in_short(address: str | None) -> str:
    """The same as it is shown to a customer: an IPv6 line by the half of its addresses that they share."""
    return network_of(address).removesuffix("/64")


def masked(address: str | None) -> str:
    """An address, or an IPv6 line, as it is shown to who need not know it: 203.0.113.x, 2001:db8:1:x."""
    if not address:
        return ""
    ip = plain(address.partition("/")[0])
    if ip.version == 4:
        return f"{str(ip).rpartition('.')[0]}.x"
    # A /48: what one customer is given at most.
    groups = [group.lstrip("0") or "0" for group in ip.exploded.split(":")]
    return f"{':'.join(groups[:3])}:x"


def user_agent(request: HttpRequest) -> str:
    """What the browser calls itself: at most 200 signs, none of them invisible. A visitor may write anything there."""
    said: str = request.META.get("HTTP_USER_AGENT", "")
    printable = said if said.isprintable() else "".join(c for c in said if c.isprintable())
    return printable[:USER_AGENT_LENGTH]


def describe(agent: str) -> str:
    """A user agent in words, as they are kept: « Firefox sur Windows »."""
    name = next((label for sign, label in BROWSERS if sign in agent), UNKNOWN)
    system = next((label for sign, label in SYSTEMS if sign in agent), "")
    return f"{name} sur {system}" if system else name


def in_words(description: str) -> str:
    """The same as it is read: what was kept is French, and the reader's language may be another."""
    name, _sur, system = description.partition(" sur ")
    return gettext("{} sur {}").format(gettext(name), system) if system else gettext(name)


@sensitive_variables()
def drawn_once(request: HttpRequest, purpose: str) -> str:
    """A random text, the same for both requests of a double click, which bring the same form's cookie."""
    form_cookie = request.COOKIES.get(settings.CSRF_COOKIE_NAME)
    if not form_cookie:
        return secrets.token_hex(32)
    return keyed_hashes.hex_of(purpose, form_cookie)


def mark(request: HttpRequest) -> str:
    """The random mark that this browser was given at its last failure, or a new one. It names nobody.

    Kept on the request: a new one must leave with the very answer to the attempt that was counted under it.
    """
    drawn: str | None = getattr(request, "browser_mark", None)
    if drawn:
        return drawn
    known = request.get_signed_cookie(MARK_COOKIE, default="", max_age=MARK_SECONDS) or ""
    drawn = known if re.fullmatch(r"[0-9a-f]{32}", known) else secrets.token_hex(16)
    request.browser_mark = drawn  # type: ignore[attr-defined]
    return drawn


def keep_mark(request: HttpRequest, response: HttpResponse) -> None:
    """Leaves the mark with the browser, so that its own success can give back its own failures."""
    response.set_signed_cookie(
        MARK_COOKIE,
        mark(request),
        max_age=MARK_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
