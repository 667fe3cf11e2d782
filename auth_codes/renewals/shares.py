"""Whose requests share a day's letters: one site brings about a fiftieth of them at most.

Else whoever knows a thousand numbers would use up the day of all others.
"""

import ipaddress
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from auth_codes.lockout import budgets
from auth_codes.models import RenewalRequest, SealedLetter

SHARE_OF_A_DAY = 50
# What a household, a firm or a rented server has; the addresses of a carrier are counted one by one.
SITE_WIDTHS = {4: 24, 6: 48}


def issued_today(now: datetime) -> int:
    """How many letters online requests have brought about since midnight, Paris time; by an index of those alone."""
    return SealedLetter.objects.filter(occasion=SealedLetter.Occasion.REQUEST, issued_at__gte=midnight(now)).count()


def site_of(network: str) -> str:
    """The /24 or /48 that a request's `network` lies in; "" for none."""
    if not network:
        return ""
    line = ipaddress.ip_network(network)
    if budgets.line_at(str(line.network_address)).carrier:
        return str(line)
    return str(line.supernet(new_prefix=SITE_WIDTHS[line.version]))


def first_with_some_left(requests: Iterable[RenewalRequest], now: datetime) -> RenewalRequest | None:
    """The first of them whose site may bring about one more letter today."""
    share = max(1, settings.ONLINE_RENEWALS_PER_DAY // SHARE_OF_A_DAY)
    issued = RenewalRequest.objects.filter(outcome=RenewalRequest.Outcome.ISSUED, handled_at__gte=midnight(now))
    # A day's letters are few, and each costs a hash that takes longer than reading them all.
    used = Counter(map(site_of, issued.values_list("network", flat=True)))
    return next((one for one in requests if used[site_of(one.network)] < share), None)


def midnight(now: datetime) -> datetime:
    """The last one, Paris time."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
