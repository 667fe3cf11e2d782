"""Whoever sits down at a member of staff's open session, or tries his name from everywhere, gains no guess by it."""

import html

import pytest

from accounts.models import User
from auth_codes.crypto import slots
from auth_codes.crypto.slots import Slots
from auth_codes.login import passwords
from auth_codes.models import AttemptCounter, Notice, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

CHANGE = "/admin/password_change/"
DONE = "/admin/password_change/done/"
CHOSEN = "lampe tigre ruisseau comptoir"
Kind = SecurityEvent.Kind


def change(browser, old, new=CHOSEN, **extra):
    return browser.post(CHANGE, {"old_password": old, "new_password1": new, "new_password2": new}, **extra)


def staff_login(browser, password, name="claire.dubois", **extra):
    return browser.post("/admin/login/?next=/admin/", {"username": name, "password": password}, **extra)


def lines(kind):
    return SecurityEvent.objects.filter(kind=kind)


def test_of_forty_guesses_at_the_present_password_five_are_verified(advisor, advisor_browser, monkeypatch):
    verified, check = [], User.check_password
    monkeypatch.setattr(User, "check_password", lambda user, typed: (verified.append(typed), check(user, typed))[1])
    statuses = [change(advisor_browser, f"guess {place}").status_code for place in range(40)]
    statuses.append(change(advisor_browser, makers.PASSWORD).status_code)
    assert (len(verified), statuses) == (5, [200] * 5 + [429] * 36)
    assert lines(Kind.PASSWORD_CHANGE_FAILED).filter(owner=advisor, by=advisor).count() == 5
    assert lines(Kind.LOGIN_BLOCKED).filter(owner=advisor).count() == 1


def test_present_password_and_login_share_one_count(advisor, advisor_browser):
    for _ in range(3):
        staff_login(StrictBrowser(), "wrong")
    assert [change(advisor_browser, "wrong").status_code for _ in range(3)] == [200, 200, 429]
    assert staff_login(StrictBrowser(), makers.PASSWORD).status_code == 429


def test_refusal_is_a_page_of_the_desk_in_french(advisor_browser):
    answer = [change(advisor_browser, "wrong") for _ in range(6)][-1]
    page = html.unescape(answer.content.decode())
    assert "La vérification de votre mot de passe est en pause" in page
    assert 'href="/admin/"' in page
    assert int(answer["Retry-After"]) <= 15 * 60


def test_wrong_present_password_says_so(advisor_browser):
    page = html.unescape(change(advisor_browser, "wrong").content.decode())
    assert "Ce n’est pas votre mot de passe actuel" in page


def test_new_password_that_will_not_do_costs_no_attempt(advisor, advisor_browser):
    assert change(advisor_browser, "wrong", new="short").status_code == 200
    assert not AttemptCounter.objects.exists()


def test_change_keeps_this_session_ends_the_others_and_is_told(advisor, advisor_browser):
    User.objects.filter(pk=advisor.pk).update(email="claire@banque.example")
    elsewhere = StrictBrowser.logged_in(advisor)
    answer = change(advisor_browser, makers.PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, DONE)
    assert advisor_browser.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302
    assert lines(Kind.PASSWORD_CHANGED).get().by == advisor
    notice = Notice.objects.get(kind=Notice.Kind.PASSWORD_CHANGED)
    assert (notice.recipient, notice.salutation) == ("claire@banque.example", "Claire Dubois")
    assert staff_login(StrictBrowser(), CHOSEN).status_code == 302


def test_who_has_no_address_is_told_nothing_and_changes_all_the_same(advisor, advisor_browser):
    assert change(advisor_browser, makers.PASSWORD).status_code == 302
    assert not Notice.objects.exists()


def test_two_changes_at_one_moment_leave_one(advisor, advisor_browser, monkeypatch):
    """The second was verified against a password that the first had meanwhile replaced."""
    hashing = passwords.make_password

    def meanwhile(password):
        User.objects.filter(pk=advisor.pk).update(password=hashing("by the other request"))
        return hashing(password)

    monkeypatch.setattr(passwords, "make_password", meanwhile)
    assert change(advisor_browser, makers.PASSWORD)["Location"] == "/admin/login/"
    assert not lines(Kind.PASSWORD_CHANGED).exists()
    advisor.refresh_from_db()
    assert advisor.check_password("by the other request")


@pytest.fixture
def no_slot(monkeypatch):
    pool = Slots(2, kept=1)
    monkeypatch.setattr(slots, "_slots", pool)
    monkeypatch.setattr(pool, "_is_free", lambda is_known: False)
    monkeypatch.setattr(pool, "taken", lambda is_known, wait: Slots.taken(pool, is_known=is_known, wait=0))


def test_without_a_free_slot_the_page_says_so_and_counts_nothing(advisor_browser, no_slot):
    answer = change(advisor_browser, makers.PASSWORD)
    assert answer.status_code == 503
    assert "Rien n’a été compté" in html.unescape(answer.content.decode())
    assert not AttemptCounter.objects.exists()


def test_login_without_a_free_slot_does_not_say_that_the_password_was_wrong(browser, advisor, no_slot):
    answer = staff_login(browser, makers.PASSWORD)
    page = html.unescape(answer.content.decode())
    assert (answer.status_code, "Rien n’a été compté" in page, "incorrect" in page) == (503, True, False)


def test_administrators_change_their_own_password_by_giving_the_present_one():
    boss = User.objects.create_superuser("directrice", password=makers.PASSWORD)
    browser = StrictBrowser.logged_in(boss)
    answer = browser.post(f"/admin/accounts/user/{boss.pk}/password/", {"password1": CHOSEN, "password2": CHOSEN})
    assert (answer.status_code, answer["Location"]) == (302, CHANGE)
    boss.refresh_from_db()
    assert boss.check_password(makers.PASSWORD)
