"""The printed list on its pages: ordered, activated, asked for at a login, taken off; slips, tabs and old papers."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.utils import timezone

from auth_codes.actor import Actor
from auth_codes.factors import ending, enrolling, lists, lists_issuing
from auth_codes.lockout import counters
from auth_codes.models import AttemptCounter, Factor, KnownDevice, ListCode, Notice, SealedLetter, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PAGE = "/mon-profil/moyens/"
ORDER, ACTIVATE, CALL_OFF = f"{PAGE}liste/", f"{PAGE}liste/activer/", f"{PAGE}liste/annuler/"
SECOND, HOME = "/connexion/second/?moyen=list", "/espace-client/"
FIRST_ASKED = "/connexion/second/"
Kind = SecurityEvent.Kind


@pytest.fixture
def known_browser(client_):
    """The client's own device, known for longer than a first moyen rests."""
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE)
    KnownDevice.objects.update(first_seen_at=timezone.now() - timedelta(days=8))
    return browser


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode())).replace("\u202f", " ")


def letter_of(client):
    return makers.open_letter(client)


def activation(client, **changed):
    """What the activation page is sent by whoever holds the letter."""
    asked = lists.waiting(client.user).asked
    shown = {"password": makers.CODE, "letter": letter_of(client).letter_number, "number": asked}
    return shown | {"list_code": makers.codes_of(client)[asked]} | changed


def begin(client):
    browser = StrictBrowser()
    assert makers.log_in(browser, client.client_code, makers.CODE)["Location"] == FIRST_ASKED
    return browser


def asked_on(browser):
    page = browser.get(SECOND)
    return page.context["number"], page.context["challenge"].pk


def show(browser, codes, **changed):
    number, challenge = asked_on(browser)
    return browser.post(SECOND, {"list_code": codes[number], "number": number, "challenge": challenge} | changed)


def counted(factor):
    return AttemptCounter.objects.filter(key=counters.factor_counter(factor.pk.hex).key, count__gt=0).exists()


def test_client_orders_activates_and_logs_in_with_his_list(known_browser, client_):
    assert "Commander une liste" in text_of(known_browser.get(PAGE))
    assert known_browser.post(ORDER, {"password": makers.CODE})["Location"] == PAGE
    assert "Votre liste de codes est commandée" in text_of(known_browser.get(PAGE))
    lists_issuing.issue_all(timezone.now())
    assert "Activer ma liste" in text_of(known_browser.get(PAGE))
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.CODE)["Location"] == HOME
    answer = known_browser.post(ACTIVATE, activation(client_), follow=True)
    assert "la connexion demandera un code de votre liste" in text_of(answer)
    assert "Il reste 39 codes." in text_of(answer)
    stranger = begin(client_)
    number, _ = asked_on(stranger)
    assert f"Code n° {number}" in text_of(stranger.get(SECOND))
    answer = show(stranger, makers.codes_of(client_))
    assert answer["Location"] == HOME
    assert SecurityEvent.objects.get(kind=Kind.FACTOR_PASSED).details["factor"] == "list"


def test_field_is_for_codes_of_one_use_and_takes_what_is_pasted(client_):
    _, codes = makers.make_list(client_)
    browser = begin(client_)
    field = browser.get(SECOND).context["form"]["list_code"].as_widget()
    assert 'autocomplete="one-time-code"' in field
    assert 'inputmode="numeric"' in field
    assert "maxlength" not in field
    number, _ = asked_on(browser)
    code = codes[number]
    assert show(browser, codes, list_code=f" {code[:4]}\u00a0{code[4:]}\n")["Location"] == HOME


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Recopiez le code qui suit le n°"),
        ("1234567", "a huit chiffres"),
        ("1234567a", "de 0 à 9"),
        ("١٢٣٤٥٦٧٨", "de 0 à 9"),
        ("1234\x005678", "de 0 à 9"),
        ("½½½½½½½½", "de 0 à 9"),
        ("9" * 5000, "a huit chiffres"),
    ],
)
def test_what_is_no_code_is_refused_in_words_before_anything_is_counted(client_, typed, said):
    factor, codes = makers.make_list(client_)
    answer = show(begin(client_), codes, list_code=typed)
    assert answer.status_code == 200
    assert said in text_of(answer)
    assert not counted(factor)


