"""Handing letters to the workshop: whole batches, each letter in one, repeatable until confirmed."""

import hashlib
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from auth_codes import batches, secret_codes
from auth_codes.models import LetterBatch, SealedLetter, SecurityEvent
from tests import makers

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def letters(advisor):
    """Three letters that wait."""
    for number in range(3):
        makers.make_new_client(advisor, email=f"{number}@example.org")
    return SealedLetter.objects.all()


def export(capsys, *arguments):
    """The JSON line of the export."""
    call_command("export_sealed_letters", *map(str, arguments))
    return json.loads(capsys.readouterr().out)


def content_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_export_writes_every_waiting_letter_and_a_manifest_with_count_and_checksums(letters, tmp_path, capsys):
    said = export(capsys, "--to", tmp_path)
    content = content_of(tmp_path / said["batch"])
    manifest = json.loads(content.pop("manifest.json"))
    assert (said["letters"], manifest["count"], manifest["batch"], manifest["version"]) == (3, 3, said["batch"], 1)
    assert {entry["file"]: entry["sha256"] for entry in manifest["letters"]} == {
        name: hashlib.sha256(bytes_).hexdigest() for name, bytes_ in content.items()
    }
    assert content == {f"{letter.id}.age": bytes(letter.ciphertext) for letter in letters}


def test_export_is_readable_by_its_owner_alone(letters, tmp_path, capsys):
    folder = tmp_path / export(capsys, "--to", tmp_path)["batch"]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_export_holds_no_code_and_no_client_code_in_clear(letters, tmp_path, capsys):
    folder = tmp_path / export(capsys, "--to", tmp_path)["batch"]
    everything = b"".join(content_of(folder).values()) + folder.name.encode()
    for letter in letters:
        assert makers.default_code(letter.owner.client).encode() not in everything
        assert letter.owner.username.encode() not in everything


def test_batch_not_yet_confirmed_is_written_again_byte_for_byte(letters, tmp_path, capsys):
    batch = export(capsys, "--to", tmp_path / "one")["batch"]
    export(capsys, "--to", tmp_path / "two", "--batch", batch)
    assert content_of(tmp_path / "one" / batch) == content_of(tmp_path / "two" / batch)


def test_batch_is_written_again_over_a_damaged_one(letters, tmp_path, capsys):
    batch = export(capsys, "--to", tmp_path)["batch"]
    whole = content_of(tmp_path / batch)
    (tmp_path / batch / "manifest.json").write_text("{")
    (tmp_path / batch / "left over").write_text("x")
    export(capsys, "--to", tmp_path, "--batch", batch)
    assert content_of(tmp_path / batch) == whole


def test_next_export_takes_only_what_came_since(letters, advisor, tmp_path, capsys):
    first = export(capsys, "--to", tmp_path)
    makers.make_new_client(advisor, email="later@example.org")
    second = export(capsys, "--to", tmp_path)
    assert (first["letters"], second["letters"]) == (3, 1)
    assert first["batch"] != second["batch"]


def test_nothing_waiting_is_said_with_the_batches_that_wait_for_confirmation(letters, tmp_path, capsys):
    batch = export(capsys, "--to", tmp_path)["batch"]
    call_command("export_sealed_letters", "--to", str(tmp_path))
    said = capsys.readouterr()
    assert json.loads(said.out) == {"batch": None, "letters": 0}
    assert f"Lots exportés et non confirmés : {batch}." in said.err
    assert LetterBatch.objects.count() == 1


def test_crash_before_writing_loses_nothing(letters, tmp_path, capsys):
    batch = batches.collect()  # then the machine stops
    assert not list(tmp_path.iterdir())
    assert export(capsys, "--to", tmp_path, "--batch", batch.id) == {"batch": batch.id, "letters": 3}
    assert len(content_of(tmp_path / batch.id)) == 4


def test_crash_while_writing_leaves_no_batch_that_looks_whole(letters, tmp_path):
    batch = batches.collect()
    partial = tmp_path / f".{batch.id}.partial"
    partial.mkdir()
    (partial / "manifest.json").write_text("{")
    with pytest.raises(batches.DamagedBatch):
        batches.batches_in(tmp_path)
    assert batches.batches_in(batches.write(batch, tmp_path)) == [tmp_path / batch.id]
    assert not partial.exists()


def test_folder_that_cannot_be_written_names_the_command_that_repeats_it(letters, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="Recommencez : export_sealed_letters --to DIR --batch") as refused:
        call_command("export_sealed_letters", "--to", str(tmp_path / "file"))
    assert LetterBatch.objects.get().id in str(refused.value)


