"""Whatever the headers of a request say, the answer is the portal's own page, with its headers and one line of log."""

import io
import logging
from itertools import product
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, example, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from banking_portal.logs import OneLineForRefusals
from banking_portal.requests import PortalApplication

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

HEADERS = ["Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options"]
CODINGS = [
    "rot13",
    "hex",
    "base64",
    "idna",
    "utf-16",
    "utf-7",
    "latin-1",
    "undefined",
    "\u00e9",
    "\0",
    "'",
    "unicode_escape",
]
BROKEN_TYPES = [
    *(f"a; charset={coding}" for coding in CODINGS),
    *(f"multipart/form-data; boundary=x; charset={coding}" for coding in CODINGS),
    *(f"a; charset*={coding}''rot%41" for coding in CODINGS),
    "a; charset*0*=rot13''a; charset*1*=b",
    "a; b*9999999999999999999999999999999999=c",
]
UNTYPED = ["/", "/connexion/", "/healthz", "/nulle-part/", "/admin/login/", "/robots.txt"]


@pytest.fixture(scope="module")
def portal():
    """As Django's own test client, it leaves the test's connection open after a request."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield PortalApplication()
    for signal in signals:
        signal.connect(close_old_connections)


class Answer:
    """What the server hands back for one environment of WSGI."""

    def __init__(self, portal, path="/", method="GET", body=b"", **headers):
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "testserver",
            "SERVER_PORT": "80", "REMOTE_ADDR": "127.0.0.1", "wsgi.input": io.BytesIO(body), "wsgi.url_scheme": "http",
            "wsgi.errors": io.StringIO(), "CONTENT_LENGTH": str(len(body)), "HTTP_HOST": "testserver",
        } | headers  # fmt: skip
        self.path = path
        answer = portal(environ, self._begin)
        self.body = b"".join(answer)
        answer.close()

    def _begin(self, status, headers):
        self.status, self.headers = int(status[:3]), dict(headers)


def wire(text: str) -> str:
    """As a server gives the bytes of a header: in Latin-1."""
    return text.encode(errors="surrogatepass").decode("latin-1")


def foreign(answer) -> list[str]:
    """What tells that an answer is not the portal's own."""
    wrong = [f"status {answer.status}"] if answer.status >= 500 else []
    kept_out = ["Cache-Control"] if not answer.path.startswith(settings.STATIC_URL) else []
    return wrong + [header for header in [*HEADERS, *kept_out] if header not in answer.headers]


@pytest.mark.parametrize("typed", BROKEN_TYPES)
def test_no_coding_of_the_sender_reaches_the_address(portal, typed):
    for method, path in product(("GET", "POST"), UNTYPED):
        answer = Answer(portal, path, method, b"a=b", QUERY_STRING="a=1&b=%E9", CONTENT_TYPE=wire(typed))
        assert foreign(answer) == []


def test_another_coding_is_refused_in_french_with_one_line(portal, caplog):
    caplog.handler.addFilter(OneLineForRefusals())
    answer = Answer(portal, "/connexion/", QUERY_STRING="a=1", CONTENT_TYPE="a; charset=rot13")
    assert answer.status == 400
    assert '<html lang="fr"' in answer.body.decode()
    assert [len(line.splitlines()) for line in caplog.text.strip().split("\n")] == [1]


@pytest.mark.parametrize(
    "typed", ["application/x-www-form-urlencoded; charset=UTF-8", "text/plain;charset=utf8", "", "a"]
)
def test_utf_8_and_none_at_all_are_read(portal, typed):
    assert Answer(portal, "/connexion/", CONTENT_TYPE=typed).status == 200


@pytest.mark.parametrize("host", ["10.0.0.5:8000", "portal_upstream", "\u00e9vil", "a b", ""])
def test_probe_by_address_is_answered_without_a_line_of_log(portal, caplog, host):
    caplog.set_level(logging.INFO)
    answer = Answer(portal, "/healthz", HTTP_HOST=wire(host))
    assert (answer.status, answer.body) == (200, b"ok")
    assert caplog.messages == []


def test_page_by_address_is_still_refused(portal):
    assert Answer(portal, "/connexion/", HTTP_HOST="10.0.0.5:8000").status == 400
    assert Answer(portal, "/healthz/", HTTP_HOST="10.0.0.5:8000").status == 400


