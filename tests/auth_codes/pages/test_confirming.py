"""« Confirm with your code »: every page that asks for the code again refuses alike."""

import html
from decimal import Decimal

import pytest

from accounts.transfers import ordering
from auth_codes import browser
from auth_codes.models import AttemptCounter, KnownDevice
from tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["change of code", "transfer", "removal of a device"])
def confirm(request, client_, client_browser):
    """`confirm(code)`: the act of this page, confirmed by this code."""
    if request.param == "change of code":
        chosen = {"new_password1": makers.OTHER_CODE, "new_password2": makers.OTHER_CODE}
        return lambda code: client_browser.post("/mon-profil/code-secret/", {"old_password": code, **chosen})
    if request.param == "removal of a device":
        device = KnownDevice.objects.create(owner=client_.user, label="Firefox sur Linux", digest="x")
        return lambda code: client_browser.post(
            "/mon-profil/appareils/retirer/", {"device": device.pk, "password": code}
        )
    current, savings = client_.bank_accounts.get(), makers.make_savings(client_)
    makers.make_operation(current, "Salaire", "100")
    order = ordering.prepare(client_, current, savings, Decimal("30.10"), "")
    seal = ordering.fingerprint(order)
    return lambda code: client_browser.post(f"/espace-client/virements/{order.pk}/", {"password": code, "seal": seal})


def is_done(answer):
    return answer.status_code == 302


def test_right_code_does_the_act_and_leaves_no_failure(confirm):
    assert is_done(confirm(makers.CODE))
    assert not AttemptCounter.objects.filter(count__gt=0).exists()


@pytest.mark.proves("ASVS 7.5.3")
def test_wrong_code_is_counted_and_marks_the_browser_whose_right_code_gives_it_back(confirm):
    answer = confirm(makers.WRONG_CODE)
    assert (answer.status_code, browser.MARK_COOKIE in answer.cookies) == (200, True)
    assert AttemptCounter.objects.get().count == 1
    assert is_done(confirm(makers.CODE))
    assert AttemptCounter.objects.get().count == 0


def test_malformed_code_is_neither_counted_nor_marked(confirm, hashes):
    hashes.clear()
    answer = confirm("12")
    assert (answer.status_code, browser.MARK_COOKIE in answer.cookies) == (200, False)
    assert (hashes, AttemptCounter.objects.count()) == ([], 0)


def test_blocked_owner_reads_until_when_and_no_code_is_hashed(confirm, hashes):
    for _ in range(5):
        confirm(makers.WRONG_CODE)
    hashes.clear()
    answer = confirm(makers.CODE)
    assert (answer.status_code, "Retry-After" in answer, hashes) == (429, True, [])


def test_wrong_codes_are_counted_aloud_and_the_fifth_is_the_pause(confirm):
    answers = [confirm(makers.WRONG_CODE) for _ in range(5)]
    pages = [html.unescape(answer.content.decode()) for answer in answers]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429]
    assert ["Il vous reste un essai" in page for page in pages] == [False] * 3 + [True, False]
    assert ("Retry-After" in answers[4], "Rien n’a été fait" in pages[4]) == (True, True)
    assert browser.MARK_COOKIE in answers[4].cookies


def test_right_fifth_code_still_does_the_act(confirm):
    for _ in range(4):
        confirm(makers.WRONG_CODE)
    assert is_done(confirm(makers.CODE))


def test_spent_network_is_told_so(confirm, settings):
    settings.NETWORK_FAILURES_PER_HOUR = 1
    assert [confirm(makers.WRONG_CODE).status_code for _ in range(2)] == [200, 429]


def test_without_a_free_slot_the_form_comes_back_and_nothing_is_counted(confirm, request):
    request.getfixturevalue("no_slot")
    answer = confirm(makers.CODE)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Rien n’a été compté" in answer.content.decode()
    assert not AttemptCounter.objects.exists()
