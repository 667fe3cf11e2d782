"""A canary: known codes go through every page, failure and command, and are then nowhere but in the sealed letter."""

import contextlib
import io
import logging
import re
import uuid

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import get_resolver, reverse

from accounts.desk import roles
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.crypto import hashing
from auth_codes.factors import lists
from auth_codes.locking import locks
from auth_codes.models import Factor, Renewal, TicketRequest
from tests import makers
from tests.conftest import StrictBrowser
from tests.pdfs import read
from tests.portal.traces import Traces, traces_of_all  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(transaction=True)

PERSONAL = makers.CODE
CHOSEN = "804263"
GUESS = "296503"
RENEWED = "918264"
LAST = "502739"
LEFT_BY_US = "730418"


class KeepingBrowser(StrictBrowser):
    """Hands every answer, with its headers and cookies, to the traces."""

    def __init__(self, traces, **options):
        super().__init__(**options)
        self.traces = traces

    def request(self, **request):
        response = super().request(**request)
        self.traces.keep(f"answer of {request['PATH_INFO']}", b"".join(response) + str(response.headers).encode())
        self.traces.keep("cookies", response.cookies.output())
        return response


def run(traces, *command, **options):
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), contextlib.suppress(CommandError):
        call_command(*command, stdout=said, stderr=said, **options)
    traces.keep(f"output of {command[0]}", said.getvalue())


def change(browser, current, chosen, again=None):
    fields = {"old_password": current, "new_password1": chosen, "new_password2": again or chosen}
    return browser.post("/mon-profil/code-secret/", fields)


def propose(browser):
    """« Proposer un code »; the code shown, whose digits the page writes in two halves."""
    shown = browser.post("/mon-profil/code-secret/proposition/").content.decode()
    return "".join(re.search(r"<span>(\d{3})</span><span>(\d{3})</span>", shown).groups())


def transfer(browser, client):
    """From one account to another, with every mistake that a code can be in."""
    source, destination = client.bank_accounts.first(), makers.make_savings(client)
    makers.make_operations(source, "50")
    sent = {"source": source.pk, "destination": destination.pk, "amount": "12,50", "label": "Vacances"}
    page = browser.post("/espace-client/virements/nouveau/", sent)["Location"]
    seal = browser.get(page).context["form"]["seal"].value()
    for code in (GUESS, CHOSEN[:5], CHOSEN + "1"):
        browser.post(page, {"password": code, "seal": seal})
    browser.post(page, {"password": CHOSEN, "seal": seal})
    browser.post(page, {"password": CHOSEN, "seal": seal})
    assert b"Virement effectu" in browser.get(page).content  # all of it has worked
    void = browser.post("/espace-client/virements/nouveau/", sent)["Location"]
    browser.post(void, {"password": CHOSEN, "seal": "x"}, follow=True)


def visit_every_page(browser, client):
    account = client.bank_accounts.first()
    for path in simple_paths():
        browser.get(path)
    browser.get(account.get_absolute_url())
    for path in ("", "history/", "ouvrir/compte/", "espace-en-ligne/"):
        browser.get(f"/admin/accounts/client/{client.pk}/{path}")


def simple_paths():
    names = [name for name in get_resolver().reverse_dict if isinstance(name, str)]
    for name in sorted(names):
        with contextlib.suppress(Exception):
            yield reverse(name)
    yield from ("/admin/", "/admin/accounts/client/", "/admin/accounts/client/add/")
    yield from ("/nowhere", "/admin/login/")


