"""A portal that is not a bank's yet says so: to `check --deploy`, and in one line of its log at each start."""

import logging
from types import SimpleNamespace

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.db import OperationalError
from django.http import HttpResponse

from auth_codes.codes import known_keys
from auth_codes.crypto.fingerprints import WrongKeys
from banking_portal import bank_facts, deployment, middleware
from banking_portal.deployment import check_deployment, say_at_start
from banking_portal.environment import BadEnvironment
from banking_portal.middleware import FORWARDED, SameKeysMiddleware, UnsaidProxyMiddleware
from tests.portal.starting import manage, python

FACTS = {
    "BANK_NAME": "Banque des Lilas", "BANK_CODE": "30001", "BANK_BIC": "BDFEFRPPCCT", "BANK_ADDRESS": "Lyon",
    "BANK_LEGAL_FORM": "Société anonyme", "BANK_REGISTERED": "RCS Lyon 123", "BANK_PHONE": "01 23 45 67 89",
    "CARD_STOP_PHONE": "01 23 45 67 80", "TRUSTED_PROXY_COUNT_IS_SAID": True, "PORTAL_ADDRESS": "espace.banque.example",
}  # fmt: skip


@pytest.fixture
def banks(settings, monkeypatch):
    """A bank's own facts, on PostgreSQL."""
    for name, fact in FACTS.items():
        setattr(settings, name, fact)
    monkeypatch.setattr(deployment, "connection", SimpleNamespace(vendor="postgresql"))
    return settings


def found() -> list[tuple[str, str]]:
    return [(str(message.id), str(message.msg).split()[0]) for message in check_deployment()]


def test_bank_with_its_own_facts_is_told_nothing(banks, caplog):
    say_at_start()
    assert (found(), caplog.messages) == ([], [])


@pytest.mark.parametrize(
    ("name", "said", "ours"),
    [
        ("BANK_NAME", "Votre banque", "E004"),
        ("BANK_ADDRESS", bank_facts.DEMO_ADDRESS, "E004"),
        ("BANK_LEGAL_FORM", bank_facts.DEMO_LEGAL_FORM, "E004"),
        ("BANK_REGISTERED", bank_facts.DEMO_REGISTERED, "E004"),
        ("BANK_CODE", "99999", "E004"),
        ("BANK_BIC", "VOTRFRP0XXX", "E004"),
        ("BANK_BIC", "BDFEFRP0", "E004"),
        ("BANK_PHONE", "01 99 00 12 34", "E003"),
        ("CARD_STOP_PHONE", "+33 6 39 98 01 02", "E003"),
    ],
)
def test_fact_of_fiction_is_an_error_that_names_its_variable(banks, caplog, name, said, ours):
    setattr(banks, name, said)
    assert found() == [(f"banking_portal.{ours}", name)]
    say_at_start()
    assert len(caplog.messages) == 1
    assert name in caplog.text


def test_file_of_one_machine_is_an_error(banks, caplog, monkeypatch):
    monkeypatch.setattr(deployment, "connection", SimpleNamespace(vendor="sqlite"))
    assert [number for number, _ in found()] == ["banking_portal.E001"]
    say_at_start()
    assert "SQLite" in caplog.text


def test_proxies_that_nobody_counted_are_an_error(banks):
    banks.TRUSTED_PROXY_COUNT_IS_SAID = False
    assert found() == [("banking_portal.E002", "TRUSTED_PROXY_COUNT")]


def test_letters_that_say_no_address_are_a_warning_and_no_line_of_log(banks, caplog):
    banks.PORTAL_ADDRESS = ""
    assert found() == [("banking_portal.W003", "PORTAL_ADDRESS")]
    say_at_start()
    assert caplog.messages == []


def test_demo_is_told_nothing(settings):
    settings.DEMO = True
    assert check_deployment() == []


@pytest.mark.slow
def test_server_says_at_its_start_all_that_is_missing_in_one_line(ready):
    for name in ("BANK_NAME", "BANK_PHONE", "TRUSTED_PROXY_COUNT"):
        del ready[name]
    done = python(ready, "-c", "import banking_portal.wsgi")
    [line] = [line for line in done.stderr.splitlines() if "banking_portal.deployment" in line]
    assert all(said in line for said in ("SQLite", "BANK_NAME", "BANK_PHONE", "TRUSTED_PROXY_COUNT"))
    done = manage(ready, "check", "--deploy")
    assert done.returncode == 1
    assert all(f"banking_portal.E00{n}" in done.stderr for n in (1, 2, 3, 4))


