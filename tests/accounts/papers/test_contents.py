import json
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from accounts.papers.contents import UnreadableContents, render
from accounts.papers.statement import StatementContents
from tests.accounts.papers.contents import ALL, CONTRACT, STATEMENT

KINDS = pytest.mark.parametrize("contents", ALL.values(), ids=ALL)


@KINDS
def test_contents_come_back_from_json_as_they_were(contents):
    assert type(contents).from_json(contents.to_json()) == contents


def test_json_is_versioned_with_iso_dates_and_amounts_as_text():
    kept = json.loads(STATEMENT.to_json())
    assert kept["version"] == 1
    assert (kept["month"], kept["opening_balance"]) == ("2026-10-01", "1250.30")
    assert kept["lines"][0]["amount"] == "-1250.30"


def test_whole_euros_are_kept_with_their_cents():
    assert json.loads(replace(STATEMENT, opening_balance=Decimal(7)).to_json())["opening_balance"] == "7.00"


def test_amount_with_parts_of_a_cent_is_refused():
    with pytest.raises(ValueError, match="whole cents"):
        replace(STATEMENT, opening_balance=Decimal("0.005")).to_json()


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"bic": 7},
        {"bic": None},
        {"lines": "x"},
        {"month": "octobre"},
        {"opening_balance": "x"},
        {"a": ""},
    ],
)
def test_other_contents_are_refused(change):
    with pytest.raises(UnreadableContents):
        StatementContents.from_json(json.dumps(json.loads(STATEMENT.to_json()) | change))


@pytest.mark.parametrize("text", ["", "[]", "null", '{"version": 1}', CONTRACT.to_json()])
def test_text_that_is_no_statement_is_refused(text):
    with pytest.raises(UnreadableContents):
        StatementContents.from_json(text)


@KINDS
def test_same_contents_give_the_same_bytes(contents):
    assert render(type(contents).from_json(contents.to_json())) == render(contents)


@pytest.mark.slow
def test_other_processes_give_the_same_bytes():
    papers = list(ALL.values())
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as processes:
        assert list(processes.map(render, papers)) == [render(paper) for paper in papers]


def test_moment_without_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        render(replace(CONTRACT, concluded_at=datetime(2026, 10, 3)))  # noqa: DTZ001
