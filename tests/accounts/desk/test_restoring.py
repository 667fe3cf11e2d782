"""A restored backup brings back what had ended since: one command ends it again."""

import json

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from accounts.desk import first_access
from accounts.models import FirstAccess
from auth_codes.actor import SYSTEM
from auth_codes.factors import tickets
from auth_codes.models import KnownDevice, Notice, SecretCode, SecurityEvent, StaffTicket
from tests import makers

pytestmark = pytest.mark.django_db


def run(capsys, *arguments):
    call_command("after_restore", *arguments)
    return json.loads(capsys.readouterr().out)


def test_sessions_devices_and_links_that_came_back_end_for_everybody(browser, client_, advisor, capsys):
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 302
    first_access.issue(advisor, now=timezone.now())
    tickets.issue(advisor, by=SYSTEM, now=timezone.now())
    last = SecurityEvent.objects.latest("pk").at
    told = run(capsys)
    assert (told["sessions"], told["devices"], told["links"], told["voided"]) == (1, 1, 2, 0)
    assert told["journal_ends_at"] == str(last)
    assert [model.objects.count() for model in (Session, KnownDevice, FirstAccess, StaffTicket)] == [0] * 4
    assert browser.get("/espace-client/").status_code == 302
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 302, "his code is still his"


def test_codes_of_named_clients_open_nothing_any_more_and_they_are_told(browser, client_, tmp_path, capsys):
    code = client_.client_code
    names = tmp_path / "codes"
    names.write_text(f"{code[:4]} {code[4:7]}\u00a0{code[7:]}\r\n\n1234567890\n")
    told = run(capsys, "--codes", str(names))
    assert (told["voided"], told["unknown"]) == (1, 1)
    assert not SecretCode.objects.living().filter(owner=client_.user).exists()
    assert makers.log_in(browser, code, makers.CODE).status_code == 200
    assert Notice.objects.filter(owner=client_.user, kind=Notice.Kind.ACCESS_CLOSED).exists()


def test_what_was_ended_is_in_the_journal_without_any_number_of_a_client(client_, capsys):
    run(capsys)
    [line] = SecurityEvent.objects.filter(kind=SecurityEvent.Kind.RESTORED)
    assert set(line.details) == {"journal_ends_at", "sessions", "devices", "links", "voided", "unknown"}


def test_run_again_it_finds_nothing_more(client_, capsys):
    run(capsys)
    told = run(capsys)
    assert [told[name] for name in ("sessions", "devices", "links", "voided")] == [0, 0, 0, 0]
