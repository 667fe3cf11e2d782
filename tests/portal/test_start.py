"""Starting: with the documented environment, and refusing without it. Real processes, real settings."""

import ast
import os

import pyrage
import pytest

from tests.portal.starting import WORKSHOP, key, manage, python

pytestmark = pytest.mark.slow

EVERY_COOKIE = """
import django; django.setup()
from http.cookies import SimpleCookie
from django.contrib.auth import get_user_model
from django.test import Client
user = get_user_model().objects.create_user("5724816039")
browser = Client()
browser.force_login(user, backend="auth_codes.login.backends.ClientBackend")
options = {"headers": {"host": "localhost"}, "secure": SECURE}
wrong = {"username": user.username, "password": "296503"}
answers = [browser.get("/conseils-securite/", **options), Client().post("/connexion/", wrong, **options)]
for answer in answers:
    for morsel in SimpleCookie(answer.cookies.output(header="", sep="")).values():
        print(morsel.OutputString())
"""


@pytest.mark.proves("RTS 4(3)(c)")
def test_check_deploy_is_clean_in_the_documented_production_settings(environment):
    environment["DATABASE_URL"] = "postgres://portail@base.banque.example/portail"
    done = manage(environment, "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


def test_check_of_the_database_is_clean_before_and_after_migrate(environment):
    for command in (["check"], ["migrate", "-v0"], ["check", "--fail-level", "INFO"]):
        done = manage(environment, *command, "--database", "default")
        assert done.returncode == 0, done.stderr


def test_check_of_the_database_says_that_a_key_nobody_needs_may_go(ready):
    ready["SECRET_CODE_KEYS"] += "," + key("cle-2")
    done = manage(ready, "check", "--database", "default", "--fail-level", "WARNING")
    assert done.returncode == 0
    assert "Aucun code n’a plus besoin de la clé « cle-2 »" in done.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "SECRET_CODE_KEYS", "LETTER_RECIPIENT"])
@pytest.mark.parametrize("command", ["check", "migrate", "export_sealed_letters"])
def test_without_a_key_a_command_says_which_one_and_how_to_make_it(environment, name, command):
    del environment[name]
    done = manage(environment, command)
    assert done.returncode == 1
    assert f"{name} manque" in done.stderr
    assert "Pour en fabriquer une valeur" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_keys_the_server_does_not_start(environment):
    del environment["SECRET_CODE_KEYS"]
    done = python(environment, "-c", "import banking_portal.wsgi")
    assert done.returncode != 0
    assert "SECRET_CODE_KEYS manque" in done.stderr


@pytest.mark.parametrize(
    "value",
    ["", "sans-deux-points", "cle-1:pas du base64", "cle-1:dHJvcCBjb3VydA==", "É:" + "A" * 43 + "="],
)
def test_unusable_sealing_key_is_refused_and_not_repeated(environment, value):
    environment["SECRET_CODE_KEYS"] = value
    done = manage(environment, "check")
    assert done.returncode == 1
    assert "SECRET_CODE_KEYS" in done.stderr
    assert "pas du base64" not in done.stderr


def test_a_sealing_key_given_twice_is_refused(environment):
    environment["SECRET_CODE_KEYS"] = f"{key()},{key()}"
    assert "deux fois" in manage(environment, "check").stderr


@pytest.mark.parametrize(
    ("value", "said"),
    [("sans-deux-points", "JOURNAL_KEYS donne"), ("demo-1:x", "JOURNAL_KEYS contient"), ("É:x", "JOURNAL_KEYS doit")],
)
def test_a_key_of_the_journal_may_be_absent_but_not_unusable(environment, value, said):
    assert manage(environment | {"JOURNAL_KEYS": key("journal-1")}, "check").returncode == 0
    done = manage(environment | {"JOURNAL_KEYS": value}, "check")
    assert done.returncode == 1
    assert said in done.stderr
    assert "Pour en fabriquer une valeur" in done.stderr


@pytest.mark.proves("ASVS 6.3.2")
def test_a_demo_key_is_refused_outside_the_demo_and_a_real_one_inside(environment):
    environment["SECRET_CODE_KEYS"] = key("demo-1")
    assert "demo-1" in manage(environment, "check").stderr
    environment |= {"DEMO": "1", "SECRET_CODE_KEYS": key("cle-1")}
    assert "cle-1" in manage(environment, "check").stderr


@pytest.mark.parametrize(
    "second",
    ["age1nonsense", "", str(WORKSHOP), str(WORKSHOP.to_public())[:-1]],
    ids=["nonsense", "nothing", "private", "truncated"],
)
def test_what_is_no_age_recipient_is_refused_by_its_place_and_not_repeated(environment, second):
    environment["LETTER_RECIPIENT"] += f",{second}"
    done = manage(environment, "check")
    assert done.returncode == 1
    assert "LETTER_RECIPIENT donne en position 2 autre chose qu’une clé publique age" in done.stderr
    assert not second or second not in done.stderr


