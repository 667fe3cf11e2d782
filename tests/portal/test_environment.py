"""Variables that bound attacks: read exactly, refused in a sentence that helps."""

from ipaddress import ip_network

import pytest

from banking_portal.environment import (
    BadEnvironment,
    carrier_networks,
    letter_signers,
    letter_signing_key,
    whole_number,
)
from tests.portal.starting import key, manage

CARRIERS, SLOTS = "CARRIER_NETWORKS", "HASHING_SLOTS"


@pytest.mark.parametrize("text", ["", " ", ",", " , "])
def test_no_carrier_is_none(monkeypatch, text):
    monkeypatch.setenv(CARRIERS, text)
    assert carrier_networks(CARRIERS) == ()


def test_carriers_are_read_with_their_limits_the_narrowest_range_first(monkeypatch):
    monkeypatch.setenv(CARRIERS, "198.51.0.0/16=500, 198.51.100.0/24 = 2000,2001:db8::/32=3000,192.0.2.1/32=7")
    assert carrier_networks(CARRIERS) == (
        (ip_network("2001:db8::/32"), 3000),
        (ip_network("192.0.2.1/32"), 7),
        (ip_network("198.51.100.0/24"), 2000),
        (ip_network("198.51.0.0/16"), 500),
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("orange=2000", "contient « orange=2000 », dont la partie gauche n’est pas un réseau"),
        ("=2000", "contient « =2000 », dont la partie gauche n’est pas un réseau"),
        ("198.51.100.0/33=2000", "n’est pas un réseau"),
        ("198.51.100.0/24", "qui n’est pas de la forme réseau=nombre"),
        ("198.51.100.0/24=", "qui n’est pas de la forme réseau=nombre"),
        ("198.51.100.0/24=0", "qui n’est pas de la forme réseau=nombre"),
        ("198.51.100.0/24=-1", "qui n’est pas de la forme réseau=nombre"),
        ("198.51.100.0/24=1_000", "qui n’est pas de la forme réseau=nombre"),
        ("198.51.100.0/24=beaucoup", "qui n’est pas de la forme réseau=nombre"),
        ("198.51.100.0/24=\u0662", "qui n’est pas de la forme réseau=nombre"),
        ("198.51.100.0/24=99999999", "qui n’est pas de la forme réseau=nombre"),
        ("198.51.100.7/24=2000", "contient « 198.51.100.7/24=2000 » : ce réseau s’écrit 198.51.100.0/24"),
        ("2001:db8::1/32=2000", "ce réseau s’écrit 2001:db8::/32"),
        ("192.0.2.0/24=1,198.51.100.0/24=1,192.0.2.0/24=2", "donne deux fois le réseau 192.0.2.0/24"),
    ],
)
def test_carriers_that_cannot_be_read_are_named_in_french_with_an_example(monkeypatch, text, problem):
    monkeypatch.setenv(CARRIERS, text)
    with pytest.raises(BadEnvironment) as refused:
        carrier_networks(CARRIERS)
    assert problem in str(refused.value)
    assert "Exemple : 198.51.100.0/24=2000" in str(refused.value)


@pytest.mark.parametrize("text", ["1", "0", "-4", "4.5", "four", "\u0664"])
def test_number_below_the_least_or_none_at_all_is_refused(monkeypatch, text):
    monkeypatch.setenv(SLOTS, text)
    with pytest.raises(BadEnvironment, match="HASHING_SLOTS doit être un nombre entier d’au moins 2"):
        whole_number(SLOTS, default=4, least=2)


@pytest.mark.parametrize(("text", "number"), [("", 4), (" 2 ", 2), ("10000000", 10_000_000)])
def test_number_is_read(monkeypatch, text, number):
    monkeypatch.setenv(SLOTS, text)
    assert whole_number(SLOTS, default=4, least=2) == number


def test_command_ends_with_the_sentence_alone(environment):
    done = manage(environment | {CARRIERS: "orange=2000"}, "check")
    assert done.returncode == 1
    assert "CARRIER_NETWORKS contient « orange=2000 »" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "text", ["ed25519:AAAA", "nonsense", "age1qxv5jfwqtcr2cakx92j5tj9w3gey0ag34x520flk4v8r37v3g5dsn66h4s"]
)
def test_signer_that_is_no_public_key_is_refused_with_the_way_to_have_it(monkeypatch, text):
    monkeypatch.setenv("LETTER_SIGNER", text)
    with pytest.raises(BadEnvironment, match="LETTER_SIGNER donne autre chose") as refused:
        letter_signers()
    assert "manage.py letter_signer" in str(refused.value)


def test_signing_key_may_be_absent_but_is_one_alone(monkeypatch):
    monkeypatch.delenv("LETTER_SIGNING_KEY", raising=False)
    assert letter_signing_key(demo=False) is None
    monkeypatch.setenv("LETTER_SIGNING_KEY", key())
    assert len(letter_signing_key(demo=False)) == 32
    monkeypatch.setenv("LETTER_SIGNING_KEY", f"{key()},{key('cle-2')}")
    with pytest.raises(BadEnvironment, match="LETTER_SIGNING_KEY donne plusieurs clés"):
        letter_signing_key(demo=False)
