"""Known devices: what makes one, what it is worth, and all that is not one."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connections
from django.http import HttpResponse
from django.utils import timezone

from auth_codes import notices
from auth_codes.actor import Actor
from auth_codes.devices import known_devices
from auth_codes.lockout import counters
from auth_codes.login import gate
from auth_codes.models import AttemptCounter, KnownDevice, Notice, Renewal, SecurityEvent
from auth_codes.renewals import by_advisors as renewal
from auth_codes.renewals import code_life
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile Safari/604.1"
UNKNOWN = "5724816039"


def known_browser(client, agent=FIREFOX, code=makers.CODE):
    """A browser that has logged in as this client, and out again."""
    browser = StrictBrowser(HTTP_USER_AGENT=agent)
    assert makers.log_in(browser, client.client_code, code).status_code == 302
    browser.post("/deconnexion/")
    return browser


def device_cookie(browser):
    return next(morsel for name, morsel in browser.cookies.items() if "device-" in name)


def copy_of(browser, agent=FIREFOX):
    """Another browser, with the same device cookie and no other."""
    copy, cookie = StrictBrowser(HTTP_USER_AGENT=agent), device_cookie(browser)
    copy.cookies[cookie.key] = cookie.value
    return copy


def block(client, failures=5):
    """Strangers fail that often, the last time a moment ago."""
    now = timezone.now() - timedelta(days=2)
    counter = counters.client_counter(client.client_code)
    for _ in range(failures):
        block = counters.block_of(counter, now)
        now = block.until if block else now
        counters.fail(makers.reserve(counter, "b" * 32, now), now)
    AttemptCounter.objects.filter(key=counter.key).update(filled_at=timezone.now())


def is_known(browser, client, code=makers.CODE):
    """Whether this browser gets in while strangers have blocked the number."""
    block(client)
    return makers.log_in(browser, client.client_code, code).status_code == 302


@pytest.mark.parametrize("failures", [5, 10, 15, 20])
def test_known_device_logs_in_whatever_strangers_have_failed(client_, failures):
    browser = known_browser(client_)
    block(client_, failures)
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.CODE).status_code == 429
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 302


def test_known_devices_success_lowers_no_strangers_count(client_):
    browser = known_browser(client_)
    block(client_)
    makers.log_in(browser, client_.client_code, makers.CODE)
    assert AttemptCounter.objects.get(key=counters.client_counter(client_.client_code).key).count == 5


def test_known_device_has_five_attempts_of_its_own_then_is_unknown_again(client_, hashes):
    browser = known_browser(client_)
    hashes.clear()
    statuses = [makers.log_in(browser, client_.client_code, makers.WRONG_CODE).status_code for _ in range(11)]
    assert (statuses, len(hashes)) == ([200] * 9 + [429] * 2, 10)
    assert not KnownDevice.objects.exists()


def test_known_device_is_warned_of_its_last_try_and_waits_only_where_all_do(client_):
    browser = known_browser(client_)
    pages = [makers.log_in(browser, client_.client_code, makers.WRONG_CODE).content.decode() for _ in range(5)]
    assert ["Il reste un essai à cet appareil" in page for page in pages] == [False] * 3 + [True, False]


def test_fifth_failure_of_a_known_device_is_the_pause_where_strangers_have_begun_it(client_):
    browser = known_browser(client_)
    for _ in range(5):
        makers.log_in(StrictBrowser(), client_.client_code, makers.WRONG_CODE)
    statuses = [makers.log_in(browser, client_.client_code, makers.WRONG_CODE).status_code for _ in range(5)]
    assert statuses == [200] * 4 + [429]


def test_devices_failures_leave_the_strangers_count_alone(client_):
    browser = known_browser(client_)
    for _ in range(5):
        makers.log_in(browser, client_.client_code, makers.WRONG_CODE)
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.CODE).status_code == 302


def test_devices_success_forgives_its_own_failures(client_):
    browser = known_browser(client_)
    for _ in range(3):
        for _ in range(4):
            makers.log_in(browser, client_.client_code, makers.WRONG_CODE)
        makers.log_in(browser, client_.client_code, makers.CODE)
        browser.post("/deconnexion/")
    assert KnownDevice.objects.count() == 1


def test_first_login_makes_a_device_and_the_next_ones_renew_its_token(client_):
    browser = known_browser(client_)
    first = device_cookie(browser).value
    makers.log_in(browser, client_.client_code, makers.CODE)
    assert device_cookie(browser).value != first
    device = KnownDevice.objects.get()
    assert device.label == "Firefox sur Windows"
    assert device.first_seen_at < device.last_seen_at


def test_device_cookie_is_kept_from_scripts_other_sites_and_plain_http(client_):
    cookie = device_cookie(known_browser(client_))
    assert cookie.key.startswith("__Host-device-")
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, True, "Strict", "/")
    assert cookie["max-age"] == 400 * 24 * 60 * 60
    assert client_.client_code not in cookie.key + cookie.value


def test_table_holds_nothing_that_the_cookie_could_be_made_from(client_):
    secret = device_cookie(known_browser(client_)).value.split(":")[0].split(".")[1]
    assert secret not in repr(KnownDevice.objects.values().get())


def test_copy_of_the_cookie_dies_with_the_owners_second_login(client_):
    browser = known_browser(client_)
    thief = copy_of(browser)
    for _ in range(2):
        makers.log_in(browser, client_.client_code, makers.CODE)
        browser.post("/deconnexion/")
    assert not is_known(thief, client_)


def test_cookie_whose_renewal_was_lost_on_the_way_still_counts(client_):
    browser = known_browser(client_)
    before = copy_of(browser)
    makers.log_in(browser, client_.client_code, makers.CODE)
    assert is_known(before, client_)


def test_cookie_whose_renewals_were_lost_twice_still_counts(client_):
    browser = known_browser(client_)
    for _ in range(2):
        makers.log_in(copy_of(browser), client_.client_code, makers.CODE)
    assert is_known(browser, client_)


def test_copy_in_another_browser_is_an_unknown_device(client_):
    assert not is_known(copy_of(known_browser(client_), agent=SAFARI), client_)


def test_double_click_leaves_one_device_that_still_counts(client_):
    browser = known_browser(client_)
    again = copy_of(browser)
    makers.log_in(browser, client_.client_code, makers.CODE)
    makers.log_in(again, client_.client_code, makers.CODE)
    assert KnownDevice.objects.count() == 1
    browser.post("/deconnexion/")
    assert is_known(browser, client_)


@pytest.mark.parametrize("change", [
    lambda value: value[:-1] + ("A" if value[-1] != "A" else "B"),
    lambda value: value.replace(".", ".x", 1),
    lambda value: "0" * 32 + value[32:],
    lambda value: value.split(":")[0],
    lambda value: "\x00" + value,
    lambda value: value * 50,
    lambda _: "",
    lambda _: ":::",
    lambda _: "é" * 40,
])  # fmt: skip
def test_forged_cookie_is_an_unknown_device_and_costs_no_query(client_, change, django_assert_num_queries):
    browser = known_browser(client_)
    forged, cookie = StrictBrowser(HTTP_USER_AGENT=FIREFOX), device_cookie(browser)
    forged.cookies[cookie.key] = change(cookie.value)
    request = forged.get("/connexion/").wsgi_request
    with django_assert_num_queries(0):
        assert known_devices.recognise(request, client_.client_code) is None
    assert not is_known(forged, client_)


def test_cookie_after_a_change_of_key_is_an_unknown_device(client_, settings):
    browser = known_browser(client_)
    settings.SECRET_KEY = "another" * 10
    assert not is_known(browser, client_)


def test_cookie_of_another_client_is_an_unknown_device(advisor, client_):
    other = makers.make_personalised_client(advisor, given_names="Paul", email="paul@example.org")
    browser, his = known_browser(other), known_browser(client_)
    assert not is_known(browser, client_)
    named_like_his, cookie = copy_of(his), device_cookie(browser)
    for name in list(named_like_his.cookies):
        named_like_his.cookies[name] = cookie.value
    assert not is_known(named_like_his, client_)


def test_two_clients_of_one_browser_are_both_known(advisor, client_):
    other = makers.make_personalised_client(advisor, given_names="Paul", email="paul@example.org")
    browser = known_browser(client_)
    makers.log_in(browser, other.client_code, makers.CODE)
    browser.post("/deconnexion/")
    assert is_known(browser, client_)
    browser.post("/deconnexion/")
    assert is_known(browser, other)


def test_removed_device_is_unknown(client_):
    browser = known_browser(client_)
    known_devices.remove(KnownDevice.objects.get(), by=Actor(client_.user))
    assert not is_known(browser, client_)
    removed = SecurityEvent.objects.get(kind=SecurityEvent.Kind.DEVICE_REMOVED)
    assert removed.details == {"device": "Firefox sur Windows"}


def test_sixth_device_is_let_in_and_pushes_out_none_of_five_used_recently(client_):
    """Each is as good as the next: whoever has the codes once would else take the owner's devices from him."""
    browsers = [known_browser(client_) for _ in range(5)]
    sixth = StrictBrowser(HTTP_USER_AGENT=SAFARI)
    assert makers.log_in(sixth, client_.client_code, makers.CODE).status_code == 302
    assert "n’est pas retenu parmi vos appareils connus" in sixth.get("/espace-client/").content.decode()
    assert not [name for name in sixth.cookies if "device-" in name]
    assert Notice.objects.filter(kind=Notice.Kind.NEW_DEVICE).count() == 6
    sixth.post("/deconnexion/")
    assert not is_known(sixth, client_)
    assert [makers.log_in(browser, client_.client_code, makers.CODE).status_code for browser in browsers] == [302] * 5


