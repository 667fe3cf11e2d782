"""Which passwords the staff may choose: what people make of three words or fewer is refused, however it is dressed."""

import gzip
import secrets
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth_codes import staff_passwords
from auth_codes.staff_passwords import (
    DJANGOS_LIST,
    FEW_SIGNS,
    GUESSABLE,
    LEAST,
    MOST,
    NO_LETTERS,
    OWN_LIST,
    REPEATED,
    TOO_LONG,
    TOO_SHORT,
    why_weak,
)

PASSPHRASE = "lampe tigre ruisseau comptoir"
OWN_WORDS = [
    word for line in OWN_LIST.read_text().splitlines() if not line.startswith("#") for word in line.split()
]  # fmt: skip
DRESSING = st.text(string.digits + " .-_!?*#&", max_size=4)
LEET = {"a": "4@", "b": "8", "e": "3€", "i": "1!", "l": "1|", "o": "0", "s": "5$", "t": "7+"}


@pytest.mark.proves("ASVS 6.2.4", "ASVS 6.2.11", "NIST 3.1.1.2")
@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("azertyuiop12", GUESSABLE),
        ("motdepasse12", GUESSABLE),
        ("123456789012", NO_LETTERS),
        ("bonjourbonjour", REPEATED),
        ("bonjourbonjourbonj", REPEATED),
        ("Marseille2024!", GUESSABLE),
        ("M0tD3P@$$e2024", GUESSABLE),
        ("Été-à-Marseille", GUESSABLE),
        ("JaimeLesFleurs", GUESSABLE),
        ("Septembre-2026!", GUESSABLE),
        ("Cœur2LionCœur3", GUESSABLE),
        ("x1234567890123", GUESSABLE),
        ("1a2z3e4r5t6y7u", GUESSABLE),
        ("poiuytreza2026", GUESSABLE),
        ("aaaabbbbccccdddd", FEW_SIGNS),
        ("aaaabbbbcccc1234", GUESSABLE),
        ("Lampe Tigre", TOO_SHORT),
        ("", TOO_SHORT),
        ("zx7q " * 60, TOO_LONG),
    ],
)
def test_what_people_choose_first_is_refused_with_its_reason(password, reason):
    assert why_weak(password) == reason


@pytest.mark.proves("ASVS 6.2.5", "ASVS 6.2.7")
@pytest.mark.parametrize(
    "password",
    [
        PASSPHRASE,
        "Agrafe-Nuage-Tambour-Pierre",
        "correct horse battery staple",
        "Kq7x-9w2z-vbTn",
        "girafe ficelle écluse moutarde",
        "пароль-шлюз-жираф-горчица",
        (f"{PASSPHRASE} agrafe nuage tambour pierre zinc " * 3)[:128],
        (f"{PASSPHRASE} agrafe nuage tambour pierre zinc " * 6)[:MOST],
    ],
)
def test_four_words_and_what_a_manager_draws_pass(password):
    assert why_weak(password) is None


@pytest.mark.proves("ASVS 6.1.2", "ASVS 6.2.11")
@pytest.mark.parametrize("own", ["Ursuline Kergoat", "kergoat.ursuline@banque.example", "ursuline.kergoat"])
def test_names_of_the_person_and_of_the_bank_count_as_listed(own):
    assert why_weak("Ursuline!Kergoat-2026", [own]) == GUESSABLE
    assert why_weak("Ursuline!Kergoat-2026") is None


@pytest.mark.proves("ASVS 6.2.12")
def test_every_listed_password_that_is_long_enough_is_refused():
    with gzip.open(DJANGOS_LIST, "rt", encoding="utf-8") as lines:
        long = [line.strip() for line in lines if len(line.strip()) >= LEAST]
    assert len(long) > 100
    assert [password for password in long if why_weak(password) is None] == []


def test_what_a_password_manager_draws_is_never_refused_for_its_words():
    """20 signs of 64: a lucky run of leet and words would have to cover them all."""
    assert [one for one in (secrets.token_urlsafe(15) for _ in range(300)) if why_weak(one)] == []


def test_words_of_the_list_are_folded_and_letters_alone():
    assert [word for word in OWN_WORDS if not set(word) <= set(string.ascii_lowercase)] == []


@given(st.lists(st.sampled_from(OWN_WORDS), min_size=1, max_size=3), st.lists(DRESSING, min_size=4, max_size=4))
def test_three_words_or_fewer_are_refused_whatever_digits_and_signs_stand_around_them(words, dressing):
    dressed = "".join(part for pair in zip(dressing, [*words, "", ""], strict=False) for part in pair) + "2026!"
    assert why_weak(dressed) is not None


@given(st.lists(st.sampled_from(OWN_WORDS), min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_capitals_leet_and_signs_within_the_words_hide_nothing(words, chance):
    def dress(letter):
        worn = chance.choice([letter, letter.upper(), *LEET.get(letter, "")])
        return worn + chance.choice(["", "", "", "-", "6"])

    assert why_weak("".join(dress(letter) for letter in "".join(words)) + "-2026-2026") is not None


@given(st.text(max_size=MOST + 20), st.lists(st.text(max_size=20), max_size=3))
def test_any_text_is_judged(password, own):
    reason = why_weak(password, own)
    assert reason is None or reason.endswith(".")
    assert len(password) >= LEAST or reason == TOO_SHORT


@given(st.text(min_size=LEAST, max_size=60), st.text(min_size=1, max_size=20))
def test_more_names_of_ones_own_never_make_a_refused_password_pass(password, own):
    if why_weak(password):
        assert why_weak(password, [own])


@given(st.lists(st.sampled_from("bcdfghjkmnpqrstvwxz"), min_size=16, max_size=16), st.sampled_from([1, 2, 8]))
def test_a_part_said_again_adds_nothing(letters, length):
    assert why_weak("".join(letters[:length]) * 12) is not None


def test_longest_worst_text_is_judged_at_once():
    """Each sign has three readings: what is held at one moment stays bounded by the words that begin so."""
    held, steps = [], staff_passwords._steps
    for start in ("1l" * 128, "0o1i" * 64, "4a3e" * 64):
        begun = {"": 0}
        for sign in start:
            begun = dict(steps(begun, sign, []))
            held.append(len(begun))
    assert max(held) < 100
