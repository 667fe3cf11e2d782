from datetime import date

import pytest

from accounts.notation.birth_dates import take_from


@pytest.mark.parametrize(
    "text",
    [
        "12/03/1958", "12.3.1958", "12-03-1958", "1958-03-12", "12 03 1958", "12031958", "12 / 03 / 1958",
        "12 mars 1958", "12 MAR. 1958", "née le 12 mars 1958", "né(e) le 12/03/1958",
    ],
)  # fmt: skip
def test_each_notation_is_read_whole(text):
    born, rest = take_from(text)
    assert (born.days(), rest) == ([date(1958, 3, 12)], "")


@pytest.mark.parametrize(
    ("month", "number"), [("janv", 1), ("févr.", 2), ("fev", 2), ("août", 8), ("AOUT", 8), ("déc", 12)]
)
def test_months_are_read_by_their_beginning_without_accents(month, number):
    born, _ = take_from(f"1er {month} 1958")
    assert born.days() == [date(1958, number, 1)]


@pytest.mark.parametrize(
    "text", ["12 jui 1958", "12 martin 1958", "06 98 76 54 32", "06.98.76.54", "123456789", "1958"]
)
def test_what_is_no_date_is_left_alone(text):
    assert take_from(text)[0] is None


def test_year_without_century_is_of_either():
    born, _ = take_from("12/03/58")
    assert born.days() == [date(1958, 3, 12), date(2058, 3, 12)]


def test_leap_day_is_of_the_century_that_has_it():
    born, _ = take_from("29/02/00")
    assert born.days() == [date(2000, 2, 29)]


@pytest.mark.parametrize("text", ["31/02/1958", "00/00/0000", "99999999", "31 avril 58"])
def test_day_that_never_was_is_none(text):
    assert take_from(text)[0].days() == []


def test_other_words_are_kept():
    assert take_from("Le Goff, née le 12/03/1958, Élie")[1].split() == ["le", "goff", "elie"]
