"""« Verrouiller mon accès », at its public page and in « Mon profil »."""

import re
from ipaddress import ip_network

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from auth_codes.actor import Actor
from auth_codes.factors import ending
from auth_codes.letters import letter_numbers
from auth_codes.locking import lock_codes, locks
from auth_codes.lockout import counters
from auth_codes.models import AccessLock, Budget, Factor, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import text_of

pytestmark = pytest.mark.django_db

PAGE, OWN, RECEIPT = "/verrouiller/", "/mon-profil/verrouiller/", "/verrouiller/recu/"
UNKNOWN = "5724816039"
NOT_LOCKED = "incorrect : rien n’est verrouillé"


def by_codes(number, code, browser=None):
    return (browser or StrictBrowser()).post(PAGE, {"username": number, "password": code})


def by_lock_code(code, browser=None, **options):
    return (browser or StrictBrowser()).post(PAGE, {"lock_code": code}, **options)


def lock_code_of(client):
    """One that the client has, as from the letter of a first code."""
    code = lock_codes.draw()
    lock_codes.keep(client.user, lock_codes.digest(code))
    return code


def locked(client):
    return AccessLock.objects.standing().filter(owner=client.user).exists()


@pytest.mark.proves("PSD2 70(1)(c)")
def test_both_codes_lock_without_a_login_and_show_the_receipt(client_):
    browser = StrictBrowser()
    answer = by_codes(client_.client_code, makers.CODE, browser)
    assert (answer.status_code, answer["Location"]) == (302, RECEIPT)
    receipt = text_of(browser.get(RECEIPT))
    lock = AccessLock.objects.get(owner=client_.user)
    assert (lock.reference in receipt, lock.way) == (True, "codes")
    assert "Vos cartes ne sont pas arrêtées" in receipt
    assert "_auth_user_id" not in browser.session
    assert SecurityEvent.objects.get(kind="access_locked").by == client_.user


def test_code_of_a_list_locks_while_the_list_is_in_service_beside_that_of_the_letter(client_):
    of_letter = lock_code_of(client_)
    makers.order_list(client_)
    of_list = makers.open_letter(client_).lock_code
    assert "n’est pas reconnu" in text_of(by_lock_code(of_list))  # whoever has opened the letter box locks nothing
    factor = makers.activate_list(client_)
    for code in (of_list, of_letter):
        assert by_lock_code(code)["Location"] == RECEIPT
        assert locked(client_)
        locks.undo(client_.user, by=Actor(client_.user))
    ending.end(factor, Factor.Why.REMOVED, by=Actor(client_.user), now=timezone.now())
    assert "n’est pas reconnu" in text_of(by_lock_code(of_list))
    assert by_lock_code(of_letter)["Location"] == RECEIPT


def test_code_of_a_list_is_a_digest_in_the_database(client_):
    makers.order_list(client_)
    code = makers.open_letter(client_).lock_code
    assert Factor.objects.get().lock_digest == lock_codes.digest(code)


@pytest.mark.proves("PSD2 70(1)(c)")
def test_code_of_the_letter_locks_and_names_nobody(new_client):
    code = makers.open_letter(new_client).lock_code
    browser = StrictBrowser()
    assert by_lock_code(f" {letter_numbers.in_fours(code).lower()} ", browser)["Location"] == RECEIPT
    assert AccessLock.objects.get().way == "lock_code"
    assert SecurityEvent.objects.get(kind="access_locked").by is None
    assert new_client.client_code not in browser.get(RECEIPT).content.decode()


def test_locking_again_shows_the_first_receipt(client_):
    first, second = StrictBrowser(), StrictBrowser()
    by_codes(client_.client_code, makers.CODE, first)
    by_lock_code(lock_code_of(client_), second)
    reference = AccessLock.objects.get().reference
    assert all(reference in text_of(browser.get(RECEIPT)) for browser in (first, second))


def test_receipt_is_not_shown_to_who_logs_in_at_the_same_browser_afterwards(client_, advisor):
    other = makers.make_personalised_client(advisor, given_names="Paul", email="paul@example.org")
    browser = StrictBrowser()
    by_codes(client_.client_code, makers.CODE, browser)
    makers.log_in(browser, other.client_code, makers.CODE)
    assert browser.get(RECEIPT)["Location"] == PAGE


def test_receipt_is_shown_to_nobody_else(client_):
    by_codes(client_.client_code, makers.CODE)
    answer = StrictBrowser().get(RECEIPT)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)


