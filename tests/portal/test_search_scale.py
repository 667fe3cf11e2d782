"""What a search at the desk reads of a big bank, by each way to look somebody up: by real plans, none forced."""

from itertools import islice

import pytest
from django.db import connection

from accounts.clients import finding
from accounts.models import Client
from benchmarks import look_up
from tests import new_tables
from tests.reads import read_by

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FEW, MANY = 1500, 15_000
ASKED = 5
# What says who is meant reads as much at any size; a birth date and four digits are said of a few more people.
SAY_WHO = {"account", "IBAN", "contract", "telephone", "e-mail", "code client"}
SAY_A_FEW = {"birth date", "name and birth date", "last four, name"}
TOLERATED, SLACK = 1.5, 20
# The least that looking at one row costs: a row read in PostgreSQL, these steps in SQLite.
A_ROW = {"postgresql": 1, "sqlite": 4}


def read_by_each_way():
    """The most that one of a few searches reads, by the name of the way."""
    people, everybody = look_up.drawn_people(), Client.objects.select_related("advisor", "user")
    return {
        way: max(read_by(lambda text=text: finding.find(everybody, text)) for text in texts)
        for way, say in look_up.WAYS.items()
        if (texts := list(islice(filter(None, map(say, people)), ASKED)))
    }


def test_no_search_reads_the_whole_bank_and_a_number_reads_as_much_at_any_size():
    new_tables.make()
    filling, read = look_up.Filling(MANY), []
    for newcomers in (range(FEW), range(FEW, MANY)):
        filling.load(newcomers)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        read.append(read_by_each_way())
    few, many = read
    assert few.keys() == many.keys() == look_up.WAYS.keys()
    everybody = MANY * A_ROW[connection.vendor]
    assert {way: cost for way, cost in many.items() if cost > everybody} == {}
    grown = {way: (few[way], many[way]) for way in SAY_WHO if many[way] > few[way] * TOLERATED + SLACK}
    assert grown == {}
    assert {way: many[way] for way in SAY_A_FEW if many[way] > everybody / 10} == {}
