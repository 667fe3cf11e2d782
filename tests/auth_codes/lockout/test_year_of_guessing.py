"""A year, with the clock passed in: somebody guesses at one client's code without pause, and the owner comes every day.

At most twenty guesses are verified, and the owner logs in from his known device on each of the 365 days.
Rules: RTS 2018/389 art. 4(3)(b) and 4(4).
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from auth_codes.codes import checking
from auth_codes.devices import known_devices
from auth_codes.lockout import counters
from auth_codes.login import gate
from tests import makers

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

START = datetime(2026, 3, 2, tzinfo=UTC)
DAYS = 365
HOUR = timedelta(hours=1)


class Owner:
    """The client, with the browser that has logged in as him."""

    def __init__(self, client):
        self.client, self.number = client, client.client_code
        self.cookies = {}
        self._keep(self._request(), None, START - HOUR)

    def log_in(self, code: str, now: datetime) -> bool:
        request = self._request()
        entrance = gate.client_entrance(request, self.number, now=now)
        if gate.why_refused(request, entrance, now):
            return False
        admission = gate.admit(request, self.number, entrance, now)
        right = checking.is_right(checking.present_code(self.client.user), self.number, code, now)
        gate.settle(request, admission, right=right, owner=self.client.user, now=now)
        if right:
            self._keep(request, entrance.device, now)
        return right

    def _request(self):
        request = RequestFactory().post("/connexion/", REMOTE_ADDR="192.0.2.1")
        request.COOKIES = self.cookies
        return request

    def _keep(self, request, device, now):
        response = HttpResponse()
        known_devices.remember(request, response, self.client.user, device, now)
        self.cookies = {name: morsel.value for name, morsel in response.cookies.items()}


def guess(number: str, now: datetime) -> int:
    """Guesses as often as it is allowed at this moment, each time from another address; how often that was."""
    verified = 0
    while True:
        request = RequestFactory().post("/connexion/", REMOTE_ADDR=f"198.51.100.{verified}")
        entrance = gate.client_entrance(request, number, now=now)
        if gate.why_refused(request, entrance, now):
            return verified
        admission = gate.admit(request, number, entrance, now)
        gate.settle(request, admission, right=False, owner=None, now=now)
        verified += 1


def moments(number: str) -> Iterator[datetime]:
    """Each hour of the first week, then every six hours, and each moment at which a block ends.

    That trying in between changes nothing is proved in test_lockout.py.
    """
    counter, now = counters.client_counter(number), START
    while now < START + DAYS * 24 * HOUR:
        yield now
        block = counters.block_of(counter, now)
        following = now.replace(minute=0) + (HOUR if now < START + 7 * 24 * HOUR else 6 * HOUR)
        now = min(block.until, following) if block and block.until else following


@pytest.mark.proves("NIST 3.2.2", "ASVS 6.1.1", "ASVS 6.3.1")
def test_a_year_of_guessing_verifies_twenty_codes_and_never_keeps_the_owner_out(client_):
    owner, days_in, verified = Owner(client_), 0, 0
    for now in moments(owner.number):
        verified += guess(owner.number, now)
        if now.hour == 18 and now.minute == 0:
            counters.purge(now)
            days_in += owner.log_in(makers.CODE, now)
    assert (verified, days_in) == (20, DAYS)


def test_owner_who_mistypes_every_day_is_not_kept_out_either(client_):
    owner = Owner(client_)
    guess(owner.number, START)
    for day in range(60):
        now = START + timedelta(days=day, hours=18)
        assert not owner.log_in(makers.WRONG_CODE, now)
        assert owner.log_in(makers.CODE, now + timedelta(minutes=1))


def test_whoever_has_no_known_device_gets_in_again_after_the_first_blocks(client_):
    """The owner without a known device waits as long as the block lasts, whatever the attacker does meanwhile."""
    guess(client_.client_code, START)
    for minute in range(1, 15):
        assert guess(client_.client_code, START + timedelta(minutes=minute)) == 0
    stranger = RequestFactory().post("/connexion/", REMOTE_ADDR="192.0.2.1")
    now = START + counters.FIRST_BLOCK
    entrance = gate.client_entrance(stranger, client_.client_code, now=now)
    assert gate.why_refused(stranger, entrance, now) is None


def test_strangers_do_not_keep_the_owner_from_the_code_of_his_letter(client_):
    letter = makers.make_pending_row(client_, makers.OTHER_CODE).letter
    for now in islice(moments(client_.client_code), 100):
        guess(client_.client_code, now)
        request = RequestFactory().post("/connexion/")
        entrance = gate.client_entrance(request, client_.client_code, letter.number_digest, now)
        assert gate.why_refused(request, entrance, now) is None
