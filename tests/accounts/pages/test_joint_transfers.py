"""Transfers between accounts of different holders: whoever has a moyen shows it beside his code."""

import time
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Booking, Holding
from accounts.transfers import ordering
from auth_codes.login.confirming import PATIENCE_SECONDS
from auth_codes.models import Challenge, Factor, SecurityEvent
from tests import makers
from tests.accounts.pages.test_transfer_pages import NEW, balance, failures, nothing_was_booked, page_of, text, typed
from tests.conftest import StrictBrowser
from tests.standing import made_once

pytestmark = pytest.mark.django_db

BOTH = "Confirmez avec votre code secret et votre second moyen"
NOT_THE_SAME = "Ces deux comptes n’ont pas les mêmes titulaires"
NOT_BOTH = "Code secret ou nombre incorrect"


@made_once
def savings(client_, current):
    return makers.make_savings(client_, "500")


@pytest.fixture
def joint(client_, current, savings, other):
    """The current account is another one's too; the savings are the client's alone."""
    Holding.objects.create(account=current, client=other)
    return current


@pytest.fixture(params=["joint to own", "own to joint"])
def order(request, client_, joint, savings):
    pair = (joint, savings) if request.param == "joint to own" else (savings, joint)
    return ordering.prepare(client_, *pair, Decimal("30.10"), "Vacances")


@pytest.fixture
def one(client_, joint, savings):
    return ordering.prepare(client_, joint, savings, Decimal("30.10"), "Vacances")


def sends(browser, order, shown, **changed):
    """What the page of an order would send, with what a moyen shows."""
    page = browser.get(page_of(order)).context
    sent = {"password": makers.CODE, "seal": ordering.fingerprint(order), "challenge": page["challenge"].pk}
    return browser.post(page_of(order), sent | shown | changed)


def test_without_a_moyen_the_code_is_enough(client_browser, order, savings):
    assert BOTH not in text(client_browser.get(page_of(order)))
    answer = client_browser.post(page_of(order), {"password": makers.CODE, "seal": ordering.fingerprint(order)})
    assert answer["Location"] == page_of(order)
    assert balance(savings) != Decimal("500")


def test_between_accounts_of_the_same_people_the_code_is_enough(client_browser, client_, current, savings):
    makers.make_app(client_)
    order = ordering.prepare(client_, current, savings, Decimal("30.10"))
    assert BOTH not in text(client_browser.get(page_of(order)))
    client_browser.post(page_of(order), {"password": makers.CODE, "seal": ordering.fingerprint(order)})
    assert balance(savings) == Decimal("530.10")


def test_both_are_asked_and_book_it(client_browser, client_, order):
    _, secret = makers.make_app(client_)
    page = text(client_browser.get(page_of(order)))
    assert BOTH in page
    assert NOT_THE_SAME in page
    assert sends(client_browser, order, {"code": makers.number_of(secret)})["Location"] == page_of(order)
    assert Booking.objects.filter(pk=order.pk).exists()
    assert Challenge.objects.filter(purpose="order", spent_at__isnull=False).count() == 1


@pytest.mark.proves("RTS 4(3)(a)")
@pytest.mark.parametrize("wrong", ["code", "number"])
def test_one_sentence_for_both(client_browser, client_, one, wrong):
    _, secret = makers.make_app(client_)
    right = makers.number_of(secret)
    shown = {"code": right if wrong == "code" else f"{(int(right) + 500_000) % 1_000_000:06}"}
    password = makers.WRONG_CODE if wrong == "code" else makers.CODE
    answer = sends(client_browser, one, shown, password=password)
    assert NOT_BOTH in text(answer)
    assert nothing_was_booked()
    assert SecurityEvent.objects.get(kind="transfer_code_failed").details["factor"] == "totp"


def test_the_code_alone_books_nothing(client_browser, client_, one):
    makers.make_app(client_)
    answer = client_browser.post(page_of(one), {"password": makers.CODE, "seal": ordering.fingerprint(one)})
    assert "Recopiez les six chiffres" in text(answer)
    assert (nothing_was_booked(), failures()) == (True, 0)


@pytest.mark.proves("RTS 5")
def test_passkey_signs_this_order_alone(client_browser, client_, joint, savings, one):
    _, authenticator = makers.make_passkey(client_)
    another = ordering.prepare(client_, joint, savings, Decimal("900"))
    page = client_browser.get(page_of(one)).context
    shown = {"challenge": page["challenge"].pk, "assertion": authenticator.get(page["options"])}
    code = {"password": makers.CODE}
    answer = client_browser.post(page_of(another), code | shown | {"seal": ordering.fingerprint(another)})
    assert (answer.status_code, nothing_was_booked(), failures()) == (200, True, 0)
    client_browser.post(page_of(one), code | shown | {"seal": ordering.fingerprint(one)})
    assert balance(savings) == Decimal("530.10")


