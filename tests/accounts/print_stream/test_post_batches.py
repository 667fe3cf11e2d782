"""Handing ordinary letters to the workshop: whole batches, each letter in one, the same bytes at each writing."""

import gc
import hashlib
import json
import logging
import subprocess
import tracemalloc
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.bank_accounts.opening import open_account
from accounts.models import BankAccount, DocumentFile, PostalItem, PostBatch
from accounts.papers.contents import render
from accounts.papers.postal_notice import NoticeContents
from accounts.print_stream import batches, drawing, purging
from auth_codes.actor import Actor
from auth_codes.handover import signing
from auth_codes.models import SecurityEvent
from tests import pdfs
from tests.accounts.papers.contents import FOR_CLIENT
from tests.accounts.print_stream.queued import content_of, export, make_items, mark_drawn, notice
from tests.standing import made_once

migration = import_module("accounts.migrations.0040_read_no_more_as_the_bank_grows")
pytestmark = pytest.mark.django_db


@made_once
def items(person, advisor):
    """A letter of welcome and two notices that wait."""
    open_account(person, kind=BankAccount.Kind.CURRENT, by=Actor(advisor))
    make_items(person, 2)
    return PostalItem.objects.all()


def run(capsys, *arguments):
    """The JSON line of a command."""
    call_command(*map(str, arguments))
    return json.loads(capsys.readouterr().out)


def lines_of(folder):
    head, *lines = (folder / "letters.csv").read_text().splitlines()
    assert head == "file;pages;bytes;sha256"
    return [line.split(";") for line in lines]


def test_export_writes_each_letter_with_pages_size_and_checksum(items, tmp_path, capsys):
    said = run(capsys, "export_post", tmp_path)
    folder = tmp_path / said["batch"]
    content, listed = content_of(folder), lines_of(folder)
    assert [line[0] for line in listed] == sorted(f"{item.id}.pdf" for item in items)
    for name, pages, size, sha256 in listed:
        assert (int(size), sha256) == (len(content[name]), hashlib.sha256(content[name]).hexdigest())
        assert int(pages) == len(pdfs.read(content[name]).pages)
    assert (said["letters"], said["pages"]) == (3, 3)
    assert set(content) == {line[0] for line in listed} | {
        "letters.csv",
        "manifest.json",
        "manifest.sha256",
        "manifest.sig",
    }


def test_manifest_names_the_list_and_is_signed(items, tmp_path, capsys):
    said = run(capsys, "export_post", tmp_path)
    content = content_of(tmp_path / said["batch"])
    manifest = content["manifest.json"]
    assert said["manifest_sha256"] == hashlib.sha256(manifest).hexdigest()
    assert json.loads(manifest) == {
        "version": 1,
        "kind": "post",
        "batch": said["batch"],
        "created": PostBatch.objects.get().exported_at.isoformat(timespec="seconds"),
        "count": 3,
        "pages": 3,
        "bytes": sum(len(pdf) for name, pdf in content.items() if name.endswith(".pdf")),
        "list_sha256": hashlib.sha256(content["letters.csv"]).hexdigest(),
    }
    senders = signing.Senders((signing.signer(),))
    assert senders.problem_of(manifest, content["manifest.sig"], said["batch"]) is None
    assert senders.problem_of(manifest + b" ", content["manifest.sig"], said["batch"])


def test_sha256sum_finds_all_as_written(items, tmp_path, capsys):
    folder = tmp_path / run(capsys, "export_post", tmp_path)["batch"]
    command = ["sha256sum", "-c", "--strict", "manifest.sha256"]
    checked = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    assert len(checked.stdout.splitlines()) == 5


def test_files_are_read_by_their_owner_alone(items, tmp_path, capsys):
    folder = tmp_path / run(capsys, "export_post", tmp_path)["batch"]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_printed_document_is_the_one_of_the_space(items, person, tmp_path, capsys):
    folder = tmp_path / run(capsys, "export_post", tmp_path)["batch"]
    item = items.get(document__isnull=False)
    assert (folder / f"{item.id}.pdf").read_bytes() == bytes(DocumentFile.objects.get(document=item.document).pdf)
    assert item.pdf is None


def test_batch_is_written_again_byte_for_byte_whatever_changed_since(items, person, tmp_path, capsys, monkeypatch):
    batch = run(capsys, "export_post", tmp_path / "one")["batch"]
    type(person).objects.update(street="1 rue Neuve", family_name="Autre")
    monkeypatch.setattr(drawing, "render", lambda contents: b"another version of typst")
    run(capsys, "export_post", tmp_path / "two", "--batch", batch)
    assert content_of(tmp_path / "one" / batch) == content_of(tmp_path / "two" / batch)


