"""« Ce n’était pas moi »: the owner closes his access at once, and how it opens again."""

import html
import re
import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from auth_codes.actor import Actor
from auth_codes.codes import changing, checking
from auth_codes.crypto import hashing
from auth_codes.lockout import counters
from auth_codes.models import Notice, RenewalRequest, SealedLetter, SecretCode, SecurityEvent
from auth_codes.renewals import by_advisors, closing, code_life, issuing, online
from auth_codes.renewals.closing import Opens
from tests import makers
from tests.conftest import StrictBrowser

PAGE, CLOSED = "/mon-profil/connexions/ce-n-etait-pas-moi/", "/acces-ferme/"
CODE_PAGE = "/mon-profil/code-secret/"
Kind = SecurityEvent.Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(client_):
    """A known device on which the client is logged in."""
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE)
    return browser


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", html.unescape(answer.content.decode()))


def close(browser, opens="courrier"):
    return browser.post(PAGE, {"opens": opens})


def kinds(client):
    return list(client.user.security_events.values_list("kind", flat=True))


def living(client):
    return client.user.secret_codes.living()


def alarm_letters(client):
    return client.user.sealed_letters.filter(occasion=SealedLetter.Occasion.ALARM)


def move(client):
    makers.change_address(client, client.advisor)


def test_page_tells_trying_from_getting_in_and_shows_where_the_letter_goes(home):
    page = text_of(home.get(PAGE))
    assert "Quelqu’un a seulement essayé" in page
    assert "Quelqu’un s’est connecté à ma place" in page
    assert "12 rue des Lilas, 69003 LYON" in page
    assert re.search(r'value="courrier"[^>]* checked', page)


def test_opening_the_page_closes_nothing(client_, home):
    home.get(PAGE)
    assert home.get("/espace-client/").status_code == 200
    assert Kind.CLOSED_BY_OWNER not in kinds(client_)


def test_closing_voids_the_code_and_ends_sessions_and_devices(client_, client_browser, home):
    assert close(home)["Location"] == f"{CLOSED}?courrier"
    for browser in (home, client_browser):
        assert browser.get("/espace-client/")["Location"].startswith("/connexion/")
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.CODE).status_code == 200
    assert not client_.user.known_devices.exists()
    assert {Kind.CLOSED_BY_OWNER, Kind.CODE_VOIDED, Kind.DEVICES_REMOVED} <= set(kinds(client_))


def test_code_of_the_letter_is_the_only_one_left_and_opens(client_, home):
    makers.make_pending_code(client_)
    close(home)
    [code] = living(client_)
    assert code.letter == alarm_letters(client_).get()
    answer = makers.log_in(StrictBrowser(), client_.client_code, makers.default_code(client_))
    assert answer["Location"] == CODE_PAGE


def test_letter_asked_for_before_is_void_and_destroyed(client_, home):
    letter = makers.make_pending_code(client_)
    close(home, "conseiller")
    row = SealedLetter.objects.get(pk=letter.letter_id)
    assert (row.ciphertext, row.voided_at is None) == (None, False)
    answer = makers.log_in(StrictBrowser(), client_.client_code, letter.secret_code, letter=letter.letter_number)
    assert answer.status_code == 200


def test_strangers_count_is_forgotten(client_, home):
    for _ in range(5):
        makers.log_in(StrictBrowser(), client_.client_code, makers.WRONG_CODE)
    close(home)
    assert counters.block_of(counters.client_counter(client_.client_code)) is None


def test_without_a_letter_no_code_is_left(client_, home):
    assert close(home, "conseiller")["Location"] == f"{CLOSED}?conseiller"
    assert not living(client_).exists()
    assert not alarm_letters(client_).exists()


def test_one_mail_tells_it_with_a_letter_and_one_without(advisor, client_, home):
    Notice.objects.all().delete()
    close(home)
    assert [notice.kind for notice in client_.user.notices.all()] == [Notice.Kind.LETTER_ISSUED]
    other = makers.make_personalised_client(advisor, given_names="Zoé")
    Notice.objects.all().delete()
    close(StrictBrowser.logged_in(other.user), "conseiller")
    assert [notice.kind for notice in other.user.notices.all()] == [Notice.Kind.CLOSED_BY_OWNER]