def customers_day(traces, client, default_code):
    """Logging in, personalising, changing, and every mistake on the way; gives the codes proposed meanwhile."""
    number, browser = client.client_code, KeepingBrowser(traces)
    spaced = f"{default_code[:3]} {default_code[3:]}"
    makers.log_in(browser, default_code, number)
    for secret_code in (default_code + "1", default_code[:5], spaced, GUESS, default_code):
        makers.log_in(browser, number, secret_code)
    visit_every_page(browser, client)
    proposed = [propose(browser)]
    change(browser, default_code, PERSONAL, again=CHOSEN)
    change(browser, GUESS, PERSONAL)
    change(browser, default_code, PERSONAL)
    change(browser, default_code, CHOSEN)
    change(browser, PERSONAL, PERSONAL)
    proposed.append(propose(browser))
    change(browser, GUESS, proposed[-1])
    visit_every_page(browser, client)
    browser.post("/deconnexion/")
    makers.log_in(browser, number, PERSONAL)
    change(browser, PERSONAL, CHOSEN)
    transfer(browser, client)
    strict = KeepingBrowser(traces, enforce_csrf_checks=True)
    makers.log_in(strict, number, CHOSEN)
    return proposed


def renewal(traces, client, staff, colleague):
    """A code asked for online and used under its letter's number, then one by two advisors; the letters' secrets."""
    number, browser, codes = client.client_code, KeepingBrowser(traces), []
    browser.post("/code-secret-oublie/", {"username": number}, follow=True)
    run(traces, "issue_requested_letters")
    letter = makers.open_letter(client)
    for typed in (GUESS, letter.secret_code):
        makers.log_in(browser, number, typed, letter=letter.letter_number)
    change(browser, letter.secret_code, RENEWED)
    codes += [letter.secret_code, letter.letter_number]
    typed = {"identity_check": "branch", "token": uuid.uuid4()}
    staff.post(f"/admin/accounts/client/{client.pk}/renouveler/", typed, follow=True)
    page = f"/admin/auth_codes/renewal/{Renewal.objects.get().pk}/change/"
    second = KeepingBrowser.logged_in(colleague, traces=traces)
    second.post(page, {"answer": "approve", "seen": staff.get(page).context["seen"]}, follow=True)
    letter = makers.open_letter(client)
    makers.log_in(browser, number, letter.secret_code)
    change(browser, letter.secret_code, LAST)
    assert makers.log_in(KeepingBrowser(traces), number, LAST).status_code == 302  # all of it has worked
    return [*codes, letter.secret_code, letter.letter_number]


def locking(traces, client, secret_code, lock_code):
    """Wrong pairs, wrong and right lock codes; then the lock is undone, so that the day goes on."""
    for _ in range(2):
        KeepingBrowser(traces).post("/verrouiller/", {"username": client.client_code, "password": GUESS})
    browser = KeepingBrowser(traces)
    browser.post("/verrouiller/", {"lock_code": lock_code}, follow=True)
    makers.log_in(browser, client.client_code, secret_code)
    browser.get("/deverrouiller/")
    browser.post("/verrouiller/", {"username": client.client_code, "password": secret_code}, follow=True)
    with transaction.atomic():
        owners.lock(client.user)
        locks.undo(client.user, by=Actor(client.advisor))


def printed_list(traces, client, secret_code):
    """A list ordered, made, and activated after every mistake; its codes. Its letter's number stays in the form."""
    browser, page = KeepingBrowser(traces), "/mon-profil/moyens/liste/activer/"
    makers.log_in(browser, client.client_code, secret_code)
    browser.post("/mon-profil/moyens/liste/", {"password": secret_code}, follow=True)
    run(traces, "issue_lists")
    letter, codes = makers.open_letter(client), makers.codes_of(client)
    asked = lists.waiting(client.user).asked
    right = {"password": secret_code, "letter": letter.letter_number, "number": asked, "list_code": codes[asked]}
    slip = codes[asked][:-1] + str((int(codes[asked][-1]) + 1) % 10)
    for mistake in (
        {"list_code": slip},
        {"list_code": codes[asked % 40 + 1]},
        {"password": GUESS},
        {"letter": "7KQ4M2XDR9TB"},
    ):
        browser.post(page, right | mistake)
    browser.post(page, right, follow=True)
    assert lists.of(client.user).active().exists()  # all of it has worked
    return list(codes.values())


def failing_server(traces, client, monkeypatch):
    """A login that ends in a 500."""

    def out_of_memory(*args, **kwargs):
        raise MemoryError

    browser = KeepingBrowser(traces, raise_request_exception=False)
    with monkeypatch.context() as patch:
        patch.setattr(hashing, "hash_secret_raw", out_of_memory)
        assert makers.log_in(browser, client.client_code, CHOSEN).status_code == 500