def test_slip_of_a_digit_costs_no_try_and_is_told(client_):
    factor, codes = makers.make_list(client_)
    browser = begin(client_)
    number, _ = asked_on(browser)
    slipped = codes[number][:-1] + str((int(codes[number][-1]) + 1) % 10)
    for _ in range(6):
        answer = show(browser, codes, list_code=slipped)
    assert f"Un chiffre est mal recopié : comparez avec la ligne n° {number}" in text_of(answer)
    assert not counted(factor)
    assert show(browser, codes)["Location"] == HOME


def test_code_of_another_number_is_refused_counted_and_uses_nothing_up(client_):
    factor, codes = makers.make_list(client_)
    browser = begin(client_)
    number, _ = asked_on(browser)
    answer = show(browser, codes, list_code=codes[number % 40 + 1])
    assert f"Ce n’est pas le code n° {number}" in text_of(answer)
    assert counted(factor)
    assert asked_on(browser)[0] == number
    assert ListCode.objects.filter(factor=factor, used_at=None).count() == 40


def test_code_of_the_list_before_is_refused(client_):
    _, old = makers.make_list(client_)
    ending.end_all(client_.user, Factor.Why.REMOVED, by=Actor(client_.user), now=timezone.now())
    Factor.objects.update(created_at=timezone.now() - timedelta(days=20))
    SealedLetter.objects.filter(occasion="list").update(issued_at=timezone.now() - timedelta(days=20))
    _, codes = makers.make_list(client_)
    browser = begin(client_)
    number, _ = asked_on(browser)
    assert "vérifiez que la feuille est la plus récente" in text_of(show(browser, codes, list_code=old[number]))
    assert show(browser, codes)["Location"] == HOME


def test_going_back_or_logging_in_anew_asks_for_the_same_number(client_):
    makers.make_list(client_)
    first = asked_on(begin(client_))[0]
    assert {asked_on(begin(client_))[0] for _ in range(3)} == {first}


def test_of_two_browsers_the_slower_is_told_the_next_number_uncounted(client_):
    factor, codes = makers.make_list(client_)
    fast, slow = begin(client_), begin(client_)
    number, challenge = asked_on(slow)
    assert show(fast, codes)["Location"] == HOME
    answer = slow.post(SECOND, {"list_code": codes[number], "number": number, "challenge": challenge}, follow=True)
    assert "Ce code a servi entre-temps. Rien n’a été compté" in text_of(answer)
    assert f"Code n° {asked_on(slow)[0]}" in text_of(answer)
    assert asked_on(slow)[0] != number
    assert not counted(factor)
    assert show(slow, codes)["Location"] == HOME


def test_five_wrong_codes_pause_the_list_and_the_other_moyen_serves(client_):
    _, secret = makers.make_app(client_)
    _, codes = makers.make_list(client_)
    browser = begin(client_)
    first = browser.get(FIRST_ASKED).context
    assert first["kind"] == "totp"  # a list is asked for last
    assert "Me servir de" in text_of(browser.get(FIRST_ASKED))
    number, _ = asked_on(browser)
    for _ in range(5):
        answer = show(browser, codes, list_code=codes[number % 40 + 1])
    assert answer.status_code == 429
    assert "Trop de codes erronés" in text_of(answer)
    assert "Me servir de" in text_of(answer)
    assert show(browser, codes).status_code == 429
    shown = {"code": makers.number_of(secret), "challenge": first["challenge"].pk}
    assert browser.post(FIRST_ASKED, shown)["Location"] == HOME
    assert Notice.objects.filter(kind=Notice.Kind.FACTOR_BLOCKED).exists()


@pytest.mark.parametrize("number", ["", "0", "41", "x", "\x00", "١", None])
def test_page_that_asked_for_no_number_of_this_list_is_told_the_right_one(client_, number):
    factor, codes = makers.make_list(client_)
    browser = begin(client_)
    sent = {"number": number} if number is not None else {}
    challenge = asked_on(browser)[1]
    answer = browser.post(SECOND, {"list_code": codes[factor.asked], "challenge": challenge} | sent, follow=True)
    assert "voici le numéro demandé maintenant" in text_of(answer)
    assert not counted(factor)


