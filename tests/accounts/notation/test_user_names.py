"""User names that are read alike."""

import pytest

from accounts.notation.user_names import readings

CLAIRE = "claire.moreau"


@pytest.mark.parametrize(
    "other",
    ["c1aire.moreau", "ciaire.moreau", "Claire-Moreau", "clairemoreau", "moreau.claire", "moreauclaire",
     "claire_moreau", "claire.rnoreau", "cIaire.m0reau", "claire.moreau2", "claire.moreau01", "claire2.moreau",
     "clairre.moreau", "clair3.mor34u", "daire.moreau", "claire+moreau", "Clàire.Moreau", "MOREAU@claire"],
)  # fmt: skip
def test_alike(other):
    assert readings(CLAIRE) & readings(other)


def test_doubled_letters_and_two_that_are_read_as_one():
    assert readings("anne.perrin") & readings("anne.perin")
    assert readings("vvilliam.bernard") & readings("william.bemard")


@pytest.mark.parametrize("other", ["claire.dubois", "paul.moreau", "clara.moreau", "c.moreau", ""])
def test_not_alike(other):
    assert not readings(CLAIRE) & readings(other)


def test_very_long_name_has_few_orders():
    assert len(readings(".".join("abcdefghij"))) <= 2
    assert readings("2") == {"2"}
