"""The headers of an answer pass the server as gunicorn itself would let them pass, the first time and after it."""

from itertools import product
from types import SimpleNamespace

import pytest
from gunicorn.http import wsgi

from banking_portal.serving.worker import PortalResponse
from tests.portal.starting import python

NAMES = [
    "X-Portal",
    "Content-Length",
    "Connection",
    "Upgrade",
    "Transfer-Encoding",
    "Set-Cookie",
    "X-é",
    "X Y",
    "",
    "X:",
]
VALUES = ["12", "", " 12 ", "websocket", "upgrade", "é", "tab\tin", "\tat ends\t", "two\r\nlines", "nul\0", 5, b"bytes"]


@pytest.fixture(autouse=True)
def nothing_passed(monkeypatch):
    monkeypatch.setattr(PortalResponse, "passed", set())


def written(kind, name, value):
    answer = kind(None, None, SimpleNamespace())
    try:
        answer.process_headers([("X-First", "1"), (name, value)])
    except (TypeError, ValueError, wsgi.InvalidResponseHeader, wsgi.InvalidResponseHeaderName) as refusal:
        return type(refusal)
    return answer.headers, answer.response_length, answer.upgrade


@pytest.mark.parametrize(("name", "value"), [*product(NAMES, VALUES)])
def test_each_passes_as_by_gunicorn(name, value):
    expected = written(wsgi.Response, name, value)
    for _ in range(2):
        assert written(PortalResponse, name, value) == expected
        assert written(PortalResponse, name, "plain") == written(wsgi.Response, name, "plain")


def test_what_gunicorn_refuses_or_reads_itself_is_judged_each_time():
    for name in NAMES:
        written(PortalResponse, name, "12")
    assert PortalResponse.passed == {"X-First", "X-Portal", "Set-Cookie"}


SAYS_HOW = """
import sys
sys.argv = ["gunicorn", "--check-config"]
from unittest import mock
from gunicorn.app.wsgiapp import WSGIApplication
from gunicorn.http import wsgi
from gunicorn.workers.gthread import ThreadWorker
from banking_portal.serving.worker import PatientWorker
cfg = WSGIApplication().cfg
before = {name: getattr(cfg, name) for name in cfg.settings}
with mock.patch.object(ThreadWorker, "init_process") as begun:
    worker = PatientWorker(0, 0, [], None, 30, cfg, None)
    worker.init_process()
after = {name: getattr(cfg, name) for name in cfg.settings}
print(before == after, cfg.threads, vars(cfg)["threads"], wsgi.Response.__name__, begun.call_count)
"""


def test_a_worker_writes_them_so_and_is_configured_as_it_was(ready):
    assert python(ready, "-c", SAYS_HOW).stdout.split() == ["True", "4", "4", "PortalResponse", "1"]
