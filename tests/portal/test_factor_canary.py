"""A canary: the key of a moyen goes through its page, a login and its end, and is nowhere but on that page."""

import base64

import pytest
from django.core.management import call_command

from auth_codes.factors import totp
from auth_codes.models import Factor
from tests import makers
from tests.conftest import StrictBrowser
from tests.portal.test_canary import KeepingBrowser
from tests.portal.traces import traces_of_all  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PAGE = "/mon-profil/moyens/"
ADD, CONFIRM = f"{PAGE}application/", f"{PAGE}application/confirmer/"
SECOND = "/connexion/second/"


def forms_of(secret):
    """As bytes, as the page writes it, and as a log, a session or a JSON column would."""
    signs = base64.b32encode(secret).decode()
    texts = [signs, signs.lower(), totp.written(secret), secret.hex(), base64.b64encode(secret).decode(), repr(secret)]
    return [secret, *map(str.encode, texts)]


def places_of(secret, traces):
    return traces.places_of_any(forms_of(secret))


def add(browser):
    browser.post(ADD, {"password": makers.CODE, "name": "Mon téléphone"})
    secret = Factor.objects.get(state=Factor.State.PENDING).unseal()
    browser.get(CONFIRM)
    for code, code2 in (("000000", "111111"), ("12345", ""), (makers.number_of(secret, -1), makers.number_of(secret))):
        browser.post(CONFIRM, {"code": code, "code2": code2})
    return secret


def test_key_of_an_app_stands_on_its_own_page_alone(client_, traces):
    browser = KeepingBrowser(traces)
    makers.log_in(browser, client_.client_code, makers.CODE)
    secret = add(browser)
    factor = Factor.objects.active().get()
    Factor.objects.filter(pk=factor.pk).update(asked_from=factor.created_at)  # it opens no more, and the log says so
    stranger = KeepingBrowser(traces)
    makers.log_in(stranger, client_.client_code, makers.CODE)
    challenge = stranger.get(SECOND).context["challenge"].pk
    for code in ("000000", makers.number_of(secret, 1)):
        stranger.post(SECOND, {"code": code, "challenge": challenge})
    for page in (PAGE, f"{PAGE}{factor.pk}/renommer/", f"{PAGE}{factor.pk}/retirer/", "/mon-profil/journal/"):
        browser.get(page)
    call_command("purge_challenges")
    call_command("send_notices")
    assert places_of(secret, traces) == {f"answer of {CONFIRM}"}


def test_page_of_the_key_is_kept_by_no_browser(client_):
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE)
    browser.post(ADD, {"password": makers.CODE, "name": "Mon téléphone"})
    assert "no-store" in browser.get(CONFIRM)["Cache-Control"]
    add(browser)
    answer = browser.get(CONFIRM)  # by the back button
    assert answer["Location"] == PAGE
