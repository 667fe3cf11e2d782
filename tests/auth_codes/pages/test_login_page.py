"""The login page: who gets in, where he is led, what is refused before anything is counted."""

import html
from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.utils import timezone

from auth_codes.actor import Actor
from auth_codes.codes import changing, checking
from auth_codes.letters import letter_numbers
from auth_codes.models import AttemptCounter, FailedAttempt, SealedLetter, SecurityEvent
from auth_codes.sessions.store import SessionStore
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

Kind = SecurityEvent.Kind
CODE_PAGE = "/mon-profil/code-secret/"
UNKNOWN = "5724816039"


def page(answer) -> str:
    """The text of a page as a reader sees its apostrophes."""
    return html.unescape(answer.content.decode())


def swapped(number):
    """The number with the first two neighbours that differ swapped."""
    place = next(place for place in range(9) if number[place] != number[place + 1])
    return number[:place] + number[place + 1] + number[place] + number[place + 2 :]


def mistyped(number):
    return number[:5] + str((int(number[5]) + 1) % 10) + number[6:]


def written_in(number, zero):
    return "".join(chr(ord(zero) + int(digit)) for digit in number)


def test_right_codes_open_the_espace_client(browser, client_):
    answer = makers.log_in(browser, client_.client_code, makers.CODE)
    assert (answer.status_code, answer["Location"]) == (302, "/espace-client/")
    assert browser.get("/espace-client/").status_code == 200


def test_default_code_leads_to_the_page_that_replaces_it(browser, new_client):
    answer = makers.log_in(browser, new_client.client_code, makers.default_code(new_client))
    assert (answer.status_code, answer["Location"]) == (302, CODE_PAGE)


@pytest.mark.proves("ASVS 6.4.1", "RTS 25(2)(c)")
def test_default_code_opens_nothing_else_even_when_next_asks_for_it(browser, new_client):
    answer = makers.log_in(browser, new_client.client_code, makers.default_code(new_client), next="/espace-client/")
    assert answer["Location"] == CODE_PAGE


def test_next_on_this_site_is_honoured(browser, client_):
    assert makers.log_in(browser, client_.client_code, makers.CODE, next="/mon-profil/")["Location"] == "/mon-profil/"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:///evil", "\x00/x"],
)
def test_next_elsewhere_is_ignored(browser, client_, elsewhere):
    assert makers.log_in(browser, client_.client_code, makers.CODE, next=elsewhere)["Location"] == "/espace-client/"


@pytest.mark.parametrize("nowhere", ["/connexion/", "/connexion/?next=/x/", "/deconnexion/"])
def test_next_does_not_lead_back_to_login_or_logout(browser, client_, nowhere):
    assert makers.log_in(browser, client_.client_code, makers.CODE, next=nowhere)["Location"] == "/espace-client/"
    answer = browser.get("/connexion/", {"next": nowhere})
    assert (answer.status_code, answer["Location"]) == (302, "/espace-client/")


def test_who_is_logged_in_is_led_on(client_browser):
    assert client_browser.get("/connexion/")["Location"] == "/espace-client/"


@pytest.mark.parametrize(
    "typed",
    [
        lambda number: f"{number[:4]} {number[4:7]} {number[7:]}",
        lambda number: f"\u00a0{number[:4]}\u202f{number[4:7]}\u00a0{number[7:]}\n",
        lambda number: written_in(number, "\u0660"),
        lambda number: written_in(number, "\uff10"),
    ],
    ids=["spaces", "no-break spaces", "Arabic-Indic", "full width"],
)
def test_client_code_is_read_however_it_is_written(browser, client_, typed):
    assert makers.log_in(browser, typed(client_.client_code), makers.CODE).status_code == 302


BAD_CLIENT_CODES = {
    "wrong digit": (mistyped, "comporte une erreur de saisie"),
    "swapped neighbours": (swapped, "comporte une erreur de saisie"),
    "leading zero": (lambda number: "0" + number[1:], "comporte une erreur de saisie"),
    "nine digits": (lambda number: number[:9], "vous en avez saisi 9"),
    "one digit": (lambda number: number[0], "vous en avez saisi un seul"),
    "eleven digits": (lambda number: number + "1", "vous en avez saisi 11"),
    "letters": (lambda number: "O" + number[1:], "ne contient que des chiffres"),
    "staff name": (lambda number: "claire.dubois", "ne contient que des chiffres"),
    "NUL": (lambda number: number[:9] + "\x00", "ne contient que des chiffres"),
    "10 kB": (lambda number: "7" * 10_000, "vous en avez saisi bien plus"),
    "10 kB of text": (lambda number: "à" * 10_000, "ne contient que des chiffres"),
    "empty": (lambda number: "", "Saisissez votre code client."),
    "superscripts": (lambda number: "\u00b2" * 10, "ne contient que des chiffres"),
}


