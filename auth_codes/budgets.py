"""What one network may ask for within an hour, whoever it asks for.

Every asking spends, by one upsert that judges and counts at once: neither many requests at the same instant nor a
second one for the same number goes by it, so what is left of a budget tells nothing of the numbers that were tried.
IPv6 is counted at three widths, because one line is given a /64, a /56 or even a /48.
"""

import ipaddress
import logging
from datetime import datetime, timedelta

from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from auth_codes import browser
from auth_codes.models import Budget

log = logging.getLogger(__name__)

WINDOW = timedelta(hours=1)
# The prefix that is counted, and how many times one line's budget it may spend.
IPV4_WIDTHS = ((32, 1),)
IPV6_WIDTHS = ((64, 1), (56, 4), (48, 16))


class Spent(Exception):
    """This network has nothing left within the hour."""


def spend(purpose: str, request: HttpRequest, limit: int, now: datetime) -> None:
    """Takes one from the hour's `limit` of the visitor's network. Raises Spent.

    A visitor without a known address (a proxy that is not set up) is let through: a budget shared by all of those
    would let one of them shut out the others.
    """
    known = browser.address(request)
    if known is None:
        log.error("A visitor has no address: is TRUSTED_PROXY_COUNT right?")
        return
    for prefix, times in widths(known):
        if not _take(f"{purpose}|{prefix}", limit * times, now):
            raise Spent


def widths(address: str) -> list[tuple[str, int]]:
    """The networks that `address` is counted in, the narrowest first, each with how many budgets it may spend."""
    ip = browser.plain(address)
    counted = IPV4_WIDTHS if ip.version == 4 else IPV6_WIDTHS
    return [(str(ipaddress.ip_network((ip, bits), strict=False)), times) for bits, times in counted]


def purge(now: datetime) -> None:
    """Forgets what was spent in hours that are over."""
    Budget.objects.filter(since__lte=now - WINDOW).delete()


TAKE = """
    INSERT INTO auth_codes_budget AS budget (key, since, spent) VALUES (%(key)s, %(now)s, 1)
    ON CONFLICT (key) DO UPDATE SET
        since = CASE WHEN budget.since <= %(over)s THEN excluded.since ELSE budget.since END,
        spent = CASE WHEN budget.since <= %(over)s THEN 1 ELSE budget.spent + 1 END
    WHERE budget.since <= %(over)s OR budget.spent < %(limit)s
    RETURNING spent
"""


def _take(name: str, limit: int, now: datetime) -> bool:
    # An HMAC, so that the table tells no address.
    key = salted_hmac("budget", name, algorithm="sha256").hexdigest()
    moments = {"now": now, "over": now - WINDOW}
    adapted = {name: connection.ops.adapt_datetimefield_value(moment) for name, moment in moments.items()}
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"key": key, "limit": limit, **adapted})
        return cursor.fetchone() is not None
