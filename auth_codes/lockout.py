"""Counting attempts: the one way to allow, count and forgive them, for clients and staff alike.

An attempt is reserved by one SQL statement, committed before any hash is computed, and given back on success. So at
most five wrong codes in a row are verified, whatever the number of requests at once, of threads or of servers, and
an attempt whose answer never came counts as failed. A block is derived, never stored: it stands while the count is
the one that filled a series of five, for 15 minutes from the reservation that filled it. Trying during a block
changes neither, so nobody can prolong one.
Rule: RTS 2018/389 art. 4(3)(b), five consecutive failures.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from auth_codes.models import AttemptCounter, FailedAttempt

FAILURES_BEFORE_BLOCK = 5
BLOCK = timedelta(minutes=15)
LAPSE = timedelta(days=365)
FORGIVEN_WITHIN = timedelta(minutes=15)


class Blocked(Exception):
    """No attempt is allowed before `until`."""

    def __init__(self, until: datetime):
        super().__init__(f"blocked until {until:%H:%M}")
        self.until = until


class Reservation(NamedTuple):
    """One attempt already counted as failed; `give_back` alone takes it off the count."""

    key: str


def counter_key(*names: str) -> str:
    """The counter's key: an HMAC, so that the table tells neither numbers nor which of them exist."""
    return salted_hmac("attempt counter", "|".join(names), algorithm="sha256").hexdigest()


def client_counter(client_code: str) -> str:
    """The counter of a number, held by somebody or not."""
    return counter_key("client", client_code)


def letter_counter(letter_digest: str) -> str:
    """The counter of one letter's number, so that strangers who block a client do not keep him from his letter."""
    return counter_key("letter", letter_digest)


def blocked_until(key: str, now: datetime | None = None) -> datetime | None:
    """When the present block ends, or None. Only reads."""
    now = now or timezone.now()
    counter = AttemptCounter.objects.filter(key=key, count__gt=0, count=F("filled_count")).first()
    if counter is None:
        return None
    until = counter.filled_at + BLOCK
    return until if now < until else None


RESERVE = """
    INSERT INTO auth_codes_attemptcounter AS counter (key, count, reserved_at, filled_count, filled_at)
    VALUES (%(key)s, 1, %(now)s, 0, %(now)s)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN counter.reserved_at <= %(lapsed)s THEN 1 ELSE counter.count + 1 END,
        reserved_at = excluded.reserved_at,
        filled_count = CASE WHEN counter.reserved_at <= %(lapsed)s THEN 0
                            WHEN (counter.count + 1) %% %(limit)s = 0 THEN counter.count + 1
                            ELSE counter.filled_count END,
        filled_at = CASE WHEN (counter.count + 1) %% %(limit)s = 0 THEN excluded.reserved_at
                         ELSE counter.filled_at END
    WHERE counter.count = 0 OR counter.count <> counter.filled_count OR counter.filled_at <= %(blocked_before)s
    RETURNING count
"""


def reserve(key: str, now: datetime | None = None) -> Reservation:
    """Counts one attempt, commits it, and allows it. Raises Blocked; inside an open transaction, RuntimeError.

    One upsert judges and counts at once: two requests can never both see the last free attempt.
    """
    now = now or timezone.now()
    moments = {"now": now, "lapsed": now - LAPSE, "blocked_before": now - BLOCK}
    adapted = {name: connection.ops.adapt_datetimefield_value(moment) for name, moment in moments.items()}
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(RESERVE, {"key": key, "limit": FAILURES_BEFORE_BLOCK, **adapted})
        counted = cursor.fetchone()
    if counted is None:
        raise Blocked(blocked_until(key, now) or now)
    return Reservation(key)


def fail(reservation: Reservation, browser: str, now: datetime | None = None) -> None:
    """Notes which browser was answered « wrong », so that its own success can give the attempt back."""
    FailedAttempt.objects.create(counter_key=reservation.key, browser=browser, answered_at=now or timezone.now())


def give_back(reservation: Reservation, browser: str, now: datetime | None = None) -> None:
    """After a success: takes off its own attempt and this browser's failures of the last 15 minutes, no others.

    Resetting the count to zero instead would hand whoever guesses at the same moment five more attempts.
    """
    now = now or timezone.now()
    own_failures = FailedAttempt.objects.filter(counter_key=reservation.key, browser=browser)
    with transaction.atomic():
        forgiven, _ = own_failures.filter(answered_at__gt=now - FORGIVEN_WITHIN).delete()
        AttemptCounter.objects.filter(key=reservation.key).update(count=Greatest(F("count") - 1 - forgiven, 0))


def forget(key: str) -> None:
    """Brings a count back to zero, which a renewal of the code alone does: what was guessed at is no longer valid."""
    with transaction.atomic():
        FailedAttempt.objects.filter(counter_key=key).delete()
        AttemptCounter.objects.filter(key=key).delete()
