"""Moyens that somebody wrote into the database, deleted from it or put back are named, and mended by two."""

import io
import json
import uuid
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.admin import factor_acts
from auth_codes import journal
from auth_codes.actor import SYSTEM, Actor
from auth_codes.factors import by_advisors, checking, ending, told
from auth_codes.factors.checking import FactorProblem
from auth_codes.models import Factor, Notice, SecurityEvent
from tests import makers
from tests.standing import made_once

pytestmark = pytest.mark.django_db

Kind = SecurityEvent.Kind


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


def added(client, generation=1, **fields):
    """A moyen in service, as its owner has added it; and its row, for whoever wants to put it back."""
    factor, _ = makers.make_app(client, generation=generation, **fields)
    tell_of(client, generation)
    return factor, Factor.objects.filter(pk=factor.pk).values().get()


def tell_of(client, number, kind=Kind.FACTOR_ADDED):
    journal.record(kind, owner=client.user, details={"factor": "totp", "factor_number": number})


def end(factor, why=Factor.Why.REMOVED):
    ending.end(factor, why, by=SYSTEM, now=timezone.now())


def put_back(row):
    Factor.objects.filter(pk=row["id"]).delete()
    Factor.objects.create(**row)


def found():
    findings = []
    checking.check(findings.append, lambda done: None)
    return [(finding.name, finding.problem, finding.number) for finding in findings]


def check():
    """What the command prints: the line and the sentences; raises CommandError where something is wrong."""
    line, said = io.StringIO(), io.StringIO()
    try:
        call_command("check_factors", stdout=line, stderr=said)
    finally:
        shown = json.loads(line.getvalue()), said.getvalue()
    return shown


def test_what_owners_add_and_end_is_sound(client_):
    factor, _ = added(client_)
    end(factor)
    added(client_, 2)
    figures, said = check()
    assert (figures["checked"], figures["findings"]) == (1, 0)
    assert "1 second moyen contrôlé, rien à signaler" in said


def test_one_that_was_deleted_is_named(client_):
    factor, _ = added(client_)
    Factor.objects.filter(pk=factor.pk).delete()
    assert found() == [(client_.client_code, FactorProblem.GONE, 1)]


def test_one_that_was_ended_by_hand_is_named(client_):
    added(client_)
    Factor.objects.update(state="ended", ended_at=timezone.now(), ended_why="removed", ciphertext=None)
    assert found() == [(client_.client_code, FactorProblem.GONE, 1)]


def test_an_earlier_row_put_back_is_named_though_it_opens(client_):
    factor, row = added(client_)
    end(factor)
    put_back(row)
    assert Factor.objects.get().unseal()
    assert found() == [(client_.client_code, FactorProblem.PUT_BACK, 1)]


def test_an_earlier_row_put_back_in_the_place_of_the_present_one_is_named_with_it(client_):
    factor, row = added(client_)
    end(factor)
    later, _ = added(client_, 2)
    Factor.objects.filter(pk=later.pk).delete()
    put_back(row)
    named = {(client_.client_code, FactorProblem.PUT_BACK, 1), (client_.client_code, FactorProblem.GONE, 2)}
    assert set(found()) == named


def test_one_that_was_written_in_is_named(client_):
    makers.make_app(client_)
    assert found() == [(client_.client_code, FactorProblem.NEVER_ADDED, 1)]


def test_one_of_which_the_journal_has_let_go_is_sound_while_it_opens(client_):
    long_ago = timezone.now() - timedelta(days=500)
    makers.make_app(client_, created_at=long_ago)
    assert found() == []
    Factor.objects.update(generation=2)
    assert found() == [(client_.client_code, FactorProblem.NOT_SEALED, 2)]


@pytest.mark.parametrize("moved", [{"asked_from": timezone.now() + timedelta(days=9)}, {"nonce": bytes(12)}])
def test_one_that_was_altered_is_named(client_, moved):
    added(client_)
    Factor.objects.update(**moved)
    assert found() == [(client_.client_code, FactorProblem.NOT_SEALED, 1)]