def test_our_own_fault_keeps_its_traceback():
    record = logging.LogRecord("django.request", logging.ERROR, "", 1, "broken", (), (ValueError, ValueError(), None))
    record.status_code = 500
    OneLineForRefusals().filter(record)
    assert record.exc_info


SIGNS = st.text(st.characters(max_codepoint=0x2FFF), max_size=60).map(wire)
NAMES = [
    "HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_ACCEPT_ENCODING", "HTTP_AUTHORIZATION", "HTTP_COOKIE",
    "HTTP_HOST", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_NONE_MATCH", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_IF_RANGE",
    "HTTP_RANGE", "HTTP_ORIGIN", "HTTP_REFERER", "HTTP_USER_AGENT", "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO", "HTTP_X_CSRFTOKEN", "HTTP_VIA", "CONTENT_TYPE", "CONTENT_LENGTH", "QUERY_STRING",
    "HTTP_FORWARDED", "HTTP_X_REQUESTED_WITH", "HTTP_SEC_FETCH_SITE",
]  # fmt: skip
COOKIES = [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "device", "messages", settings.LANGUAGE_COOKIE_NAME]
MEANT = st.sampled_from([
    "bytes=0-1,5-", "bytes=-99999999999999999999", "Thu, 99 Foo 0000 99:99:99 GMT",
    "Sun, 06 Nov 9999999999 08:49:37 GMT",
    "fr;q=0.5,en;q=abc", "zz-" * 200, "127.0.0.1, ::1%eth0", "null", "http://[", "W/\"", "*", "-1", "9" * 400,
    "a=" * 1200, "a&" * 1200, "%00%C3%28%", "next=//ailleurs.example", "[::1", "testserver:99999", "testserver:\u0661",
    "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\u00e9",
])  # fmt: skip
PATHS = st.sampled_from(
    [*UNTYPED, "/static/", "/static/css/base.css", "/favicon.ico", "/manifest.webmanifest", "/admin/"]
)
LINES = st.one_of(SIGNS, MEANT.map(wire))
MUCH = effort(max_examples=1000, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@MUCH
@given(
    path=st.one_of(PATHS, SIGNS.map("/".__add__)),
    method=st.sampled_from(["GET", "HEAD", "POST", "OPTIONS", "PUT", "BREW"]),
    headers=st.dictionaries(st.sampled_from(NAMES), LINES, max_size=4),
)
def test_headers_of_any_kind(portal, path, method, headers):
    assert foreign(Answer(portal, path, method, **headers)) == []


@MUCH
@given(path=PATHS, cookies=st.dictionaries(st.sampled_from(COOKIES), SIGNS, max_size=5))
def test_cookies_of_any_kind(portal, path, cookies):
    sent = "; ".join(f"{name}={value}" for name, value in cookies.items())
    assert foreign(Answer(portal, path, HTTP_COOKIE=sent)) == []
    quoted = "; ".join(f"{name}={quote(value)}" for name, value in cookies.items())
    assert foreign(Answer(portal, path, HTTP_COOKIE=quoted)) == []


PART = st.tuples(
    st.one_of(SIGNS, st.sampled_from(["username", "password", "next", "name*=rot13''x", "csrfmiddlewaretoken"])),
    SIGNS,
    SIGNS,
)


@MUCH
@example(parts=[("username", "text/plain; charset=rot13", "1")], end=b"--x--\r\n", path="/connexion/")
@given(parts=st.lists(PART, max_size=4), end=st.sampled_from([b"--x--\r\n", b"", b"--x\r\n", b"\0"]), path=PATHS)
def test_bodies_in_parts_of_any_kind(portal, parts, end, path):
    body = end.join([b"", *(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\nContent-Type: {typed}\r\n\r\n{value}\r\n'.encode()
        for name, typed, value in parts
    )]) + end  # fmt: skip
    assert foreign(Answer(portal, path, "POST", body, CONTENT_TYPE="multipart/form-data; boundary=x")) == []
    files = body.replace(b'"\r\nContent-Type', b'"; filename="f"\r\nContent-Transfer-Encoding: base64\r\nContent-Type')
    assert foreign(Answer(portal, path, "POST", files, CONTENT_TYPE="multipart/form-data; boundary=x")) == []