def test_session_locks_with_one_click_and_ends(client_):
    browser = StrictBrowser.logged_in(client_.user)
    assert "Votre code ne vous est pas demandé" in text_of(browser.get(OWN))
    assert not locked(client_)
    assert browser.post(OWN)["Location"] == RECEIPT
    assert AccessLock.objects.get().way == "session"
    assert "C’est fait" in text_of(browser.get(RECEIPT))
    assert browser.get("/espace-client/").status_code == 302
    # The second click of a double click, and the back button.
    reference = AccessLock.objects.get().reference
    assert reference in text_of(browser.post(OWN, follow=True))
    assert reference in text_of(browser.get(OWN, follow=True))


def test_own_page_leads_whose_session_has_ended_to_the_public_one():
    assert StrictBrowser().post(OWN, follow=True).redirect_chain[-1] == (PAGE, 302)


@pytest.mark.parametrize("path", [OWN, PAGE])
def test_public_computer_is_cleared_but_for_the_cookie_that_shows_the_receipt(client_, path):
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE, public="on")
    fields = {} if path == OWN else {"username": client_.client_code, "password": makers.CODE}
    assert browser.post(path, fields)["Clear-Site-Data"] == '"cache", "storage"'
    assert AccessLock.objects.get().reference in text_of(browser.get(RECEIPT))


def test_who_has_yet_to_choose_a_code_locks_too(new_client):
    browser = StrictBrowser.logged_in(new_client.user)
    assert browser.get(OWN).status_code == 200
    assert browser.post(OWN)["Location"] == RECEIPT


def test_own_session_ends_when_the_public_page_locks_from_the_same_browser(client_):
    browser = StrictBrowser.logged_in(client_.user)
    by_codes(client_.client_code, makers.CODE, browser)
    assert "_auth_user_id" not in browser.session
    assert AccessLock.objects.get().reference in text_of(browser.get(RECEIPT))


def test_session_of_somebody_else_at_the_same_browser_goes_on(client_, advisor):
    other = makers.make_personalised_client(advisor, given_names="Paul", email="paul@example.org")
    browser = StrictBrowser.logged_in(other.user)
    by_codes(client_.client_code, makers.CODE, browser)
    assert locked(client_)
    assert browser.get("/espace-client/").status_code == 200


@pytest.mark.parametrize("fields", [{}, {"username": "", "password": ""}, {"lock_code": ""}])
def test_nothing_typed_locks_nothing_and_says_what_to_do(client_, fields):
    answer = StrictBrowser().post(PAGE, fields)
    assert answer.status_code == 200
    assert "Saisissez votre code" in text_of(answer)


@pytest.mark.parametrize(
    "typed", ["7KQ4M2XDR9T", "7KQ4M2XDR9TX", "x" * 5000, "é" * 12, "١" * 12, "\0" * 12, "123456", "7KQ4M2XDR9TB7"]
)
def test_slip_in_a_lock_code_is_told_and_spends_nothing(typed):
    assert "comporte une erreur de saisie" in text_of(by_lock_code(typed))
    assert not Budget.objects.exists()


def test_what_was_typed_stays_to_be_corrected_but_never_the_code_secret(client_):
    answer = by_codes(client_.client_code, makers.WRONG_CODE).content.decode()
    assert client_.client_code in answer
    assert makers.WRONG_CODE not in answer
    assert "7kq4-m2xd" in by_lock_code("7kq4-m2xd").content.decode()


# Counted and answered as a login.


@pytest.mark.proves("RTS 4(3)(b)")
def test_wrong_codes_are_counted_with_those_of_the_login(client_):
    for _ in range(4):
        assert NOT_LOCKED in text_of(by_codes(client_.client_code, makers.WRONG_CODE))
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.WRONG_CODE).status_code == 429
    answer = by_codes(client_.client_code, makers.CODE)
    assert (answer.status_code, "Retry-After" in answer.headers, locked(client_)) == (429, True, False)
    assert counters.failures_of(counters.client_counter(client_.client_code)) == 5


def test_lock_code_locks_during_a_block(client_):
    for _ in range(5):
        by_codes(client_.client_code, makers.WRONG_CODE)
    assert by_lock_code(lock_code_of(client_))["Location"] == RECEIPT


