"""LOG_FORMAT=json: an object a line, with the request's name, and nothing that is somebody's."""

import json
import logging
import sys

import pytest
from django.db import IntegrityError
from django.test import RequestFactory

from accounts.models import User
from banking_portal import request_ids
from banking_portal.json_logs import PortalJsonFormatter
from banking_portal.logs import HideLinks
from tests.conftest import StrictBrowser
from tests.portal.starting import manage

DRAWN = "0123456789abcdef" * 2


def line(message, *arguments, logger="gunicorn.error", **fields):
    """What is written of a record, read back."""
    record = logging.LogRecord(logger, logging.WARNING, __file__, 1, message, arguments, fields.pop("exc_info", None))
    record.__dict__.update(fields)
    HideLinks().filter(record)
    written = PortalJsonFormatter().format(record)
    assert "\n" not in written
    return json.loads(written)


class Lines(logging.Handler):
    """All that is logged, as LOG_FORMAT=json writes it."""

    def __init__(self):
        super().__init__()
        self.lines = []
        self.setFormatter(PortalJsonFormatter())

    def emit(self, record):
        self.lines.append(json.loads(self.format(record)))


@pytest.fixture
def lines():
    handler, root = Lines(), logging.getLogger()
    root.addHandler(handler)
    yield handler.lines
    root.removeHandler(handler)


def test_line_says_when_how_grave_who_and_what():
    told = line("Notice %s was not sent", 7, logger="auth_codes.notices")
    assert told.pop("at").endswith("+00:00")
    assert told == {"level": "WARNING", "logger": "auth_codes.notices", "message": "Notice 7 was not sent"}


def test_what_a_library_adds_to_its_record_is_left_out():
    assert set(line("x", request="<POST '/?code=804263'>", status_code=400, user="Martin")) == {
        "at", "level", "logger", "message"
    }  # fmt: skip


@pytest.mark.parametrize(
    "private",
    [
        "804263", "804 263", "804%20263", "1000000009", "10 0000 0009", "+33 6 39 98 12 34", "06.39.98.12.34",
        "06-39-98-12-34", "FR7612345678901234567890123", "FR76 1234 5678 9012 3456 7890 123",
        "fr76%201234%205678%209012",
        "ines.martin@exemple.fr", "ines%40exemple.fr", "1984-03-12", "12/03/1984", "4970 1012 3456 7890",
        "\u0661\u0662\u0663\u0664\u0665\u0666",
    ],
)  # fmt: skip
def test_what_a_line_quotes_is_told_without_what_is_his(private):
    message = line("Not Found: %s", f"/comptes/{private}/")["message"]
    assert message.startswith("Not Found: /comptes/")
    assert private not in message
    assert not any(part in message for part in ("804", "263", "exemple", "1984", "1234"))


def test_query_and_one_time_link_are_left_out():
    assert line("Not Found: %s", "/x/?nom=martin&next=/")["message"] == "Not Found: /x/…"
    assert line("Not Found: %s", "/premier-acces/abc-DEF/")["message"] == "Not Found: /premier-acces/…/"


def test_our_own_lines_keep_the_keys_of_rows():
    told = line("User %s is not bound to whom he shows", 1234567, logger="auth_codes.login.backends")
    assert told["message"] == "User 1234567 is not bound to whom he shows"


def test_new_lines_that_a_visitor_typed_make_no_line_of_their_own():
    assert line("Not Found: %s", '/\n{"level": "INFO"}')["message"].count("\n") == 1  # within the text of one line


@pytest.mark.django_db
def test_error_says_what_it_is_and_where_and_not_what_it_quotes(advisor):
    try:
        User.objects.bulk_create([User(username=advisor.username)])
    except IntegrityError:
        told = line("Internal Server Error: %s", "/x/", exc_info=sys.exc_info())
    kinds = [step["kind"] for step in told["error"]]
    assert kinds[0] == "django.db.utils.IntegrityError"
    assert len(kinds) == 2  # and the driver's own
    assert "test_json_logs.py" in told["error"][0]["places"][0]
    assert advisor.username not in json.dumps(told)


