"""What waits and what was handed over, at one look."""

import json
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from auth_codes.letters import batches
from auth_codes.models import LetterBatch, SealedLetter
from tests import makers

pytestmark = pytest.mark.django_db


def listed(capsys, *options):
    call_command("list_sealed_letters", *options)
    return capsys.readouterr().out


def as_json(capsys):
    return json.loads(listed(capsys, "--json"))


def test_nothing_is_said_as_such(capsys):
    assert as_json(capsys) == {"waiting": 0, "oldest_waiting": None, "batches": []}
    assert "Aucun pli n’attend." in listed(capsys)


def test_waiting_letters_are_counted_with_the_date_of_the_oldest_and_without_the_voided(new_client, capsys):
    makers.make_letters(new_client, 2)
    SealedLetter.objects.filter(pk=SealedLetter.objects.first().pk).update(voided_at=timezone.now(), ciphertext=None)
    oldest = SealedLetter.objects.filter(voided_at=None).last()
    SealedLetter.objects.filter(pk=oldest.pk).update(issued_at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC))
    assert as_json(capsys)["waiting"] == 2
    assert as_json(capsys)["oldest_waiting"] == "2026-03-01T09:30:00+00:00"
    assert "2 plis attendent d’être exportés, le plus ancien depuis le 01/03/2026 10:30." in listed(capsys)


def test_single_waiting_letter_is_said_in_the_singular(new_client, capsys):
    assert "1 pli attend d’être exporté, depuis le " in listed(capsys)


def test_each_state_of_a_batch_is_shown(new_client, tmp_path, capsys):
    [confirmed] = batches.export(tmp_path)
    batches.confirm(LetterBatch.objects.get())
    makers.make_letters(new_client, 3)
    [written] = batches.export(tmp_path)
    SealedLetter.objects.filter(pk=LetterBatch.objects.get(confirmed_at=None).letters.first().pk).update(
        voided_at=timezone.now()
    )
    makers.make_letters(new_client, 1)
    interrupted = batches.collect()
    first, second, third = as_json(capsys)["batches"]
    assert (first["batch"], first["letters"], first["voided"]) == (confirmed.batch_id, 1, 0)
    assert (second["batch"], second["letters"], second["voided"]) == (written.batch_id, 3, 1)
    assert (third["batch"], third["letters"], third["voided"]) == (interrupted.id, 1, 0)
    assert [bool(batch["last_written_at"]) for batch in (first, second, third)] == [True, True, False]
    assert [bool(batch["confirmed_at"]) for batch in (first, second, third)] == [True, False, False]


def test_batch_is_one_line_with_its_dates(new_client, tmp_path, capsys):
    [written] = batches.export(tmp_path)
    LetterBatch.objects.update(exported_at=datetime(2026, 7, 1, 8, 0, tzinfo=UTC), last_written_at=None)
    [line] = [line for line in listed(capsys).splitlines() if line.startswith(written.batch_id)]
    assert line.split() == [written.batch_id, "01/07/2026", "10:00", "non", "non", "1", "0"]


def test_list_costs_as_many_queries_for_many_batches_as_for_few(new_client, tmp_path, capsys):
    def queries():
        with CaptureQueriesContext(connection) as made:
            as_json(capsys)
        return len(made)

    few = queries()
    for _ in range(4):
        makers.make_letters(new_client, 2)
        list(batches.export(tmp_path))
    assert len(as_json(capsys)["batches"]) == 4
    assert queries() == few