def test_right_codes_give_back_their_attempt_and_use_up_no_letter(new_client):
    by_codes(new_client.client_code, makers.default_code(new_client))
    assert locked(new_client)
    assert counters.failures_of(counters.client_counter(new_client.client_code)) == 0
    assert new_client.user.sealed_letters.get().first_used_at is None


def seen(number, code, hashes):
    """All that comes back, is computed and is asked, but for token and number."""
    hashes.clear()
    with CaptureQueriesContext(connection) as queries:
        answer = by_codes(number, code)
    volatile = r'name="csrfmiddlewaretoken" value="\w+"|data-pause="\d+"'
    body = re.sub(volatile, "", answer.content.decode()).replace(number, "NUMBER")
    statements = [re.findall(r"^\s*[A-Z]+|(?:FROM|INTO|UPDATE) \S+", query["sql"]) for query in queries]
    return answer.status_code, body, sorted(answer.cookies), statements, len(hashes)


@pytest.mark.proves("RTS 4(3)(a)", "ASVS 6.3.8")
@pytest.mark.slow
@pytest.mark.parametrize("is_locked", [False, True])
def test_wrong_pair_is_answered_alike_for_issued_free_and_locked_numbers(client_, hashes, is_locked):
    if is_locked:
        by_lock_code(lock_code_of(client_))
    for _ in range(4):
        known, free = (seen(number, makers.WRONG_CODE, hashes) for number in (client_.client_code, UNKNOWN))
        assert known == free
        assert known[-1] == 1


@pytest.mark.slow
def test_wrong_lock_code_costs_the_same_whoever_has_one(client_):
    def statements():
        with CaptureQueriesContext(connection) as queries:
            answer = by_lock_code("7KQ4M2XDR9T" + "B")
        return answer.status_code, [re.findall(r"^\s*[A-Z]+|(?:FROM|INTO) \S+", query["sql"]) for query in queries]

    without = statements()
    lock_code_of(client_)
    assert statements() == without


@pytest.mark.proves("RTS 4(3)(b)")
@pytest.mark.slow
def test_network_has_a_budget_of_lock_codes_that_right_ones_do_not_touch(client_):
    code = lock_code_of(client_)
    for _ in range(lock_codes.TRIES_PER_NETWORK):
        assert by_lock_code(lock_codes.draw()).status_code == 200
    refused = by_lock_code(code)
    assert (refused.status_code, refused["Retry-After"], locked(client_)) == (429, "3600", False)
    assert by_lock_code(code, REMOTE_ADDR="203.0.113.9")["Location"] == RECEIPT
    # Nor do they shut the login or the other way of locking.
    assert by_codes(client_.client_code, makers.CODE)["Location"] == RECEIPT


def test_carrier_whose_range_thousands_share_has_a_budget_of_its_size(client_, settings):
    settings.CARRIER_NETWORKS = ((ip_network("127.0.0.0/8"), lock_codes.TRIES_PER_NETWORK + 2),)
    for _ in range(lock_codes.TRIES_PER_NETWORK + 1):
        assert by_lock_code(lock_codes.draw()).status_code == 200
    assert by_lock_code(lock_code_of(client_))["Location"] == RECEIPT


def test_code_printed_under_a_former_key_locks_while_that_key_is_at_hand(client_, settings):
    code = lock_code_of(client_)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [settings.SECRET_KEY]
    assert by_lock_code(code)["Location"] == RECEIPT


def test_code_of_an_owner_who_has_ended_locks_nothing(client_):
    code = lock_code_of(client_)
    type(client_.user).objects.filter(pk=client_.user_id).update(is_active=False)
    assert "n’est pas reconnu" in text_of(by_lock_code(code))
    assert NOT_LOCKED in text_of(by_codes(client_.client_code, makers.CODE))
    assert not AccessLock.objects.exists()


def test_letter_s_number_is_no_lock_code(new_client):
    number = makers.open_letter(new_client).letter_number
    assert "n’est pas reconnu" in text_of(by_lock_code(number))


def test_pages_lead_to_it(client_):
    for path in ("/connexion/", "/conseils-securite/", "/"):
        assert f'href="{PAGE}"' in StrictBrowser().get(path).content.decode()
    assert f'href="{OWN}"' in StrictBrowser.logged_in(client_.user).get("/mon-profil/").content.decode()


def test_mail_leaves_with_the_lock(client_, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        by_codes(client_.client_code, makers.CODE)
    assert [message.subject for message in mail.outbox] == ["Votre accès est verrouillé"]
    assert locks.standing(client_.user)