def test_next_export_takes_only_what_came_since(items, person, tmp_path, capsys):
    first = run(capsys, "export_post", tmp_path)
    make_items(person, 1)
    second = run(capsys, "export_post", tmp_path)
    assert (first["letters"], second["letters"]) == (3, 1)


def test_nothing_waiting_is_said_with_the_batches_that_are_not_posted(items, tmp_path, capsys):
    batch = run(capsys, "export_post", tmp_path)["batch"]
    call_command("export_post", str(tmp_path))
    said = capsys.readouterr()
    assert json.loads(said.out) == {"batch": None, "letters": 0}
    assert f"pas encore dits postés : {batch}." in said.err
    assert PostBatch.objects.count() == 1


def test_posted_batch_is_not_written_again_nor_posted_again(items, tmp_path, capsys):
    batch = run(capsys, "export_post", tmp_path)["batch"]
    assert run(capsys, "mark_post_sent", batch) == {"batch": batch, "posted": 3}
    assert PostalItem.objects.first().state.startswith("posté le ")
    with pytest.raises(CommandError, match="déjà dit posté"):
        call_command("mark_post_sent", batch)
    with pytest.raises(CommandError, match="il ne s’écrit plus"):
        call_command("export_post", str(tmp_path), "--batch", batch)


def test_batch_that_was_never_written_is_not_posted_and_is_the_next_exports_first_work(items, person, tmp_path):
    drawing.draw_waiting()
    lost = batches.collect()
    make_items(person, 1)
    with pytest.raises(CommandError, match="jamais été écrit en entier"):
        call_command("mark_post_sent", lost.id)
    first, second = export(tmp_path)
    assert (first.batch_id, first.letters, second.letters) == (lost.id, 3, 1)


def test_batch_said_posted_while_it_is_written_again_stays_as_it_was(items, tmp_path):
    [written] = export(tmp_path)
    batch = PostBatch.objects.get()
    batches.mark_posted(batch)
    with pytest.raises(batches.AlreadyPosted):
        batches._put_in_place(batch, tmp_path / "partial", written.folder)
    assert (written.folder / "manifest.json").exists()


@pytest.mark.parametrize("arguments", [("mark_post_sent", "20260101-ABCDEF"), ("export_post", "x", "--batch", "nul")])
def test_unknown_batch_is_refused_with_the_way_out(db, arguments):
    with pytest.raises(CommandError, match="list_post"):
        call_command(*arguments)