def test_place_of_a_device_that_was_taken_off_is_free(client_):
    for _ in range(5):
        known_browser(client_)
    known_devices.remove(KnownDevice.objects.first(), by=Actor(client_.user))
    assert device_cookie(known_browser(client_))


def test_sixth_device_takes_the_place_of_the_one_not_seen_for_longest(client_):
    browsers = [known_browser(client_) for _ in range(5)]
    KnownDevice.objects.update(last_seen_at=timezone.now() - known_devices.RECENTLY)
    for browser in browsers[:1] + browsers[2:]:
        makers.log_in(browser, client_.client_code, makers.CODE)
        browser.post("/deconnexion/")
    known_browser(client_)
    assert KnownDevice.objects.count() == 5
    assert not is_known(browsers[1], client_)
    assert is_known(browsers[0], client_)


def test_double_click_at_the_first_login_makes_one_device_and_one_mail(client_, settings):
    first, second = (StrictBrowser(HTTP_USER_AGENT=FIREFOX) for _ in range(2))
    for browser in first, second:
        browser.cookies[settings.CSRF_COOKIE_NAME] = "c" * 32  # of the form that was clicked twice
        makers.log_in(browser, client_.client_code, makers.CODE)
        browser.post("/deconnexion/")
    assert KnownDevice.objects.count() == 1
    assert client_.user.notices.filter(kind=Notice.Kind.NEW_DEVICE).count() == 1
    assert is_known(first, client_)
    first.post("/deconnexion/")
    assert is_known(second, client_)


