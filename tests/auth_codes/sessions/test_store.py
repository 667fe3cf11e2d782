"""Rows of sessions under a keyed hash of what the browser holds, with all that Django's own store promises."""

from datetime import timedelta
from importlib import import_module

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.utils import timezone

from auth_codes.sessions import store
from auth_codes.sessions.store import SessionStore
from tests.conftest import StrictBrowser
from tests.faults import Fault

pytestmark = pytest.mark.django_db

NEW_KEY, NEWER_KEY = "n" * 50, "o" * 50


@pytest.fixture
def stored():
    session = SessionStore()
    session["word"] = "kept"
    session.save()
    return session


def word_in(session_key):
    return SessionStore(session_key).get("word")


def test_row_stands_under_a_hash_and_holds_the_key_nowhere(stored):
    row = Session.objects.get()
    assert row.session_key == store.row_keys(stored.session_key)[0] == stored.row_key
    assert len(row.session_key) == store.ROW_KEY_LENGTH
    assert stored.session_key not in f"{row.session_key} {row.session_data} {SessionStore.data_of(row)}"


def test_key_of_a_row_opens_nothing(stored):
    assert word_in(stored.session_key) == "kept"
    assert word_in(Session.objects.get().session_key) is None


def test_another_secret_key_finds_no_row(stored, settings):
    settings.SECRET_KEY = NEW_KEY
    assert word_in(stored.session_key) is None


def test_key_that_fell_back_still_finds_reads_writes_and_deletes_its_rows(stored, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [NEWER_KEY, settings.SECRET_KEY]
    session = SessionStore(stored.session_key)
    session["word"] = "changed"
    session.save()
    assert (word_in(stored.session_key), Session.objects.count()) == ("changed", 1)
    assert session.exists(stored.session_key)
    session.flush()
    assert not Session.objects.exists()


def test_change_of_key_moves_a_row_under_todays_secret_key(stored, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW_KEY, [settings.SECRET_KEY]
    session = SessionStore(stored.session_key)
    session.cycle_key()
    session.save()
    settings.SECRET_KEY_FALLBACKS = []
    assert (word_in(session.session_key), Session.objects.count()) == ("kept", 1)


def test_change_of_key_keeps_the_data_and_ends_the_key_before(stored):
    before = stored.session_key
    stored.cycle_key()
    stored.save()
    assert stored.session_key != before
    assert (word_in(before), word_in(stored.session_key)) == (None, "kept")


@pytest.mark.proves("ASVS 7.4.1", "NIST 5.1")
def test_flush_leaves_neither_row_nor_key(stored):
    stored.flush()
    assert (stored.session_key, stored.row_key, list(stored.keys())) == (None, None, [])
    assert not Session.objects.exists()


@pytest.mark.proves("ASVS 7.2.3", "NIST 5.1")
def test_key_made_up_by_a_browser_is_not_kept(stored):
    session = SessionStore("attackers0key0attackers0key00000")
    session["word"] = "planted"
    session.save()
    assert session.session_key != "attackers0key0attackers0key00000"


def test_row_is_made_once_and_not_made_again_after_its_end(stored):
    with pytest.raises(CreateError):
        stored.save(must_create=True)
    SessionStore().delete(stored.session_key)
    with pytest.raises(UpdateError):
        stored.save()
    assert not Session.objects.exists()


def test_key_is_drawn_anew_while_a_row_of_it_exists(stored, monkeypatch):
    drawn = iter([stored.session_key, "another0key0another0key000000000"])
    monkeypatch.setattr("auth_codes.random_texts.drawn", lambda *_: next(drawn))
    session = SessionStore()
    session.create()
    assert session.session_key == "another0key0another0key000000000"


def test_row_past_its_time_is_not_found_and_then_cleared(stored):
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert word_in(stored.session_key) is None
    SessionStore.clear_expired()
    assert not Session.objects.exists()


def test_asynchronous_methods_write_no_key_either():
    async def write():
        session = SessionStore()
        await session.aset("word", "kept")
        await session.asave()
        return session.session_key

    key = async_to_sync(write)()
    assert (word_in(key), Session.objects.get().session_key) == ("kept", store.row_keys(key)[0])


def test_migration_ends_all_sessions_forwards_and_back(client_):
    migration = import_module("auth_codes.migrations.0013_end_sessions_of_another_key")
    for operation in (migration.Migration.operations[0].code, migration.Migration.operations[0].reverse_code):
        browser = StrictBrowser.logged_in(client_.user)
        operation(apps, None)
        assert not Session.objects.exists()
        assert browser.get("/espace-client/").status_code == 302


def test_a_database_that_fails_is_not_taken_for_a_session_that_ended(stored):
    stored["word"] = "changed"
    with pytest.raises(OperationalError), connection.execute_wrapper(Fault(1)):
        stored.save()