def attackers_minute(traces, client):
    for _ in range(7):
        makers.log_in(KeepingBrowser(traces), client.client_code, GUESS)
    makers.log_in(KeepingBrowser(traces), client.client_code, CHOSEN)


def print_stream(traces, folder):
    """What is printed without a seal, as its reader and as the workshop read it."""
    run(traces, "export_post", str(folder))
    [batch] = folder.iterdir()
    for path in batch.iterdir():
        traces.keep(path.name, path.read_bytes())
        if path.suffix == ".pdf":
            traces.keep(f"text of {path.name}", "".join(page.extract_text() for page in read(path.read_bytes()).pages))
    run(traces, "mark_post_sent", batch.name)
    run(traces, "list_post")


@pytest.mark.proves("RTS 6", "RTS 22(2)(b)", "RTS 23")
def test_known_codes_stand_nowhere_but_in_the_sealed_letter(traces, advisor, settings, monkeypatch, tmp_path):
    client = makers.make_new_client(advisor)
    default_code, lock_code = makers.default_code(client), makers.open_letter(client).lock_code
    staff = KeepingBrowser.logged_in(advisor, traces=traces)
    run(traces, "export_sealed_letters", to=tmp_path)
    proposed = customers_day(traces, client, default_code)
    locking(traces, client, CHOSEN, lock_code)
    listed = printed_list(traces, client, CHOSEN)
    failing_server(traces, client, monkeypatch)
    attackers_minute(traces, client)
    visit_every_page(staff, client)
    run(traces, "create_online_space", client.client_code)
    settings.SECRET_CODE_KEYS = {"test-2": bytes(32), **settings.SECRET_CODE_KEYS}
    run(traces, "rotate_secret_codes")
    makers.change_address(client, advisor)
    run(traces, "confirm_sealed_letters", next(tmp_path.iterdir()).name)
    run(traces, "send_notices")
    print_stream(traces, tmp_path / "post")
    traces.keep_figures()
    assert mail.outbox  # searched like the rest
    for code in (default_code, lock_code, PERSONAL, CHOSEN, GUESS, *proposed, *listed):
        assert traces.places_of(code) == []


def test_ticket_and_key_of_the_staff_stand_on_the_one_page_that_shows_them(traces, advisor):
    administrator = makers.make_staff("nadia.benali", roles.STAFF_ADMINISTRATORS, email="nadia@banque.example")
    issue = f"/admin/accounts/user/{advisor.pk}/ticket/"
    issuing = KeepingBrowser.logged_in(administrator, traces=traces)
    shown = issuing.post(issue).context["ticket"]
    issuing.get(issue)
    browser = KeepingBrowser.logged_in(advisor, traces=traces)
    browser.post("/admin/moyens/ticket/", {"ticket": shown[:-1], "name": "Mon téléphone"})
    browser.post("/admin/moyens/ticket/", {"ticket": shown, "name": "Mon téléphone"})
    key = browser.get("/admin/moyens/application/").context["key"]
    browser.post("/admin/moyens/application/", {"code": GUESS, "code2": GUESS})
    browser.post("/admin/moyens/application/", makers.two_numbers(key))
    browser.get("/admin/moyens/")
    issuing.get(f"/admin/accounts/user/{advisor.pk}/change/")
    run(traces, "send_notices")
    traces.keep_figures()
    assert Factor.objects.active().filter(owner=advisor).exists()  # all of it has worked
    assert set(traces.places_of(shown)) == {f"answer of {issue}"}
    assert traces.places_of(shown.replace("-", "")) == traces.places_of(GUESS) == []
    assert set(traces.places_of(key)) == {"answer of /admin/moyens/application/"}
    assert set(traces.places_of(key.replace(" ", ""))) == {"answer of /admin/moyens/application/"}


