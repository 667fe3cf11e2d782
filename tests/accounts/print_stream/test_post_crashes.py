"""Exports that are killed, or that run at once: real processes, and every letter is handed over once."""

import json
from collections import Counter

import pytest

from accounts.models import PostalItem, PostBatch
from accounts.print_stream import batches
from tests import processes
from tests.accounts.print_stream.queued import content_of, export, make_items, mark_drawn

pytestmark = pytest.mark.django_db(transaction=True)

LETTERS = 250


@pytest.fixture
def many(person):
    """Letters so many that their writing takes time; their PDFs are made."""
    made = make_items(person, LETTERS)
    mark_drawn(made)
    return made


def lines_of(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def whole_batches(*folders):
    return [batch for folder in folders if folder.exists() for batch in folder.iterdir() if batch.name[0] != "."]


def assert_each_letter_once(*folders):
    names = Counter(pdf.stem for batch in whole_batches(*folders) for pdf in batch.glob("*.pdf"))
    assert names == Counter(str(item.pk) for item in PostalItem.objects.all())
    assert not PostBatch.objects.filter(last_written_at=None).exists()


@pytest.mark.parametrize("calls", [1, 3])
def test_export_killed_while_letters_are_drawn_draws_the_rest(person, tmp_path, calls):
    make_items(person, 4)
    processes.kill_after(calls, "accounts.print_stream.drawing._draw", "export_post", tmp_path)
    assert PostalItem.objects.exclude(pages=None).count() == calls
    assert not PostBatch.objects.exists()
    [line] = lines_of(processes.run("export_post", tmp_path))
    assert line["letters"] == 4
    assert_each_letter_once(tmp_path)


@pytest.mark.parametrize("files", [1, 150])
def test_export_killed_while_letters_are_written_is_finished_by_the_next(many, person, tmp_path, files):
    processes.kill_after(files, "accounts.print_stream.batches.new_file", "export_post", tmp_path)
    interrupted = PostBatch.objects.get(last_written_at=None)
    assert whole_batches(tmp_path) == []
    make_items(person, 1)
    first, second = lines_of(processes.run("export_post", tmp_path))
    assert (first["batch"], first["letters"], second["letters"]) == (interrupted.id, LETTERS, 1)
    assert_each_letter_once(tmp_path)
    assert not list(tmp_path.glob(".*"))


def test_export_killed_between_collecting_and_writing_loses_none(many, tmp_path):
    processes.kill_after(1, "accounts.print_stream.batches.collect", "export_post", tmp_path)
    assert not PostalItem.objects.waiting().exists()
    [line] = lines_of(processes.run("export_post", tmp_path))
    assert line["letters"] == LETTERS
    assert_each_letter_once(tmp_path)


def test_export_killed_when_its_folder_stands_but_is_not_yet_noted_writes_the_same(many, tmp_path):
    [written] = export(tmp_path)
    before = content_of(written.folder)
    PostBatch.objects.update(last_written_at=None)  # the transaction that notes it was lost
    [line] = lines_of(processes.run("export_post", tmp_path))
    assert line["batch"] == written.batch_id
    assert content_of(written.folder) == before


def test_rewriting_killed_leaves_the_earlier_folder_whole(many, tmp_path):
    [written] = export(tmp_path)
    before = content_of(written.folder)
    again = ("export_post", tmp_path, "--batch", written.batch_id)
    processes.kill_after(100, "accounts.print_stream.batches.new_file", *again)
    assert content_of(written.folder) == before


def test_exports_at_once_hand_over_each_letter_once(many, person, tmp_path):
    """To folders apart, so that the portal alone keeps them apart; one batch waits since a crash, some are new."""
    batches.collect()
    make_items(person, 3, first=LETTERS)
    folders = [tmp_path / str(number) for number in range(3)]
    running = [processes.start("export_post", folder) for folder in folders]
    assert [process.communicate(timeout=120) and process.returncode for process in running] == [0, 0, 0]
    assert_each_letter_once(*folders)


def test_posted_and_written_again_at_once_end_in_one_order(race, many, tmp_path):
    [written] = export(tmp_path)
    before, batch = content_of(written.folder), PostBatch.objects.get()

    def act(what):
        try:
            return what(batch, *([tmp_path] if what is batches.write_again else []))
        except batches.AlreadyPosted:
            return None

    race(act, [batches.write_again, batches.mark_posted, batches.write_again, batches.mark_posted])
    assert content_of(written.folder) == before
    assert PostBatch.objects.get().confirmed_at
