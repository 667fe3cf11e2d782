"""Whatever somebody who writes in the database does to the chained journal is found and named."""

import json
from contextlib import nullcontext
from itertools import product

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from auth_codes.journal import chain, chaining
from auth_codes.journal.findings import in_a_sentence
from auth_codes.models import JournalLink, SecurityEvent
from tests.auth_codes.journal.journals import (
    KEYS,
    LATER,
    NOW,
    chain_lines,
    chain_lines_later,
    drop_guards,
    findings,
    problems,
    run,
    write,
)

pytestmark = pytest.mark.django_db

EVENT, LINK = "auth_codes_securityevent", "auth_codes_journallink"
ALTERATIONS = [
    ("at", "2026-11-24 09:00:00.000001"),
    ("kind", "logged_out"),
    ("owner_id", 999999),
    ("owner_id", None),
    ("by_id", None),
    ("address", "192.0.2.8"),
    ("address", None),
    ("user_agent", "Firefox/141.0"),
    ("details", '{"n": 2, "é": "x"}'),
    ("details", "{}"),
]


@pytest.fixture
def lines(settings, advisor):
    """Five chained lines, in a database whose guards have been taken down."""
    settings.JOURNAL_KEYS = KEYS
    written = write(5, owner=advisor, by=advisor)
    chain_lines()
    drop_guards()
    return written


def test_journal_left_alone_is_intact(lines):
    assert findings(LATER, chain.head()) == []


@pytest.mark.parametrize(("column", "value"), ALTERATIONS)
def test_each_changed_column_is_found(lines, column, value):
    run(f"UPDATE {EVENT} SET {column} = %s WHERE id = %s", value, lines[2].pk)
    assert problems() == [("LINE_ALTERED", 3)]


def test_every_column_but_the_number_is_among_those_changed():
    assert {column for column, _ in ALTERATIONS} | {"id"} == set(chain.COLUMNS)


def test_line_under_another_number_is_one_removed_and_one_inserted(lines):
    chain_lines_later()
    run(f"UPDATE {EVENT} SET id = %s WHERE id = %s", lines[0].pk - 1, lines[2].pk)
    assert problems(LATER) == [("LINE_REMOVED", 3), ("LINE_INSERTED", 0)]


@pytest.mark.parametrize("position", range(1, 6))
def test_each_removed_line_is_found(lines, position):
    SecurityEvent.objects.filter(pk=lines[position - 1].pk).delete()
    assert problems() == [("LINE_REMOVED", position)]


@pytest.mark.parametrize("position", range(1, 5))
def test_each_line_removed_with_its_link_is_found(lines, position):
    SecurityEvent.objects.filter(pk=lines[position - 1].pk).delete()
    JournalLink.objects.filter(position=position).delete()
    assert problems(LATER) == [("LINKS_REMOVED", position)]


@pytest.mark.parametrize("position", range(1, 6))
@pytest.mark.parametrize(
    ("column", "value"),
    [("mac", b"x" * 32), ("sealed_at", "2026-11-23 00:00:00"), ("format_version", 3), ("event_id", 999999)],
)
def test_each_altered_link_is_found(lines, position, column, value):
    run(f"UPDATE {LINK} SET {column} = %s WHERE position = %s", value, position)
    assert [at for _, at in problems()] == [position]


def test_altered_mac_is_told_from_an_altered_line_by_the_next_link(lines):
    JournalLink.objects.filter(position=3).update(mac=b"x" * 32)
    assert problems() == [("LINK_ALTERED", 3)]


@pytest.mark.parametrize("position", range(1, 5))
@pytest.mark.parametrize("changed", [{}, {"user_agent": "x"}])
def test_made_up_key_hides_no_altered_line(lines, position, changed):
    SecurityEvent.objects.filter(pk=lines[position - 1].pk).update(**changed or {"kind": "logged_in"})
    JournalLink.objects.filter(position=position).update(key_id="secret-key-0badc0de")
    assert problems() == [("LINE_OR_LINK_ALTERED", position), ("KEY_MISSING", position)]


@pytest.mark.parametrize("position", range(1, 6))
def test_link_that_names_another_key_at_hand_is_found(lines, position, settings):
    settings.JOURNAL_KEYS = KEYS | {"journal-2": b"2" * 32}
    JournalLink.objects.filter(position=position).update(key_id="journal-2")
    assert problems() == [("LINE_OR_LINK_ALTERED", position)]


