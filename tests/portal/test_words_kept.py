"""Words are looked for once where the portal is served, and are those of the language that is spoken."""

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import trans_real

from banking_portal.serving import words
from tests.portal.starting import python

SAYS_HOW = """
import banking_portal.wsgi
from django.utils import translation
from django.utils.translation import trans_real
print(trans_real.gettext.__module__, translation._trans.gettext.__module__)
"""
NOT_IN_ANY = ["", "nulle part", "deux\r\nlignes", "deux\rlignes"]


@pytest.fixture
def own(monkeypatch):
    """Django's own, put back after the test."""
    own = trans_real.gettext
    translation.gettext("")  # so that it stands where it is looked for
    for module in (trans_real, translation._trans):
        monkeypatch.setattr(module, "gettext", own)
    return own


def sources():
    """Every text that is translated into some language."""
    english = trans_real.translation("en")
    translated = [key for key, _ in english._catalog.items() if isinstance(key, str) and key]
    return NOT_IN_ANY + sorted(translated)


def said(gettext, language):
    with translation.override(language):
        return [(type(gettext(each)), gettext(each)) for text in sources() for each in (text, mark_safe(text))]


def test_they_are_djangos_in_every_language(own):
    expected = {language: said(own, language) for language, _ in settings.LANGUAGES}
    assert len({str(each) for each in expected.values()}) == len(settings.LANGUAGES)
    words.keep_words()
    assert trans_real.gettext is not own
    for _ in range(2):
        assert {language: said(translation.gettext, language) for language in expected} == expected


def test_what_may_stand_in_a_page_as_it_is_stays_apart(own):
    words.keep_words()
    assert type(translation.gettext("Madame")) is str
    assert type(translation.gettext(mark_safe("Madame"))) is SafeString
    assert type(translation.gettext("Madame")) is str


def test_without_a_language_each_is_djangos(own):
    words.keep_words()
    translation.deactivate()
    assert [translation.gettext("Madame") for _ in range(2)] == [own("Madame")] * 2
    with translation.override("en"):
        english = translation.gettext("Madame")
        for _ in range(2):
            with translation.override(None):  # as the desk notes what was changed
                assert translation.gettext("Madame") == "Madame" != english
        assert translation.gettext("Madame") == english


def test_no_more_are_kept_than_there_are(own):
    assert len(sources()) * len(settings.LANGUAGES) < words.KEPT_AT_MOST


def test_the_server_keeps_them(ready):
    assert python(ready, "-c", SAYS_HOW).stdout.split()[-2:] == ["banking_portal.serving.words"] * 2
