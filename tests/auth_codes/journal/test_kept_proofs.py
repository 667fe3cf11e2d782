"""What proves a report, a lock or a closing outlives the journal by five months, and can be proved itself."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from auth_codes.journal import chaining, proofs, purging
from auth_codes.models import KeptProof, SecurityEvent
from tests import processes
from tests.auth_codes.journal.journals import KEYS, LATER, NOW, chain_lines, problems, run, write

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2025, 10, 20, 12, tzinfo=UTC)
Kind = SecurityEvent.Kind
GUARD = {
    "postgresql": "DROP TRIGGER proof_is_never_updated ON auth_codes_keptproof",
    "sqlite": "DROP TRIGGER proof_is_never_updated",
}


def purge(now=NOW):
    return purging.purge(now, lambda count: None)


@pytest.fixture
def reported(transactional_guard):
    """Three lines that prove something, among others, all purged from the journal."""
    for number, kind in enumerate((Kind.CLOSED_BY_OWNER, Kind.ACCESS_CLOSED, Kind.BLOCK_LIFTED)):
        write(2, at=LONG_AGO + timedelta(hours=number))
        write(1, at=LONG_AGO + timedelta(hours=number, minutes=1), kind=kind, details={"number": str(number)})
    chain_lines()
    assert purge().purged == 9
    return list(KeptProof.objects.order_by("number"))


@pytest.fixture
def transactional_guard(db):
    """What the owner of the database can do: the trigger is gone, for the rest of this test's transaction."""
    run(GUARD[connection.vendor])


def test_only_what_proves_a_report_or_a_closing_is_kept(reported):
    lines = [json.loads(proof.line) for proof in reported]
    assert [line["kind"] for line in lines] == [Kind.CLOSED_BY_OWNER, Kind.ACCESS_CLOSED, Kind.BLOCK_LIFTED]
    assert [line["details"] for line in lines] == [{"number": "0"}, {"number": "1"}, {"number": "2"}]
    assert [proof.position for proof in reported] == [3, 6, 9]
    assert not SecurityEvent.objects.filter(kind__in=proofs.PROVING).exists()


@pytest.mark.proves("PSD2 70(1)(c)")
@pytest.mark.parametrize("kind", [Kind.ACCESS_LOCKED, Kind.ACCESS_UNLOCKED])
def test_line_of_a_lock_and_of_its_end_are_kept_too(kind):
    write(1, at=LONG_AGO, kind=kind)
    chain_lines()
    purge()
    assert json.loads(KeptProof.objects.get().line)["kind"] == kind


def test_kept_line_still_has_the_mac_of_its_day(reported):
    assert [proofs.is_as_it_was_chained(proof) for proof in reported] == [True] * 3
    altered = reported[0]
    altered.line = altered.line.replace("192.0.2", "192.0.3").replace(Kind.CLOSED_BY_OWNER, Kind.BLOCK_LIFTED)
    assert proofs.is_as_it_was_chained(altered) is False


def test_kept_proofs_verify(reported):
    assert problems(LATER) == []


@pytest.mark.parametrize(
    "column", ["line", "at", "position", "sealed_at", "link_format", "link_key_id", "mac", "after", "before", "kept_at"]
)
def test_any_altered_column_is_found(reported, column):
    others = {"line": "{}", "at": NOW, "kept_at": LONG_AGO, "position": 7, "link_format": 1}
    KeptProof.objects.filter(number=2).update(**{column: others.get(column, b"x" if column != "sealed_at" else "x")})
    assert ("PROOF_ALTERED", 2) in problems(LATER)


def test_removed_proof_is_found_wherever_it_stood(reported):
    for number, place in ((2, 2), (1, 1), (3, 1)):
        KeptProof.objects.filter(number=number).delete()
        assert ("PROOFS_REMOVED", place) in problems(LATER)


def test_proof_slipped_in_is_found(reported):
    made_up = reported[2]
    made_up.number = 4
    made_up.save(force_insert=True)
    assert ("PROOF_ALTERED", 4) in problems(LATER)


def test_proof_of_another_key_is_said_to_be_unreadable(reported):
    KeptProof.objects.filter(number=3).update(key_id="journal-9")
    assert ("PROOF_KEY_MISSING", 3) in problems(LATER)


def test_proofs_follow_a_rotation_of_the_keys(reported, settings):
    settings.JOURNAL_KEYS = {"journal-2": bytes(32), **settings.JOURNAL_KEYS, **KEYS}
    write(1, at=LONG_AGO + timedelta(days=1), kind=Kind.CLOSED_BY_OWNER)
    assert problems(LATER) == []


def test_proofs_go_after_eighteen_months_and_the_numbers_go_on(reported):
    lasts = reported[2].at + relativedelta(months=18) + timedelta(days=1)
    assert purge(lasts - timedelta(days=3)).proofs_purged == 0
    assert purge(lasts).proofs_purged == 3
    assert not KeptProof.objects.exists()
    assert proofs.expected() == (4, 3)
    now = timezone.now()  # which the line about this purge tells
    write(1, at=now, kind=Kind.ACCESS_CLOSED)
    chain_lines(now + chaining.SETTLED_AFTER + timedelta(minutes=1))
    much_later = now + relativedelta(months=14)
    purge(much_later)
    assert list(KeptProof.objects.values_list("number", flat=True)) == [4]
    assert problems(much_later) == []


def test_another_run_keeps_nothing_twice(reported):
    assert purge().purged == 0
    assert KeptProof.objects.count() == 3


def test_database_lets_nobody_change_a_proof():
    write(1, at=LONG_AGO, kind=Kind.CLOSED_BY_OWNER)
    chain_lines()
    purge()
    with pytest.raises(DatabaseError), transaction.atomic():
        KeptProof.objects.update(line="{}")


def test_command_says_how_many_proofs_went():
    said = io.StringIO()
    call_command("purge_journal", stdout=said)
    assert json.loads(said.getvalue())["proofs_purged"] == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_purge_killed_between_copy_and_deletion_keeps_each_line_once(kept_journal):
    write(1, at=LONG_AGO, kind=Kind.CLOSED_BY_OWNER)
    chain_lines()
    processes.kill_after(1, "auth_codes.journal.proofs.keep", "purge_journal")
    assert not KeptProof.objects.exists()
    assert SecurityEvent.objects.filter(kind=Kind.CLOSED_BY_OWNER).count() == 1
    purge()
    assert KeptProof.objects.count() == 1
    assert problems(LATER) == []


def test_proofs_are_listed_one_by_one(reported):
    said = io.StringIO()
    call_command("list_kept_proofs", stdout=said)
    listed = [json.loads(line) for line in said.getvalue().splitlines()]
    assert [(proof["number"], proof["is_as_it_was_chained"]) for proof in listed] == [(1, True), (2, True), (3, True)]
    assert listed[1]["line"]["kind"] == Kind.ACCESS_CLOSED
    nobody = io.StringIO()
    call_command("list_kept_proofs", "--owner", "424242", stdout=nobody)
    assert nobody.getvalue() == ""
