"""Servers of one database have the same keys: whoever has others serves nobody and counts nothing."""

from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from auth_codes.codes import known_keys
from auth_codes.crypto import fingerprints
from auth_codes.crypto.fingerprints import FIRST, WrongKeys
from auth_codes.models import KeyFingerprint, SecurityEvent

pytestmark = pytest.mark.django_db

KEY, OTHER, THIRD = bytes(range(32)), bytes(range(32, 64)), bytes(range(64, 96))


@pytest.fixture
def judge(settings, monkeypatch):
    """Judges the test's own connection as a process would that has just begun; says why it is refused."""
    settings.SECRET_CODE_KEYS, settings.JOURNAL_KEYS = {"cle-1": KEY}, {"journal-1": KEY}
    monkeypatch.setattr(connection, "close", lambda: None)

    def judged() -> str:
        monkeypatch.setattr(known_keys, "_agreed", set())
        try:
            known_keys.judge_connection(connection)
        except WrongKeys as refused:
            return str(refused)
        return ""

    return judged


def test_keys_that_no_server_had_before_are_written_down_once(judge):
    assert (judge(), judge()) == ("", "")
    known = KeyFingerprint.objects.values_list("variable", "key_id")
    assert {variable for variable, _ in known} == {"SECRET_CODE_KEYS", "JOURNAL_KEYS", "SECRET_KEY", FIRST}
    assert len(known) == 4


def test_agreed_once_the_database_is_asked_no_more(judge, django_assert_num_queries):
    judge()
    assert known_keys.have_agreed()
    with django_assert_num_queries(0):
        known_keys.judge_connection(connection)


@pytest.mark.parametrize("variable", ["SECRET_CODE_KEYS", "JOURNAL_KEYS"])
def test_another_key_under_a_known_id_is_refused_by_its_name(judge, settings, variable):
    judge()
    [key_id] = getattr(settings, variable)
    setattr(settings, variable, {"new": THIRD, key_id: OTHER})
    assert f"{variable} « {key_id} » y est une autre clé" in judge()
    assert not known_keys.have_agreed()
    assert not KeyFingerprint.objects.filter(key_id="new").exists()


@pytest.mark.parametrize("variable", ["SECRET_CODE_KEYS", "JOURNAL_KEYS"])
def test_server_that_shares_no_key_of_a_kind_is_refused(judge, settings, variable):
    """It would take each right code for a wrong one, on the counters that all servers share."""
    assert judge() == ""
    setattr(settings, variable, {"cle-9": OTHER})
    assert judge() == known_keys.FOREIGN


def test_two_servers_agree_at_each_step_of_a_rotation(judge, settings):
    steps = [{"cle-1": KEY}, {"cle-1": KEY, "cle-2": OTHER}, {"cle-2": OTHER, "cle-1": KEY}, {"cle-2": OTHER}]
    for before, after in pairwise(steps):
        for keys in (before, after, before):
            settings.SECRET_CODE_KEYS = keys
            assert judge() == ""


def place(settings, secret, *fallbacks):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = secret, list(fallbacks)


def test_two_servers_agree_at_each_step_but_the_exchange_of_the_secret_key(judge, settings, capsys):
    for secrets in (["old"], ["old", "new"], ["old"], ["old", "new"]):
        place(settings, *secrets)
        assert judge() == ""
    place(settings, "new", "old")
    assert judge() == known_keys.NOT_FIRST  # it would verify five more wrong codes beside the others
    assert not known_keys.have_agreed()
    call_command("exchange_secret_key")
    assert "counts_under" in capsys.readouterr().out
    for secrets in (["new", "old"], ["new"], ["new", "old"]):
        place(settings, *secrets)
        assert judge() == ""
    place(settings, "old", "new")
    assert judge() == known_keys.NOT_FIRST
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.KEYS_ACCEPTED).count() == 1


def test_exchange_without_the_former_secret_key_or_with_another_ones_keys_is_refused(judge, settings):
    place(settings, "old", "new")
    assert judge() == ""
    place(settings, "new")
    with pytest.raises(CommandError, match="SECRET_KEY de la base"):
        call_command("exchange_secret_key")
    place(settings, "new", "old")
    settings.SECRET_CODE_KEYS = {"cle-1": OTHER}
    with pytest.raises(CommandError, match="cle-1"):
        call_command("exchange_secret_key")
    place(settings, "old", "new")
    settings.SECRET_CODE_KEYS = {"cle-1": KEY}
    assert judge() == ""


def test_secret_key_that_no_server_shares_is_refused(judge, settings):
    judge()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "foreign", ["foreign too"]
    assert "SECRET_KEY de la base" in judge()


def test_same_key_under_two_ids_has_two_fingerprints_that_hold_nothing_of_it(settings):
    settings.SECRET_CODE_KEYS = {"cle-1": KEY, "cle-2": KEY}
    first, second = [key.digest for key in fingerprints.at_hand() if key.variable == "SECRET_CODE_KEYS"]
    assert first != second
    assert KEY.hex() not in first + second


def test_lost_keys_are_given_up_by_one_command_and_a_line_of_the_journal(judge, settings, capsys):
    judge()
    settings.SECRET_CODE_KEYS, settings.SECRET_KEY = {"cle-1": OTHER}, "drawn anew"
    assert judge()
    call_command("accept_keys")
    assert "SECRET_CODE_KEYS cle-1" in capsys.readouterr().out
    assert judge() == ""
    settings.SECRET_CODE_KEYS = {"cle-1": KEY}
    assert judge()
    [line] = SecurityEvent.objects.filter(kind=SecurityEvent.Kind.KEYS_ACCEPTED)
    assert "cle-1" in line.details["keys"]


def test_command_without_keys_is_not_judged(judge, settings):
    judge()
    settings.SECRET_CODE_KEYS, settings.SECRET_KEY = {}, "drawn for this process"
    assert judge() == ""