def test_a_missing_key_is_told_by_another_check(client_, settings):
    added(client_)
    settings.SECRET_CODE_KEYS = {"test-2": bytes(32)}
    assert found() == []


def test_who_may_log_in_no_more_is_not_looked_at(client_):
    factor, _ = added(client_)
    Factor.objects.filter(pk=factor.pk).delete()
    client_.user.is_active = False
    client_.user.save(update_fields=["is_active"])
    assert found() == []


@pytest.mark.parametrize("details", [[], {"factor_number": "1"}, {"factor_number": None}, {}])
def test_line_that_says_nothing_is_no_finding(client_, details):
    SecurityEvent.objects.create(kind=Kind.FACTOR_ADDED, owner=client_.user, details=details)
    assert found() == []


def test_moyen_that_ended_after_its_batch_was_read_is_not_named(client_, monkeypatch):
    factor, _ = added(client_)
    read = told.of_owners

    def read_before_it_ends(pks):
        monkeypatch.setattr(told, "of_owners", read)
        end(factor)
        return read(pks)

    monkeypatch.setattr(told, "of_owners", read_before_it_ends)
    assert found() == []


def test_batches_meet_each_owner_once_by_as_many_statements(client_, advisor, monkeypatch):
    for name in ("Petit", "Roux", "Blanc"):
        added(makers.make_personalised_client(advisor, family_name=name))
    with CaptureQueriesContext(connection) as asked:
        checked = checking.check(lambda finding: None, lambda done: None)
    assert (checked.factors, len(asked)) == (3, 4)
    monkeypatch.setattr(checking, "BATCH", 1)
    told_of = []
    assert checking.check(lambda finding: None, told_of.append) == checked
    assert sum(told_of) == checked.owners


def test_command_names_each_and_ends_in_failure(client_):
    makers.make_app(client_)
    said = io.StringIO()
    with pytest.raises(CommandError, match=r"1 constat\(s\)"):
        call_command("check_factors", stdout=io.StringIO(), stderr=said)
    assert f"Code client {client_.client_code} : la base a en service un second moyen n° 1" in said.getvalue()


def test_staff_are_told_to_take_a_ticket(advisor):
    makers.make_app_of(advisor)
    said = io.StringIO()
    with pytest.raises(CommandError):
        call_command("check_factors", stdout=io.StringIO(), stderr=said)
    assert "Membre du personnel claire.dubois : " in said.getvalue()
    assert "donnez-lui un ticket" in said.getvalue()


def test_many_findings_are_counted_and_the_first_of_them_named(client_):
    for number in range(60):
        tell_of(client_, number)
    line, said = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match="60 constat"):
        call_command("check_factors", stdout=line, stderr=said)
    assert said.getvalue().count("Code client") == 50
    assert json.loads(line.getvalue())["findings"] == 60


@pytest.mark.parametrize("way", ["deleted", "put back", "written in"])
def test_two_advisors_mend_it_and_its_owner_is_told(client_, advisor, colleague, way):
    if way == "written in":
        makers.make_app(client_)
    else:
        factor, row = added(client_)
        if way == "put back":
            end(factor)
        Factor.objects.filter(pk=factor.pk).delete()
        if way == "put back":
            Factor.objects.create(**row)
    assert found()
    asked = by_advisors.start(client_.user, by=Actor(advisor), identity_check="branch", token=uuid.uuid4())
    assert factor_acts.in_words(client_)[0].startswith("application d’authentification")
    by_advisors.approve(asked, by=Actor(colleague))
    assert found() == []
    notice = Notice.objects.filter(kind=Notice.Kind.FACTOR_REMOVED).latest("pk")
    assert notice.facts["why"] == "advisors"
    assert notice.facts["name"]
