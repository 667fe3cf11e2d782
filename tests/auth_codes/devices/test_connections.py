"""The first page after login: the last connection, and what failed since."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from auth_codes import browser as browsers
from auth_codes.lockout import counters
from auth_codes.models import AttemptCounter, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

OVERVIEW, PROFILE = "/espace-client/", "/mon-profil/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
Kind = SecurityEvent.Kind


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", unescape(answer.content.decode())))


def fail(client, times=1, browser=None):
    for _ in range(times):
        makers.log_in(browser or StrictBrowser(), client.client_code, makers.WRONG_CODE)


def log_in_again(browser, client):
    browser.post("/deconnexion/")
    makers.log_in(browser, client.client_code, makers.CODE)


def report_of(browser, page=OVERVIEW):
    return browser.get(page).context["report"]


@pytest.fixture
def home(client_):
    """A browser that has logged in as the client before, and is logged in."""
    browser = StrictBrowser(headers={"user-agent": FIREFOX})
    makers.log_in(browser, client_.client_code, makers.CODE)
    return browser


def block_until_renewal(client):
    """As twenty wrong codes of strangers leave it, one series after the other."""
    for _ in range(4):
        AttemptCounter.objects.update(filled_at=timezone.now() - timedelta(days=2))
        fail(client, 5)


def test_calm_login_says_one_line_and_asks_nothing(client_, home):
    log_in_again(home, client_)
    page = text_of(home.get(OVERVIEW))
    assert "Firefox sur Linux, depuis la même connexion Internet qu’aujourd’hui (127.0.0.1)" in page
    assert "Ce n’était pas moi" not in page


def test_last_connection_from_another_line_is_said_with_its_address_in_short(client_, home):
    makers.log_in(StrictBrowser(REMOTE_ADDR="2001:db8:1:2:3:4:5:6"), client_.client_code, makers.CODE)
    log_in_again(home, client_)
    assert "depuis une autre connexion Internet (2001:db8:1:2::)" in text_of(home.get(OVERVIEW))


def test_addresses_of_one_line_are_one_network():
    assert browsers.network_of("2001:db8:1:2:3::4") == browsers.network_of("2001:db8:1:2:9::1")
    assert (browsers.network_of("::ffff:192.0.2.1"), browsers.network_of(None)) == ("192.0.2.1", "")


@pytest.mark.proves("ASVS 6.3.5")
def test_failures_since_the_last_login_are_counted_and_told(client_, home):
    fail(client_, 3)
    log_in_again(home, client_)
    page = text_of(home.get(OVERVIEW))
    assert "3 codes erronés depuis votre dernière connexion" in page
    assert "Tous venaient d’un appareil que nous ne connaissons pas. Aucun n’a ouvert votre espace." in page
    assert "C’était moi" in page
    assert "Ce n’était pas moi" in page


def test_failures_of_a_known_device_are_told_apart(client_, home):
    home.post("/deconnexion/")
    fail(client_, 2, home)
    fail(client_, 1)
    makers.log_in(home, client_.client_code, makers.CODE)
    assert report_of(home).failures[:2] == (3, 1)
    assert "1 venait d’un appareil que nous ne connaissons pas" in text_of(home.get(OVERVIEW))


def test_wrong_current_code_of_the_session_before_is_among_them(client_, home):
    fields = {"old_password": makers.WRONG_CODE, "new_password1": "804263", "new_password2": "804263"}
    home.post("/mon-profil/code-secret/", fields)
    assert report_of(home).failures is None  # he knows: it was a moment ago
    log_in_again(home, client_)
    assert report_of(home).failures[:2] == (1, 0)


def test_one_code_mistyped_here_before_the_login_is_one_line_and_asks_nothing(client_, home):
    home.post("/deconnexion/")
    fail(client_, 1, home)
    makers.log_in(home, client_.client_code, makers.CODE)
    page = home.get(OVERVIEW)
    assert "Un code erroné a été saisi ici à" in text_of(page)
    assert 'id="failures"' not in page.content.decode()
    assert not report_of(home, PROFILE).wants_answer


def test_one_code_mistyped_at_a_new_browser_is_one_line_too(client_, home):
    browser = StrictBrowser()
    fail(client_, 1, browser)
    makers.log_in(browser, client_.client_code, makers.CODE)
    assert report_of(browser).is_own_slip


@pytest.mark.parametrize(("here", "elsewhere"), [(0, 1), (1, 1), (2, 0)])
def test_whatever_else_failed_is_asked_about(client_, home, here, elsewhere):
    home.post("/deconnexion/")
    fail(client_, here, home)
    fail(client_, elsewhere)
    makers.log_in(home, client_.client_code, makers.CODE)
    assert (report_of(home).is_own_slip, report_of(home).wants_answer) == (False, True)


def test_strangers_one_failure_is_not_taken_for_one_made_good_at_a_transfer_page(client_, home):
    """Of what an open session forgave, its login remembers nothing."""
    fields = {"old_password": makers.WRONG_CODE, "new_password1": "804263", "new_password2": "804263"}
    home.post("/mon-profil/code-secret/", fields)
    home.post("/deconnexion/")
    makers.log_in(home, client_.client_code, makers.CODE)
    home.post("/deconnexion/")
    fail(client_, 1)
    makers.log_in(home, client_.client_code, makers.CODE)
    assert report_of(home).wants_answer


def test_failures_before_the_last_login_are_told_no_more(client_, home):
    fail(client_, 3)
    log_in_again(home, client_)
    log_in_again(home, client_)
    assert not report_of(home).wants_answer


def test_failures_of_another_client_are_not_told(advisor, client_, home):
    other = makers.make_personalised_client(advisor, given_names="Zoé")
    fail(other, 3)
    log_in_again(home, client_)
    assert report_of(home).failures is None


def test_second_session_does_not_change_what_the_first_one_is_told(client_, home):
    fail(client_, 2)
    log_in_again(home, client_)
    makers.log_in(StrictBrowser(), client_.client_code, makers.CODE)
    assert report_of(home).failures.count == 2


def test_standing_block_is_told_also_without_failures_since(client_, home):
    block_until_renewal(client_)
    for _ in range(2):
        log_in_again(home, client_)
    page = text_of(home.get(OVERVIEW))
    assert "La connexion est en pause sur les appareils inconnus" in page
    assert "Après plusieurs codes erronés" in page
    assert "jusqu’à un nouveau code secret" in page
    assert "« Personne n’est entré » lève cette pause aussitôt" in page


def test_profile_shows_the_same_beside_the_connections(client_, home):
    fail(client_, 2)
    log_in_again(home, client_)
    page = home.get(PROFILE)
    assert "2 codes erronés" in text_of(page)
    assert page.content.decode().count('href="/mon-profil/connexions/ce-n-etait-pas-moi/"') == 2


def test_unknown_device_is_told_why_it_may_not_say_it_was_me(client_, home):
    fail(client_, 2)
    log_in_again(home, client_)
    for name in [name for name in home.cookies if name.startswith("__Host-device")]:
        del home.cookies[name]
    page = home.get(OVERVIEW)
    assert "ne se choisit que depuis un appareil connu" in text_of(page)
    assert "connectez-vous depuis l’un de vos appareils connus" in text_of(page)
    assert "C’était moi</button>" not in page.content.decode()
    assert "Personne n’est entré</button>" in page.content.decode()


def test_client_without_known_devices_is_promised_no_answer_from_one(client_):
    fail(client_, 5)
    page = text_of(StrictBrowser.logged_in(client_.user).get(OVERVIEW))
    assert "celui-ci n’en est pas un : la pause reste" in page
    assert not [said for said in ("depuis l’un", "lève cette pause") if said in page]


@pytest.mark.slow
def test_many_lines_cost_as_many_queries_as_none(client_, home):
    log_in_again(home, client_)
    home.get(OVERVIEW)
    with CaptureQueriesContext(connection) as none:
        home.get(OVERVIEW)
    old = timezone.now() - timedelta(days=1)
    lines = [SecurityEvent(kind=Kind.LOGIN_FAILED, owner=client_.user, at=old) for _ in range(500)]
    SecurityEvent.objects.bulk_create(lines)
    with CaptureQueriesContext(connection) as many:
        home.get(OVERVIEW)
    assert len(many) == len(none)


def test_journal_is_read_by_an_index_of_its_owner(advisor, client_, home):
    hours = (timezone.now() - timedelta(hours=hour) for hour in range(3000))
    SecurityEvent.objects.bulk_create(SecurityEvent(kind=Kind.LOGGED_IN, owner=advisor, at=at) for at in hours)
    with CaptureQueriesContext(connection) as queries:
        home.get(OVERVIEW)
    reads = [query["sql"] for query in queries if re.match('SELECT .* FROM "auth_codes_securityevent"', query["sql"])]
    assert reads
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE auth_codes_securityevent")  # that it has grown
        for sql in reads:
            cursor.execute(f"{explain} {sql}")
            # Of the few lines of one owner both indexes are as good.
            assert re.search("journal_of_owner|securityevent_owner_id", str(cursor.fetchall())), sql


# The two answers.


def test_it_was_me_lifts_the_block_is_in_the_journal_and_asked_no_more(client_, home):
    block_until_renewal(client_)
    log_in_again(home, client_)
    answer = home.post("/mon-profil/connexions/c-etait-moi/", {"page": "overview"}, follow=True)
    assert "La connexion reprend sur tous vos appareils" in text_of(answer)
    assert counters.block_of(counters.client_counter(client_.client_code)) is None
    assert client_.user.security_events.filter(kind=Kind.BLOCK_LIFTED, by=client_.user).count() == 1
    assert not report_of(home).wants_answer
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.CODE).status_code == 302


def test_second_click_on_it_was_me_writes_no_second_line(client_, home):
    fail(client_, 2)
    log_in_again(home, client_)
    for _ in range(2):
        assert home.post("/mon-profil/connexions/c-etait-moi/")["Location"] == PROFILE
    assert client_.user.security_events.filter(kind=Kind.BLOCK_LIFTED).count() == 1


def test_it_was_me_from_an_unknown_device_lifts_nothing_and_says_so(client_):
    block_until_renewal(client_)
    stranger = StrictBrowser.logged_in(client_.user)
    answer = stranger.post("/mon-profil/connexions/c-etait-moi/", {"page": "overview"}, follow=True)
    assert "ne se choisit que depuis un appareil connu" in text_of(answer)
    assert counters.block_of(counters.client_counter(client_.client_code))
    assert not client_.user.security_events.filter(kind=Kind.BLOCK_LIFTED).exists()


def test_only_tried_from_a_known_device_lifts_the_block_and_is_asked_no_more(client_, home):
    block_until_renewal(client_)
    count = AttemptCounter.objects.get(key=counters.client_counter(client_.client_code).key).count
    log_in_again(home, client_)
    answer = home.post("/mon-profil/connexions/essais-sans-suite/", follow=True)
    assert answer.redirect_chain == [(OVERVIEW, 302)]
    assert "La connexion reprend sur tous vos appareils" in text_of(answer)
    assert counters.block_of(counters.client_counter(client_.client_code)) is None
    assert AttemptCounter.objects.get(key=counters.client_counter(client_.client_code).key).count == count
    assert client_.user.security_events.get(kind=Kind.BLOCK_LIFTED).details == {"answer": "only_tried"}
    assert not report_of(home).wants_answer


def test_only_tried_from_an_unknown_device_lifts_nothing_and_says_that_the_pause_stays(client_):
    block_until_renewal(client_)
    stranger = StrictBrowser.logged_in(client_.user)
    answer = stranger.post("/mon-profil/connexions/essais-sans-suite/", follow=True)
    assert "La connexion reste en pause sur les appareils inconnus" in text_of(answer)
    assert counters.block_of(counters.client_counter(client_.client_code))
    assert not client_.user.security_events.filter(kind=Kind.BLOCK_LIFTED).exists()


def test_only_tried_from_an_unknown_device_is_simply_noted_where_nothing_is_paused(client_):
    fail(client_, 2)
    stranger = StrictBrowser.logged_in(client_.user)
    answer = stranger.post("/mon-profil/connexions/essais-sans-suite/", follow=True)
    assert "Vous n’avez rien d’autre à faire" in text_of(answer)