def test_ticket_of_a_client_stands_on_the_one_page_that_shows_it_and_the_desk_sees_no_key(traces, advisor):
    client, colleague = makers.make_personalised_client(advisor), makers.make_advisor("marc.lefevre")
    makers.make_app(client)
    asking, judging = (KeepingBrowser.logged_in(member, traces=traces) for member in (advisor, colleague))
    page = f"/admin/accounts/client/{client.pk}/ticket/"
    token = asking.get(page).context["form"]["token"].value()
    asking.post(page, {"reason": "lost", "identity_check": "branch", "token": token})
    decide = f"/admin/auth_codes/ticketrequest/{TicketRequest.objects.get().pk}/change/"
    answer = {"answer": "approve", "seen": judging.get(decide).context["seen"]}
    shown = judging.post(decide, answer).context["ticket"]
    judging.post(decide, answer)
    judging.get(decide)
    browser = KeepingBrowser(traces)
    makers.log_in(browser, client.client_code, PERSONAL)
    challenge = browser.get("/connexion/second/ticket/").context["challenge"].pk
    for typed in (shown[:-1], shown):
        browser.post("/connexion/second/ticket/", {"ticket": typed, "factor": "totp", "challenge": challenge})
    confirm = "/mon-profil/moyens/application/confirmer/"
    key = browser.get(confirm).context["key"]
    browser.post(confirm, makers.two_numbers(key))
    for seen_by, address in ((browser, "/mon-profil/moyens/"), (browser, "/mon-profil/journal/"), (asking, page)):
        seen_by.get(address)
    asking.get(f"/admin/accounts/client/{client.pk}/change/")
    run(traces, "send_notices")
    run(traces, "purge_challenges")
    traces.keep_figures()
    assert Factor.objects.active().get().ticket.used_at  # all of it has worked
    assert set(traces.places_of(shown)) == {f"answer of {decide}"}
    assert traces.places_of(shown.replace("-", "")) == []
    assert set(traces.places_of(key)) == {f"answer of {confirm}"}


def test_the_search_finds_a_code_that_was_left_behind(traces, advisor, browser):
    client = makers.make_new_client(advisor)
    session = browser.session
    session["left"] = makers.CODE
    session.save()
    logging.getLogger("anything").debug("code %s", makers.OTHER_CODE)
    client.city = GUESS
    client.save()
    assert "session" in traces.places_of(makers.CODE)
    assert "log anything" in traces.places_of(makers.OTHER_CODE)
    logging.getLogger("auth_codes.anything").debug("code %s", LEFT_BY_US)
    assert "JSON log auth_codes.anything" in traces.places_of(LEFT_BY_US)
    assert "accounts_client.city" in traces.places_of(GUESS)


def test_json_log_and_figures_name_nobody(advisor, monkeypatch):
    """A customer's day, an advisor's, an error in the middle of it: no name, address, telephone, number or IBAN."""
    traces, root = Traces(), logging.getLogger()
    handler = traces.json_logger()
    root.addHandler(handler)
    client = makers.make_personalised_client(advisor)
    browser, staff = StrictBrowser(raise_request_exception=False), StrictBrowser.logged_in(advisor)
    account = client.bank_accounts.first()
    private = [
        client.client_code, client.family_name, client.email, client.mobile_phone, client.street, account.iban,
        makers.CODE, GUESS,
    ]  # fmt: skip
    for typed in private:
        browser.get(f"/nulle-part/{typed}/?q={typed}")
        browser.get("/connexion/", {"next": typed}, headers={"X-Request-ID": typed, "User-Agent": typed})
    for code in (GUESS, makers.CODE):
        makers.log_in(browser, client.client_code, code)
    visit_every_page(staff, client)
    monkeypatch.setattr("accounts.pages.accounts.OverviewView.get", fail_with(" ".join(private)))
    assert browser.get("/espace-client/").status_code == 500
    root.removeHandler(handler)
    traces.keep_figures()
    written = b"\n".join(content for _, content in traces.texts).decode()
    assert "ValueError" in written
    assert [text for text in private if text in written] == []


def fail_with(text):
    def fail(self, request, *args, **kwargs):
        raise ValueError(text)

    return fail