@pytest.mark.django_db(transaction=True)
def test_mail_says_that_the_access_is_closed_and_a_letter_comes(home):
    mail.outbox.clear()
    close(home)
    [told] = mail.outbox
    assert "l’accès est fermé" in told.body


def test_recent_address_gets_no_letter_and_the_access_is_closed_all_the_same(client_, home):
    move(client_)
    page = home.get(PAGE)
    assert "aucun courrier avec un code n’y part" in text_of(page)
    assert 'value="courrier"' not in page.content.decode()
    close(home, "conseiller")
    assert not living(client_).exists()


def test_address_that_changed_while_the_page_was_open_stops_the_letter_alone(client_):
    move(client_)
    client_.user.refresh_from_db()
    assert closing.close_with_letter(client_.user, by=Actor(client_.user)) == Opens.NOT_BY_LETTER
    assert not living(client_).exists()


def test_server_that_cannot_hash_closes_all_the_same(client_, home, monkeypatch):
    def out_of_memory(*args, **kwargs):
        raise MemoryError

    monkeypatch.setattr(hashing, "hash_secret_raw", out_of_memory)
    assert close(home)["Location"] == f"{CLOSED}?sans-courrier"
    assert not living(client_).exists()


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("?courrier", "Un nouveau code part par courrier"),
        ("?conseiller", "Votre conseiller rouvrira l’accès"),
        ("?sans-courrier", "Aucun courrier ne part"),
    ],
)
def test_public_page_says_what_happened_and_what_comes_next(browser, told, says):
    assert says in text_of(browser.get(CLOSED + told))


@pytest.mark.parametrize("told", ["", "?autre"])
def test_public_page_says_nothing_to_who_merely_types_its_address(browser, told):
    assert browser.get(CLOSED + told)["Location"] == "/connexion/"


def test_client_who_is_logged_in_is_led_past_the_public_page(client_browser):
    assert client_browser.get(CLOSED)["Location"] == "/espace-client/"


@pytest.mark.parametrize("method", ["get", "post"])
def test_back_button_and_second_tab_are_told_that_it_is_done(home, method):
    close(home)
    answer = getattr(home, method)(PAGE, follow=True)
    assert "Si vous venez de fermer l’accès, c’est fait" in text_of(answer)


def test_second_close_changes_nothing_more(client_):
    for _ in range(2):
        assert closing.close_with_letter(client_.user, by=Actor(client_.user)) == Opens.BY_LETTER
    assert closing.close(client_.user, by=Actor(client_.user)) == Opens.BY_LETTER
    assert alarm_letters(client_).count() == kinds(client_).count(Kind.CLOSED_BY_OWNER) == 1


def test_session_of_the_default_code_may_close_too(new_client):
    browser = StrictBrowser()
    makers.log_in(browser, new_client.client_code, makers.default_code(new_client))
    assert closing.close(new_client.user, by=Actor(new_client.user)) == Opens.BY_ADVISOR
    assert not living(new_client).exists()


def test_thief_who_changed_the_code_a_moment_before_is_closed_out(client_):
    owner = type(client_.user).objects.get(pk=client_.user.pk)
    changing.personalise(
        client_.user, makers.OTHER_CODE, replacing=checking.present_code(client_.user), by=Actor(client_.user)
    )
    closing.close(owner, by=Actor(owner))
    assert not living(client_).exists()


def test_without_csrf_token_nothing_is_closed(client_):
    strict = StrictBrowser.logged_in(client_.user, enforce_csrf_checks=True)
    assert close(strict).status_code == 403
    assert living(client_).exists()


@pytest.mark.parametrize("opens", ["", "sans-courrier", "autre"])
def test_made_up_way_to_open_again_closes_nothing(client_, client_browser, opens):
    assert close(client_browser, opens).status_code == 200
    assert living(client_).exists()


# Afterwards.


def test_two_advisors_open_a_closed_access_again(browser, client_, home, advisor):
    close(home, "conseiller")
    started = by_advisors.start(client_.user, by=Actor(advisor), identity_check="phone", token=uuid.uuid4())
    by_advisors.approve(started, by=Actor(makers.make_advisor("marc.lefevre")))
    answer = makers.log_in(browser, client_.client_code, makers.default_code(client_))
    assert answer["Location"] == CODE_PAGE