def test_app_is_added_by_the_code_secret_and_a_code_of_the_list(known_browser, client_):
    factor, codes = makers.make_list(client_)
    page = f"{PAGE}application/"
    sent = {"password": makers.CODE, "name": "Mon téléphone", "number": factor.asked, "list_code": codes[factor.asked]}
    assert known_browser.post(page, sent | {"list_code": ""}).status_code == 200
    assert known_browser.post(page, sent)["Location"] == f"{page}confirmer/"


@pytest.mark.parametrize(("known_for", "counts"), [(0, False), (8, True)])
def test_app_that_a_list_has_vouched_for_rests_as_a_first_one_does(client_, known_for, counts):
    """Whoever relays both codes and two codes of the paper would else have a strong moyen in a minute."""
    browser, (factor, codes) = StrictBrowser(), makers.make_list(client_)
    makers.log_in(browser, client_.client_code, makers.CODE)
    show(browser, codes)
    KnownDevice.objects.update(first_seen_at=timezone.now() - timedelta(days=known_for))
    factor.refresh_from_db()
    page = f"{PAGE}application/"
    assert ("ne sera demandé à la connexion qu’à partir du" in text_of(browser.get(page))) != counts
    shown = {"number": factor.asked, "list_code": codes[factor.asked]}
    browser.post(page, {"password": makers.CODE, "name": "Mon téléphone", **shown})
    key = browser.get(f"{page}confirmer/").context["key"]
    browser.post(f"{page}confirmer/", makers.two_numbers(key))
    assert (client_.user.factors.asked_at(timezone.now()).count() == 2) == counts


# Ordering


def test_wrong_code_secret_orders_nothing(known_browser, client_):
    assert "Ce n’est pas votre code secret" in text_of(known_browser.post(ORDER, {"password": "296503"}))
    assert not Factor.objects.exists()


def test_second_click_orders_one_list_and_the_page_says_why_no_other(known_browser, client_):
    known_browser.post(ORDER, {"password": makers.CODE})
    answer = known_browser.post(ORDER, {"password": makers.CODE})
    assert "Une liste est déjà commandée" in text_of(answer)
    assert Factor.objects.count() == 1
    assert "en commander une autre à partir du" in text_of(known_browser.post(CALL_OFF, follow=True))
    assert known_browser.post(CALL_OFF)["Location"] == PAGE
    assert SecurityEvent.objects.filter(kind=Kind.LIST_CALLED_OFF).count() == 1
    assert "il y a moins de 14 jours" in text_of(known_browser.get(ORDER)).replace("\u00a0", " ")


def test_who_has_an_app_orders_a_list_with_it_alone(known_browser, client_):
    """Else the codes, and a hand in the letter-box, would be enough to take the app off by the list."""
    _, secret = makers.make_app(client_)
    assert "un de vos moyens" in text_of(known_browser.get(ORDER))
    assert known_browser.post(ORDER, {"password": makers.CODE}).status_code == 200
    wrong = known_browser.post(ORDER, {"password": makers.CODE, "code": makers.number_of(secret, 9)})
    assert "Code secret ou nombre incorrect" in text_of(wrong)
    assert not lists.waiting(client_.user)
    assert known_browser.post(ORDER, {"password": makers.CODE, "code": makers.number_of(secret)})["Location"] == PAGE
    assert lists.waiting(client_.user)


def test_app_added_in_another_tab_is_asked_for_before_a_list_is_ordered(client_):
    makers.make_app(client_)
    with pytest.raises(enrolling.NotShown):
        lists.order(client_.user, by=Actor(client_.user), now=timezone.now())


def test_who_has_lost_his_only_list_orders_another_by_his_code(known_browser, client_):
    factor, _ = makers.make_list(client_)
    SealedLetter.objects.update(issued_at=factor.created_at - timedelta(days=15))
    assert known_browser.post(ORDER, {"password": makers.CODE})["Location"] == PAGE
    assert lists.waiting(client_.user)