def test_error_that_goes_round_in_a_circle_ends():
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    told = line("x", exc_info=(ValueError, first, None))
    assert [step["kind"] for step in told["error"]] == ["builtins.ValueError", "builtins.KeyError"]


@pytest.mark.django_db
def test_lines_of_a_request_carry_the_name_that_its_answer_does(browser, lines):
    answer = browser.get("/nulle-part/")
    assert request_ids.DRAWN.fullmatch(answer["X-Request-ID"])
    [told] = [told for told in lines if told["logger"] == "django.request"]
    assert (told["request_id"], told["message"]) == (answer["X-Request-ID"], "404 GET …")
    assert browser.get("/nulle-part/")["X-Request-ID"] != answer["X-Request-ID"]
    assert request_ids.present() == ""


@pytest.mark.django_db
def test_failing_page_is_named_too_and_the_next_request_has_another_name(monkeypatch, lines):
    browser = StrictBrowser(raise_request_exception=False)
    monkeypatch.setattr("accounts.pages.client.PublicPage.get_context_data", lambda self: 1 / 0)
    answer = browser.get("/")
    failed = [told for told in lines if "error" in told]
    assert [told["request_id"] for told in failed] == [answer["X-Request-ID"]]
    assert failed[0]["message"] == "500 GET /"
    assert failed[0]["error"][0]["kind"] == "builtins.ZeroDivisionError"


@pytest.mark.django_db
@pytest.mark.parametrize(("proxies", "kept"), [(1, True), (0, False)])
def test_name_is_taken_from_a_trusted_proxy_alone(browser, settings, proxies, kept):
    settings.TRUSTED_PROXY_COUNT = proxies
    answer = browser.get("/", headers={"X-Request-ID": DRAWN})
    assert (answer["X-Request-ID"] == DRAWN) is kept


@pytest.mark.django_db
@pytest.mark.parametrize(
    "given",
    ["", "804263", "FR7612345678901234567890123", "a" * 31, "a" * 33, DRAWN.upper(), f"{DRAWN}\n", "martin", "é" * 32],
)
def test_what_no_proxy_draws_is_not_repeated(browser, settings, given):
    settings.TRUSTED_PROXY_COUNT = 1
    answer = browser.get("/", headers={"X-Request-ID": given})
    assert answer["X-Request-ID"] != given
    assert request_ids.DRAWN.fullmatch(answer["X-Request-ID"])


@pytest.mark.django_db
def test_refused_request_is_told_by_the_pattern_of_its_address(client_browser, lines):
    client_browser.get("/espace-client/comptes/987654321/?nom=martin")
    assert [told["message"] for told in lines] == ["404 GET /espace-client/comptes/<int:pk>/"]


def test_method_that_a_visitor_made_up_is_not_told():
    assert line("x", request=RequestFactory().generic("MARTIN", "/x/"), status_code=405)["message"] == "405 … …"


@pytest.mark.slow
@pytest.mark.parametrize(("chosen", "is_json"), [("", False), ("plain", False), ("json", True)])
def test_format_is_chosen_by_the_environment(ready, chosen, is_json):
    script = "import logging; logging.getLogger('auth_codes').warning('Bonjour')"
    done = manage(ready | {"LOG_FORMAT": chosen}, "shell", "-v0", "-c", script)
    last = done.stderr.splitlines()[-1]
    assert last.startswith("{") is is_json
    assert "Bonjour" in last


@pytest.mark.slow
def test_unknown_format_stops_the_start(environment):
    done = manage(environment | {"LOG_FORMAT": "xml"}, "check")
    assert done.returncode == 1
    assert "LOG_FORMAT vaut autre chose que plain ou json" in done.stderr
