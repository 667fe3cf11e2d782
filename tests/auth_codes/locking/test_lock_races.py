"""Locking many times at once, and while somebody logs in or the lock is undone: one lock, and nothing opens."""

import pytest
from django.db import transaction

from accounts.models import Document
from auth_codes.actor import SYSTEM, Actor
from auth_codes.codes import owners
from auth_codes.locking import lock_codes, locks
from auth_codes.models import AccessLock, Notice, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 50


def reference_shown(browser):
    [reference] = AccessLock.objects.values_list("id", flat=True)
    return reference.hex[:12].upper() in browser.get("/verrouiller/recu/").content.decode()


def lock_by_code(code):
    """From a browser of its own; whether it is shown the receipt."""

    def lock(attempt):
        browser = StrictBrowser()
        answer = browser.post("/verrouiller/", {"lock_code": code}, REMOTE_ADDR=f"203.0.113.{attempt}")
        return answer["Location"], reference_shown(browser)

    return lock


def code_of(client):
    code = lock_codes.draw()
    lock_codes.keep(client.user, lock_codes.digest(code))
    return code


def test_fifty_at_once_make_one_lock_and_see_one_receipt(race, client_):
    told = race(lock_by_code(code_of(client_)), range(AT_ONCE))
    assert set(told) == {("/verrouiller/recu/", True)}
    assert AccessLock.objects.count() == Document.objects.filter(kind="lock").count() == 1
    assert Notice.objects.filter(kind="access_locked").count() == 1
    assert SecurityEvent.objects.filter(kind="access_locked").count() == 1


def test_no_login_at_the_same_instant_is_left_open(race, client_):
    browsers = [StrictBrowser() for _ in range(12)]

    def act(place):
        if place == 6:
            return locks.lock(client_.user, way=AccessLock.Way.LOCK_CODE, by=SYSTEM)
        return makers.log_in(browsers[place], client_.client_code, makers.CODE)

    race(act, range(12))
    assert {browser.get("/espace-client/").status_code for browser in browsers} == {302}
    # Nor once the lock is undone: its session is another one.
    with transaction.atomic():
        owners.lock(client_.user)
        locks.undo(client_.user, by=Actor(client_.advisor))
    assert {browser.get("/espace-client/").status_code for browser in browsers} == {302}


def test_double_click_on_a_letter_s_code_opens_nothing_beside_a_lock(race, new_client):
    code, browsers = makers.default_code(new_client), [StrictBrowser() for _ in range(8)]

    def act(place):
        if place == 4:
            return locks.lock(new_client.user, way=AccessLock.Way.LOCK_CODE, by=SYSTEM)
        return makers.log_in(browsers[place], new_client.client_code, code)

    race(act, range(8))
    assert {browser.get("/mon-profil/code-secret/").status_code for browser in browsers} == {302}


def test_undone_twice_at_once_ends_one_lock(race, client_, advisor):
    locks.lock(client_.user, way=AccessLock.Way.SESSION, by=Actor(client_.user))

    def undo(_attempt):
        with transaction.atomic():
            owners.lock(client_.user)
            try:
                return locks.undo(client_.user, by=Actor(advisor))
            except locks.NotLocked:
                return None

    assert sum(lock is not None for lock in race(undo, range(10))) == 1
    assert SecurityEvent.objects.filter(kind="access_unlocked").count() == 1
