import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.notation import names


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Éloïse-Anne", "eloise anne"),
        ("ÉLOÏSE ANNE", "eloise anne"),
        ("E\u0301loi\u0308se  Anne", "eloise anne"),
        ("D’Hondt", "d hondt"),
        ("D'Hondt", "d hondt"),
        ("Œuvrard", "oeuvrard"),
        ("Lætitia", "laetitia"),
        ("Łukasz Sørensen", "lukasz sorensen"),
        ("Groß", "gross"),
        ("  Le\u00a0Goff ", "le goff"),
        ("…", ""),
    ],
)
def test_same_person_has_the_same_key_however_written(name, key):
    assert names.key(name) == key


@given(st.text(max_size=80))
def test_key_of_any_name_fits_its_column(name):
    assert len(names.key(name)) <= names.KEY_LENGTH
    assert names.key(name) == names.key(name.upper()) or not name.isascii()


def test_key_of_signs_that_unfold_into_many_fits_its_column():
    assert len(names.key("\ufdfa" * 80)) <= names.KEY_LENGTH
