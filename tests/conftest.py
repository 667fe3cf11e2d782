"""A few people, and what most tests need."""

import gc
import re
from copy import deepcopy

import pytest
from django.db import connection
from django.test import Client as Browser
from hypothesis import is_hypothesis_test
from hypothesis import settings as hypothesis_settings

from auth_codes import readiness
from auth_codes.codes import costs, known_keys
from auth_codes.crypto import hashing
from auth_codes.lockout import watch
from auth_codes.pages import page_for_nobody
from tests import makers, standing
from tests.races import at_once
from tests.standing import made_once

# A busy machine is no failure.
readiness.WITHIN_SECONDS = 60.0
hypothesis_settings.register_profile("portal", deadline=None)
hypothesis_settings.load_profile("portal")

INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)(?![^>]*application/json)", re.IGNORECASE)


class StrictBrowser(Browser):
    """Refuses a page that the Content-Security-Policy would break: inline style, script or handler."""

    @classmethod
    def logged_in(cls, user, **options):
        """A new browser in which `user` is logged in, by the backend of his kind."""
        browser = cls(**options)
        browser.force_login(user, backend=f"auth_codes.login.backends.{'Staff' if user.is_staff else 'Client'}Backend")
        return browser

    @classmethod
    def tabs(cls, user, count):
        """As many tabs of one browser in which `user` is logged in: more sessions at once nobody has."""
        first, tabs = cls.logged_in(user), [cls() for _ in range(count)]
        for tab in tabs:
            tab.cookies = deepcopy(first.cookies)
        return tabs

    def request(self, **request):
        response = super().request(**request)
        if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
            found = INLINE.search(response.content.decode())
            assert not found, f"{request.get('PATH_INFO')}: inline {found.group()!r}"
        return response


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in filter(is_slow, items):
        item.add_marker("slow")
    modules = {item.module: place for place, item in enumerate(items)}
    items.sort(key=lambda item: (modules[item.module], standing.order(item)))


def is_slow(item: pytest.Item) -> bool:
    """By its nature: it commits for other threads and processes to see, which empties all tables, or has many cases."""
    return standing.commits(item) or is_hypothesis_test(item.obj)


def pytest_collection_finish():
    """All that was collected stays to the end: the garbage collector need not walk it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """SQLite empties a table between tests by DELETE, which the guards of the ledger and the documents refuse.

    The process of the tests has agreed with its database: it changes keys, and other processes write theirs there.
    """
    known_keys._agreed.add(str(connection.settings_dict["NAME"]))
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_is_never_deleted'")
            for [trigger] in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {trigger}")
    yield
    with django_db_blocker.unblock():
        standing.clear()


@pytest.fixture
def prepared_database(request, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        standing.prepare(request.node)


@pytest.fixture
def _django_db_helper(prepared_database, _django_db_helper):
    """Where pytest-django opens the test's own transaction, by fixture or by mark: the last moment."""


@pytest.fixture(autouse=True)
def costs_and_alarms_are_read_anew():
    """What one test's database or settings say is nothing to the next test."""
    costs.forget()
    watch.forget()
    page_for_nobody.forget()


@pytest.fixture
def browser():
    """A browser that nobody is logged in to."""
    return StrictBrowser()


@made_once
def advisor(db):
    return makers.make_advisor()


@made_once
def person(advisor):
    """Somebody registered, without account, code or online space."""
    return makers.make_person(advisor)


@made_once
def new_client(advisor):
    """A client whose default code still waits in its sealed letter."""
    return makers.make_new_client(advisor)


@made_once
def client_(advisor):
    """A client with a code of his own (`makers.CODE`) and a current account."""
    return makers.make_personalised_client(advisor)


@pytest.fixture
def client_browser(client_):
    """A browser in which that client is logged in."""
    return StrictBrowser.logged_in(client_.user)


@pytest.fixture
def advisor_browser(advisor):
    return StrictBrowser.logged_in(advisor)


@pytest.fixture
def hashes(monkeypatch):
    """The costs of all Argon2 computations of codes, in their order; they are really computed."""
    computed, compute = [], hashing.argon2id

    def counting(code, salt, cost):
        computed.append(cost)
        return compute(code, salt, cost)

    monkeypatch.setattr(hashing, "argon2id", counting)
    return computed


@pytest.fixture
def race(transactional_db):
    """`race(act, arguments)`: all at once, each in a thread with a database connection of its own."""
    return at_once
