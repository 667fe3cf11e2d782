"""Whoever changes a count holds it before he touches its attempts: in two orders, two would wait for each other.

On PostgreSQL; SQLite locks the whole database.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from auth_codes.lockout import counters
from auth_codes.models import AttemptCounter, FailedAttempt
from tests import makers
from tests.races import in_own_connection, wait_until_somebody_waits_for_us
from tests.serving import PATIENCE

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite locks the whole database"),
]

COUNTER = counters.client_counter("1000000000")
MINE = "a" * 32


@pytest.mark.parametrize("is_renewal", [False, True])
def test_success_and_renewal_wait_for_the_count_before_they_touch_an_attempt(is_renewal):
    failed, right = makers.reserve(COUNTER, MINE), makers.reserve(COUNTER, MINE)
    counters.fail(failed)
    act = partial(counters.forget, COUNTER) if is_renewal else partial(counters.give_back, right, MINE)
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            AttemptCounter.objects.select_for_update().get(key=COUNTER.key)
            acting = other.submit(in_own_connection, act)
            wait_until_somebody_waits_for_us()
            # Taken by the other already, they would be waited for here, and the count there.
            assert FailedAttempt.objects.filter(counter_key=COUNTER.key).update(browser=MINE) == 2
        acting.result(timeout=PATIENCE)
    left = FailedAttempt.objects.filter(counter_key=COUNTER.key).count()
    assert left == (1 if is_renewal else 0)
    assert counters.failures_of(COUNTER) == left
    assert counters.block_of(COUNTER, timezone.now()) is None


def test_success_holds_the_count_that_took_the_place_of_the_one_it_waited_for():
    """A renewal deletes a count, and another attempt begins a new one, while a success waits for the first."""
    right, asked, now = makers.reserve(COUNTER, MINE), [], timezone.now()

    def give_back():
        with CaptureQueriesContext(connection) as queries:
            counters.give_back(right, MINE)
        asked.extend(query["sql"] for query in queries)

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            row = AttemptCounter.objects.select_for_update().get(key=COUNTER.key)
            acting = other.submit(in_own_connection, give_back)
            wait_until_somebody_waits_for_us()
            row.delete()
            AttemptCounter.objects.create(key=COUNTER.key, count=1, reserved_at=now, filled_count=0, filled_at=now)
        acting.result(timeout=PATIENCE)
    holding = [number for number, sql in enumerate(asked) if "FOR UPDATE" in sql]
    deleting = next(number for number, sql in enumerate(asked) if "DELETE FROM" in sql)
    assert len(holding) == 2
    assert max(holding) < deleting