def test_made_up_key_of_the_last_link_is_found_with_a_head_that_was_printed(lines):
    head = chain.head()
    JournalLink.objects.filter(position=5).update(key_id="secret-key-0badc0de")
    assert problems(NOW, head) == [("KEY_MISSING", 5), ("HEAD_DIFFERS", 5)]


def test_made_up_key_of_every_link_is_found_with_a_head_that_was_printed(lines):
    head = chain.head()
    JournalLink.objects.update(key_id="secret-key-0badc0de")
    chain_lines_later()
    assert problems(NOW, head) == [("KEY_MISSING", 1), ("HEAD_DIFFERS", 5)]


def test_nothing_after_the_last_line_tells_whether_it_or_its_link_was_altered(lines):
    SecurityEvent.objects.filter(pk=lines[4].pk).update(kind="logged_out")
    assert problems() == [("LINE_OR_LINK_ALTERED", 5)]


@pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 4), (1, 5), (4, 5)])
def test_swapped_macs_are_found(lines, one, other):
    macs = dict(JournalLink.objects.values_list("position", "mac"))
    JournalLink.objects.filter(position=one).update(mac=macs[other])
    JournalLink.objects.filter(position=other).update(mac=macs[one])
    assert {one, other} <= {position for _, position in problems()}


@pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 4), (4, 5)])
def test_lines_put_in_each_other_s_place_are_found(lines, one, other):
    events = dict(JournalLink.objects.values_list("position", "event_id"))
    JournalLink.objects.filter(position=one).update(event_id=-1)
    JournalLink.objects.filter(position=other).update(event_id=events[one])
    JournalLink.objects.filter(position=one).update(event_id=events[other])
    assert {position for _, position in problems()} == {one, other}


def test_link_made_without_the_key_is_found(lines):
    [line] = write(1)
    forged = {"sealed_at": NOW, "format_version": 1, "key_id": "journal-1", "mac": b"x" * 32}
    JournalLink.objects.create(position=6, event_id=line.pk, **forged)
    assert problems() == [("LINE_OR_LINK_ALTERED", 6)]


def test_line_inserted_among_sealed_ones_is_found(lines):
    chain_lines_later()
    SecurityEvent(pk=lines[0].pk - 1, kind="logged_in").save(force_insert=True)
    assert [(finding.problem.name, finding.event_id) for finding in findings(LATER)] == [
        ("LINE_INSERTED", lines[0].pk - 1)
    ]


def test_tail_that_was_cut_is_found_with_a_head_that_was_printed(lines):
    head = chain.head()
    JournalLink.objects.filter(position__gte=4).delete()
    SecurityEvent.objects.filter(pk__in=[lines[3].pk, lines[4].pk]).delete()
    assert problems() == []
    assert [(finding.problem.name, finding.position, finding.last) for finding in findings(NOW, head)] == [
        ("TAIL_REMOVED", 4, 5)
    ]


def test_tail_chained_anew_is_not_the_one_that_was_printed(lines):
    head = chain.head()
    JournalLink.objects.filter(position__gte=4).delete()
    SecurityEvent.objects.filter(pk=lines[4].pk).update(kind="logged_out")
    chain_lines()
    assert problems() == []
    assert problems(NOW, head) == [("HEAD_DIFFERS", 5)]


def test_several_alterations_are_each_found(lines):
    SecurityEvent.objects.filter(pk=lines[0].pk).update(user_agent="x")
    SecurityEvent.objects.filter(pk=lines[2].pk).delete()
    SecurityEvent.objects.filter(pk=lines[3].pk).update(address="192.0.2.9")
    assert problems() == [("LINE_ALTERED", 1), ("LINE_REMOVED", 3), ("LINE_ALTERED", 4)]


# What a column of this database takes though the portal never writes it: PostgreSQL types its columns.
RUBBISH = {
    "sqlite": list(product(["at", "kind", "owner_id", "address", "user_agent"], ["rubbish", b"\xff\x00", -1.5])),
    "postgresql": [("at", "infinity"), ("at", "-infinity"), ("at", "0001-01-01 00:00:00 BC")],
}


@pytest.mark.parametrize(("column", "value"), RUBBISH[connection.vendor])
def test_rubbish_in_a_column_is_named_and_stops_nothing(lines, column, value):
    run(f"UPDATE {EVENT} SET {column} = %s WHERE id = %s", value, lines[2].pk)
    assert problems() == [("LINE_ALTERED", 3)]


