"""What the lists of the desk's first page cost beside a bank full of other lines and letters: by the real plans."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.desk import work
from auth_codes.models import SealedLetter, SecurityEvent
from tests.accounts.clients.test_journal_plans import cost

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FEW, MANY = 1000, 8000


def fill(client, start, count):
    """Logins, sheets that others had open, and letters that have served; then the database knows its tables."""
    now = timezone.now()
    at = [now - timedelta(minutes=number) for number in range(start, start + count)]
    lines = [SecurityEvent(kind="logged_in", owner=client.user, by=client.user, at=moment) for moment in at]
    SecurityEvent.objects.bulk_create(lines, batch_size=1000)
    letters = [SealedLetter(owner=client.user, number_digest=f"{moment:%s}", first_used_at=moment) for moment in at]
    for letter, moment in zip(letters, at, strict=True):
        letter.issued_at = moment - timedelta(days=20)
    SealedLetter.objects.bulk_create(letters, batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def test_lists_cost_the_same_however_full_the_bank_is(advisor, client_):
    now, costs = timezone.now(), []
    SecurityEvent.objects.create(kind="login_blocked", owner=client_.user, at=now)
    for start, count in ((0, FEW), (FEW, MANY - FEW)):
        fill(client_, start, count)
        lists = (work.looks_of(advisor), work.blocks_of_clients(advisor, now), work.unused_letters(advisor, now))
        costs.append([cost(one) for one in lists])
    for few, many in zip(*costs, strict=True):
        assert many <= few * 1.5 + 50
