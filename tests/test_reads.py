"""What is counted when a page or a command reads the database."""

import pytest
from django.db import connection

from accounts.models import Client
from tests import makers
from tests.reads import reading_of

pytestmark = pytest.mark.django_db


def test_table_read_row_by_row_is_told_with_how_many_rows(advisor):
    for place in range(3):
        makers.make_person(advisor, email=f"{place}@example.org")
    read = reading_of(lambda: list(Client.objects.filter(street="1 rue de Nulle Part")))
    assert read.cost > 0
    assert dict(read.scanned) == ({"accounts_client": 3} if connection.vendor == "postgresql" else {})


def test_what_is_written_is_taken_back(advisor):
    reading_of(lambda: Client.objects.update(street="1 rue Neuve"))
    reading_of(lambda: makers.make_person(advisor))
    assert not Client.objects.exists()