def test_a_recipient_given_twice_is_refused(environment):
    environment["LETTER_RECIPIENT"] += f", {environment['LETTER_RECIPIENT']}"
    assert "LETTER_RECIPIENT donne deux fois la clé age1" in manage(environment, "check").stderr


def test_several_recipients_are_all_taken(environment):
    both = [str(WORKSHOP.to_public()), str(pyrage.x25519.Identity.generate().to_public())]
    environment["LETTER_RECIPIENT"] = " , ".join(both)
    script = "from banking_portal.settings import LETTER_RECIPIENTS; print(*LETTER_RECIPIENTS)"
    assert python(environment, "-c", script).stdout.split() == both


@pytest.mark.parametrize("command", [["makemigrations", "--check", "--dry-run"], ["open_sealed_letters", "--help"]])
def test_the_commands_that_need_no_key_run_without_any(tmp_path, command):
    done = manage({"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path)}, *command)
    assert done.returncode == 0, done.stderr


def test_a_server_never_borrows_an_exempt_commands_name(environment):
    del environment["SECRET_KEY"]
    done = python(environment, "-c", "import sys; sys.argv = ['gunicorn', 'collectstatic']; import banking_portal.wsgi")
    assert "SECRET_KEY manque" in done.stderr


def test_the_demo_does_not_start_on_a_banks_database_nor_the_reverse(ready):
    demo = ready | {"DEMO": "1", "SECRET_CODE_KEYS": key("demo-1")}
    assert "n’est pas marquée" in python(demo, "-c", "import banking_portal.wsgi").stderr
    assert manage(demo, "seed_demo", "--clients", "1").returncode == 0
    assert python(demo, "-c", "import banking_portal.wsgi").returncode == 0
    assert "qu’avec DEMO=1" in python(ready, "-c", "import banking_portal.wsgi").stderr


def test_ledger_of_the_demo_is_right(ready):
    demo = ready | {"DEMO": "1", "SECRET_CODE_KEYS": key("demo-1")}
    assert manage(demo, "seed_demo", "--clients", "3").returncode == 0
    done = manage(demo, "check_ledger")
    assert done.returncode == 0, done.stderr
    assert '"findings": 0' in done.stdout


def test_seed_demo_is_refused_without_demo(ready):
    done = manage(ready, "seed_demo")
    assert done.returncode == 1
    assert "DEMO=1 manque" in done.stderr


def test_cookies_are_bound_to_the_host_and_plain_http_is_redirected(ready):
    script = """
import django; django.setup()
from django.conf import settings
from django.test import Client
answer = Client().get("/connexion/", headers={"host": "portail.example"})
print(answer.status_code, answer["Location"])
answer = Client().get("/connexion/", headers={"host": "portail.example"}, secure=True)
print(answer.status_code, answer.cookies.output(), answer["Strict-Transport-Security"])
print(settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE)
"""
    done = python(ready | {"DJANGO_SETTINGS_MODULE": "banking_portal.settings"}, "-c", script)
    redirected, answered, session = done.stdout.splitlines()
    assert redirected == "301 https://portail.example/connexion/"
    assert "__Host-csrftoken=" in answered
    assert "Secure" in answered
    assert session == "__Host-session True"


def every_cookie(environment, secure):
    """The cookies that the portal sets, each as the browser is sent it, by name."""
    settings = {"DJANGO_SETTINGS_MODULE": "banking_portal.settings", "ALLOWED_HOSTS": "localhost"}
    script = EVERY_COOKIE.replace("SECURE", str(secure))
    done = python(environment | settings, "-c", script)
    assert done.returncode == 0, done.stderr
    return {line.partition("=")[0]: set(line.split("; ")[1:]) for line in done.stdout.splitlines()}


def test_every_cookie_is_bound_to_the_host_and_hidden_from_scripts(ready):
    cookies = every_cookie(ready, secure=True)
    assert set(cookies) == {"__Host-session", "__Host-csrftoken", "__Host-attempts"}
    for attributes in cookies.values():
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= attributes
        assert not [attribute for attribute in attributes if attribute.startswith("Domain")]
    assert cookies["__Host-session"] == {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"}  # gone with the browser


def test_cookies_of_the_demo_are_plain_for_plain_http(ready):
    cookies = every_cookie(ready | {"DEMO": "1", "SECRET_CODE_KEYS": key("demo-1")}, secure=False)
    assert set(cookies) == {"session", "csrftoken", "attempts"}
    assert all({"HttpOnly", "SameSite=Lax", "Path=/"} <= attributes for attributes in cookies.values())
    assert not [attributes for attributes in cookies.values() if "Secure" in attributes]


def test_a_pool_in_the_address_keeps_the_connections_instead_of_the_threads(environment):
    environment["DATABASE_URL"] = "postgres://portail@base.example/portail?pool=true"
    script = """
from banking_portal.settings import DATABASES
print(DATABASES["default"]["OPTIONS"], DATABASES["default"]["CONN_MAX_AGE"])
"""
    assert python(environment, "-c", script).stdout == "{'pool': True} 0\n"


def mail_settings(environment, **variables):
    """What Django is told of the way out of e-mails."""
    names = ["BACKEND", "HOST", "PORT", "HOST_USER", "HOST_PASSWORD", "USE_SSL", "USE_TLS"]
    script = f"from banking_portal import settings; print([getattr(settings, 'EMAIL_' + n) for n in {names}])"
    done = python(environment | variables, "-c", script)
    assert done.returncode == 0, done.stderr
    backend, *server = ast.literal_eval(done.stdout)
    return [backend.removesuffix(".EmailBackend").rpartition(".")[2], *server]


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://relais.example", ["smtp", "relais.example", 25, "", "", False, False]),
        ("smtp://relais.example:2525/", ["smtp", "relais.example", 2525, "", "", False, False]),
        ("smtps://u:p@mail.example", ["smtp", "mail.example", 465, "u", "p", True, False]),
        ("smtp+tls://u:p@mail.example", ["smtp", "mail.example", 587, "u", "p", False, True]),
        (
            "smtps://u%40b.example:p%2F%23%3A%C3%A9@[::1]:4650",
            ["smtp", "::1", 4650, "u@b.example", "p/#:é", True, False],
        ),
        ("console:", ["terminal_mail", "localhost", 25, "", "", False, False]),
        ("", ["smtp", "", 25, "", "", False, False]),
    ],
)
def test_email_url_says_how_mails_leave(environment, url, server):
    assert mail_settings(environment, EMAIL_URL=url) == server


def test_mails_of_the_demo_go_to_the_terminal_unless_said_otherwise(environment):
    demo = environment | {"DEMO": "1", "SECRET_CODE_KEYS": key("demo-1")}
    assert mail_settings(demo, EMAIL_URL="")[0] == "terminal_mail"
    assert mail_settings(demo, EMAIL_URL="smtp://127.0.0.1:1025")[:3] == ["smtp", "127.0.0.1", 1025]


@pytest.mark.parametrize(
    "url",
    [
        "hunter2", "smtp://", "smtp:mail.example", "http://u:hunter2@mail.example", "smtp://u:hunter2@mail.example:high",
        "smtp://u:hunter2@mail.example:99999", "smtp://u:hunter2/x@mail.example", "smtp://u:hunter2#x@mail.example",
        "smtp://u:hunter2?x@mail.example", "smtp://u:hunter2@[mail.example", "smtp://u:hunter2%FF@mail.example",
    ],
)  # fmt: skip
def test_email_url_that_cannot_be_used_is_refused_with_an_example_and_not_repeated(environment, url):
    done = manage(environment | {"EMAIL_URL": url}, "check")
    assert done.returncode == 1
    assert "EMAIL_URL n’est pas" in done.stderr
    assert "smtp+tls://utilisateur:mot-de-passe@" in done.stderr
    assert "hunter2" not in done.stderr


def test_check_deploy_tells_when_mails_to_clients_cannot_leave(environment):
    environment["DATABASE_URL"] = "postgres://portail@base.banque.example/portail"
    del environment["EMAIL_URL"]
    done = manage(environment, "check", "--deploy", "--fail-level", "WARNING")
    assert (done.returncode, "EMAIL_URL manque" in done.stderr) == (0, True)
    assert "EMAIL_URL" not in manage(environment, "check").stderr


@pytest.mark.parametrize(
    ("variables", "sender"),
    [
        ({}, "Espace Client <ne-pas-repondre@portail.example>"),
        ({"ALLOWED_HOSTS": "10.0.0.1,.banque.example"}, "Espace Client <ne-pas-repondre@banque.example>"),
        ({"EMAIL_FROM": "Ma banque <info@banque.example>"}, "Ma banque <info@banque.example>"),
        ({"EMAIL_FROM": "info@banque.example"}, "info@banque.example"),
    ],
)
def test_sender_of_mails_is_the_one_said_or_the_portals_own_host(environment, variables, sender):
    script = "from banking_portal import settings; print(settings.DEFAULT_FROM_EMAIL)"
    assert python(environment | variables, "-c", script).stdout.strip() == sender


def test_sender_that_is_no_address_is_refused(environment):
    done = manage(environment | {"EMAIL_FROM": "Ma banque"}, "check")
    assert done.returncode == 1
    assert "EMAIL_FROM n’est pas" in done.stderr
