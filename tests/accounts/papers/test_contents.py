import json
from datetime import datetime
from decimal import Decimal

import pytest
from msgspec.structs import replace

from accounts.documents import render_pool
from accounts.papers.contents import UnreadableContents, in_words, render
from accounts.papers.statement import StatementContents
from tests.accounts.papers.contents import ALL, CONTRACT, STATEMENT

LINE = json.loads(STATEMENT.to_json())["lines"][0]
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
        {"opening_balance": 7},
        {"opening_balance": 7.5},
        {"opening_balance": True},
        {"opening_balance": float("nan")},
        {"month": 20261001},
        {"month": "2026-02-30"},
        {"holders": [7]},
        {"holders": {"0": "x"}},
        {"lines": [["x"]]},
        {"lines": [{"label": "x"}]},
        {"lines": [LINE | {"amount": 7}]},
        {"lines": [LINE | {"amount": -9.9}]},
        {"lines": [LINE | {"version": 1}]},
        {"version": "1"},
        {"version": True},
        {"version": 1.5},
        {"version": None},
        {"version": "1" * 100_000},
        {"bic": 10**4000},
        {"a": ""},
    ],
)
def test_other_contents_are_refused(change):
    with pytest.raises(UnreadableContents):
        StatementContents.from_json(json.dumps(json.loads(STATEMENT.to_json()) | change))


@pytest.mark.parametrize(
    "terms", ["x", ["xy"], [["Durée"]], [["Durée", "48", "mois"]], [["Durée", 48]], [{"Durée": "48"}]]
)
def test_other_terms_are_refused(terms):
    with pytest.raises(UnreadableContents):
        type(CONTRACT).from_json(json.dumps(json.loads(CONTRACT.to_json()) | {"terms": terms}))


@pytest.mark.parametrize("name", json.loads(STATEMENT.to_json()))
def test_contents_without_one_of_their_fields_are_refused(name):
    kept = json.loads(STATEMENT.to_json())
    del kept[name]
    with pytest.raises(UnreadableContents):
        StatementContents.from_json(json.dumps(kept))


def test_of_a_key_written_twice_the_last_counts():
    text = STATEMENT.to_json()
    assert StatementContents.from_json('{"bic": "OTHER", ' + text[1:]) == STATEMENT
    with pytest.raises(UnreadableContents):
        StatementContents.from_json(text[:-1] + ', "version": 2}')


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", '{"version": 1}', "{", STATEMENT.to_json() + "x", "{}", "\udcff", "\ufeff" + STATEMENT.to_json(),
     STATEMENT.to_json()[:-1] + ', "x": NaN}', "[" * 100_000, STATEMENT.to_json()[:-1] + ', "x": ' + "[" * 100_000,
     CONTRACT.to_json()],
)  # fmt: skip
def test_text_that_is_no_statement_is_refused(text):
    with pytest.raises(UnreadableContents):
        StatementContents.from_json(text)


@KINDS
def test_same_contents_give_the_same_bytes(contents):
    assert render(type(contents).from_json(contents.to_json())) == render(contents)


@pytest.mark.slow
def test_other_processes_give_the_same_bytes():
    papers = list(ALL.values())
    with render_pool.of(2) as processes:
        assert list(processes.map(render, papers)) == [render(paper) for paper in papers]


def test_moment_without_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        render(replace(CONTRACT, concluded_at=datetime(2026, 10, 3)))  # noqa: DTZ001


def test_paper_of_before_the_bank_had_a_name_keeps_what_it_was_printed_with():
    assert "bank_name" not in json.loads(STATEMENT.to_json())
    assert in_words(type(STATEMENT).from_json(STATEMENT.to_json()))["bank_name"] == "Votre banque"


def test_paper_of_a_named_bank_keeps_its_name():
    named = replace(STATEMENT, bank_name="Banque des Lilas")
    read_again = type(STATEMENT).from_json(named.to_json())
    assert (read_again, in_words(read_again)["bank_name"]) == (named, "Banque des Lilas")