def test_login_that_was_closed_at_the_same_instant_leaves_no_device(client_, rf):
    request, user = rf.post("/connexion/"), type(client_.user).objects.get(pk=client_.user.pk)
    code_life.void_all(client_.user, why=code_life.Why.FRAUD, by=Actor(client_.advisor))
    response = HttpResponse()
    known_devices.remember(request, response, user, None)
    assert (KnownDevice.objects.count(), len(response.cookies)) == (0, 0)


def test_device_removed_at_the_same_instant_is_not_added_again(client_, rf):
    known_browser(client_)
    device = KnownDevice.objects.get()
    known_devices.remove(device, by=Actor(client_.user))
    known_devices.remember(rf.post("/connexion/"), HttpResponse(), client_.user, device)
    assert not KnownDevice.objects.exists()


def test_thiefs_failures_are_not_forgiven_by_the_owners_success(client_, hashes):
    browser = known_browser(client_)
    thief = copy_of(browser)
    makers.log_in(browser, client_.client_code, makers.CODE)
    browser.post("/deconnexion/")
    for _ in range(4):
        makers.log_in(thief, client_.client_code, makers.WRONG_CODE)
    makers.log_in(browser, client_.client_code, makers.CODE)
    counter = counters.device_counter(KnownDevice.objects.get().pk.hex)
    assert AttemptCounter.objects.get(key=counter.key).count == 4


def test_right_attempt_in_flight_saves_the_device_from_its_fifth_failure(client_, rf):
    browser = known_browser(client_)
    request = copy_of(browser).get("/connexion/").wsgi_request
    number, user = client_.client_code, client_.user
    admissions = [gate.admit(request, number, gate.client_entrance(request, number)) for _ in range(5)]
    gate.settle(request, admissions[0], right=True, owner=user)
    for admission in admissions[1:]:
        gate.settle(request, admission, right=False, owner=user)
    assert KnownDevice.objects.count() == 1


