"""What one network may do within an hour, whoever it does it to: ask for letters, or fail to log in.

Every asking spends, by one upsert that judges and counts at once: neither many requests at the same instant nor a
second one for the same number goes by it, so what is left of a budget tells nothing of the numbers that were tried.
IPv6 is counted at five widths: one line is given a /64, a /56 or even a /48, and whoever rents many of them has them
within one /40 or /32. A carrier's range is not counted wider than itself, where others stand beside it.
Source: OWASP, credential stuffing prevention.
"""

import ipaddress
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from auth_codes import batched_deletes, browser, keyed_hashes
from auth_codes.models import Budget
from auth_codes.prepared import MOMENT, NUMBER, TEXT, Asked, Blank, Prepared, kept_cursor

log = logging.getLogger(__name__)

WINDOW = timedelta(hours=1)
# The prefix that is counted, and how many times one line's budget it may spend.
IPV4_WIDTHS = ((32, 1),)
IPV6_WIDTHS = ((64, 1), (56, 4), (48, 16), (40, 64), (32, 256))


class Spent(Exception):
    """This network has nothing left within the hour."""


class Allowance(NamedTuple):
    """What one network may spend of one purpose within the hour, or another `window`."""

    key: str
    network: str
    limit: int
    window: timedelta = WINDOW


class Carrier(NamedTuple):
    """A range of CARRIER_NETWORKS, and how many failures an hour each of its addresses may have."""

    network: ipaddress.IPv4Network | ipaddress.IPv6Network
    failures: int


class VisitorsLine(NamedTuple):
    """Where a visitor stands: the networks that his address is counted in, and the narrowest range of a carrier.

    The narrowest network first, each with how many budgets it may spend.
    """

    networks: list[tuple[str, int]]
    carrier: Carrier | None


class Spending(NamedTuple):
    """One thing spent, which `give_back` takes off again; `is_last`: it used the budget up."""

    allowance: Allowance
    is_last: bool


def spend(purpose: str, request: HttpRequest, limit: int, now: datetime) -> tuple[Spending, ...]:
    """Takes one from the hour's `limit` of the visitor's network. Raises Spent, with nothing taken.

    A visitor without a known address (a proxy that is not set up) is let through: a budget shared by all of those
    would let one of them shut out the others.
    """
    with transaction.atomic():
        return spend_within(purpose, request, limit, now)


def spend_within(purpose: str, request: HttpRequest, limit: int, now: datetime) -> tuple[Spending, ...]:
    """The same in the caller's own transaction, which Spent must end."""
    if line_of(request) is None:
        log.error("A visitor has no address: is TRUSTED_PROXY_COUNT right?")
    return tuple(take(allowance, now) for allowance in _allowances(purpose, request, limit))


def asked(purpose: str, request: HttpRequest, limit: int, now: datetime) -> Asked:
    """The question whose row says that `spend` would raise. It only reads, so that refusing is cheap."""
    allowances = _allowances(purpose, request, limit)
    keys, limits = [each.key for each in allowances], [each.limit for each in allowances]
    return USED_UP, {"keys": keys, "limits": limits, "since": now - WINDOW}


def is_used_up(allowance: Allowance, now: datetime) -> bool:
    """Whether `take` would raise. Only reads."""
    return bool(USED_UP.ask(keys=[allowance.key], limits=[allowance.limit], since=now - allowance.window))


def _used_up(keys: list[Blank], limits: list[Blank], since: Blank) -> QuerySet[Budget, str]:
    full = Q(pk__in=[])
    for key, limit in zip(keys, limits, strict=True):
        full |= Q(key=key, spent__gte=limit)
    return Budget.objects.filter(full, since__gt=since).values_list("key", flat=True)[:1]


USED_UP = Prepared(_used_up, keys=TEXT, limits=NUMBER, since=MOMENT)


def give_back(spending: Iterable[Spending]) -> None:
    """Takes off what was just spent: a success is no failure."""
    with kept_cursor(connection) as cursor:
        for spent in spending:
            cursor.execute(GIVE_BACK, {"key": spent.allowance.key})


def purge(now: datetime, advance: Callable[[int], None] = batched_deletes.unheard) -> int:
    """Forgets what was spent in hours that are over; says of how many networks."""
    return batched_deletes.delete(Budget.objects.filter(since__lte=now - WINDOW), advance)


def line_at(address: str) -> VisitorsLine:
    """Where whoever comes from `address` stands. Raises ValueError for what is none."""
    ip = browser.plain(address)
    carrier = next((Carrier(*carrier) for carrier in settings.CARRIER_NETWORKS if ip in carrier[0]), None)
    line, *wider = IPV4_WIDTHS if ip.version == 4 else IPV6_WIDTHS
    counted = [line, *(width for width in wider if carrier is None or width[0] >= carrier.network.prefixlen)]
    return VisitorsLine([(_network(ip, bits), times) for bits, times in counted], carrier)


def _network(ip: ipaddress.IPv4Address | ipaddress.IPv6Address, bits: int) -> str:
    return f"{ip}/{bits}" if bits == ip.max_prefixlen else str(ipaddress.ip_network((ip, bits), strict=False))


def line_of(request: HttpRequest) -> VisitorsLine | None:
    """Where the visitor stands; None for one without a known address.

    Asked for six times at a login; kept with the request alone, and beside the address that it was worked out from.
    """
    address = browser.address(request)
    if address is None:
        return None
    known: tuple[str, VisitorsLine] | None = getattr(request, "visitors_line", None)
    if known is None or known[0] != address:
        known = address, line_at(address)
        vars(request)["visitors_line"] = known
    return known[1]


def key_of(purpose: str, name: str) -> str:
    """An HMAC, so that the table tells no address."""
    return keyed_hashes.hex_of("budget", f"{purpose}|{name}")


def _allowances(purpose: str, request: HttpRequest, limit: int) -> list[Allowance]:
    line = line_of(request)
    if line is None:
        return []
    return [Allowance(key_of(purpose, network), network, limit * times) for network, times in line.networks]


GIVE_BACK = "UPDATE auth_codes_budget SET spent = spent - 1 WHERE key = %(key)s AND spent > 0"
TAKE = """
    INSERT INTO auth_codes_budget AS budget (key, since, spent) VALUES (%(key)s, %(now)s, 1)
    ON CONFLICT (key) DO UPDATE SET
        since = CASE WHEN budget.since <= %(over)s THEN excluded.since ELSE budget.since END,
        spent = CASE WHEN budget.since <= %(over)s THEN 1 ELSE budget.spent + 1 END
    WHERE budget.since <= %(over)s OR budget.spent < %(limit)s
    RETURNING spent
"""


def take(allowance: Allowance, now: datetime) -> Spending:
    """Takes one of what is allowed, in the caller's transaction. Raises Spent, with nothing taken."""
    moments = {"now": now, "over": now - allowance.window}
    adapted = {name: connection.ops.adapt_datetimefield_value(moment) for name, moment in moments.items()}
    with kept_cursor(connection) as cursor:
        cursor.execute(TAKE, {"key": allowance.key, "limit": allowance.limit, **adapted})
        taken = cursor.fetchone()
    if taken is None:
        raise Spent
    return Spending(allowance, is_last=taken[0] >= allowance.limit)