def test_online_request_does_not_open_a_closed_access(client_, home):
    close(home, "conseiller")
    asked = RenewalRequest.objects.create(client_code=client_.client_code)
    assert online.handle(asked, timezone.now()) == RenewalRequest.Outcome.CLOSED


def test_letter_that_expired_unused_may_be_asked_for_again(client_, home):
    close(home)
    later = timezone.now() + timedelta(days=46)
    asked = RenewalRequest.objects.create(client_code=client_.client_code, requested_at=later, last_asked_at=later)
    assert online.handle(asked, later) == RenewalRequest.Outcome.ISSUED


def test_desk_says_who_closed_the_access(advisor_browser, client_, home, advisor):
    sheet = f"/admin/accounts/client/{client_.pk}/change/"
    close(home, "conseiller")
    assert "Accès fermé par le client" in text_of(advisor_browser.get(sheet))
    issuing.issue(client_.user, issuing.prepare(client_.user))
    code_life.void_all(client_.user, why=code_life.Why.FRAUD, by=Actor(advisor))
    assert "Accès fermé par un conseiller" in text_of(advisor_browser.get(sheet))


def test_history_of_the_desk_names_the_act_and_the_letter(advisor_browser, client_, home):
    close(home)
    page = text_of(advisor_browser.get(f"/admin/accounts/client/{client_.pk}/history/"))
    assert "Accès fermé par le client : « Ce n’était pas moi »" in page
    assert "Accès fermé par le client</td>" in page  # why the letter was issued


# At the same instant.


@pytest.mark.django_db(transaction=True)
def test_many_clicks_at_once_issue_one_letter(client_, race):
    def close(_):
        owner = type(client_.user).objects.get(pk=client_.user.pk)
        return closing.close_with_letter(owner, by=Actor(owner))

    ends = race(close, range(6))
    assert set(ends) == {Opens.BY_LETTER}
    assert alarm_letters(client_).count() == living(client_).count() == 1
    assert kinds(client_).count(Kind.CLOSED_BY_OWNER) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("close", [closing.close, closing.close_with_letter])
def test_code_changed_at_the_same_instant_opens_nothing(client_, race, close):
    def act(turn):
        user = type(client_.user).objects.get(pk=client_.user.pk)
        if turn:
            return close(user, by=Actor(user))
        try:
            changing.personalise(
                user, makers.OTHER_CODE, replacing=checking.present_code(user) or present, by=Actor(user)
            )
        except changing.CodeChangedMeanwhile:
            return None
        return None

    present = checking.present_code(client_.user)
    race(act, range(2))
    assert not living(client_).filter(kind=SecretCode.Kind.PERSONAL).exists()
    assert living(client_).count() == alarm_letters(client_).count() == (close is closing.close_with_letter)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("close", [closing.close, closing.close_with_letter])
def test_renewal_approved_at_the_same_instant_leaves_one_letter_at_most(client_, advisor, race, close):
    second = makers.make_advisor("marc.lefevre")
    started = by_advisors.start(client_.user, by=Actor(advisor), identity_check="phone", token=uuid.uuid4())

    def act(turn):
        if turn:
            owner = type(client_.user).objects.get(pk=client_.user.pk)
            return close(owner, by=Actor(owner))
        return by_advisors.approve(started, by=Actor(second))

    race(act, range(2))
    [code] = living(client_)
    assert code.letter.ciphertext
    assert SealedLetter.objects.waiting().filter(owner=client_.user, voided_at=None, personalised_at=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_removing_a_device_at_the_same_instant_keeps_no_session_open(client_, race):
    browsers = [StrictBrowser(), StrictBrowser()]
    for browser in browsers:
        makers.log_in(browser, client_.client_code, makers.CODE)
    device = client_.user.known_devices.first()

    def act(turn):
        if turn:
            return close(browsers[1])
        return browsers[0].post("/mon-profil/appareils/retirer/", {"device": device.pk, "password": makers.CODE})

    race(act, range(2))
    closed = Kind.CLOSED_BY_OWNER in kinds(client_)
    answers = [browser.get("/espace-client/").status_code for browser in browsers]
    # Either the removal was first, and ended the session that wanted to close; or nothing is open any more.
    assert answers == ([302, 302] if closed else [200, 302])
