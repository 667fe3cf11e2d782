"""Bounded hashing: never more at once than there are slots, and a half that unknown devices cannot take."""

import threading
import time

import pytest

from auth_codes.crypto import hashing, slots
from auth_codes.crypto.slots import Busy, Slots
from auth_codes.models import AttemptCounter
from tests import makers
from tests.auth_codes.conftest import hold
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db


def test_unknown_devices_take_all_slots_but_the_kept_ones():
    pool = Slots(4, kept=2)
    hold(pool, 2, is_known=False)
    with pytest.raises(Busy), pool.taken(is_known=False, wait=0):
        pass
    hold(pool, 2, is_known=True)
    with pytest.raises(Busy), pool.taken(is_known=True, wait=0):
        pass


def test_known_devices_may_take_every_slot():
    pool = Slots(4, kept=2)
    hold(pool, 4, is_known=True)
    with pytest.raises(Busy), pool.taken(is_known=False, wait=0):
        pass


def test_slot_is_free_again_after_the_block_whatever_happens_in_it():
    pool = Slots(1, kept=0)
    with pytest.raises(ValueError, match="inside"), pool.taken(is_known=False, wait=0):
        raise ValueError("inside")
    with pool.taken(is_known=False, wait=0):
        pass


def test_who_waits_gets_the_slot_as_soon_as_it_is_free():
    pool = Slots(1, kept=0)
    (held,) = hold(pool, 1, is_known=True)
    threading.Timer(0.05, held.__exit__, (None, None, None)).start()
    started = time.monotonic()
    with pool.taken(is_known=False, wait=10):
        assert time.monotonic() - started < 5


def test_who_waits_in_vain_is_told_after_the_time_given():
    pool = Slots(1, kept=0)
    hold(pool, 1, is_known=True)
    started = time.monotonic()
    with pytest.raises(Busy), pool.taken(is_known=False, wait=0.1):
        pass
    assert 0.1 <= time.monotonic() - started < 5


def test_a_thread_that_holds_a_slot_needs_no_second_one(monkeypatch):
    monkeypatch.setattr(slots, "_slots", Slots(1, kept=0))
    with slots.taken(is_known=False), slots.taken(is_known=False, wait=0):
        hashing.argon2id("739146", bytes(16), hashing.present_cost())


@pytest.mark.parametrize("number", [None, "5724816039"])
def test_login_without_a_free_slot_is_asked_to_come_again_and_nothing_is_counted(no_slot, client_, hashes, number):
    hashes.clear()
    answer = makers.log_in(StrictBrowser(), number or client_.client_code, makers.CODE)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    page = answer.content.decode()
    assert "Rien n’a été compté" in page
    assert (number or client_.client_code) in page
    assert makers.CODE not in page
    assert (hashes, AttemptCounter.objects.count()) == ([], 0)


def test_known_device_logs_in_while_unknown_ones_take_all_the_rest(client_, monkeypatch, request):
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE)
    browser.post("/deconnexion/")
    request.getfixturevalue("no_slot")
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 302


def test_code_page_without_a_free_slot_says_so_and_counts_nothing(no_slot, client_, client_browser):
    fields = {"old_password": makers.CODE, "new_password1": makers.OTHER_CODE, "new_password2": makers.OTHER_CODE}
    answer = client_browser.post("/mon-profil/code-secret/", fields)
    assert answer.status_code == 503
    assert "Rien n’a été compté" in answer.content.decode()
    assert not AttemptCounter.objects.exists()


def test_never_more_hashes_at_once_than_slots(monkeypatch):
    pool, present, most = Slots(3, kept=1), [0], [0]
    monkeypatch.setattr(slots, "_slots", pool)
    guard = threading.Lock()

    def compute():
        with slots.taken(is_known=False, wait=30):
            with guard:
                present[0] += 1
                most[0] = max(most[0], present[0])
            time.sleep(0.01)
            with guard:
                present[0] -= 1

    threads = [threading.Thread(target=compute) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 2
