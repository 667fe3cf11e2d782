"""The portal as somebody reads it who knows no French: pages, refusals, mails; and what stays French all the same."""

import html
import re
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from accounts.bank_accounts import changes
from accounts.kinds import Mail
from auth_codes import middleware, notices, weakness
from auth_codes.models import Notice
from auth_codes.weakness import PersonalData
from tests import makers
from tests.auth_codes.login.test_no_oracle import UNKNOWN, seen
from tests.auth_codes.test_notices import CLIENTS_MAIL
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

ENGLISH = {"headers": {"Accept-Language": "en-GB"}}
PUBLIC = [
    "home", "login", "forgotten_client_code", "forgotten_secret_code", "security_advice", "legal_notice",
    "accessibility",
]  # fmt: skip
PRIVATE = [
    "overview", "transfers", "new_transfer", "documents", "profile", "own_journal", "secret_code", "it_was_not_me",
    "confirm_contacts", "own_contacts",
]  # fmt: skip
# Names, which English pages leave as they are: titles on papers, an authority, an address, people.
QUOTED = re.compile(
    r"“[^”]*”|Défenseur des droits|Libre réponse|Espace Client|Français|Mme|Inès(?: Léa)?|12 rue des Lilas"
)
FRENCH = re.compile(
    r"\b(?:le|la|les|des|du|vous|votre|vos|est|une|pas|pour|avec|dans|sur|ce|cette|mon|mes|ou|et)\b|[àçéèêëîïôûù«»]",
    re.IGNORECASE,
)
SAID_IN_FRENCH = re.compile(r'<(\w+)[^>]*\slang="fr"[^>]*>.*?</\1>', re.DOTALL)
SPOKEN = re.compile(r'\s(?:alt|title|placeholder|aria-label|content|data-\w+)="([^"/][^"]*)"')


def read(page):
    """All that a page says, what it says in French on purpose aside; and what only scripts and screen readers say."""
    page = SAID_IN_FRENCH.sub("", re.sub(r'<html lang="en">', "", page))
    return html.unescape(re.sub(r"<[^>]*>", "", page) + "\n".join(SPOKEN.findall(page)))


def french_in(text):
    quoted_aside = QUOTED.sub("", re.sub(r"\S*%2F\S*", "", text))
    return [quoted_aside[max(0, found.start() - 30) : found.end() + 30] for found in FRENCH.finditer(quoted_aside)]


@pytest.fixture
def stranger():
    return StrictBrowser(**ENGLISH)


@pytest.fixture
def customer(client_):
    return StrictBrowser.logged_in(client_.user, **ENGLISH)


@pytest.mark.parametrize("name", PUBLIC)
def test_public_page_is_english_throughout(stranger, name):
    answer = stranger.get(reverse(name))
    assert (answer.status_code, answer["Content-Language"]) == (200, "en")
    assert french_in(read(answer.content.decode())) == []


@pytest.mark.parametrize("name", PRIVATE)
def test_page_of_a_customer_is_english_throughout(customer, name):
    answer = customer.get(reverse(name), follow=True)
    assert (answer.status_code, answer["Content-Language"]) == (200, "en")
    assert french_in(read(answer.content.decode())) == []


@pytest.mark.parametrize(
    ("address", "status"), [("/nulle-part/", 404), ("/deconnexion/", 405), ("/espace-client/comptes/1/", 302)]
)
def test_what_is_refused_is_refused_in_english(stranger, address, status):
    answer = stranger.get(address)
    assert answer.status_code == status
    assert french_in(read(answer.content.decode())) == []


def test_first_login_is_english_from_the_letter_to_the_own_code(stranger, new_client):
    stranger.force_login(new_client.user, backend="auth_codes.login.backends.ClientBackend")
    for answer in (
        stranger.get(reverse("secret_code")),
        stranger.post(reverse("secret_code"), {"new_password1": "111111", "new_password2": "2"}),
        stranger.post(reverse("proposed_code")),
    ):
        assert french_in(read(answer.content.decode())) == []