@pytest.fixture
def passes():
    return UnsaidProxyMiddleware(lambda request: "answered")


@pytest.mark.parametrize("header", FORWARDED)
def test_proxy_that_is_not_counted_is_told_once_and_not_at_each_request(passes, rf, caplog, header):
    assert passes(rf.get("/")) == "answered"
    assert caplog.messages == []
    for _ in range(3):
        assert passes(rf.get("/", **{header: "203.0.113.5\r\nforged"})) == "answered"
    [line] = caplog.messages
    assert "TRUSTED_PROXY_COUNT=0" in line
    assert "forged" not in line


def test_counted_proxies_are_nothing_to_tell(settings):
    settings.TRUSTED_PROXY_COUNT = 1
    with pytest.raises(MiddlewareNotUsed):
        UnsaidProxyMiddleware(lambda request: None)


@pytest.mark.parametrize(
    ("name", "text"),
    [("BANK_CODE", "1234"), ("BANK_CODE", "12 345"), ("BANK_CODE", "1234\u0665"), ("BANK_BRANCH_CODE", "A0001")],
)
def test_code_that_is_not_five_digits_is_refused_with_an_example(monkeypatch, name, text):
    monkeypatch.setenv(name, text)
    with pytest.raises(BadEnvironment, match=f"{name} n’est pas un code de cinq chiffres"):
        bank_facts.code(name, "99999")


@pytest.mark.parametrize("text", ["BDFEFRPP1", "bdfefrpp", "BDFE FR PP", "BDFEXXPP", "ВDFEFRPP", "7"])
def test_bic_that_is_none_is_refused(monkeypatch, text):
    monkeypatch.setenv("BANK_BIC", text)
    with pytest.raises(BadEnvironment, match="BANK_BIC n’est pas un BIC"):
        bank_facts.bic("BANK_BIC", "VOTRFRP0XXX")


@pytest.mark.parametrize("text", ["B" * 41, "Banque\tX", "Banque\u202eX", "Banque 😀"])
def test_name_that_papers_cannot_show_is_refused(monkeypatch, text):
    monkeypatch.setenv("BANK_NAME", text)
    with pytest.raises(BadEnvironment, match="BANK_NAME doit tenir en 40 signes"):
        bank_facts.fact("BANK_NAME", "Votre banque", longest=40)


def test_fact_keeps_its_no_break_spaces(monkeypatch):
    monkeypatch.setenv("BANK_LEGAL_FORM", bank_facts.DEMO_LEGAL_FORM)
    assert bank_facts.fact("BANK_LEGAL_FORM", "") == bank_facts.DEMO_LEGAL_FORM


@pytest.fixture
def refusing(monkeypatch):
    """A connection whose database knows other keys."""

    def refuse():
        raise WrongKeys("d’autres clés")

    monkeypatch.setattr(known_keys, "_agreed", set())
    monkeypatch.setattr(middleware, "connection", SimpleNamespace(connection=None, ensure_connection=refuse))
    return SameKeysMiddleware(lambda request: HttpResponse("served"))


@pytest.mark.parametrize("path", ["/", "/connexion/", "/static/css/tokens.css"])
def test_server_that_finds_other_keys_answers_nobody_and_says_it_once(refusing, rf, caplog, path):
    caplog.set_level(logging.INFO)
    for _ in range(3):
        assert refusing(rf.get(path)).status_code == 503
    assert caplog.messages == ["d’autres clés"]
    assert refusing(rf.get("/healthz")).status_code == 503, "no load balancer sends anybody"


def test_probe_asks_in_its_own_way_before_anybody_else_has(refusing, rf):
    assert refusing(rf.get("/healthz")).content == b"served"


def test_database_that_is_away_is_no_other_key(refusing, rf, monkeypatch):
    asked = []

    def away():
        asked.append(1)
        raise OperationalError

    monkeypatch.setattr(middleware, "connection", SimpleNamespace(connection=None, ensure_connection=away))
    assert [refusing(rf.get("/")).content for _ in range(3)] == [b"served"] * 3
    assert asked == [1], "waited for once in a few seconds"


def test_server_serves_as_soon_as_its_keys_are_the_same(refusing, rf, monkeypatch):
    assert refusing(rf.get("/")).status_code == 503
    monkeypatch.setattr(middleware, "connection", SimpleNamespace(connection=None, ensure_connection=lambda: None))
    assert refusing(rf.get("/")).status_code == 503, "not asked again at once"
    refusing.asked_again_at = 0.0
    assert refusing(rf.get("/")).content == b"served"
