"""After thirteen months a line goes, and what is left is proved as before."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from auth_codes import journal
from auth_codes.journal import chain, chain_keys, chaining, mentions, purging, subjects
from auth_codes.models import JournalCheckpoint, JournalLink, JournalMention, SecurityEvent
from tests import processes
from tests.auth_codes.journal.journals import KEYS, LATER, NOW, chain_lines, drop_guards, findings, problems, write

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2025, 10, 23, 12, tzinfo=UTC)
Kind = SecurityEvent.Kind


def purge(now=NOW):
    return purging.purge(now, lambda count: None)


def numbers() -> list[int]:
    return list(SecurityEvent.objects.exclude(kind=Kind.JOURNAL_PURGED).order_by("id").values_list("id", flat=True))


def forge_checkpoint(position: int) -> None:
    """What somebody without a key leaves to hide that the lines up to there are gone."""
    [link] = chain.links_after(position - 1, 1)
    forged = {"purged_at": NOW, "format_version": chain.FORMAT_VERSION, "key_id": "secret-key-0badc0de"}
    JournalCheckpoint.objects.create(
        position=position, mac=chain.place_of(link).mac, lines=position, signature=b"x" * 32, **forged
    )


@pytest.fixture
def old_and_new():
    """Three lines that are too old, two that are not, all chained."""
    written = [*write(3, at=LONG_AGO), *write(2)]
    chain_lines()
    return written


@pytest.mark.parametrize(
    ("now", "since"),
    [
        ("2026-11-24T09:05", "2025-10-23T22:00"),
        ("2026-11-23T23:30", "2025-10-23T22:00"),  # already the 24th in Paris
        ("2026-03-31T12:00", "2025-02-27T23:00"),
        ("2024-03-31T12:00", "2023-02-27T23:00"),
        ("2025-03-29T12:00", "2024-02-28T23:00"),
        ("2026-01-15T12:00", "2024-12-14T23:00"),
    ],
)
def test_lines_are_kept_for_thirteen_calendar_months(now, since):
    kept = purging.kept_since(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert kept == datetime.fromisoformat(since).replace(tzinfo=UTC)


def test_old_lines_go_and_the_journal_still_verifies(old_and_new):
    assert purge().purged == 3
    assert numbers() == [line.pk for line in old_and_new[3:]]
    assert list(JournalLink.objects.order_by("position").values_list("position", flat=True)) == [4, 5]
    assert findings(LATER) == []


def test_whom_a_line_has_shown_goes_with_it():
    for line in (*write(1, at=LONG_AGO, details={"shown": "7 8"}), *write(1, details={"shown": "8 9"})):
        mentions.write([line])
    chain_lines()
    assert purge().purged == 1
    assert set(JournalMention.objects.values_list("subject", flat=True)) == {8, 9}
    assert findings(LATER) == []


def test_line_of_the_first_kept_day_stays():
    since = purging.kept_since(NOW)
    write(1, at=since - timedelta(microseconds=1))
    write(1, at=since)
    chain_lines()
    assert purge().purged == 1


def test_line_goes_only_when_all_before_it_go():
    [young] = write(1)
    old = write(2, at=LONG_AGO)
    chain_lines()
    assert purge().purged == 0
    assert numbers() == [young.pk, *(line.pk for line in old)]


def test_line_that_is_not_chained_stays():
    write(2, at=LONG_AGO)
    chain_lines()
    [unsealed] = write(1, at=LONG_AGO)
    assert purge().purged == 2
    assert numbers() == [unsealed.pk]


def test_journal_tells_of_its_own_purge(old_and_new):
    purge()
    line = SecurityEvent.objects.get(kind=Kind.JOURNAL_PURGED)
    assert (line.details, line.owner) == ({"lines": 3, "position": 3, "first_proof": 1, "last_proof": 0}, None)


def test_purge_without_anything_old_leaves_nothing_behind(old_and_new):
    purge()
    purge()
    assert JournalCheckpoint.objects.count() == 1
    assert SecurityEvent.objects.filter(kind=Kind.JOURNAL_PURGED).count() == 1


def test_chain_goes_on_after_everything_was_purged():
    write(3, at=LONG_AGO)
    chain_lines()
    purge()
    assert JournalLink.objects.count() == 0
    assert chain_lines().position == 4
    assert findings(LATER) == []


def test_checkpoint_says_when_and_how_many(old_and_new):
    [link] = chain.links_after(2, 1)
    purge()
    checkpoint = JournalCheckpoint.objects.get()
    assert (checkpoint.position, checkpoint.lines, checkpoint.purged_at) == (3, 3, NOW)
    assert (bytes(checkpoint.mac), checkpoint.key_id) == (chain.place_of(link).mac, chain_keys.signing()[0])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("position", 4),
        ("mac", b"x" * 32),
        ("lines", 2),
        ("purged_at", NOW - timedelta(days=1)),
        ("format_version", 3),
        ("signature", b"x" * 32),
    ],
)
def test_each_altered_field_of_a_checkpoint_is_found(old_and_new, field, value):
    purge()
    JournalCheckpoint.objects.update(**{field: value})
    assert problems()[:2] == [("CHECKPOINT_FORGED", value if field == "position" else 3), ("LINKS_REMOVED", 1)]


def test_checkpoint_made_without_the_key_hides_nothing(old_and_new):
    forged = {"mac": b"x" * 32, "lines": 3, "purged_at": NOW, "format_version": 1, "key_id": chain_keys.signing()[0]}
    JournalCheckpoint.objects.create(position=3, signature=b"x" * 32, **forged)
    SecurityEvent.objects.filter(pk__in=[line.pk for line in old_and_new[:3]]).delete()
    JournalLink.objects.filter(position__lte=3).delete()
    assert problems() == [("CHECKPOINT_FORGED", 3), ("LINKS_REMOVED", 1)]


def test_removed_checkpoint_is_found(old_and_new):
    purge()
    JournalCheckpoint.objects.all().delete()
    assert problems() == [("LINKS_REMOVED", 1)]


def test_removed_checkpoint_between_two_is_found(old_and_new):
    purge()
    purge(NOW + timedelta(days=800))
    JournalCheckpoint.objects.get(position=3).delete()
    assert problems(LATER) == [("CHECKPOINT_REMOVED", 1)]


def test_links_put_back_below_a_checkpoint_are_found(old_and_new):
    kept = list(JournalLink.objects.filter(position__lte=3))
    purge()
    JournalLink.objects.bulk_create(kept)
    assert problems() == [("LINKS_LEFT", 1)]


def test_head_below_the_checkpoint_proves_nothing_and_one_at_it_does(old_and_new):
    heads = {link.position: chain.place_of(link) for link in chain.links_after(0, 5)}
    purge()
    assert problems(NOW, heads[2]) == [("HEAD_PURGED", 2)]
    assert problems(NOW, heads[3]) == problems(NOW, heads[5]) == []
    assert problems(NOW, heads[3]._replace(mac=b"x" * 32)) == [("HEAD_DIFFERS", 3)]


@pytest.mark.parametrize("position", [1, 2, 3])
def test_lines_that_do_not_verify_are_evidence_and_stay(old_and_new, position):
    drop_guards()
    SecurityEvent.objects.filter(pk=old_and_new[position - 1].pk).update(user_agent="x")
    JournalLink.objects.filter(position__gt=3).delete()
    with pytest.raises(purging.NotProved):
        purge()
    assert len(numbers()) == 5
    with pytest.raises(CommandError, match=f"Position {position} : la ligne"):
        call_command("purge_journal")


def test_altered_line_under_a_made_up_key_is_evidence_and_stays(old_and_new):
    drop_guards()
    SecurityEvent.objects.filter(pk=old_and_new[1].pk).update(user_agent="x")
    JournalLink.objects.filter(position=2).update(key_id="secret-key-0badc0de")
    with pytest.raises(purging.NotProved):
        purge()
    assert len(numbers()) == 5


def test_lost_key_does_not_keep_lines_for_ever(old_and_new, settings):
    settings.SECRET_KEY = "another" * 10
    assert purge().purged == 3
    assert [(finding.problem.name, finding.position) for finding in findings()] == [("KEY_MISSING", 4)]


def test_checkpoint_whose_key_is_missing_is_named_and_proves_nothing(settings, old_and_new):
    settings.JOURNAL_KEYS = KEYS
    purge()
    settings.JOURNAL_KEYS = {}
    assert problems() == [("CHECKPOINT_KEY_MISSING", 3), ("LINKS_REMOVED", 1)]


def test_missing_key_of_a_checkpoint_is_told_in_both_readings(settings, old_and_new, capsys):
    settings.JOURNAL_KEYS = KEYS
    purge()
    settings.JOURNAL_KEYS = {}
    with pytest.raises(CommandError):
        call_command("verify_journal")
    [sentence, _] = capsys.readouterr().err.splitlines()
    assert "« journal-1 »" in sentence
    assert "remettez-la dans JOURNAL_KEYS" in sentence
    assert "les lignes qui manquent ont été supprimées" in sentence


def test_checkpoint_forged_under_a_made_up_key_hides_nothing(old_and_new):
    forge_checkpoint(position=3)
    SecurityEvent.objects.filter(pk__in=[line.pk for line in old_and_new[:3]]).delete()
    JournalLink.objects.filter(position__lte=3).delete()
    assert problems() == [("CHECKPOINT_KEY_MISSING", 3), ("LINKS_REMOVED", 1)]


def test_purge_does_not_go_on_from_a_checkpoint_under_a_made_up_key(old_and_new):
    forge_checkpoint(position=2)
    SecurityEvent.objects.filter(pk__in=[line.pk for line in old_and_new[:2]]).delete()
    JournalLink.objects.filter(position__lte=2).delete()
    with pytest.raises(purging.NotProved):
        purge()
    assert numbers() == [line.pk for line in old_and_new[2:]]


def test_many_checkpoints_of_one_missing_key_are_one_finding(old_and_new):
    for position in (1, 2, 3):
        forge_checkpoint(position)
    [finding] = findings()
    assert (finding.problem.name, finding.position, finding.last) == ("CHECKPOINT_KEY_MISSING", 1, 3)


def test_key_dropped_after_thirteen_months_is_not_missed(settings, old_and_new):
    settings.JOURNAL_KEYS = KEYS
    purge()
    settings.JOURNAL_KEYS = {"journal-2": b"2" * 32, **KEYS}
    purge(NOW + timedelta(days=800))
    settings.JOURNAL_KEYS = {"journal-2": b"2" * 32}
    assert findings(LATER) == []


def test_database_lets_a_line_go_below_a_checkpoint_alone(old_and_new):
    purge()
    with pytest.raises(IntegrityError), transaction.atomic():
        SecurityEvent.objects.filter(pk=old_and_new[3].pk).delete()


def test_command_prints_what_it_did_in_one_line_of_json(capsys):
    write(2, at=datetime(2020, 1, 1, tzinfo=UTC))
    call_command("seal_journal")
    capsys.readouterr()
    call_command("purge_journal")
    figures = json.loads(capsys.readouterr().out)
    assert (figures["purged"], figures["position"], len(figures["mac"])) == (2, 2, 64)


@pytest.mark.parametrize(
    ("calls", "function", "left"),
    [
        (1, "_leave_checkpoint", 5000),
        (2, "_leave_checkpoint", 5000 - chaining.BATCH),
        (2, "_purge_batch", 5000 - 2 * chaining.BATCH),
    ],
)
def test_run_killed_anywhere_leaves_a_journal_that_verifies(kept_journal, calls, function, left):
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    lines = [SecurityEvent(kind=Kind.LOGGED_IN, at=long_ago) for _ in range(5000)]
    subjects.write_many(SecurityEvent.objects.bulk_create(lines))
    chain_lines()
    processes.kill_after(calls, f"auth_codes.journal.purging.{function}", "purge_journal")
    assert SecurityEvent.objects.filter(kind=Kind.LOGGED_IN).count() == left
    assert findings() == []
    assert purge().purged == left
    chain_lines()
    assert findings() == []


def test_two_purges_a_timer_and_a_reading_at_once_do_no_harm(kept_journal, race):
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    lines = [SecurityEvent(kind=Kind.LOGGED_IN, at=long_ago) for _ in range(5000)]
    subjects.write_many(SecurityEvent.objects.bulk_create(lines))
    chain_lines()
    journal.record(Kind.LOGGED_OUT)
    acts = [lambda: purge().purged, lambda: purge().purged, lambda: len(findings()), lambda: chain_lines() and 0]
    assert sorted(race(lambda act: act(), acts)) == [0, 0, 0, 5000]
    chain_lines()
    assert findings() == []