def test_recent_address_is_told_with_its_day(known_browser, client_, advisor):
    makers.change_address(client_, advisor)
    assert "n’est pas encore confirmé" in text_of(known_browser.get(ORDER))
    client_.contact_changes.update(confirmed_at=timezone.now(), confirmed_by=client_.user)
    assert "moins de 30 jours" in text_of(known_browser.get(ORDER)).replace("\u00a0", " ")


# Activating


@pytest.mark.parametrize("wrong", ["password", "code", "both"])
def test_activation_says_not_which_of_both_was_wrong_and_uses_no_code_up(known_browser, client_, wrong):
    waiting = makers.order_list(client_)
    codes, changed = makers.codes_of(client_), {}
    if wrong in ("password", "both"):
        changed["password"] = "296503"
    if wrong in ("code", "both"):
        changed["list_code"] = codes[waiting.asked % 40 + 1]
    answer = known_browser.post(ACTIVATE, activation(client_, **changed))
    assert "Code secret ou code de la liste incorrect" in text_of(answer)
    assert ListCode.objects.filter(used_at=None).count() == 40
    assert lists.waiting(client_.user).asked == waiting.asked
    assert known_browser.post(ACTIVATE, activation(client_))["Location"] == PAGE


def test_key_drawn_before_the_list_was_there_is_not_added_without_it(known_browser, client_):
    makers.order_list(client_)
    known_browser.post(f"{PAGE}application/", {"password": makers.CODE, "name": "Mon téléphone"})
    numbers = makers.two_numbers(known_browser.get(f"{PAGE}application/confirmer/").context["key"])
    assert known_browser.post(ACTIVATE, activation(client_))["Location"] == PAGE
    answer = known_browser.post(f"{PAGE}application/confirmer/", numbers, follow=True)
    assert "Cette page n’était plus valable" in text_of(answer).replace("\u00a0", " ")
    assert [factor.kind for factor in Factor.objects.active()] == [Factor.Kind.LIST]


@pytest.mark.parametrize(
    ("letter", "said"),
    [
        ("7KQ4-M2XD-R9TA", "Ce n’est pas le numéro du courrier de cette liste"),
        ("7KQ4-M2XD-R9TB", "numéro"),  # whose check character is wrong
    ],
)
def test_number_of_another_letter_activates_nothing_and_costs_nothing(known_browser, client_, letter, said):
    waiting = makers.order_list(client_)
    answer = known_browser.post(ACTIVATE, activation(client_, letter=letter))
    assert (answer.status_code, said in text_of(answer)) == (200, True)
    assert not counted(waiting)
    assert lists.waiting(client_.user)


def test_number_of_the_letter_with_his_code_activates_no_list(known_browser, client_):
    makers.make_pending_code(client_)
    of_his_code = letter_of(client_).letter_number
    waiting = makers.order_list(client_)
    answer = known_browser.post(ACTIVATE, activation(client_, letter=of_his_code))
    assert "Ce n’est pas le numéro du courrier de cette liste" in text_of(answer)
    assert lists.waiting(client_.user) == waiting


def test_five_wrong_codes_pause_the_activation_and_the_right_one_waits_too(client_browser, client_):
    waiting = makers.order_list(client_)
    wrong = makers.codes_of(client_)[waiting.asked % 40 + 1]
    for _ in range(5):
        client_browser.post(ACTIVATE, activation(client_, list_code=wrong))
    assert client_browser.post(ACTIVATE, activation(client_)).status_code == 429
    assert lists.waiting(client_.user).asked == waiting.asked


def test_list_whose_codes_somebody_changed_is_not_activated(known_browser, client_):
    makers.order_list(client_)
    sent = activation(client_)
    ListCode.objects.update(nonce=bytes(12))
    assert known_browser.post(ACTIVATE, sent, follow=True).status_code == 200
    assert not lists.of(client_.user).active().exists()


def test_second_click_of_an_activation_finds_the_list_in_service(known_browser, client_):
    makers.order_list(client_)
    sent = activation(client_)
    assert known_browser.post(ACTIVATE, sent)["Location"] == PAGE
    assert known_browser.post(ACTIVATE, sent)["Location"] == PAGE
    assert lists.of(client_.user).active().count() == 1
    assert SecurityEvent.objects.filter(kind=Kind.FACTOR_ADDED).count() == 1


