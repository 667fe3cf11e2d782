"""Handing letters to the workshop: whole batches, each letter in one, repeatable until confirmed."""

import hashlib
import json
import subprocess
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from auth_codes.codes import checking
from auth_codes.handover import manifest
from auth_codes.letters import batches
from auth_codes.models import LetterBatch, SealedLetter, SecurityEvent
from tests import makers
from tests.standing import made_once

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@made_once
def letters(advisor):
    """Three letters that wait."""
    for number in range(3):
        makers.make_new_client(advisor, email=f"{number}@example.org")
    return SealedLetter.objects.all()


def export(capsys, *arguments):
    """The JSON line of the export."""
    call_command("export_sealed_letters", *map(str, arguments))
    return json.loads(capsys.readouterr().out)


def handed_over(folder):
    """The batch of all that waits, its files written."""
    [written] = batches.export(folder)
    return LetterBatch.objects.get(pk=written.batch_id)


def void(letter):
    SealedLetter.objects.filter(pk=letter.pk).update(voided_at=timezone.now(), ciphertext=None)


def content_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_export_writes_every_waiting_letter_and_a_manifest_with_count_and_checksums(letters, tmp_path, capsys):
    said = export(capsys, "--to", tmp_path)
    content = content_of(tmp_path / said["batch"])
    listed = json.loads(content.pop("manifest.json"))
    del content["manifest.sha256"], content["manifest.sig"]
    assert content == {f"{letter.id}.age": bytes(letter.ciphertext) for letter in letters}
    assert listed == {
        "version": 2,
        "batch": said["batch"],
        "created": LetterBatch.objects.get().exported_at.isoformat(timespec="seconds"),
        "count": 3,
        "occasions": {"alarm": 0, "first": 3, "list": 0, "renewal": 0, "request": 0},
        "bytes": sum(map(len, content.values())),
        "letters": [
            {"file": name, "sha256": hashlib.sha256(content[name]).hexdigest(), "size": len(content[name])}
            for name in sorted(content)
        ],
    }


def test_manifest_counts_the_letters_of_each_occasion(new_client, tmp_path, capsys):
    makers.make_letters(new_client, 2, occasion=SealedLetter.Occasion.REQUEST)
    makers.make_letters(new_client, 3, occasion=SealedLetter.Occasion.RENEWAL)
    batch = export(capsys, "--to", tmp_path)["batch"]
    listed = json.loads((tmp_path / batch / "manifest.json").read_bytes())
    assert listed["occasions"] == {"first": 1, "request": 2, "renewal": 3, "alarm": 0, "list": 0}