@pytest.mark.parametrize(("mistake", "sentence"), BAD_CLIENT_CODES.values(), ids=BAD_CLIENT_CODES)
def test_bad_client_code_is_explained_kept_in_its_field_and_neither_counted_nor_hashed(
    browser, client_, hashes, mistake, sentence
):
    hashes.clear()
    typed = mistake(client_.client_code)
    answer = makers.log_in(browser, typed, makers.CODE)
    assert answer.status_code == 200
    assert sentence in page(answer)
    shown = typed.replace("\0", "")  # a page has none
    assert not typed or f'value="{shown}"' in page(answer)
    assert makers.CODE not in page(answer)
    assert (hashes, AttemptCounter.objects.count(), FailedAttempt.objects.count()) == ([], 0, 0)


BAD_SECRET_CODES = {
    "five": ("73914", "vous en avez saisi 5"),
    "seven": ("7391468", "vous en avez saisi 7"),
    "one": ("7", "vous en avez saisi un seul"),
    "letters": ("73914O", "sans lettre ni autre signe"),
    "space inside": ("739 146", "s’écrit sans espace"),
    "no-break space inside": ("739\u00a0146", "s’écrit sans espace"),
    "full width": ("\uff17\uff13\uff19\uff11\uff14\uff16", "chiffres 0 à 9 du clavier ordinaire"),
    "Arabic-Indic": ("\u0667\u0663\u0669\u0661\u0664\u0666", "chiffres 0 à 9 du clavier ordinaire"),
    "NUL": ("73914\x00", "sans lettre ni autre signe"),
    "10 kB": ("7" * 10_000, "vous en avez saisi bien plus"),
    "10 kB of text": ("é" * 10_000, "sans lettre ni autre signe"),
    "empty": ("", "Saisissez votre code secret."),
}


@pytest.mark.parametrize(("typed", "sentence"), BAD_SECRET_CODES.values(), ids=BAD_SECRET_CODES)
def test_bad_secret_code_is_explained_never_repeated_and_neither_counted_nor_hashed(
    browser, client_, hashes, typed, sentence
):
    hashes.clear()
    answer = makers.log_in(browser, client_.client_code, typed)
    assert answer.status_code == 200
    assert sentence in page(answer)
    assert f'value="{client_.client_code}"' in page(answer)
    assert len(typed) < 2 or typed not in page(answer)
    assert (hashes, AttemptCounter.objects.count(), FailedAttempt.objects.count()) == ([], 0, 0)


@pytest.mark.proves("ASVS 6.2.8")
def test_spaces_around_a_pasted_secret_code_are_forgiven(browser, client_):
    assert makers.log_in(browser, client_.client_code, f" {makers.CODE}\u00a0\n").status_code == 302


@pytest.mark.parametrize("typed", ["ABC", "7KQ4-M2XD-R9TC", "7KQ4M2XDR9TBB", "é" * 10_000, "\x00" * 12, "\u0130" * 12])
def test_bad_letter_number_says_where_it_is_printed_and_counts_nothing(browser, client_, hashes, typed):
    hashes.clear()
    answer = makers.log_in(browser, client_.client_code, makers.CODE, letter=typed)
    assert answer.status_code == 200
    assert "sous le titre «\u00a0Numéro du courrier\u00a0»" in page(answer)
    assert (hashes, AttemptCounter.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    "written", [str, str.lower, lambda n: f"{n[:4]}-{n[4:8]} {n[8:]}", lambda n: n.replace("1", "l")]
)
def test_letter_number_however_written_names_the_code_of_that_letter(browser, new_client, written):
    letter = makers.open_letter(new_client)
    answer = makers.log_in(browser, new_client.client_code, letter.secret_code, letter=written(letter.letter_number))
    assert answer["Location"] == CODE_PAGE


def test_number_of_another_letter_opens_nothing_even_with_the_right_code(browser, new_client):
    answer = makers.log_in(
        browser, new_client.client_code, makers.default_code(new_client), letter=letter_numbers.draw()
    )
    assert answer.status_code == 200