@pytest.mark.parametrize("command", [["export_sealed_letters", "--to", "x", "--batch"], ["confirm_sealed_letters"]])
def test_unknown_batch_is_refused(db, command):
    with pytest.raises(CommandError, match="Il n’y a pas de lot 20260101-ABCDEF"):
        call_command(*command, "20260101-ABCDEF")


def test_confirmed_batch_is_destroyed_and_cannot_be_written_or_confirmed_again(letters, tmp_path, capsys):
    batch = export(capsys, "--to", tmp_path)["batch"]
    call_command("confirm_sealed_letters", batch)
    assert json.loads(capsys.readouterr().out) == {"batch": batch, "destroyed": 3}
    assert set(SealedLetter.objects.values_list("ciphertext", flat=True)) == {None}
    with pytest.raises(CommandError, match="ses plis sont détruits"):
        export(capsys, "--to", tmp_path, "--batch", batch)
    with pytest.raises(CommandError, match="déjà confirmé"):
        call_command("confirm_sealed_letters", batch)


def test_batch_confirmed_while_it_is_written_is_refused(letters, tmp_path):
    batch = batches.collect()
    batches.confirm(LetterBatch.objects.get())
    with pytest.raises(batches.AlreadyConfirmed):
        batches.write(batch, tmp_path)
    assert not (tmp_path / batch.id).exists()


def test_confirming_a_batch_leaves_other_letters_alone(letters, advisor):
    batch = batches.collect()
    later = makers.make_new_client(advisor, email="later@example.org")
    batches.confirm(batch)
    assert makers.default_code(later)


def test_journal_tells_of_exports_and_confirmations(letters):
    batch = batches.collect()
    batches.confirm(batch)
    lines = SecurityEvent.objects.filter(kind__startswith="letters_").order_by("id").values_list("kind", "details")
    assert list(lines) == [
        ("letters_exported", {"batch": batch.id}),
        ("letters_confirmed", {"batch": batch.id, "letters": 3}),
    ]


def expiry(letter):
    return secret_codes.present_code(letter.owner).has_expired


def test_default_code_expires_45_days_after_its_issue(new_client):
    letter = SealedLetter.objects.get()
    assert not expiry(letter)(letter.issued_at + 45 * DAY - timedelta(seconds=1))
    assert expiry(letter)(letter.issued_at + 45 * DAY)


def test_default_code_expires_30_days_after_its_batch_is_confirmed(new_client):
    batch = batches.collect()
    LetterBatch.objects.update(confirmed_at=timezone.now())
    letter, confirmed_at = SealedLetter.objects.get(), LetterBatch.objects.get().confirmed_at
    assert batch == letter.batch
    assert not expiry(letter)(confirmed_at + 30 * DAY - timedelta(seconds=1))
    assert expiry(letter)(confirmed_at + 30 * DAY)


def test_late_confirmation_does_not_prolong_a_code(new_client):
    letter = SealedLetter.objects.get()
    batches.collect()
    LetterBatch.objects.update(confirmed_at=letter.issued_at + 40 * DAY)
    assert expiry(letter)(letter.issued_at + 45 * DAY)


def test_personal_code_never_expires(client_):
    assert not secret_codes.present_code(client_.user).has_expired(timezone.now() + 10_000 * DAY)


@pytest.mark.django_db(transaction=True)
def test_exports_at_once_never_put_a_letter_in_two_batches(race, letters, tmp_path):
    collected = [batch for batch in race(lambda _: batches.collect(), range(8)) if batch]
    written = [path.name for batch in collected for path in batches.write(batch, tmp_path).glob("*.age")]
    assert len(collected) == 1
    assert sorted(written) == sorted(f"{letter.id}.age" for letter in letters)
    assert LetterBatch.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_letters_issued_during_an_export_are_neither_lost_nor_doubled(race, letters, advisor):
    def act(number):
        return makers.make_new_client(advisor, email=f"x{number}@example.org") if number % 2 else batches.collect()

    race(act, range(8))
    batches.collect()
    assert SealedLetter.objects.filter(batch=None).count() == 0
    assert sum(batch.letters.count() for batch in LetterBatch.objects.all()) == 7
    assert all(batch.letters.exists() for batch in LetterBatch.objects.all())


@pytest.mark.django_db(transaction=True)
def test_batch_confirmed_twice_at_once_is_confirmed_once(race, letters):
    batch = batches.collect()

    def confirm(_):
        try:
            return batches.confirm(LetterBatch.objects.get(pk=batch.pk))
        except batches.AlreadyConfirmed:
            return None

    assert sorted(race(confirm, range(6)), key=str) == [3, None, None, None, None, None]
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.LETTERS_CONFIRMED).count() == 1