def test_link_of_an_infinite_moment_is_named_and_stops_nothing(lines):
    run(f"UPDATE {LINK} SET sealed_at = 'infinity' WHERE position = %s", 3)
    assert problems() == [("LINE_ALTERED", 3)]


def test_missing_key_is_named_and_told_in_both_readings(lines, settings):
    settings.JOURNAL_KEYS = {"journal-2": b"2" * 32}
    write(1)
    chain_lines()
    [finding] = findings()
    assert (finding.problem.name, finding.position, finding.last, finding.key_id) == ("KEY_MISSING", 1, 5, "journal-1")
    assert "remettez-la dans JOURNAL_KEYS" in in_a_sentence(finding)
    assert "si elle n’a jamais été la vôtre" in in_a_sentence(finding)


def test_other_key_under_the_same_name_proves_nothing(lines, settings):
    settings.JOURNAL_KEYS = {"journal-1": b"2" * 32}
    assert len(problems()) == 5


def test_verify_says_how_many_lines_are_proved_and_how_many_wait(lines, capsys):
    write(2)
    call_command("verify_journal")
    printed = capsys.readouterr()
    figures = json.loads(printed.out)
    assert (figures["verified"], figures["waiting"], figures["findings"], figures["position"]) == (5, 2, 0, 5)
    assert "Journal intact : 5 lignes vérifiées, 2 en attente" in printed.err


def test_command_ends_with_an_error_and_a_sentence_for_each_finding(lines, capsys):
    SecurityEvent.objects.filter(pk=lines[2].pk).delete()
    with pytest.raises(CommandError, match="1 constat"):
        call_command("verify_journal")
    printed = capsys.readouterr()
    assert json.loads(printed.out)["findings"] == 1
    assert f"Position 3 : la ligne {lines[2].pk} a été supprimée du journal." in printed.err


def test_head_that_was_printed_is_taken_as_it_was_printed(lines, capsys):
    head = chain.head()
    call_command("verify_journal", "--head", f"{head.position}:{head.mac.hex()}")
    with pytest.raises(CommandError):
        call_command("verify_journal", "--head", f"{head.position + 1}:{head.mac.hex()}")
    assert "Positions 6 à 6 : la fin de la chaîne manque." in capsys.readouterr().err


@pytest.mark.parametrize("text", ["12", "0:" + "a" * 64, "x:" + "a" * 64, "3:" + "a" * 63])
def test_head_that_is_none_is_refused(lines, text):
    with pytest.raises(CommandError, match="POSITION:SCEAU"):
        call_command("verify_journal", "--head", text)


def test_reading_takes_as_many_queries_as_there_are_batches(lines, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr("auth_codes.journal.verification.BATCH", 2)
    # Two of them for the proofs that outlive the journal, one for whom searches have shown. PostgreSQL is asked for the
    # journal's lock as well, and to let go of it.
    locks = 2 if connection.vendor == "postgresql" else 0
    with django_assert_max_num_queries(20 + locks):
        assert findings() == []


def test_database_refuses_to_change_a_line():
    [line] = write(1)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        SecurityEvent.objects.filter(pk=line.pk).update(user_agent="x")
    assert SecurityEvent.objects.get(pk=line.pk).user_agent == "Firefox/140.0"


def test_database_refuses_to_delete_a_chained_line():
    [line] = write(1)
    chain_lines()
    with pytest.raises(IntegrityError, match="never"), transaction.atomic():
        SecurityEvent.objects.filter(pk=line.pk).delete()
    assert SecurityEvent.objects.filter(pk=line.pk).exists()


def test_line_that_is_not_chained_yet_is_kept_by_postgresql_alone():
    """Django empties its test tables on SQLite by deleting; see the migration."""
    refused = pytest.raises(IntegrityError, match="never changed")
    [line] = write(1)
    with refused if connection.vendor == "postgresql" else nullcontext(), transaction.atomic():
        SecurityEvent.objects.filter(pk=line.pk).delete()


def test_settled_lines_are_those_chained_six_hours_before_the_last_sealing(lines):
    assert chaining.settled(LATER) == 0
    chain_lines_later()
    assert chaining.settled(LATER) == lines[4].pk
