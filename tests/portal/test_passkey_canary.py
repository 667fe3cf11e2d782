"""A canary: the name and the handle of a passkey stand on the pages that ask for it, and are nowhere else in clear."""

import pytest
from django.core.management import call_command
from fido2.utils import websafe_encode

from auth_codes.models import Factor
from tests import makers
from tests.authenticator import FLAG, Authenticator
from tests.portal.test_canary import KeepingBrowser
from tests.portal.traces import traces_of_all  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PAGE = "/mon-profil/moyens/"
ADD, CONFIRM = f"{PAGE}cle/", f"{PAGE}cle/confirmer/"
SECOND = "/connexion/second/"


def places_of(secret, traces):
    forms = [secret, *map(str.encode, (secret.hex(), websafe_encode(secret), repr(secret)))]
    return traces.places_of_any(forms)


def test_name_and_handle_stand_on_the_pages_that_ask_for_it_alone(client_, traces):
    browser, authenticator = KeepingBrowser(traces), Authenticator()
    makers.log_in(browser, client_.client_code, makers.CODE)
    browser.post(ADD, {"password": makers.CODE, "name": "Ma clé USB"})
    made = authenticator.create(browser.get(CONFIRM).context["options"])
    for sent in ("x", made.replace("webauthn", "x"), made):
        browser.post(CONFIRM, {"assertion": sent})
    assert Factor.objects.active().exists()
    assert places_of(authenticator.handle, traces) == {f"answer of {CONFIRM}"}
    assert places_of(authenticator.name, traces) == set()


def test_login_and_removal_write_neither_down(client_, traces):
    factor, authenticator = makers.make_passkey(client_)
    browser = KeepingBrowser(traces)
    makers.log_in(browser, client_.client_code, makers.CODE)
    for flags in (FLAG.UP, FLAG.UP | FLAG.UV):
        authenticator.flags = flags
        page = browser.get(SECOND).context
        browser.post(SECOND, {"challenge": page["challenge"].pk, "assertion": authenticator.get(page["options"])})
    removal = f"{PAGE}{factor.pk}/retirer/"
    page = browser.get(removal).context
    sent = {"password": makers.CODE, "challenge": page["challenge"].pk}
    browser.post(removal, sent | {"assertion": authenticator.get(page["options"])})
    call_command("purge_challenges")
    call_command("send_notices")
    assert not Factor.objects.active().exists()
    assert places_of(authenticator.handle, traces) == set()
    assert places_of(authenticator.name, traces) == {f"answer of {SECOND}", f"answer of {removal}"}
