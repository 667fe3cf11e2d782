"""Addresses that are found once are those that Django finds each time."""

import pytest
from django.urls import NoReverseMatch, reverse, set_script_prefix

from auth_codes import addresses

KEYS = {"account": [7], "operation": [7, 3], "document": [2**63 - 1], "statement_archive": [2025]}


@pytest.mark.parametrize(("name", "keys"), KEYS.items())
def test_address_is_that_of_reverse(name, keys):
    assert addresses.of(name, *keys) == addresses.of(name, *keys) == reverse(name, args=keys)


def test_portal_may_be_mounted_elsewhere():
    assert addresses.of("account", 7) == "/espace-client/comptes/7/"
    set_script_prefix("/{banque}/")
    try:
        assert addresses.of("account", 7) == reverse("account", args=[7])
    finally:
        set_script_prefix("/")
    assert addresses.of("account", 7) == "/espace-client/comptes/7/"


@pytest.mark.parametrize("key", [None, -1, True, "7", "../../admin"])
def test_what_is_no_number_has_no_address(key):
    with pytest.raises(ValueError, match="natural numbers"):
        addresses.of("account", key)


def test_pattern_that_takes_other_arguments_has_none():
    with pytest.raises(NoReverseMatch):
        addresses.of("account", 7, 3)