def test_page_of_an_activation_kept_over_night_is_told_the_number_of_today(known_browser, client_):
    waiting = makers.order_list(client_)
    sent = activation(client_)
    Factor.objects.update(asked=waiting.asked % 40 + 1)
    answer = known_browser.post(ACTIVATE, sent, follow=True)
    assert "voici le numéro demandé maintenant" in text_of(answer)
    assert not counted(waiting)


def test_list_that_lapsed_or_never_was_is_not_activated(known_browser, client_):
    assert "Il n’y a pas de liste à activer" in text_of(known_browser.get(ACTIVATE, follow=True))
    makers.order_list(client_)
    SealedLetter.objects.filter(occasion="list").update(issued_at=timezone.now() - timedelta(days=45))
    assert "Il n’y a pas de liste à activer" in text_of(known_browser.get(ACTIVATE, follow=True))


def test_on_a_new_device_it_rests_a_week_and_any_known_device_takes_it_back(client_, settings):
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE)
    makers.order_list(client_)
    answer = browser.post(ACTIVATE, activation(client_), follow=True)
    assert "à partir du" in text_of(answer)
    factor = Factor.objects.get()
    assert factor.asked_from > timezone.now() + timedelta(days=settings.FACTOR_REST_DAYS - 1)
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.CODE)["Location"] == HOME
    removal = f"{PAGE}{factor.pk}/retirer/"
    assert browser.post(removal, {"password": makers.CODE})["Location"] == PAGE
    assert not Factor.objects.active().exists()


def test_drawing_an_app_does_not_touch_a_list_that_is_on_its_way(known_browser, client_):
    makers.order_list(client_)
    known_browser.post(f"{PAGE}application/", {"password": makers.CODE, "name": "Mon téléphone"})
    known_browser.post(f"{PAGE}application/annuler/")
    assert lists.waiting(client_.user)


# Removing


def test_removal_takes_the_code_secret_and_the_code_that_is_asked(known_browser, client_):
    factor, codes = makers.make_list(client_)
    page, asked = f"{PAGE}{factor.pk}/retirer/", factor.asked
    sent = {"password": "296503", "list_code": codes[asked], "number": asked}
    assert "Code secret ou code de la liste incorrect" in text_of(known_browser.post(page, sent))
    stale = sent | {"password": makers.CODE, "number": asked % 40 + 1}
    assert "voici le numéro demandé maintenant" in text_of(known_browser.post(page, stale, follow=True))
    assert known_browser.post(page, sent | {"password": makers.CODE})["Location"] == PAGE
    assert not ListCode.objects.exists()
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.CODE)["Location"] == HOME


@pytest.mark.parametrize("page", ["/mon-profil/code-secret/", ORDER, "/mon-profil/moyens/application/"])
def test_page_that_asks_for_a_moyen_asks_for_the_app_before_the_newer_list(known_browser, client_, page):
    """As the login does: each code of a list is spent."""
    makers.make_app(client_)
    makers.make_list(client_)
    asked = known_browser.get(page, follow=True).context
    assert (asked["kind"], [kind for kind, _ in asked["other_ways"]]) == (Factor.Kind.TOTP, [Factor.Kind.LIST])


def test_nobody_reaches_a_page_of_lists_without_a_session_or_as_staff(advisor):
    staff = StrictBrowser.logged_in(advisor)
    for page in (ORDER, ACTIVATE):
        assert StrictBrowser().get(page).status_code == 302
        assert staff.get(page).status_code == 404


def test_desk_sees_neither_list_nor_codes(client_, advisor):
    factor, codes = makers.make_list(client_)
    desk = StrictBrowser.logged_in(advisor)
    shown = desk.get(f"/admin/accounts/client/{client_.pk}/change/").content.decode()
    assert not [code for code in codes.values() if code in re.sub(r"[^0-9]", "", shown)]
    assert str(factor.pk) not in shown
    assert SESSION_KEY in desk.session
