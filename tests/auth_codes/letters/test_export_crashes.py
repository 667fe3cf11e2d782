"""Exports that are killed, or that run at once: real processes, and every letter is handed over once."""

import json
from collections import Counter

import pytest

from auth_codes.handover import manifest
from auth_codes.letters import batches
from auth_codes.models import LetterBatch, SealedLetter
from tests import makers, processes

pytestmark = pytest.mark.django_db(transaction=True)

LETTERS = 1000


@pytest.fixture
def many_letters(new_client):
    """So many that their writing takes time."""
    return [SealedLetter.objects.get(), *makers.make_letters(new_client, LETTERS - 1)]


def lines_of(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def handed_over(*folders):
    """How often each letter stands in a whole batch of these folders, whose manifests are checked."""
    written = [path for folder in folders if folder.exists() for path in manifest.batches_in(folder)]
    return Counter(name.removesuffix(".age") for path in written for name, _ in manifest.letters_in(path))


def assert_each_letter_once(*folders):
    assert handed_over(*folders) == Counter(str(letter.id) for letter in SealedLetter.objects.all())
    assert not LetterBatch.objects.filter(last_written_at=None).exists()


@pytest.mark.parametrize("files", [1, 400])
def test_export_killed_in_the_middle_is_finished_by_the_next(many_letters, new_client, tmp_path, files):
    processes.kill_after(files, "auth_codes.letters.batches.new_file", "export_sealed_letters", "--to", tmp_path)
    assert len(list(tmp_path.rglob("*.age"))) == files
    interrupted = LetterBatch.objects.get(last_written_at=None)
    assert handed_over_by_name(tmp_path) == []
    makers.make_letters(new_client, 1)
    first, second = lines_of(processes.run("export_sealed_letters", "--to", tmp_path))
    assert (first["batch"], first["letters"], second["letters"]) == (interrupted.id, LETTERS, 1)
    assert_each_letter_once(tmp_path)
    assert not list(tmp_path.glob(".*"))


def handed_over_by_name(folder):
    return [path.name for path in folder.iterdir() if not path.name.startswith(".")]


def test_export_killed_between_putting_letters_aside_and_writing_them_loses_none(many_letters, tmp_path):
    script = (
        "import django, os, signal; django.setup(); from auth_codes.letters import batches; "
        "batches.collect(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert processes.run("-c", script).returncode == -9
    assert LetterBatch.objects.get().last_written_at is None
    assert not SealedLetter.objects.waiting().exists()
    [line] = lines_of(processes.run("export_sealed_letters", "--to", tmp_path))
    assert line["letters"] == LETTERS
    assert_each_letter_once(tmp_path)


def test_export_killed_before_its_transaction_ends_puts_no_letter_aside(many_letters, tmp_path):
    script = (
        "import django, os, signal; django.setup(); from django.db import transaction; "
        "from auth_codes.letters import batches\n"
        "with transaction.atomic(): batches.collect(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert processes.run("-c", script).returncode == -9
    assert SealedLetter.objects.waiting().count() == LETTERS
    lines_of(processes.run("export_sealed_letters", "--to", tmp_path))
    assert_each_letter_once(tmp_path)


def test_export_killed_when_its_folder_stands_but_is_not_yet_noted_writes_the_same_folder(many_letters, tmp_path):
    [written] = batches.export(tmp_path)
    LetterBatch.objects.update(last_written_at=None)  # the transaction that notes it was lost
    [line] = lines_of(processes.run("export_sealed_letters", "--to", tmp_path))
    assert (line["batch"], line["manifest_sha256"]) == (written.batch_id, written.manifest_sha256)
    assert_each_letter_once(tmp_path)


def test_rewriting_killed_in_the_middle_leaves_the_earlier_folder_whole(many_letters, tmp_path):
    [written] = batches.export(tmp_path)
    again = ("export_sealed_letters", "--to", tmp_path, "--batch", written.batch_id)
    processes.kill_after(200, "auth_codes.letters.batches.new_file", *again)
    assert len(list(tmp_path.glob(".*.partial/*.age"))) == 200
    assert_each_letter_once(tmp_path)
    lines_of(processes.run(*again))
    assert_each_letter_once(tmp_path)
    assert not list(tmp_path.glob(".*"))


def test_exports_at_once_hand_over_each_letter_once(many_letters, new_client, tmp_path):
    """To folders apart, so that nothing but the portal keeps them apart; one batch waits since a crash."""
    batches.collect()
    makers.make_letters(new_client, 50)
    folders = [tmp_path / str(number) for number in range(3)]
    running = [processes.start("export_sealed_letters", "--to", folder) for folder in folders]
    assert [process.communicate(timeout=120) and process.returncode for process in running] == [0, 0, 0]
    assert_each_letter_once(*folders)
    assert LetterBatch.objects.count() == 2


def test_exports_at_once_to_one_folder_leave_it_whole(many_letters, tmp_path):
    batches.collect()
    running = [processes.start("export_sealed_letters", "--to", tmp_path) for _ in range(3)]
    assert [process.communicate(timeout=120) and process.returncode for process in running] == [0, 0, 0]
    assert_each_letter_once(tmp_path)
    assert not list(tmp_path.glob(".*"))


def test_rewritings_at_once_leave_one_whole_folder(race, new_client, tmp_path):
    makers.make_letters(new_client, 100)
    [written] = batches.export(tmp_path)
    batch = LetterBatch.objects.get()
    race(lambda _: batches.write_again(batch, tmp_path), range(4))
    assert_each_letter_once(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [written.batch_id]
