"""Many codes of a list at the same instant: five wrong ones are verified, one right one is taken once."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.utils import timezone

from auth_codes.actor import SYSTEM, Actor
from auth_codes.factors import ending, lists, lists_activating, lists_issuing, proving
from auth_codes.models import AttemptCounter, Factor, ListCode, SealedLetter, SecurityEvent
from tests import makers
from tests.auth_codes.factors.test_factor_races import MANY, SECOND, at_second_step

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def stored(factor):
    return Factor.objects.select_related("owner", "letter").get(pk=factor.pk)


def show(code, number):
    def act(at):
        browser, challenge = at
        return browser.post(SECOND, {"list_code": code, "number": number, "challenge": challenge}).status_code

    return act


@pytest.mark.proves("RTS 4(3)(b)")
def test_of_fifty_wrong_codes_at_once_five_are_verified(client_, race, monkeypatch):
    factor, codes = makers.make_list(client_)
    asked, verified, verify = stored(factor).asked, [], lists.found

    def counting(factor, code):
        verified.append(code)
        return verify(factor, code)

    monkeypatch.setattr(lists, "found", counting)
    [at] = at_second_step(client_, 1)
    answers = race(show(codes[asked % 40 + 1], asked), [at] * MANY)
    assert len(verified) == 5
    assert answers.count(200) <= 5
    assert stored(factor).asked == asked


def test_one_code_fifty_times_at_once_is_taken_once(client_, race):
    factor, codes = makers.make_list(client_)
    present = stored(factor)

    def act(_):
        try:
            return proving.is_right(present, codes[present.asked], timezone.now())
        except proving.AnotherIsAsked:
            return "another"

    assert race(act, range(MANY)).count(True) == 1
    assert ListCode.objects.filter(used_at__isnull=False).count() == 1


def test_one_code_in_five_browsers_at_once_logs_in_one_and_counts_nothing(client_, race):
    factor, codes = makers.make_list(client_)
    asked = stored(factor).asked
    browsers = at_second_step(client_, 5)
    race(show(codes[asked], asked), browsers)
    assert [SESSION_KEY in browser.session for browser, _ in browsers].count(True) == 1
    assert not SecurityEvent.objects.filter(kind=SecurityEvent.Kind.FACTOR_FAILED).exists()
    assert not AttemptCounter.objects.filter(count__gt=0).exists()


def test_double_click_counts_no_wrong_code(client_, race):
    factor, codes = makers.make_list(client_)
    asked = stored(factor).asked
    [at] = at_second_step(client_, 1)
    assert race(show(codes[asked], asked), [at] * 2) == [302, 302]
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.LOGGED_IN).count() == 1


def test_list_ordered_many_times_at_once_is_ordered_once(client_, race):
    def act(_):
        try:
            lists.order(client_.user, by=Actor(client_.user), now=timezone.now())
        except (lists.ListOnItsWay, lists.ListLately):
            return False
        return True

    assert race(act, range(10)).count(True) == 1
    assert Factor.objects.count() == 1


def test_list_called_off_while_it_is_made_has_no_letter_that_leaves(client_, race):
    lists.order(client_.user, by=Actor(client_.user), now=timezone.now())
    acts = [
        lambda: lists_issuing.issue_all(timezone.now()),
        lambda: ending.end_all(client_.user, Factor.Why.CANCELLED, by=SYSTEM, now=timezone.now()),
    ]
    race(lambda act: act(), acts)
    assert Factor.objects.get().state == "ended"
    assert not ListCode.objects.exists()
    assert not SealedLetter.objects.waiting().filter(occasion="list").exists()


def test_list_is_activated_once_by_many_at_once(client_, race):
    waiting = makers.order_list(client_)

    def act(_):
        try:
            lists_activating.activate(stored(waiting), device=None, by=SYSTEM, now=timezone.now())
        except lists_activating.NothingToActivate:
            return False
        return True

    assert race(act, range(10)).count(True) == 1
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.FACTOR_ADDED).count() == 1


def test_code_used_while_the_list_ends_leaves_nothing(client_, race):
    factor, codes = makers.make_list(client_)
    present = stored(factor)

    def use():
        try:
            return proving.is_right(present, codes[present.asked], timezone.now())
        except proving.AnotherIsAsked:
            return False

    race(
        lambda act: act(), [use, lambda: ending.end(stored(factor), Factor.Why.REMOVED, by=SYSTEM, now=timezone.now())]
    )
    assert (Factor.objects.get().state, ListCode.objects.count()) == ("ended", 0)