def test_sha256sum_finds_manifest_and_letters_as_they_were_written(letters, tmp_path, capsys):
    said = export(capsys, "--to", tmp_path)
    command = ["sha256sum", "-c", "manifest.sha256"]
    checked = subprocess.run(command, cwd=tmp_path / said["batch"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert len(checked.stdout.splitlines()) == 4
    assert "manifest.json: " in checked.stdout


def test_sha256sum_finds_a_letter_that_changed(letters, tmp_path, capsys):
    folder = tmp_path / export(capsys, "--to", tmp_path)["batch"]
    changed = next(folder.glob("*.age"))
    changed.write_bytes(b"x" + changed.read_bytes()[1:])
    checked = subprocess.run(["sha256sum", "-c", "manifest.sha256"], cwd=folder, capture_output=True)
    assert checked.returncode == 1


def test_export_tells_the_checksum_of_the_manifest(letters, tmp_path, capsys):
    said = export(capsys, "--to", tmp_path)
    written = (tmp_path / said["batch"] / "manifest.json").read_bytes()
    assert said["manifest_sha256"] == hashlib.sha256(written).hexdigest()


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
    (tmp_path / batch / "manifest.sha256").unlink()
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


def test_batch_that_was_never_written_is_the_next_exports_first_work(letters, advisor, tmp_path, capsys):
    interrupted = batches.collect()  # then the machine stops
    makers.make_new_client(advisor, email="later@example.org")
    call_command("export_sealed_letters", "--to", str(tmp_path))
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["batch"], first["letters"], second["letters"]) == (interrupted.id, 3, 1)
    assert second["batch"] != interrupted.id


def test_batch_that_was_never_written_can_be_named(letters, tmp_path, capsys):
    batch = batches.collect()
    assert export(capsys, "--to", tmp_path, "--batch", batch.id)["letters"] == 3
    assert len(content_of(tmp_path / batch.id)) == 6


def test_batch_written_whole_is_not_written_by_the_next_export(letters, tmp_path, capsys):
    batch = handed_over(tmp_path / "one")
    written_at = batch.last_written_at
    assert export(capsys, "--to", tmp_path / "two") == {"batch": None, "letters": 0}
    batch.refresh_from_db()
    assert batch.last_written_at == written_at


def test_new_letters_wait_until_the_unwritten_batch_can_be_written(letters, advisor, tmp_path):
    interrupted = batches.collect()
    makers.make_new_client(advisor, email="later@example.org")
    (tmp_path / interrupted.id).write_text("a file in the way")
    with pytest.raises(CommandError, match=f"Le lot {interrupted.id} n’a pu être écrit"):
        call_command("export_sealed_letters", "--to", str(tmp_path))
    assert LetterBatch.objects.count() == 1
    assert not list(tmp_path.glob(".*"))


def test_crash_while_writing_leaves_no_batch_that_looks_whole(letters, tmp_path):
    batch = batches.collect()
    partial = tmp_path / f".{batch.id}.x.partial"
    partial.mkdir()
    (partial / "manifest.json").write_text("{")
    with pytest.raises(manifest.DamagedBatch):
        manifest.batches_in(tmp_path)
    assert manifest.batches_in(batches.write(batch, tmp_path).folder) == [tmp_path / batch.id]
    assert not partial.exists()


def test_voided_letter_is_put_in_no_batch(letters, tmp_path):
    void(letters[0])
    batch = handed_over(tmp_path)
    assert batch.letters.count() == 2
    assert SealedLetter.objects.get(batch=None).voided_at


def test_letter_voided_after_it_was_put_in_a_batch_is_left_out_and_not_counted(letters, tmp_path, capsys):
    batch = handed_over(tmp_path)
    voided = batch.letters.first()
    void(voided)
    assert export(capsys, "--to", tmp_path, "--batch", batch.id)["letters"] == 2
    assert not (tmp_path / batch.id / f"{voided.id}.age").exists()
    assert len(manifest.letters_in(tmp_path / batch.id)) == 2


def test_batch_whose_letters_were_all_voided_is_written_empty_and_confirmed(letters, tmp_path):
    batch = batches.collect()
    for letter in letters:
        void(letter)
    [written] = batches.export(tmp_path)
    assert (written.batch_id, written.letters) == (batch.id, 0)
    assert manifest.letters_in(written.folder) == []
    assert batches.confirm(batch) == 0


def test_folder_that_cannot_be_written_names_the_command_that_repeats_it(letters, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="Recommencez : export_sealed_letters --to DIR --batch") as refused:
        call_command("export_sealed_letters", "--to", str(tmp_path / "file"))
    assert LetterBatch.objects.get().id in str(refused.value)


@pytest.mark.parametrize(
    ("folder", "why"),
    [
        ("file", "le dossier {} ne peut pas être créé (un fichier porte ce nom)."),
        ("file/below", "le dossier {} ne peut pas être créé (un fichier se trouve sur ce chemin)."),
        ("there", "rien ne peut être écrit dans {} (un fichier se trouve sur ce chemin)."),
    ],
)
def test_reason_why_a_batch_cannot_be_written_is_said_in_french(letters, tmp_path, folder, why):
    (tmp_path / "file").write_text("")
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / batches.collect().id).write_text("a file in the way")
    with pytest.raises(CommandError) as refused:
        call_command("export_sealed_letters", "--to", str(tmp_path / folder))
    assert why.format(tmp_path / folder) in str(refused.value)
    assert "Errno" not in str(refused.value)


@pytest.mark.parametrize("command", [["export_sealed_letters", "--to", "x", "--batch"], ["confirm_sealed_letters"]])
def test_unknown_batch_is_refused(db, command):
    expected = "Il n’y a pas de lot 20260101-ABCDEF. « list_sealed_letters » montre les lots."
    with pytest.raises(CommandError, match=expected):
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


