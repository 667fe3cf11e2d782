"""The journal is written once and never changed."""

import pytest
from django.test import RequestFactory

from accounts.kinds import Event
from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.models import SecurityEvent

pytestmark = pytest.mark.django_db

Kind = SecurityEvent.Kind


def test_line_tells_who_what_whom_and_from_where(advisor):
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7", HTTP_USER_AGENT="Firefox/140.0")
    line = journal.record(Event.CLIENT_CHANGED, by=Actor.at(request, advisor), details={"client": 7})
    line.refresh_from_db()
    assert (line.kind, line.by, line.owner) == (Event.CLIENT_CHANGED, advisor, None)
    assert (line.address, line.user_agent, line.details) == ("192.0.2.7", "Firefox/140.0", {"client": 7})


def test_line_of_a_command_has_neither_address_nor_browser(db):
    line = journal.record(Kind.LETTERS_EXPORTED)
    assert (line.address, line.user_agent, line.by, line.details) == (None, "", None, {})


def test_many_lines_are_written_with_one_for_each_owner(advisor, client_):
    journal.record_many(Kind.LETTER_EXPORTED, iter([advisor.pk, client_.user.pk]), details={"batch": "x"})
    lines = SecurityEvent.objects.filter(kind=Kind.LETTER_EXPORTED).order_by("id")
    assert [(line.owner, line.by, line.address, line.details) for line in lines] == [
        (advisor, None, None, {"batch": "x"}),
        (client_.user, None, None, {"batch": "x"}),
    ]


def test_line_is_never_changed(db):
    line = journal.record(Kind.LOGGED_IN)
    line.kind = Kind.LOGGED_OUT
    with pytest.raises(TypeError):
        line.save()
    assert SecurityEvent.objects.get().kind == Kind.LOGGED_IN


def test_line_read_back_is_never_changed_or_deleted(db):
    journal.record(Kind.LOGGED_IN)
    line = SecurityEvent.objects.get()
    for change in line.save, line.delete:
        with pytest.raises(TypeError):
            change()
    assert SecurityEvent.objects.count() == 1


def test_who_stands_in_the_journal_cannot_be_deleted(client_):
    with pytest.raises(Exception, match="protected"):
        client_.user.delete()
