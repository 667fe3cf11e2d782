"""A canary: the key of a moyen goes through its page, a login and its end, and is nowhere but on that page."""

import base64

import pytest
from django.core.management import CommandError, call_command

from accounts.clients.contact_changes import CONTACTS
from auth_codes.factors import totp
from auth_codes.factors.seed_files import Seed
from auth_codes.models import Factor, Token
from tests import makers
from tests.auth_codes.factors.test_import_tokens import file_of
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


def test_key_of_a_lent_token_is_nowhere(client_, advisor, traces, tmp_path):
    [seed], password = [Seed("TK0001", totp.draw())], "orage et tilleul"
    (tmp_path / "seeds.xml").write_bytes(file_of([seed], password=password))
    (tmp_path / "key").write_text(password)
    call_command("import_tokens", str(tmp_path / "seeds.xml"), f"--key-file={tmp_path / 'key'}")
    desk, sheet = KeepingBrowser(traces), f"/admin/accounts/client/{client_.pk}/"
    desk.force_login(advisor, backend="auth_codes.login.backends.StaffBackend")
    desk.post(f"{sheet}boitier/", {"serial": seed.serial})
    browser = KeepingBrowser(traces)
    makers.log_in(browser, client_.client_code, makers.CODE)
    browser.post(f"{PAGE}boitier/", {"password": makers.CODE, "name": "Mon boîtier"})
    browser.get(f"{PAGE}boitier/confirmer/")
    numbers = {"token_code": makers.number_of(seed.secret, -1), "token_code2": makers.number_of(seed.secret)}
    for typed in ({"token_code": "000000", "token_code2": "111111"}, numbers):
        browser.post(f"{PAGE}boitier/confirmer/", typed)
    factor = Factor.objects.active().get()
    for page in (PAGE, *(f"{PAGE}{factor.pk}/{act}/" for act in ("recaler", "retirer")), "/mon-profil/journal/"):
        browser.get(page)
    browser.post(f"{PAGE}{factor.pk}/recaler/", {"password": makers.CODE, **numbers})
    for page in (f"{sheet}change/", f"{sheet}boitier/", f"{sheet}fin-des-moyens/"):
        desk.get(page)
    Factor.objects.update(asked_from=factor.created_at)  # it opens no more, and the log says so
    Token.objects.update(nonce=bytes(12))
    stranger = KeepingBrowser(traces)
    makers.log_in(stranger, client_.client_code, makers.CODE)
    challenge = stranger.get(SECOND).context["challenge"].pk
    stranger.post(SECOND, {"token_code": makers.number_of(seed.secret, 1), "challenge": challenge})
    with pytest.raises(CommandError):
        call_command("import_tokens", str(tmp_path / "seeds.xml"), f"--key-file={tmp_path / 'key'}")
    call_command("send_notices")
    assert places_of(seed.secret, traces) == set()
    assert set(traces.places_of(password)) == set()


def test_key_that_confirms_a_change_of_contacts_is_kept_nowhere(client_, traces):
    _, secret = makers.make_app(client_)
    browser = KeepingBrowser(traces)
    browser.force_login(client_.user)
    fields = {name: getattr(client_, name) for name in CONTACTS}
    browser.post("/mon-profil/coordonnees/modifier/", fields | {"street": "1 rue Neuve"})
    confirming = "/mon-profil/coordonnees/modifier/confirmer/"
    for code in ("000000", makers.number_of(secret)):
        page = browser.get(confirming).context
        sent = {"password": makers.CODE, "seen": page["form"]["seen"].value(), "challenge": page["challenge"].pk}
        browser.post(confirming, sent | {"code": code})
    client_.refresh_from_db()
    assert client_.street == "1 rue Neuve"
    for page in ("/mon-profil/", "/mon-profil/journal/"):
        browser.get(page)
    call_command("send_notices")
    assert places_of(secret, traces) == set()


def test_page_of_the_key_is_kept_by_no_browser(client_):
    browser = StrictBrowser()
    makers.log_in(browser, client_.client_code, makers.CODE)
    browser.post(ADD, {"password": makers.CODE, "name": "Mon téléphone"})
    assert "no-store" in browser.get(CONFIRM)["Cache-Control"]
    add(browser)
    answer = browser.get(CONFIRM)  # by the back button
    assert answer["Location"] == PAGE