def test_batch_confirmed_while_it_is_written_again_is_refused(letters, tmp_path):
    batch = handed_over(tmp_path / "one")
    batches.confirm(LetterBatch.objects.get())
    with pytest.raises(batches.AlreadyConfirmed):
        batches.write(batch, tmp_path / "two")
    assert list((tmp_path / "two").iterdir()) == []


def test_batch_confirmed_when_its_files_are_ready_is_not_put_in_place(letters, tmp_path):
    """The last moment: all is written, only the folder's name and the batch's date are missing."""
    batch = handed_over(tmp_path / "one")
    partial = tmp_path / ".ready"
    partial.mkdir()
    batches.confirm(LetterBatch.objects.get())
    with pytest.raises(batches.AlreadyConfirmed):
        batches._put_in_place(batch, partial, tmp_path / batch.id)
    assert not (tmp_path / batch.id).exists()


def test_batch_that_was_never_written_whole_cannot_be_confirmed(letters):
    batch = batches.collect()
    with pytest.raises(CommandError, match=f"n’a jamais été écrit en entier.*--batch {batch.id}"):
        call_command("confirm_sealed_letters", batch.id)
    assert LetterBatch.objects.get().confirmed_at is None
    assert not SealedLetter.objects.filter(ciphertext=None).exists()


def test_confirming_a_batch_leaves_other_letters_alone(letters, advisor, tmp_path):
    batch = handed_over(tmp_path)
    later = makers.make_new_client(advisor, email="later@example.org")
    batches.confirm(batch)
    assert makers.default_code(later)


def journal_of(letter):
    lines = SecurityEvent.objects.filter(owner=letter.owner, kind__startswith="letter_").order_by("id")
    return list(lines.values_list("kind", "details"))


def test_journal_tells_each_client_when_the_letter_left_and_was_posted(letters, tmp_path):
    batch = handed_over(tmp_path)
    assert journal_of(letters[1]) == [("letter_exported", {"batch": batch.id})]
    batches.confirm(batch)
    for letter in letters:
        assert journal_of(letter) == [
            ("letter_exported", {"batch": batch.id}),
            ("letter_delivered", {"batch": batch.id}),
        ]


def test_journal_tells_of_no_post_for_a_letter_voided_before_it_was_written(letters, tmp_path):
    batch = batches.collect()
    void(letters[0])
    batches.write(batch, tmp_path)
    batches.confirm(batch)
    assert [kind for kind, _ in journal_of(letters[0])] == ["letter_exported"]
    assert [kind for kind, _ in journal_of(letters[1])] == ["letter_exported", "letter_delivered"]


def test_journal_tells_of_the_post_of_a_letter_voided_when_it_was_already_at_the_workshop(letters, tmp_path):
    batch = handed_over(tmp_path)
    void(letters[0])
    assert batches.confirm(batch) == 2
    assert [kind for kind, _ in journal_of(letters[0])] == ["letter_exported", "letter_delivered"]


def test_journal_tells_of_exports_and_confirmations(letters, tmp_path):
    batch = handed_over(tmp_path)
    batches.confirm(batch)
    lines = SecurityEvent.objects.filter(kind__startswith="letters_").order_by("id").values_list("kind", "details")
    assert list(lines) == [
        ("letters_exported", {"batch": batch.id}),
        ("letters_confirmed", {"batch": batch.id, "letters": 3}),
    ]


def expiry(letter):
    return checking.present_code(letter.owner).has_expired


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
    assert not checking.present_code(client_.user).has_expired(timezone.now() + 10_000 * DAY)


@pytest.mark.django_db(transaction=True)
def test_exports_at_once_never_put_a_letter_in_two_batches(race, letters, tmp_path):
    collected = [batch for batch in race(lambda _: batches.collect(), range(8)) if batch]
    written = [path.name for batch in collected for path in batches.write(batch, tmp_path).folder.glob("*.age")]
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
def test_batch_confirmed_twice_at_once_is_confirmed_once(race, letters, tmp_path):
    batch = handed_over(tmp_path)

    def confirm(_):
        try:
            return batches.confirm(LetterBatch.objects.get(pk=batch.pk))
        except batches.AlreadyConfirmed:
            return None

    assert sorted(race(confirm, range(6)), key=str) == [3, None, None, None, None, None]
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.LETTERS_CONFIRMED).count() == 1
