"""What a page or a command reads stays the same when the bank is ten times as big: by real plans, none forced."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from auth_codes.models import RenewalRequest, SealedLetter
from tests import busy_bank, makers
from tests.readings import readings
from tests.reads import read_by

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FEW, MANY = 300, 3000
# An index grows by a level now and then, and a table of two blocks is rightly read as a whole.
TOLERATED, SLACK = 1.5, 100


def read_by_all():
    """By people who are new: what the database knows of its tables is from before them."""
    with transaction.atomic():
        newcomer = makers.make_advisor("zoe.nouvelle")
        client = makers.make_personalised_client(newcomer)
        make_work(client)
        found = {name: read_by(act) for name, act in readings(newcomer, client).items()}
        transaction.set_rollback(True)
    return found


def make_work(client):
    """As much to do at a big bank as at a small one: a letter to issue, a code that has expired, acts to approve."""
    RenewalRequest.objects.create(client_code=client.client_code, network="192.0.2.0/24")
    makers.make_new_client(client.advisor, email="lea@example.org")
    SealedLetter.objects.filter(personalised_at=None).update(issued_at=timezone.now() - timedelta(days=60))


def test_no_page_and_no_command_reads_more_when_the_bank_has_grown(advisor):
    second, read = makers.make_advisor("marc.lefevre"), []
    for clients in (FEW, MANY - FEW):
        busy_bank.grow(clients, advisor=advisor, second=second)
        read.append(read_by_all())
    before, after = read
    assert {name: (before[name], now) for name, now in after.items() if now > before[name] * TOLERATED + SLACK} == {}
