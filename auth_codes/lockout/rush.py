"""One queue for all unknown devices once the whole bank is guessed at, from more networks than budgets can hold.

Past `LOGIN_FAILURES_ALARM` failures within the hour, attempts from unknown devices are verified at twice that rate at
most, whatever number they try; the others are asked to come again, with nothing counted. Known devices never wait.
"""

from datetime import datetime, timedelta
from functools import cache

from django.conf import settings

from auth_codes.lockout import budgets
from auth_codes.lockout.budgets import Allowance, Spending
from auth_codes.models import FailedAttempt
from auth_codes.prepared import MOMENT, Asked, Prepared

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
TIMES_THE_USUAL = 2


class QueueFull(Exception):
    """The queue of unknown devices has taken all that it takes within this minute."""


def asked(now: datetime) -> Asked:
    """The question whose row says that more attempts failed within the hour, in the whole bank, than it is used to.

    It counts no further.
    """
    return _the_last_of(settings.LOGIN_FAILURES_ALARM), {"since": now - HOUR}


@cache
def _the_last_of(most: int) -> Prepared[int]:
    """The failure after which there are as many as this."""
    failed = FailedAttempt.objects.values_list("pk", flat=True)
    return Prepared(lambda since: failed.filter(reserved_at__gt=since)[most - 1 : most], since=MOMENT)


def is_full(door: str, now: datetime) -> bool:
    """Whether `queue_up` would raise. Only reads."""
    return budgets.is_used_up(_queue(door), now)


def queue_up(door: str, now: datetime) -> Spending:
    """Takes a place in the queue of this door, clients' or staff's. Raises QueueFull, with nothing taken."""
    try:
        taken = budgets.take(_queue(door), now)
    except budgets.Spent:
        raise QueueFull from None
    return taken._replace(is_last=False)  # no network's budget: nobody is told that it is spent


def a_minute() -> int:
    """How many attempts the queue takes within a minute."""
    return -(-TIMES_THE_USUAL * settings.LOGIN_FAILURES_ALARM * MINUTE // HOUR)


def _queue(door: str) -> Allowance:
    return Allowance(budgets.key_of(door, "unknown devices"), "", a_minute(), MINUTE)
