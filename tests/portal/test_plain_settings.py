"""Settings are read at once where the portal is served, and say what they said before."""

import pytest
from django.conf import LazySettings, settings

from banking_portal.serving import plain_settings
from tests.portal.starting import python

SAYS_HOW = """
import banking_portal.wsgi
from django.conf import LazySettings, settings
print(LazySettings.__getattribute__ is object.__getattribute__, settings.ROOT_URLCONF)
"""


@pytest.fixture
def read_plainly(monkeypatch):
    """Settings of this test, which read what all others read."""
    monkeypatch.setattr(plain_settings, "LazySettings", type("OfThisTest", (LazySettings,), {}))
    plain_settings.read_plainly()
    read = plain_settings.LazySettings()
    read._wrapped = settings._wrapped
    return read


def test_they_say_the_same(read_plainly):
    assert {name: getattr(read_plainly, name) for name in dir(settings) if name.isupper()} == {
        name: getattr(settings, name) for name in dir(settings) if name.isupper()
    }


def test_what_is_no_setting_is_missing(read_plainly):
    with pytest.raises(AttributeError):
        _ = read_plainly.NO_SUCH_SETTING
    assert not hasattr(read_plainly, "NO_SUCH_SETTING")


def test_a_change_is_seen_at_once(read_plainly):
    assert read_plainly.LANGUAGE_CODE == "fr"
    read_plainly.LANGUAGE_CODE = "en"
    try:
        assert read_plainly.LANGUAGE_CODE == settings._wrapped.LANGUAGE_CODE == "en"
    finally:
        read_plainly.LANGUAGE_CODE = "fr"


def test_the_server_reads_them_so(ready):
    assert python(ready, "-c", SAYS_HOW).stdout.splitlines()[-1] == "True banking_portal.urls"
