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


@pytest.mark.parametrize(
    "sign",
    [
        "\u202e",
        "\u2066",
        "\u200b",
        "\u200d",
        "\u00ad",
        "\ufeff",
        "\u3164",
        "\u115f",
        "\uffa0",
        "\u034f",
        "\ufe0f",
        "\U000e0101",
    ],
)
def test_sign_that_shows_nothing_or_turns_the_reading_is_found(sign):
    assert names.unseen_in(f"Mor{sign}eau") == sign


@pytest.mark.parametrize(
    "name", ["Éloïse-Anne", "D’Hondt", "E\u0301loise", "Le\u00a0Goff", "Иванова", "김민준", "محمد", "Charles 3"]
)
def test_name_as_people_have_it_has_nothing_unseen_and_one_script(name):
    assert names.is_written_like_one(name)
    assert names.unseen_in(name) is None
    assert not names.is_of_several_scripts(name)


@pytest.mark.parametrize("name", ["M\u043ereau", "Μoreau", "Иvanova", "Martin Иванов"])
def test_letters_of_several_scripts_are_found(name):
    assert names.is_of_several_scripts(name)


@pytest.mark.parametrize("name", ["高橋みなみ", "サトウ花子", "ＭＯＲＥＡＵ", "Oʼconnor", "Mª José"])
def test_scripts_that_one_name_is_written_in_are_one(name):
    assert not names.is_of_several_scripts(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Moreau", "M\u043ereau"), ("Сора", "Copa"), ("ΚΟΚΟ", "koko"), ("Moreau", "M0reau"), ("Lacroix", "Iacroix")],
)
def test_names_that_are_read_alike_look_alike(one, other):
    assert names.key(one) != names.key(other)
    assert names.looks(names.key(one)) == names.looks(names.key(other))


@pytest.mark.parametrize(("one", "other"), [("Moreau", "Mareau"), ("Martin", "Martan"), ("Иванов", "Ivanov")])
def test_names_that_differ_to_the_eye_look_different(one, other):
    assert names.looks(names.key(one)) != names.looks(names.key(other))