def test_number_that_was_shown_for_one_order_serves_no_other(client_browser, client_, joint, savings, one):
    _, secret = makers.make_app(client_)
    number = makers.number_of(secret)
    sends(client_browser, one, {"code": number})
    another = ordering.prepare(client_, joint, savings, Decimal("900"))
    assert NOT_BOTH in text(sends(client_browser, another, {"code": number}))
    assert balance(savings) == Decimal("530.10")


def test_changed_order_is_not_what_was_proved(client_browser, client_, one):
    _, secret = makers.make_app(client_)
    page = client_browser.get(page_of(one)).context
    type(one).objects.filter(pk=one.pk).update(amount=Decimal("900"))
    one.refresh_from_db()
    sent = {"password": makers.CODE, "seal": ordering.fingerprint(one), "challenge": page["challenge"].pk}
    answer = client_browser.post(page_of(one), sent | {"code": makers.number_of(secret)})
    assert (answer.status_code, nothing_was_booked(), failures()) == (200, True, 0)


def test_second_click_finds_the_receipt_and_counts_nothing(client_browser, client_, one, savings):
    _, secret = makers.make_app(client_)
    page = client_browser.get(page_of(one)).context
    sent = {"password": makers.CODE, "seal": ordering.fingerprint(one), "challenge": page["challenge"].pk}
    answers = [client_browser.post(page_of(one), sent | {"code": makers.number_of(secret)}) for _ in range(2)]
    assert {answer["Location"] for answer in answers} == {page_of(one)}
    assert (balance(savings), failures()) == (Decimal("530.10"), 0)


def test_challenge_that_was_proved_forgives_no_wrong_attempt(client_browser, client_, one):
    """Proved, but not booked: the account was empty at that very moment."""
    _, secret = makers.make_app(client_)
    wrong = {"code": f"{(int(makers.number_of(secret)) + 500_000) % 1_000_000:06}"}
    page = client_browser.get(page_of(one)).context
    Challenge.objects.filter(pk=page["challenge"].pk).update(spent_at=timezone.now())
    sends(client_browser, one, wrong)
    counted = failures()
    answer = sends(client_browser, one, wrong, challenge=page["challenge"].pk)
    assert "Cette page avait déjà servi" in text(answer)
    assert failures() == counted > 0


def test_challenge_of_nobody_is_answered_without_waiting(client_browser, client_, one):
    """Else whoever sends many keeps the threads of a server from all others."""
    _, secret = makers.make_app(client_)
    begun = time.monotonic()
    answer = sends(client_browser, one, {"code": makers.number_of(secret)}, challenge=uuid.uuid4())
    assert "Cette page avait déjà servi" in text(answer)
    assert time.monotonic() < begun + PATIENCE_SECONDS


def test_list_does_not_stand_in_for_a_stronger_one(client_browser, client_, one):
    makers.make_list(client_)
    makers.make_app(client_, generation=5)
    shown = client_browser.get(f"{page_of(one)}?moyen=list")
    assert shown.context["kind"] == Factor.Kind.TOTP
    assert "liste" not in text(shown).lower()


def test_who_has_a_list_alone_shows_it(client_browser, client_, one, savings):
    listed, codes = makers.make_list(client_)
    answer = sends(client_browser, one, {"list_code": codes[listed.asked], "number": listed.asked})
    assert answer["Location"] == page_of(one)
    assert balance(savings) == Decimal("530.10")


def test_moyen_that_is_not_asked_for_yet_is_not_asked_here_either(client_browser, client_, one):
    makers.make_app(client_, asked_from=timezone.now() + timedelta(days=1))
    assert BOTH not in text(client_browser.get(page_of(one)))


def test_of_ten_clicks_at_once_one_proof_books_once(transactional_db, race, client_, one, savings):
    _, secret = makers.make_app(client_)
    tabs = StrictBrowser.tabs(client_.user, 10)
    page = tabs[0].get(page_of(one)).context
    sent = {"password": makers.CODE, "seal": ordering.fingerprint(one), "challenge": page["challenge"].pk}
    number = {"code": makers.number_of(secret)}
    answers = race(lambda browser: browser.post(page_of(one), sent | number), tabs)
    assert {(answer.status_code, answer.get("Location")) for answer in answers} == {(302, page_of(one))}
    assert (balance(savings), failures()) == (Decimal("530.10"), 0)


def test_from_form_to_receipt(client_browser, client_, joint, savings):
    _, secret = makers.make_app(client_)
    answer = client_browser.post(NEW, typed(joint, savings, "12,50", "Courses"), follow=True)
    assert BOTH in text(answer)
    order = client_.transfers.get()
    sends(client_browser, order, {"code": makers.number_of(secret)})
    assert balance(savings) == Decimal("512.50")
