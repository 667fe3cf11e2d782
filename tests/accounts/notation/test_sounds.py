import pytest

from accounts.notation import names, sounds


@pytest.mark.parametrize(
    "alike",
    [
        "Lefebvre Lefèvre LeFèvre", "Durand Durant Duran", "Dupont Dupond", "Schmitt Schmit", "Gauthier Gautier Gotier",
        "Thibault Thibaut Thibaud", "Moreau Morau Moro", "Mathieu Matthieu Mathieux", "Philippe Filipe",
        "Christophe Kristof", "Renaud Renault Reno", "Girard Jirard Girart", "Georges George", "Rousseau Rousso",
        "Lemaître Lemètre", "Chevalier Chevallier", "Martin Martain", "Blanc Blan", "Marie Mary", "Leroy Leroi",
    ],
)  # fmt: skip
def test_names_said_alike_have_one_key(alike):
    assert len({sounds.key(names.key(name)) for name in alike.split()}) == 1


@pytest.mark.parametrize(
    "apart", ["Martin Martine Marton", "Durand Durieu", "Petit Petiot", "Roux Ruiz", "Guérin Gérin"]
)
def test_names_said_otherwise_have_others(apart):
    assert len({sounds.key(names.key(name)) for name in apart.split()}) == len(apart.split())


@pytest.mark.parametrize("name", ["", "李", "Нина", "12", "'"])
def test_what_is_no_latin_letter_has_no_sound(name):
    assert sounds.key(names.key(name)) == ""
