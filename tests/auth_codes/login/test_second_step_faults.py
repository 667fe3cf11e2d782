"""The second step while the database fails at each of its statements: nobody is let in by half, nor kept out by it."""

import itertools

import pytest
from django.db import connection

from auth_codes.models import AttemptCounter, Factor, FailedAttempt, SecretCode, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser
from tests.faults import Fault

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SECOND = "/connexion/second/"
HOME = "/espace-client/"
CODE_PAGE = "/mon-profil/code-secret/"
Kind = SecurityEvent.Kind


def begin(client, code=makers.CODE, **fields):
    """A browser at the second step, and what it posts there."""
    browser = StrictBrowser(raise_request_exception=False)
    answer = makers.log_in(browser, client.client_code, code, **fields)
    assert (answer.status_code, answer["Location"]) == (302, SECOND)
    return browser, browser.get(SECOND).context["challenge"].pk


def show(at, code):
    browser, challenge = at
    return browser.post(SECOND, {"code": code, "challenge": challenge})


def forget_what_is_counted():
    Factor.objects.update(last_step=-1)
    FailedAttempt.objects.all().delete()
    AttemptCounter.objects.all().delete()


def test_fault_lets_nobody_in_by_half_and_spends_a_number_at_most(client_):
    _, secret = makers.make_app(client_)
    for place in itertools.count(1):
        forget_what_is_counted()
        at, fault = begin(client_), Fault(place)
        with connection.execute_wrapper(fault):
            answer = show(at, makers.number_of(secret, -1))
        if not fault.has_come:
            break
        assert answer.status_code == 503, place
        assert at[0].get(HOME).status_code == 302, place
        assert show(begin(client_), makers.number_of(secret))["Location"] == HOME, place
    assert place > 20
    assert answer["Location"] == HOME


def test_fault_voids_no_code_before_the_letters_own_has_taken_its_place(advisor):
    for place in itertools.count(1, step=2):  # half of them: each asks for a client of its own
        client = makers.make_personalised_client(advisor, given_names=f"Ada {chr(97 + place % 26)}")
        _, secret = makers.make_app(client)
        letter = makers.make_pending_code(client)
        at, fault = begin(client, letter.secret_code, letter=letter.letter_number), Fault(place)
        with connection.execute_wrapper(fault):
            show(at, makers.number_of(secret, -1))
        if not fault.has_come:
            break
        kinds = list(SecretCode.objects.present().filter(owner=client.user).values_list("kind", flat=True))
        renewed = SecurityEvent.objects.filter(owner=client.user, kind=Kind.CODE_RENEWED).count()
        assert (kinds, renewed) in [(["personal"], 0), (["default"], 1)], place
        letters = {} if renewed else {"letter": letter.letter_number}
        forget_what_is_counted()
        again = begin(client, letter.secret_code, **letters)
        assert show(again, makers.number_of(secret))["Location"] == CODE_PAGE, place
    assert place > 20