def test_owner_is_told_of_new_devices_twenty_times_a_day_at_most(client_, monkeypatch):
    monkeypatch.setattr(known_devices, "TOLD_A_DAY", 2)
    for place in range(4):
        known_browser(client_, agent=f"{FIREFOX if place % 2 else SAFARI}")
        KnownDevice.objects.all().delete()
    assert client_.user.notices.filter(kind=Notice.Kind.NEW_DEVICE).count() == 2


def test_devices_go_when_their_cookie_has_expired(client_):
    known_browser(client_)
    seen = KnownDevice.objects.get().last_seen_at
    assert known_devices.purge(seen + timedelta(days=399)) == 0
    assert known_devices.purge(seen + timedelta(days=400)) == 1


def by_letter(advisor, client):
    letter = makers.make_pending_code(client)
    fields = {"letter": letter.letter_number}
    makers.log_in(StrictBrowser(HTTP_USER_AGENT=SAFARI), client.client_code, letter.secret_code, **fields)


def by_advisors(advisor, client):
    started = renewal.start(
        client.user, by=Actor(advisor), identity_check=Renewal.IdentityCheck.AT_BRANCH, token=client.registration
    )
    renewal.approve(started, by=Actor(makers.make_advisor("paul.petit")))


def by_closing(advisor, client):
    code_life.void_all(client.user, why=code_life.Why.FRAUD, by=Actor(advisor))


@pytest.mark.proves("RTS 27(c)")
@pytest.mark.parametrize("renew", [by_letter, by_advisors, by_closing])
def test_renewal_of_the_code_ends_all_devices(advisor, client_, renew):
    for _ in range(2):
        known_browser(client_)
    renew(advisor, client_)
    assert not client_.user.known_devices.filter(label="Firefox sur Windows").exists()
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.DEVICES_REMOVED).get().details == {"count": 2}


def test_change_of_code_leaves_devices_known(client_):
    browser = known_browser(client_)
    makers.log_in(browser, client_.client_code, makers.CODE)
    changed = {"old_password": makers.CODE, "new_password1": makers.OTHER_CODE, "new_password2": makers.OTHER_CODE}
    browser.post("/mon-profil/code-secret/", changed)
    browser.post("/deconnexion/")
    assert is_known(browser, client_, makers.OTHER_CODE)


@pytest.mark.proves("ASVS 6.3.5")
def test_owner_is_told_of_a_new_device_once(client_):
    Notice.objects.all().delete()
    browser = known_browser(client_)
    makers.log_in(browser, client_.client_code, makers.CODE)
    told = client_.user.notices.get()
    assert (told.kind, told.facts) == (Notice.Kind.NEW_DEVICE, {"browser": "Firefox sur Windows"})


@pytest.mark.django_db(transaction=True)
def test_mail_of_a_new_device_is_sent_by_the_timer_and_holds_no_code(client_):
    mail.outbox.clear()
    known_browser(client_)
    assert mail.outbox == []  # nobody's login waits for the mail server
    notices.send_waiting(timezone.now())
    text = "\n".join(f"{message.subject}\n{message.body}" for message in mail.outbox)
    assert "nouvel appareil" in text
    assert client_.client_code not in text
    assert makers.CODE not in text


def test_journal_says_whether_the_device_was_known(client_):
    browser = known_browser(client_)
    makers.log_in(browser, client_.client_code, makers.CODE)
    lines = SecurityEvent.objects.filter(kind=SecurityEvent.Kind.LOGGED_IN).order_by("id")
    assert [line.details["device"] for line in lines] == ["unknown", "known"]


GUESSES = [f"{code:06}" for code in range(862417, 862437)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("atomic_requests", [False, True])
def test_many_guesses_at_once_from_a_known_device_are_five_and_then_five(
    race, client_, hashes, monkeypatch, atomic_requests
):
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", atomic_requests)
    browser = known_browser(client_)
    guessers = [copy_of(browser) for _ in GUESSES]
    hashes.clear()
    statuses = race(
        lambda pair: makers.log_in(pair[0], client_.client_code, pair[1]).status_code,
        list(zip(guessers, GUESSES, strict=True)),
    )
    # The last of the ten reads of the pause; so does the device's own fifth, if the others were faster.
    assert (len(hashes), statuses.count(200) in {8, 9}) == (10, True)
