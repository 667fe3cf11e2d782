"""Headers are written at once where the portal is served, and are those that Django would write."""

from itertools import product

import pytest
from django.http import HttpResponse
from django.http.response import ResponseHeaders
from django.utils import cache
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from banking_portal.serving import headers
from tests.portal.starting import python

NAMES = ["X-Portal", "content-type", b"X-Bytes", mark_safe("X-Safe"), "X-é", "X\n", "X\r\nSet-Cookie", "", 5]
VALUES = ["plain", "", "é", "日本", "two\nlines", "two\rlines", "tab\tin it", "nul\0"]
VALUES += [b"bytes", b"\xe9", b"a\nb", 5, None, gettext_lazy("Madame"), mark_safe("safe")]
SAID = [None, "", "Cookie", "accept-encoding, Cookie", "*", " Cookie ,Accept-Language", "Cookie,"]
ADDED = [["Cookie"], ["Accept-Language", "Cookie"], ("Accept-Encoding",), [], ["*"], ["cookie", "Cookie"]]
SAYS_HOW = """
import banking_portal.wsgi
from django.http.response import ResponseHeaders
from django.middleware import csrf
from django.utils import cache
print({ResponseHeaders.__setitem__.__module__, csrf.patch_vary_headers.__module__, cache.patch_vary_headers.__module__})
"""


@pytest.fixture
def written_plainly(monkeypatch):
    """Headers of this test alone, and Django's function put back after it."""
    own = cache.patch_vary_headers
    for module in headers.using(own):
        monkeypatch.setattr(module, headers.PATCH_VARY, own)
    monkeypatch.setattr(headers, "ResponseHeaders", type("OfThisTest", (ResponseHeaders,), {}))
    headers.write_plainly()
    return headers.ResponseHeaders


def outcome(kind, name, value):
    """What stands there after it was set, twice and under another name besides; or how it was refused."""
    written = kind({"X-First": "1"})
    try:
        written[name] = "earlier"
        written[name] = value
    except (ValueError, AttributeError, UnicodeError) as refusal:
        return type(refusal), str(refusal)
    shown = name.decode() if isinstance(name, bytes) else str(name)
    return [*written.items()], [*written], shown.lower() in written, "nowhere" in written, written[shown.upper()]


@pytest.mark.parametrize(("name", "value"), [*product(NAMES, VALUES)])
def test_each_is_written_as_by_django(written_plainly, name, value):
    assert outcome(written_plainly, name, value) == outcome(ResponseHeaders, name, value)


@pytest.mark.parametrize(("said", "added"), [*product(SAID, ADDED)])
def test_what_an_answer_varies_with_is_djangos(monkeypatch, said, added):
    def varied(patch):
        answer = HttpResponse()
        if said is not None:
            answer["Vary"] = said
        patch(answer, added)
        return answer["Vary"]

    own = cache.patch_vary_headers
    for module in headers.using(own):
        monkeypatch.setattr(module, headers.PATCH_VARY, own)
    expected = varied(own)
    headers._vary_at_once()
    assert cache.patch_vary_headers is not own
    assert [varied(cache.patch_vary_headers) for _ in range(2)] == [expected] * 2


def test_the_server_writes_them_so(ready):
    assert python(ready, "-c", SAYS_HOW).stdout.splitlines()[-1] == "{'banking_portal.serving.headers'}"
