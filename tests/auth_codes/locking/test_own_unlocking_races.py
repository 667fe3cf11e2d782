"""One number at the page of a lock, many times at once: one unlocking; and while two advisors approve another."""

import pytest
from django.utils import timezone

from auth_codes.actor import Actor
from auth_codes.locking import locks, unlocking
from auth_codes.login import unlock_steps
from auth_codes.models import AccessLock, AttemptCounter, Factor, Notice, SecurityEvent
from tests import makers
from tests.auth_codes.locking.test_locks import lock, start
from tests.auth_codes.locking.test_own_unlocking import OLD, PAGE, with_codes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

AT_ONCE = 50


def test_one_number_fifty_times_at_once_unlocks_once_and_counts_nothing(client_, race):
    _, secret = makers.make_app(client_, **OLD)
    lock(client_)
    browser = with_codes(client_)
    sent = {"code": makers.number_of(secret), "challenge": browser.get(PAGE).context["challenge"].pk}
    statuses = race(lambda _: browser.post(PAGE, sent).status_code, range(AT_ONCE))
    assert set(statuses) <= {302, 429}  # 429: five at once are being verified
    assert not locks.standing(client_.user)
    assert SecurityEvent.objects.filter(kind="access_unlocked").count() == 1
    assert Notice.objects.filter(kind="access_unlocked").count() == 1
    assert not SecurityEvent.objects.filter(kind="factor_failed").exists()
    assert set(AttemptCounter.objects.values_list("count", flat=True)) <= {0}


def test_his_own_unlocking_and_that_of_two_advisors_at_once_are_one(client_, race, advisor):
    colleague = makers.make_advisor("marc.lefevre")
    factor, _ = makers.make_app(client_, **OLD)
    made = lock(client_)
    asked = start(client_, advisor)

    def act(place):
        stored = Factor.objects.select_related("owner").get(pk=factor.pk)
        try:
            if place % 2:
                unlocking.approve(asked, by=Actor(colleague))
            else:
                unlock_steps.undo(made, stored, by=Actor(stored.owner), now=timezone.now())
        except locks.NotLocked:
            return False
        return True

    assert race(act, range(6)).count(True) == 1
    assert AccessLock.objects.standing().count() == 0
    assert SecurityEvent.objects.filter(kind="access_unlocked").count() == 1
