"""Codes, letter numbers and keys in no log at any level, and in no error report."""

import base64
import contextlib
import logging
from io import StringIO

import pyrage
import pytest
from django.conf import settings as portal_settings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction
from django.test import Client as Browser

from auth_codes.actor import Actor
from auth_codes.codes import changing
from auth_codes.letters import envelopes, letter_numbers
from auth_codes.models import LetterBatch, SecretCode
from auth_codes.weakness import is_six_digits
from tests import makers
from tests.chance import without_chance
from tests.conftest import StrictBrowser
from tests.settings import WORKSHOP_IDENTITY
from tests.standing import made_once

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PAGE = "/mon-profil/code-secret/"
NUMBER = letter_numbers.draw()


@pytest.fixture
def everything_logged(caplog, settings):
    """Every logger at its most talkative, SQL with its parameters included."""
    settings.DEBUG = True  # else Django logs no SQL
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
    levels = [(logger, logger.level) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    caplog.set_level(logging.DEBUG)
    yield lambda: "\n".join(f"{line.getMessage()} {line.args!r}" for line in caplog.records)
    for logger, level in levels:
        logger.setLevel(level)


def found_of(hidden, logged):
    """Which of these stand there; six digits also stand there by chance."""
    written = without_chance(logged)
    return [secret for secret in hidden if secret in (written if is_six_digits(secret) else logged)]


def live_the_story(advisor, folder):
    """Issue, export, log in with mistakes, personalise, change; gives all that must not be found."""
    client = makers.make_new_client(advisor)
    letter, browser = makers.open_letter(client), StrictBrowser()
    call_command("export_sealed_letters", "--to", str(folder))
    for code in makers.WRONG_CODE, letter.secret_code:
        makers.log_in(browser, client.client_code, code, letter=letter.letter_number)
    for current, chosen in (
        (makers.WRONG_CODE, makers.CODE), (letter.secret_code, "147258"), (letter.secret_code, makers.CODE),
        (makers.CODE, makers.CODE), (makers.CODE, makers.OTHER_CODE),
    ):  # fmt: skip
        browser.post(PAGE, {"old_password": current, "new_password1": chosen, "new_password2": chosen})
    SecretCode.objects.filter(owner=client.user).update(key_id="gone")
    makers.log_in(StrictBrowser(), client.client_code, makers.OTHER_CODE)
    codes = [letter.secret_code, makers.CODE, makers.OTHER_CODE, makers.WRONG_CODE, "147258"]
    return [*codes, letter.letter_number, *secrets_of_the_settings()]


def secrets_of_the_settings():
    keys = list(portal_settings.SECRET_CODE_KEYS.values())
    forms = [form for key in keys for form in (base64.b64encode(key).decode(), key.hex(), repr(key))]
    return [*forms, portal_settings.SECRET_KEY]


@pytest.mark.proves("RTS 6", "RTS 22(2)(c)")
def test_no_code_letter_number_or_key_is_logged_at_any_level(advisor, everything_logged, tmp_path):
    hidden = live_the_story(advisor, tmp_path)
    logged = everything_logged()
    assert "auth_codes_secretcode" in logged  # SQL was logged
    assert found_of(hidden, logged) == []


def test_no_letters_text_is_logged_while_it_is_listed_exported_opened_and_confirmed(
    new_client, everything_logged, caplog, tmp_path
):
    letter, identity = makers.open_letter(new_client), tmp_path / "key"
    identity.write_text(WORKSHOP_IDENTITY)
    caplog.clear()  # registering the person wrote the address
    call_command("export_sealed_letters", "--to", str(tmp_path / "batches"))
    call_command("list_sealed_letters")
    folders = {"source": tmp_path / "batches", "to": tmp_path / "pdfs"}
    call_command("open_sealed_letters", identity=identity, **folders)
    call_command("confirm_sealed_letters", LetterBatch.objects.get().id)
    logged = everything_logged()
    assert "auth_codes_sealedletter" in logged  # SQL was logged
    hidden = [letter.secret_code, letter.letter_number, letter.name, *letter.address, WORKSHOP_IDENTITY]
    assert found_of([*hidden, *secrets_of_the_settings()], logged) == []


def test_rotation_logs_no_code_hash_or_key_at_any_level(client_, new_client_beside, everything_logged, settings):
    settings.SECRET_CODE_KEYS = {"test-2": bytes(range(64, 96)), **settings.SECRET_CODE_KEYS}
    hashes = [row.unseal() for row in SecretCode.objects.select_related("owner")]
    SecretCode.objects.filter(owner=new_client_beside.user).update(nonce=b"")  # named in the log
    said = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("rotate_secret_codes", stdout=said, stderr=said)
    logged = everything_logged() + said.getvalue() + str(refusal.value)
    hidden = [form for value in hashes for form in (value.hex(), repr(value), base64.b64encode(value).decode())]
    hidden += [makers.CODE, makers.default_code(new_client_beside), *secrets_of_the_settings()]
    assert "cannot be sealed anew" in logged
    assert "UPDATE auth_codes_secretcode" in logged
    assert found_of(hidden, logged) == []


@made_once
def new_client_beside(advisor):
    return makers.make_new_client(advisor, family_name="Petit", email="petit@example.org")


TABLES = [
    "auth_codes_attemptcounter", "auth_codes_failedattempt", "auth_codes_secretcode", "auth_codes_securityevent",
    "auth_codes_notice", "accounts_user", "accounts_client", "accounts_bankaccount", "django_session",
]  # fmt: skip


def report_of(browser, path, fields, missing_table) -> str:
    """The error report that Django makes of a POST when a table is gone; empty when the POST does not need it."""
    browser.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {missing_table} RENAME TO gone")
    with contextlib.suppress(transaction.TransactionManagementError):
        answer = browser.post(path, fields)
    return answer.content.decode() if answer.status_code == 500 else ""


def fail_at(beginning):
    """Breaks the statements that begin so; who is logged in is read from some of the same tables before."""

    def execute_or_fail(execute, sql, params, many, context):
        if sql.removeprefix("WITH first_row (key) AS (").startswith(beginning):
            raise OperationalError("broken")
        return execute(sql, params, many, context)

    return execute_or_fail


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("code", [makers.CODE, makers.WRONG_CODE])
def test_error_during_a_login_reports_neither_code_nor_letter_number(client_, settings, table, code):
    settings.DEBUG = True
    fields = {"username": client_.client_code, "password": code, "letter": NUMBER if code == makers.CODE else ""}
    report = report_of(Browser(), "/connexion/", fields, table)
    assert [secret for secret in (code, NUMBER) if secret in report] == []


@pytest.mark.parametrize("table", TABLES)
def test_error_during_a_change_reports_no_code(client_browser, settings, table):
    settings.DEBUG = True
    chosen = {"new_password1": makers.OTHER_CODE, "new_password2": makers.OTHER_CODE}
    plain = Browser()
    plain.cookies = client_browser.cookies
    report = report_of(plain, PAGE, {"old_password": makers.CODE, **chosen}, table)
    assert [code for code in (makers.CODE, makers.OTHER_CODE) if code in report] == []


@pytest.fixture
def drawn(monkeypatch):
    """All that is drawn for letters."""
    kept = []
    for module in changing, letter_numbers:
        draw = module.draw
        monkeypatch.setattr(module, "draw", lambda *args, draw=draw: kept.append(draw(*args)) or kept[-1])
    return kept


@pytest.mark.parametrize("table", ["auth_codes_sealedletter", "auth_codes_secretcode", "auth_codes_securityevent"])
def test_error_while_a_code_is_issued_reports_neither_code_nor_number(advisor_browser, person, settings, drawn, table):
    settings.DEBUG = True
    makers.open_account(person, kind=makers.BankAccount.Kind.CURRENT, by=Actor(person.advisor))
    plain = Browser()
    plain.cookies = advisor_browser.cookies
    page = f"/admin/accounts/client/{person.pk}/espace-en-ligne/"
    plain.get(page)  # the look at him is in the journal before it fails
    plain.raise_request_exception = False
    with connection.execute_wrapper(fail_at(f'INSERT INTO "{table}"')):
        answer = plain.post(page)
    report = answer.content.decode()
    assert answer.status_code == 500
    assert drawn
    assert [secret for secret in drawn if secret in report] == []


@pytest.mark.parametrize(
    "damage",
    [
        b"{",
        b'{"version": 1, "secret_code": "482915"}',
        b'{"version": 3, "x": "482915"}',
        b'{"version": 2, "482915": 1}',
    ],
)
def test_refused_letter_is_refused_without_its_content(damage):
    identity = pyrage.x25519.Identity.generate()
    with pytest.raises(envelopes.UnreadableLetter) as refused:
        envelopes.open_at_workshop(pyrage.encrypt(damage, [identity.to_public()]), identity)
    assert "482915" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None
