"""What journeys share about moyens: an app, a passkey, a list are added, and each page on the way is looked at."""

import base64
import re
import time

from playwright.sync_api import expect

from auth_codes.factors import totp
from tests.journeys.layout import faults_in
from tests.journeys.test_axe import AXE, RUN
from tests.journeys.test_story import log_in
from tests.pdfs import read

KEY = {
    "protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True,
    "automaticPresenceSimulation": True,
}  # fmt: skip
OF_AN_AGE = """
from datetime import timedelta
from django.utils import timezone
from auth_codes.models import Factor
Factor.objects.filter(owner__username="{}").update(created_at=timezone.now() - timedelta(days={}))
"""


class VirtualKey:
    """A security key plugged into the window of a page."""

    def __init__(self, page):
        self.session = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        self.id = self.send("addVirtualAuthenticator", options=KEY)["authenticatorId"]

    def send(self, command, **parameters):
        return self.session.send(f"WebAuthn.{command}", parameters)

    def moved_to(self, page):
        """The same key in another window."""
        [credential] = self.send("getCredentials", authenticatorId=self.id)["credentials"]
        other = VirtualKey(page)
        other.send("addCredential", authenticatorId=other.id, credential=credential)
        return other

    def knows_holder(self, known):
        self.send("setUserVerified", authenticatorId=self.id, isUserVerified=known)


def looked_at(page):
    """Of a page that runs scripts, which axe and the judge of the layout are."""
    page.evaluate(AXE)
    assert page.evaluate(RUN) == []
    assert faults_in(page) == []


def fits(page):
    """All that is judged of a page that runs no scripts: it does not scroll sideways."""
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def arrive(page, somebody):
    """Logs in who is asked for no moyen here, up to the overview."""
    log_in(page, somebody["client_code"], somebody["secret_code"])
    page.wait_for_url("**/espace-client/")


def key_on(page):
    expect(page.get_by_role("heading", name="Relier l’application")).to_be_visible()
    written = page.locator("strong", has_text=re.compile("^[A-Z2-7 ]{39}$")).inner_text()
    return base64.b32decode(written.replace(" ", ""))


def number(key, ahead=0):
    return totp.code_at(key, int(time.time()) // totp.STEP_SECONDS + ahead)


def two_numbers(key):
    step = int(time.time()) // totp.STEP_SECONDS
    return totp.code_at(key, step - 1), totp.code_at(key, step)


def link_app(page):
    """The key of the app that is linked by the page that shows it; the page is « Mes moyens »."""
    key = key_on(page)
    for field, typed in zip(("#id_code", "#id_code2"), two_numbers(key), strict=True):
        page.locator(field).fill(typed)
    page.get_by_role("button", name="Ajouter ce moyen").click()
    page.wait_for_url("**/mon-profil/moyens/")
    expect(page.get_by_role("status")).to_contain_text("C’est fait")
    return key


def add_app(page, somebody, look=looked_at):
    """The key of the app that is added."""
    page.goto("/mon-profil/moyens/application/")
    look(page)
    page.locator("#id_password").fill(somebody["secret_code"])
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/confirmer/")
    look(page)
    key = link_app(page)
    look(page)
    return key


def create_passkey(page):
    """From the page at which the browser creates it to « Mes moyens »."""
    looked_at(page)
    page.get_by_role("button", name="Créer ma clé d’accès").click()
    page.wait_for_url("**/mon-profil/moyens/")
    expect(page.get_by_role("status")).to_contain_text("C’est fait")
    looked_at(page)


def add_passkey(page, somebody):
    """The key that holds it; the page is « Mes moyens »."""
    key = VirtualKey(page)
    page.goto("/mon-profil/moyens/cle/")
    looked_at(page)
    page.get_by_label("Nom de ce moyen").fill("Ma clé USB")
    page.get_by_label("Code secret", exact=True).fill(somebody["secret_code"])
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/cle/confirmer/")
    create_passkey(page)
    return key


def order_list(page, somebody):
    page.goto("/mon-profil/moyens/liste/")
    page.locator("#id_password").fill(somebody["secret_code"])
    page.get_by_role("button", name="Commander la liste").click()
    page.wait_for_url("**/mon-profil/moyens/")
    expect(page.get_by_role("heading", name="Votre liste de codes est commandée")).to_be_visible()


def opened(demo):
    """What the demo's workshop prints of the list that was just ordered: its letter's number, its codes."""
    folder = demo.var / "demo_letters"
    before = set(folder.glob("*.pdf"))
    demo.manage("demo_post")
    papers = [read(path.read_bytes()) for path in set(folder.glob("*.pdf")) - before]
    texts = [" ".join(paper.pages[0].extract_text().split()) for paper in papers]
    [text] = [text for text in texts if "Votre liste de codes" in text]
    codes = {int(number): code for number, *code in re.findall(r"\b(\d{1,2}) (\d{4}) (\d{4})\b", text)}
    assert len(codes) == 40
    return re.search("[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", text)[0], codes


def asked(page):
    """The number of the code that the page asks for."""
    return int(page.locator("input[name=number]").get_attribute("value"))


def fill_list_code(page, codes):
    page.get_by_label(f"Code n° {asked(page)}").fill(" ".join(codes[asked(page)]))


def activate_list(page, somebody, letter, codes):
    page.goto("/mon-profil/moyens/liste/activer/")
    page.locator("#id_password").fill(somebody["secret_code"])
    page.get_by_label("Numéro du courrier").fill(letter)
    fill_list_code(page, codes)
    page.get_by_role("button", name="Activer la liste").click()
    page.wait_for_url("**/mon-profil/moyens/")
    expect(page.get_by_text("Il reste 39 codes.")).to_be_visible()


def age(demo, somebody, *, days):
    """All moyens of this client, as if he had had them for so long: the database says so."""
    demo.manage("shell", "-v0", "-c", OF_AN_AGE.format(somebody["client_code"], days))
