"""Whoever sits down at a member of staff's open session, or tries his name from everywhere, gains no guess by it."""

import html
import json
from copy import deepcopy
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from auth_codes.crypto import slots
from auth_codes.crypto.slots import Slots
from auth_codes.login import passwords, staff_block_notices
from auth_codes.models import AttemptCounter, KnownDevice, Notice, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

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
    copied = StrictBrowser()  # one session a person: what else may be open is a copy of it
    copied.cookies = deepcopy(advisor_browser.cookies)
    assert copied.get("/admin/").status_code == 200
    answer = change(advisor_browser, makers.PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, DONE)
    assert advisor_browser.get("/admin/").status_code == 200
    assert copied.get("/admin/").status_code == 302
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


@pytest.mark.parametrize("name", ["claire.dubois", "nobody.here"])
def test_of_seven_tries_from_each_of_ten_networks_five_are_verified_whoever_bears_the_name(advisor, name):
    addresses = [f"198.51.{place}.7" for place in range(10)] * 7
    statuses = [staff_login(StrictBrowser(REMOTE_ADDR=one), "wrong", name).status_code for one in addresses]
    assert statuses == [200] * 5 + [429] * 65
    assert lines(Kind.LOGIN_FAILED).count() == 5
    assert lines(Kind.LOGIN_BLOCKED).get().owner == (advisor if name == "claire.dubois" else None)


def working_browser(**options):
    """The browser in which the advisor works: he has logged in there, and out."""
    browser = StrictBrowser(**options)
    staff_login(browser, makers.PASSWORD)
    browser.post("/admin/logout/")
    return browser


def block(name="claire.dubois", times=5):
    for _ in range(times):
        staff_login(StrictBrowser(), "wrong", name)


def test_strangers_lock_no_advisor_out_of_the_browser_he_works_in(advisor):
    browser = working_browser()
    block()
    assert staff_login(StrictBrowser(), makers.PASSWORD).status_code == 429
    assert staff_login(browser, makers.PASSWORD).status_code == 302
    assert change(browser, makers.PASSWORD).status_code == 302


def test_known_browser_of_staff_has_five_failures_of_its_own_then_draws_on_the_names(advisor):
    browser = working_browser()
    assert [staff_login(browser, "wrong").status_code for _ in range(11)] == [200] * 10 + [429]
    assert KnownDevice.objects.filter(owner=advisor).count() == 0


def test_known_browser_of_one_advisor_is_unknown_for_another(advisor):
    makers.make_advisor("marc.lefevre")
    browser = working_browser()
    block("marc.lefevre")
    assert staff_login(browser, makers.PASSWORD, "marc.lefevre").status_code == 429


def test_known_browser_of_staff_is_not_touched_by_its_networks_budget(advisor, settings):
    browser = working_browser()
    settings.NETWORK_FAILURES_PER_HOUR = 1
    block("nobody.here")
    assert staff_login(StrictBrowser(), makers.PASSWORD).status_code == 429
    assert staff_login(browser, makers.PASSWORD).status_code == 302


def test_login_from_a_new_browser_is_told_once_to_who_has_an_address(advisor):
    User.objects.filter(pk=advisor.pk).update(email="claire@banque.example")
    browser = working_browser()
    staff_login(browser, makers.PASSWORD)
    assert [notice.kind for notice in Notice.objects.all()] == [Notice.Kind.STAFF_NEW_DEVICE]
    assert lines(Kind.DEVICE_KNOWN).get().owner == advisor


def test_failed_login_at_the_desk_makes_no_browser_known(advisor):
    staff_login(StrictBrowser(), "wrong")
    assert not KnownDevice.objects.exists()


@pytest.fixture
def administrators(advisor):
    User.objects.filter(pk=advisor.pk).update(email="claire@banque.example")
    boss = User.objects.create_superuser("directrice", "chef@banque.example", makers.PASSWORD, first_name="Anne")
    User.objects.create_superuser("parti", "parti@banque.example", makers.PASSWORD, is_active=False)
    User.objects.create_superuser("muet", "", makers.PASSWORD)
    return boss


def told():
    return [(notice.kind, notice.recipient, notice.facts["pause"]) for notice in Notice.objects.order_by("id")]


def test_first_block_of_a_day_is_told_to_him_and_to_the_administrators_once(administrators):
    block()
    now = timezone.now()
    assert [staff_block_notices.write_due(now) for _ in range(2)] == [1, 0]
    assert told() == [
        (Notice.Kind.STAFF_BLOCKED, "claire@banque.example", "15 minutes"),
        (Notice.Kind.COLLEAGUE_BLOCKED, "chef@banque.example", "15 minutes"),
    ]
    SecurityEvent.objects.create(kind=Kind.LOGIN_BLOCKED, owner=User.objects.get(username="claire.dubois"),
                                 at=now + timedelta(seconds=1), details={"failures": 10})  # fmt: skip
    assert staff_block_notices.write_due(now + timedelta(seconds=2)) == 0


def test_block_of_the_next_day_is_told_again(administrators):
    block()
    staff_block_notices.write_due(timezone.now())
    Notice.objects.update(at=timezone.now() - timedelta(days=1))
    assert staff_block_notices.write_due(timezone.now()) == 1


def test_blocked_administrator_is_told_as_himself_alone(administrators):
    block("directrice")
    assert staff_block_notices.write_due(timezone.now()) == 1
    assert [(kind, to) for kind, to, _ in told()] == [(Notice.Kind.STAFF_BLOCKED, "chef@banque.example")]


def test_block_of_a_name_that_nobody_bears_and_of_a_client_is_not_told_here(administrators, client_):
    Notice.objects.all().delete()
    block("nobody.here")
    for _ in range(5):
        makers.log_in(StrictBrowser(), client_.client_code, makers.WRONG_CODE)
    assert lines(Kind.LOGIN_BLOCKED).count() == 2
    assert staff_block_notices.write_due(timezone.now()) == 0


def test_the_timer_tells_of_blocked_staff(administrators, settings):
    settings.EMAIL_HOST = "smtp.banque.example"
    block()
    said = StringIO()
    call_command("send_notices", stdout=said)
    assert json.loads(said.getvalue())["blocks_told"] == 1
    assert {to for message in mail.outbox for to in message.to} == {"claire@banque.example", "chef@banque.example"}