def test_folder_that_cannot_be_made_is_said_with_the_batch_to_write_again(items, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(CommandError, match="ne peut pas être créé") as refused:
        call_command("export_post", str(tmp_path / "file" / "below"))
    assert f"--batch {PostBatch.objects.get().id}" in str(refused.value)


def test_letter_that_cannot_be_drawn_is_named_waits_and_holds_nobody_up(items, tmp_path, caplog):
    bad = items.filter(document=None).first()
    PostalItem.objects.filter(pk=bad.pk).update(contents="{")
    with pytest.raises(CommandError, match=str(bad.pk)), caplog.at_level(logging.ERROR):
        call_command("export_post", str(tmp_path))
    assert PostBatch.objects.with_counts().get().item_count == 2
    assert list(PostalItem.objects.waiting()) == [bad]
    assert str(bad.pk) in caplog.text


@pytest.mark.parametrize("is_document", [True, False])
def test_damaged_letter_leaves_a_batch_that_nobody_has_seen_and_is_made_again(items, tmp_path, capsys, is_document):
    item = items.filter(document__isnull=not is_document).first()
    drawing.draw_waiting()
    PostalItem.objects.filter(pk=item.pk).update(sha256="0" * 64)
    assert run(capsys, "export_post", tmp_path)["letters"] == 2
    assert run(capsys, "export_post", tmp_path)["letters"] == 1
    assert not PostalItem.objects.waiting().exists()


def test_damaged_letter_of_a_batch_that_was_written_is_named(items, tmp_path, capsys):
    batch = run(capsys, "export_post", tmp_path / "one")["batch"]
    item = items.filter(document=None).first()
    PostalItem.objects.filter(pk=item.pk).update(pdf=b"%PDF-1.7 forged")
    with pytest.raises(CommandError, match=str(item.pk)):
        call_command("export_post", str(tmp_path / "two"), "--batch", batch)
    assert list((tmp_path / "two").iterdir()) == []


def test_export_and_posting_are_lines_of_the_journal(items, tmp_path, capsys):
    batch = run(capsys, "export_post", tmp_path)["batch"]
    run(capsys, "mark_post_sent", batch)
    lines = SecurityEvent.objects.filter(kind__in=["post_exported", "post_sent"]).order_by("pk")
    assert [(line.kind, line.details) for line in lines] == [
        ("post_exported", {"batch": batch, "letters": 3}),
        ("post_sent", {"batch": batch, "letters": 3}),
    ]


def test_list_says_batches_and_what_waits(items, person, tmp_path, capsys):
    batch = run(capsys, "export_post", tmp_path)["batch"]
    make_items(person, 2)
    said = run(capsys, "list_post", "--json")
    assert said["waiting"] == 2
    assert [(row["batch"], row["letters"], row["pages"], row["posted_at"]) for row in said["batches"]] == [
        (batch, 3, 3, None)
    ]
    call_command("list_post")
    told = capsys.readouterr().out
    assert batch in told
    assert "En attente d’un lot : 2, depuis le" in told


@pytest.mark.parametrize("contents", FOR_CLIENT.values(), ids=FOR_CLIENT)
def test_pages_are_counted_as_readers_count_them(contents):
    pdf = render(contents)
    assert drawing.page_count(pdf) == len(pdfs.read(pdf).pages)


def test_pages_of_a_long_letter_are_counted():
    pdf = render(notice(body="Bonjour.\n\n" * 1500))
    assert drawing.page_count(pdf) == len(pdfs.read(pdf).pages) > 30


def test_memory_stays_flat_however_many_letters_there_are(person, tmp_path, monkeypatch):
    monkeypatch.setattr(drawing, "CHUNK", 20)
    size = 50_000

    def peak(count):
        PostalItem.objects.all().delete()
        mark_drawn(make_items(person, count))
        PostalItem.objects.update(pdf=b"%PDF" + b"x" * size, sha256=hashlib.sha256(b"%PDF" + b"x" * size).hexdigest())
        batch = batches.collect()
        gc.collect()  # what earlier tests left is freed at any moment
        tracemalloc.start()
        batches.write(batch, tmp_path)
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(20)  # what is loaded once
    # A quarter of what the letters weigh that came to it; a batch held whole would bring all of it.
    assert peak(400) - peak(100) < 300 * size / 4


# What is let go of.


def test_text_and_address_end_sixty_days_after_posting(items, tmp_path):
    export(tmp_path)
    batch = PostBatch.objects.get()
    batches.mark_posted(batch)
    now = timezone.now()
    assert purging.purge(now + timedelta(days=59)) == 0
    assert purging.purge(now + timedelta(days=61)) == 3
    assert purging.purge(now + timedelta(days=61)) == 0
    assert set(PostalItem.objects.values_list("address", "contents", "pdf")) == {("", "", None)}
    assert PostBatch.objects.with_counts().get().item_count == 3
    assert DocumentFile.objects.count() == 1


@pytest.mark.parametrize("is_counted_by_the_migration", [True, False])
def test_figures_of_a_posted_batch_are_kept(items, tmp_path, is_counted_by_the_migration):
    export(tmp_path)
    batch = PostBatch.objects.with_counts().get()
    batches.mark_posted(batch)
    if is_counted_by_the_migration:
        PostBatch.objects.update(items_posted=None, pages_posted=None)
        migration.count_posted(apps, None)
    PostalItem.objects.update(pages=99)
    posted = PostBatch.objects.with_counts().get()
    assert (posted.item_count, posted.page_count) == (batch.item_count, batch.page_count)
    assert batch.item_count == 3


def test_what_was_not_posted_does_not_end(items, tmp_path, capsys):
    export(tmp_path)
    assert purging.purge(timezone.now() + timedelta(days=4000)) == 0
    assert run(capsys, "purge_post") == {"purged": 0}


# What the database keeps.


def test_letter_says_one_thing(person):
    with pytest.raises(IntegrityError), transaction.atomic():
        PostalItem.objects.create(client=person, title="Rien", address="x")


def test_letter_is_in_no_batch_without_its_pdf(person):
    [item] = make_items(person, 1)
    batch = PostBatch.objects.create(id="20260101-ABCDEF")
    with pytest.raises(IntegrityError), transaction.atomic():
        PostalItem.objects.filter(pk=item.pk).update(batch=batch)


def test_document_is_queued_once(items):
    item = items.get(document__isnull=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        PostalItem.objects.create(client=item.client, title="Encore", address="x", document=item.document)


def test_notice_is_printed_from_what_was_kept(person, tmp_path):
    [item] = make_items(person, 1)
    export(tmp_path)
    item.refresh_from_db()
    assert bytes(item.pdf) == render(NoticeContents.from_json(item.contents))
