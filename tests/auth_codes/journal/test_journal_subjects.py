"""Whose journal a line is read in: written with it, filled in for older lines, compared, purged."""

import json
import re
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from auth_codes import journal
from auth_codes.journal import subjects
from auth_codes.journal.findings import in_a_sentence
from auth_codes.models import JournalSubject, SecurityEvent
from tests.auth_codes.journal.journals import findings

pytestmark = pytest.mark.django_db

Kind = SecurityEvent.Kind


def found():
    return [(finding.problem.name, finding.event_id) for finding in findings()]


def old_lines(client):
    """From before there were rows: by the owner, by the details alone, and nobody's."""
    of_owner, of_details, nobodys = (
        SecurityEvent.objects.create(kind=Kind.LOGGED_IN, **fields)
        for fields in ({"owner": client.user}, {"details": {"client": client.pk}}, {})
    )
    return [(of_owner.pk, client.pk), (of_details.pk, client.pk), (nobodys.pk, None)]


def rows_of(lines):
    ids = [pk for pk, _ in lines]
    return list(JournalSubject.objects.filter(event__in=ids).order_by("event").values_list("event", "subject"))


def test_line_of_an_owner_is_put_under_his_number(client_):
    line = journal.record(Kind.LOGGED_IN, owner=client_.user)
    row = JournalSubject.objects.get(event=line)
    assert (row.subject, row.at) == (client_.pk, line.at)


def test_line_about_somebody_who_is_no_user_is_put_under_the_number_given(person):
    line = journal.record(Kind.LOGGED_IN, subject=person.pk, details={"client": person.pk})
    assert JournalSubject.objects.get(event=line).subject == person.pk


def test_line_of_staff_and_of_nobody_is_on_nobodys_page(advisor):
    for line in (journal.record(Kind.LOGGED_IN, owner=advisor), journal.record(Kind.LETTERS_EXPORTED)):
        assert JournalSubject.objects.get(event=line).subject is None


def test_many_lines_have_their_rows(client_, advisor):
    journal.record_many(Kind.LETTER_EXPORTED, [client_.user.pk, advisor.pk])
    rows = JournalSubject.objects.filter(event__kind=Kind.LETTER_EXPORTED).order_by("event")
    assert list(rows.values_list("subject", flat=True)) == [client_.pk, None]


def test_line_and_row_are_statements_of_one_shape_for_somebodys_and_nobodys(client_):
    asked = []
    for owner in (client_.user, None):
        with CaptureQueriesContext(connection) as queries:
            journal.record(Kind.LOGIN_FAILED, owner=owner)
        asked.append([re.findall(r"INSERT INTO \S+ \([^)]*\)|SELECT|RETURNING", query["sql"]) for query in queries])
    assert asked[0] == asked[1]
    # PostgreSQL is sent both at once.
    assert len(asked[0]) == (1 if connection.vendor == "postgresql" else 2)
    written = [part for statement in asked[0] for part in statement if part.startswith("INSERT")]
    assert [part.split('"')[1] for part in written] == ["auth_codes_securityevent", "auth_codes_journalsubject"]


@pytest.mark.django_db(transaction=True)
def test_line_is_not_kept_without_its_row(monkeypatch):
    def fail(*arguments):
        raise RuntimeError

    monkeypatch.setattr(subjects, "write", fail)
    with pytest.raises(RuntimeError):
        journal.record(Kind.LOGGED_IN)
    assert not SecurityEvent.objects.exists()


def test_old_lines_are_filled_in_and_told(client_, capsys):
    lines = old_lines(client_)
    assert found() == [("SUBJECT_MISSING", pk) for pk, _ in lines]
    call_command("fill_journal_subjects")
    assert json.loads(capsys.readouterr().out) == {"filled": 3}
    assert rows_of(lines) == lines
    assert found() == []


def test_filling_that_was_cut_goes_on_where_it_was(client_, monkeypatch):
    monkeypatch.setattr(subjects, "BATCH", 1)
    lines = old_lines(client_)
    told = []

    def cut(count):
        told.append(count)
        if len(told) == 2:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        subjects.fill(cut)
    assert rows_of(lines) == lines[:2]
    assert subjects.fill(told.append) == 1
    assert rows_of(lines) == lines
    assert subjects.fill(told.append) == 0


def test_migration_fills_in_what_the_command_would(client_):
    lines = old_lines(client_)
    import_module("accounts.migrations.0015_fill_journal_subjects").fill(apps, None)
    assert rows_of(lines) == lines
    assert found() == []


@pytest.mark.parametrize("change", [{"subject": 999}, {"subject": None}, {"at": "2020-01-01T00:00Z"}])
def test_row_that_says_something_else_than_its_line_is_found(client_, change):
    line = journal.record(Kind.LOGGED_IN, owner=client_.user)
    JournalSubject.objects.filter(event=line).update(**change)
    assert found() == [("SUBJECT_DIFFERS", line.pk)]
    [finding] = findings()
    assert in_a_sentence(finding).startswith(f"Ligne {line.pk} : elle est rangée dans le journal d’une autre personne")


def test_row_that_was_removed_is_found(client_):
    line = journal.record(Kind.LOGGED_IN, owner=client_.user)
    JournalSubject.objects.filter(event=line).delete()
    [finding] = findings()
    assert (finding.problem.name, finding.event_id) == ("SUBJECT_MISSING", line.pk)
    assert "lancez fill_journal_subjects" in in_a_sentence(finding)


def test_act_undone_leaves_neither_line_nor_row(client_):
    before = JournalSubject.objects.count()
    with transaction.atomic():
        journal.record(Kind.LOGGED_IN, owner=client_.user)
        transaction.set_rollback(True)
    assert JournalSubject.objects.count() == before