def test_letter_of_another_client_opens_nothing(browser, new_client, client_):
    letter = makers.open_letter(new_client)
    answer = makers.log_in(browser, client_.client_code, letter.secret_code, letter=letter.letter_number)
    assert answer.status_code == 200


def test_letter_of_a_code_already_replaced_opens_nothing(browser, new_client):
    letter, user = makers.open_letter(new_client), new_client.user
    changing.personalise(user, makers.CODE, replacing=checking.present_code(user), by=Actor(user))
    for code in letter.secret_code, makers.CODE:
        answer = makers.log_in(browser, new_client.client_code, code, letter=letter.letter_number)
        assert answer.status_code == 200


def test_expired_default_code_opens_nothing(browser, new_client):
    SealedLetter.objects.update(issued_at=timezone.now() - timedelta(days=45))
    assert makers.log_in(browser, new_client.client_code, makers.default_code(new_client)).status_code == 200


@pytest.mark.proves("ASVS 7.2.4")
def test_session_planted_before_the_login_is_not_the_one_after_it(browser, client_):
    planted = browser.session
    planted["planted"] = "yes"
    planted.save()
    makers.log_in(browser, client_.client_code, makers.CODE)
    assert browser.session.session_key != planted.session_key
    assert not SessionStore().exists(planted.session_key)


def test_journal_tells_logins_and_refusals_of_known_and_unknown_numbers(browser, client_):
    before = SecurityEvent.objects.latest("id").pk
    makers.log_in(browser, UNKNOWN, makers.WRONG_CODE)
    makers.log_in(browser, client_.client_code, makers.WRONG_CODE)
    makers.log_in(browser, client_.client_code, makers.CODE)
    browser.post("/deconnexion/")
    lines = list(SecurityEvent.objects.filter(id__gt=before).order_by("id").values_list("kind", "owner", "by"))
    user = client_.user.pk
    assert lines == [
        (Kind.LOGIN_FAILED, None, None),
        (Kind.LOGIN_FAILED, user, None),
        (Kind.LOGGED_IN, user, user),
        (Kind.DEVICE_KNOWN, user, user),
        (Kind.LOGGED_OUT, user, user),
    ]


def test_journal_names_no_number_that_was_tried_and_no_code(browser, client_):
    makers.log_in(browser, UNKNOWN, makers.WRONG_CODE)
    line = SecurityEvent.objects.latest("id")
    assert (line.address, line.details) == ("127.0.0.1", {"device": "unknown"})
    assert UNKNOWN not in repr(vars(line))


def test_axes_keeps_nothing_of_its_own(browser, client_):
    for code in [makers.WRONG_CODE] * 6:
        makers.log_in(browser, client_.client_code, code)
    browser.post("/admin/login/", {"username": "claire.dubois", "password": makers.CODE})
    other = StrictBrowser.logged_in(client_.user)
    other.post("/deconnexion/")
    assert [model.objects.count() for model in (AccessAttempt, AccessFailureLog, AccessLog)] == [0, 0, 0]


@pytest.mark.proves("NIST 5.1")
def test_attempt_under_an_old_form_is_answered_in_french(client_):
    browser = StrictBrowser(enforce_csrf_checks=True)
    answer = makers.log_in(browser, client_.client_code, makers.CODE)
    assert answer.status_code == 403
    assert "Cette page n’était plus à jour" in page(answer)


@pytest.mark.proves("ASVS 7.4.1")
def test_logout_ends_the_session_and_leads_to_the_login(client_browser):
    answer = client_browser.post("/deconnexion/")
    assert answer["Location"] == "/connexion/?au-revoir"
    assert client_browser.get("/espace-client/").status_code == 302


def test_logout_by_a_link_is_refused(client_browser):
    assert client_browser.get("/deconnexion/").status_code == 405
    assert client_browser.get("/espace-client/").status_code == 200


@pytest.mark.parametrize("typed", ["5724816039", "5724 816 039", "5724\u00a0816\u00a0039"])
def test_code_client_typed_in_the_field_of_the_code_secret_is_recognised(browser, client_, typed):
    assert "Vous avez peut-être saisi ici votre code client" in page(makers.log_in(browser, client_.client_code, typed))


def test_logout_without_a_session_says_goodbye_all_the_same(browser, db):
    assert browser.post("/deconnexion/")["Location"] == "/connexion/?au-revoir"
