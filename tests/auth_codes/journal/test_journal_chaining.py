"""What has committed is chained, in whatever order, by however many timers, and once."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from auth_codes import journal
from auth_codes.journal import chain, chain_keys, chaining, subjects
from auth_codes.journal.chain import Link
from auth_codes.models import JournalLink, SecurityEvent
from tests import processes
from tests.auth_codes.journal.journals import KEYS, LATER, NOW, chain_lines, chain_lines_later, findings, write

pytestmark = pytest.mark.django_db

Kind = SecurityEvent.Kind


def chained() -> list[tuple[int, int]]:
    return list(JournalLink.objects.order_by("position").values_list("position", "event_id"))


def test_lines_are_chained_in_their_order_from_the_first_position_on():
    lines = write(3)
    assert chain_lines() == chain.head()
    assert chained() == [(number, line.pk) for number, line in enumerate(lines, start=1)]


def test_second_run_chains_only_what_came_since():
    write(2)
    before = chain_lines()
    assert chain_lines() == before
    write(1)
    assert chain_lines().position == 3
    assert findings() == []


def commit_as(pk, kind=Kind.LOGGED_IN):
    """A line whose id was drawn earlier, or later, than it is seen."""
    line = SecurityEvent(pk=pk, kind=kind)
    line.save(force_insert=True)
    subjects.write_many([line])


def test_line_that_commits_after_a_higher_one_is_chained_when_it_is_there():
    [first] = write(1)
    commit_as(first.pk + 5)
    chain_lines()
    commit_as(first.pk + 2, kind=Kind.LOGGED_OUT)
    chain_lines()
    assert chained() == [(1, first.pk), (2, first.pk + 5), (3, first.pk + 2)]
    assert findings() == []


def test_line_slipped_in_below_what_is_settled_is_never_chained():
    first, _ = write(2)
    chain_lines()
    chain_lines_later()
    SecurityEvent(pk=first.pk - 1, kind=Kind.LOGGED_IN).save(force_insert=True)
    assert chain_lines(LATER).position == 3


def test_line_that_commits_late_is_chained_after_a_day_without_the_timer():
    [first] = write(1)
    commit_as(first.pk + 2)
    chain_lines()
    commit_as(first.pk + 1)
    next_day = NOW + timedelta(days=1)
    assert findings(next_day) == []
    chain_lines(next_day)
    assert chained() == [(1, first.pk), (2, first.pk + 2), (3, first.pk + 1)]
    assert findings(next_day + timedelta(days=1)) == []


def test_line_that_commits_late_is_chained_after_a_clock_that_ran_ahead():
    [first] = write(1)
    chain_lines()
    commit_as(first.pk + 2)
    chain_lines(NOW + timedelta(days=365))
    commit_as(first.pk + 1)
    assert chain_lines(NOW + timedelta(minutes=5)).position == 3


def test_line_is_written_without_a_look_at_the_chain(django_assert_num_queries):
    chain_lines()
    # Itself, and whose journal it is read in; PostgreSQL is sent both at once.
    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 2):
        journal.record(Kind.LOGGED_IN)


def test_line_is_written_down_alike_on_every_database_and_after_reading_back(advisor):
    at = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    fields = {"owner": advisor, "kind": "logged_in", "address": "2001:db8::ffff:1", "user_agent": "É/1\U0001f600"}
    line = SecurityEvent.objects.create(at=at, details={"z": 1, "a": "é"}, **fields)
    assert chain.lines([line.pk])[line.pk] == {
        "id": line.pk,
        "at": "2026-03-29 01:30:00.000000",
        "kind": "logged_in",
        "owner_id": advisor.pk,
        "by_id": None,
        "address": "20010db80000000000000000ffff0001",
        "user_agent": "É/1\U0001f600",
        "details": {"z": 1, "a": "é"},
    }


def test_moment_keeps_its_microseconds():
    [line] = write(1, at=datetime(2026, 3, 29, 1, 30, 5, 70, tzinfo=UTC))
    assert chain.lines([line.pk])[line.pk]["at"] == "2026-03-29 01:30:05.000070"


def test_text_that_is_signed_never_changes():
    """Whoever makes this fail needs a new format: what is chained already must still verify."""
    line = {"id": 7, "at": "2026-03-29 01:30:00.000000", "kind": "k", "owner_id": 3, "by_id": None}
    line |= {"address": "c0000207", "user_agent": "É", "details": {"z": 1, "a": "é"}}
    link = Link(12, 7, "2026-03-29 01:35:00.000000", 2, "journal-1", b"")
    mac = chain.mac_of(KEYS["journal-1"], b"\x01" * 32, link, line)
    assert mac.hex() == "433bb730cd5f18e11069f7f87cc0b3054b3b963cfa738806b210aa1dbe35cf57"
    assert (
        chain.place_of(link._replace(mac=mac)).mac.hex()
        == "45d5089f0ccd477c2f3b9869e19847b0f50a456b9059100f020911ad42b58730"
    )


def test_every_column_of_the_journal_is_signed():
    assert {field.attname for field in SecurityEvent._meta.concrete_fields} == set(chain.COLUMNS)


def test_link_names_the_first_key_and_other_keys_verify(settings):
    settings.JOURNAL_KEYS = KEYS
    write(1)
    chain_lines()
    settings.JOURNAL_KEYS = {"journal-2": b"2" * 32, **KEYS}
    write(1)
    chain_lines()
    assert list(JournalLink.objects.order_by("position").values_list("key_id", flat=True)) == ["journal-1", "journal-2"]
    assert findings() == []


def test_without_keys_of_its_own_the_journal_is_chained_under_one_derived_from_the_secret_key(settings):
    write(1)
    chain_lines()
    assert JournalLink.objects.get().key_id.startswith("secret-key-")
    settings.JOURNAL_KEYS = KEYS
    assert findings() == []


def test_derived_key_written_out_verifies_after_the_secret_key_has_changed(settings):
    write(1)
    chain_lines()
    key_id, _, encoded = chain_keys.derived_in_words().partition(":")
    settings.SECRET_KEY = "another" * 10
    assert [finding.problem.name for finding in findings()] == ["KEY_MISSING"]
    settings.JOURNAL_KEYS = {key_id: base64.b64decode(encoded)}
    assert findings() == []


def test_command_prints_the_head_in_one_line_of_json(capsys):
    write(2)
    call_command("seal_journal")
    figures = json.loads(capsys.readouterr().out)
    [link] = chain.links_after(1, 1)
    assert figures == {"sealed": 2, "position": 2, "mac": chain.place_of(link).mac.hex(), "key": link.key_id}


def test_empty_journal_is_sealed_too(capsys):
    call_command("seal_journal")
    assert json.loads(capsys.readouterr().out)["position"] == 0


def test_two_links_of_one_line_or_at_one_position_are_refused():
    write(2)
    chain_lines()
    fields = {"sealed_at": NOW, "format_version": 1, "key_id": "x", "mac": b"x"}
    [(_, first), (_, _)] = chained()
    for position, event in ((3, first), (2, first + 1000)):
        with pytest.raises(IntegrityError), transaction.atomic():
            JournalLink.objects.create(position=position, event_id=event, **fields)


def test_two_timers_at_once_do_no_harm(kept_journal, race):
    journal.record_many(Kind.LOGGED_IN, [None] * 3000)
    heads = race(lambda number: chaining.chain_new_lines(NOW, lambda count: None), range(3))
    assert sum(done.lines for done in heads) == 3000
    assert [position for position, _ in chained()] == list(range(1, 3001))
    assert findings() == []


def test_lines_written_while_a_timer_runs_are_chained_once(kept_journal, race):
    def act(number):
        if number < 2:
            return chaining.chain_new_lines(NOW, lambda count: None).lines
        for _ in range(20):
            journal.record(Kind.LOGGED_IN)
        return 0

    race(act, range(6))
    chain_lines()
    assert sorted(event for _, event in chained()) == sorted(SecurityEvent.objects.values_list("pk", flat=True))
    assert findings() == []


def test_run_killed_in_the_middle_of_a_batch_goes_on_where_whole_batches_end(kept_journal):
    journal.record_many(Kind.LOGGED_IN, [None] * 5000)
    processes.kill_after(2, "auth_codes.journal.chaining._links", "seal_journal")
    assert JournalLink.objects.count() == chaining.BATCH
    assert chain_lines(NOW + timedelta(minutes=1)).position == 5000
    assert findings() == []