@pytest.mark.parametrize(
    ("number", "code"), [("", ""), ("12", "1 2"), ("1000000000", "123"), ("123456", "123456"), ("é", "1234567890")]
)
def test_what_was_typed_wrongly_is_said_in_english(stranger, number, code):
    answer = stranger.post(reverse("login"), {"username": number, "password": code, "letter": "x"})
    assert french_in(read(answer.content.decode())) == []


def test_wrong_codes_are_counted_and_paused_in_english(stranger, client_):
    for _ in range(5):
        answer = makers.log_in(stranger, client_.client_code, makers.WRONG_CODE)
        assert french_in(read(answer.content.decode())) == []
    assert answer.status_code == 429


@pytest.mark.slow
def test_known_and_unknown_numbers_are_answered_alike_in_english(client_):
    for _ in range(5):
        known, unknown = (
            seen(StrictBrowser(**ENGLISH), number, makers.WRONG_CODE) for number in (client_.client_code, UNKNOWN)
        )
        assert known == unknown


def test_page_for_a_flood_is_made_once_for_each_language():
    assert french_in(read(middleware.refusal_page("en"))) == []
    assert middleware.refusal_page("fr") != middleware.refusal_page("en")
    assert middleware.refusal_page("en") is middleware.refusal_page("en")


REASONS = ["12345", "111112", "123456", "121212", "159753", "147258", "280290"]


def test_each_reason_against_a_weak_code_stays_french_and_has_its_translation():
    personal = PersonalData(birth_date=datetime(1990, 2, 28, tzinfo=UTC).date())
    with translation.override("en"):
        reasons = [weakness.why_weak(code, personal) for code in REASONS]
        assert len(set(reasons)) == len(REASONS)
        assert {
            reason for reason in vars(weakness).values() if isinstance(reason, str) and reason.endswith(".")
        } >= set(reasons)
        assert all(french_in(reason) for reason in reasons)
        assert [french_in(gettext(reason)) for reason in reasons] == [[]] * len(reasons)


def chooses_english(client):
    client.user.language = "en"
    client.user.save(update_fields=["language"])
    return client.user


# What is kept in French and said in the reader's language; all other facts are worded for him beforehand.
KEPT_IN_FRENCH = {"browser", "pause", "occasion"}


@pytest.mark.parametrize(("kind", "facts"), CLIENTS_MAIL)
def test_mail_to_who_chose_english_is_english_and_says_in_french_whom_else_to_call(client_, kind, facts):
    told = {name: said if name in KEPT_IN_FRENCH else "…" for name, said in facts.items()}
    notice = Notice.objects.create(
        kind=kind, owner=chooses_english(client_), recipient="ines@example.org", salutation="Ms Martin",
        at=datetime(2026, 3, 1, tzinfo=UTC), facts=told,
    )  # fmt: skip
    written = notices.message_of(notice)
    body, _, last = written.body.rpartition("Ce message n’est pas en français")
    assert "Appelez le 01" in last
    assert french_in(written.subject + "\n" + body) == []


def test_mail_to_who_chose_nothing_is_french(client_):
    mail.outbox.clear()
    with translation.override("en"):
        for notice in notices.leave_for_owner(Notice.Kind.CODE_CHANGED, client_.user):
            written = notices.message_of(notice)
    assert written.subject == "Votre code secret a changé"
    assert "Bonjour Madame" in written.body or "Bonjour Monsieur" in written.body
    assert "Ce message n’est pas en français" not in written.body


def test_what_a_mail_tells_is_worded_as_its_reader_reads(client_, advisor):
    chooses_english(client_)
    changes.tell(Mail.ACCOUNT_CLOSED, client_.bank_accounts.get(), [client_])
    notice = Notice.objects.latest("pk")
    assert french_in(notices.message_of(notice).body.rpartition("Ce message")[0]) == []
