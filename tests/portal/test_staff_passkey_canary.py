"""A canary: what a member of the staff types and shows stands on the pages that ask for it, and nowhere else in clear.

Of his ticket nothing but its digest is kept; of a passkey its name and its handle are sealed, and what it signs serves
once, so that neither a log, a mail, a report of an error nor a dump of the database has anything to show at the desk.
"""

import itertools
import json
from string import ascii_lowercase as LETTERS

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from fido2.utils import websafe_encode

from accounts.desk import roles
from auth_codes.actor import SYSTEM
from auth_codes.factors import tickets
from auth_codes.models import Factor
from auth_codes.sessions import desk_mark
from tests import makers
from tests.accounts.desk.test_sheets_confirmed import answer_to, asked, looked, sheet
from tests.auth_codes.pages.test_error_reports import reports_of
from tests.authenticator import FLAG, Authenticator
from tests.conftest import StrictBrowser
from tests.portal.test_canary import KeepingBrowser
from tests.portal.traces import traces_of_all  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LOGIN, SECOND, OWN = "/admin/login/", "/admin/second/", "/admin/moyens/"
TICKET, KEY = f"{OWN}ticket/?moyen=passkey", f"{OWN}cle/"


def hand_over(member):
    with transaction.atomic():
        return tickets.issue(member, by=SYSTEM, now=timezone.now())


def forms_of(secret):
    """As bytes, as a page or a browser writes it, and as a log, a session or a JSON column would."""
    if isinstance(secret, str):
        return [*map(str.encode, (secret, tickets.in_fours(secret), secret.lower()))]
    return [secret, *map(str.encode, (secret.hex(), websafe_encode(secret), repr(secret)))]


def signature_in(answer):
    return json.loads(answer)["response"]["signature"].encode()


def enter(browser):
    browser.post(LOGIN, {"username": "claire.dubois", "password": makers.PASSWORD})
    return browser


def marked(member, browser=None):
    browser = browser or StrictBrowser()
    browser.force_login(member, backend="auth_codes.login.backends.StaffBackend")
    session = browser.session
    desk_mark.put(session, timezone.now())
    session.save()
    return browser


def proof(authenticator, page, prefix=""):
    return {
        f"{prefix}challenge": page.context["challenge"].pk,
        f"{prefix}assertion": authenticator.get(page.context["options"]),
    }


# What stays behind.


def test_enrolment_leaves_no_ticket_name_or_handle(advisor, traces):
    browser, authenticator, ticket = enter(KeepingBrowser(traces)), Authenticator(), hand_over(advisor)
    wrong = ticket[:-1] + next(sign for sign in "23456789" if sign != ticket[-1])
    for typed in (wrong, ticket.lower()):
        browser.post(TICKET, {"ticket": typed, "name": "Ma clé USB"})
    made = authenticator.create(browser.get(KEY).context["options"])
    for sent in ("x", made.replace("webauthn", "x"), made):
        browser.post(KEY, {"assertion": sent})
    for page in (OWN, f"{OWN}{Factor.objects.active().get().pk}/renommer/", "/admin/"):
        browser.get(page)
    call_command("send_notices")
    assert traces.places_of_any(forms_of(authenticator.handle)) == {f"answer of {KEY}"}
    assert traces.places_of_any(forms_of(authenticator.name)) == set()
    assert traces.places_of_any(forms_of(ticket)) == set()


def test_login_act_and_removal_write_nothing_down(advisor, client_, traces):
    member = makers.make_staff("nadia.benali", roles.STAFF_ADMINISTRATORS)
    _, authenticator = makers.make_passkey_of(advisor)
    second, _ = makers.make_passkey_of(advisor, generation=2, name="L’autre")
    _, theirs = makers.make_passkey_of(member)
    browser, signed = enter(KeepingBrowser(traces)), []

    def sent(answer):
        signed.append(signature_in(next(value for name, value in answer.items() if name.endswith("assertion"))))
        return answer

    for flags in (FLAG.UP, FLAG.UP | FLAG.UV):
        authenticator.flags = flags
        browser.post(SECOND, sent(proof(authenticator, browser.get(SECOND))))
    for page in (f"{OWN}{second.pk}/retirer/", f"{OWN}{second.pk}/renommer/"):
        browser.get(page)
    removal = f"{OWN}{second.pk}/retirer/"
    browser.post(removal, sent(proof(authenticator, browser.post(removal), "step-")))
    desk, act = marked(member, KeepingBrowser(traces)), f"/admin/accounts/user/{advisor.pk}/ticket/"
    desk.post(act, sent(proof(theirs, desk.post(act), "step-")))
    call_command("purge_challenges")
    call_command("send_notices")
    assert Factor.objects.active().count() == 2
    for shown in (authenticator.handle, theirs.handle):
        assert traces.places_of_any(forms_of(shown)) == set()
    pages = {f"answer of {page}" for page in (SECOND, removal)}
    assert traces.places_of_any(forms_of(authenticator.name)) == pages
    assert traces.places_of_any(forms_of(theirs.name)) == {f"answer of {act}"}
    assert traces.places_of_any(signed) == set()


# What the report of an error shows.


@pytest.fixture
def members():
    """One after the other: each try of an act has its own."""
    return (makers.make_advisor(f"member.{first}{second}") for first, second in itertools.product(LETTERS, LETTERS))


def leaks(prepare, at_least):
    """The variables that show a secret, of an act with one fault after the other; `prepare` gives both."""
    secrets = []

    def prepared(place):
        act, secret = prepare()
        secrets.extend(form.decode("latin-1") for form in secret)
        return act

    reports = list(reports_of(prepared))
    assert len(reports) >= at_least
    lines = [line for report in reports for line in report.splitlines()]
    return {line.partition(" = ")[0] for line in lines if any(secret in line for secret in secrets)}


def test_reports_of_a_ticket_that_is_typed(members):
    def prepare():
        member = next(members)
        browser, ticket = marked(member), hand_over(member)
        return lambda: browser.post(TICKET, {"ticket": ticket, "name": "Ma clé"}), forms_of(ticket)

    assert leaks(prepare, at_least=10) == set()


def test_reports_of_a_passkey_that_is_added(members):
    def prepare():
        member = next(members)
        browser, authenticator = marked(member), Authenticator()
        browser.post(TICKET, {"ticket": hand_over(member), "name": "Ma clé"})
        made = authenticator.create(browser.get(KEY).context["options"])
        secrets = forms_of(authenticator.handle) + forms_of(authenticator.name)
        return lambda: browser.post(KEY, {"assertion": made}), secrets

    assert leaks(prepare, at_least=10) == set()


def test_reports_of_a_login(members):
    def prepare():
        member = next(members)
        _, authenticator = makers.make_passkey_of(member)
        browser = StrictBrowser()
        browser.post(LOGIN, {"username": member.username, "password": makers.PASSWORD})
        sent = proof(authenticator, browser.get(SECOND))
        return lambda: browser.post(SECOND, sent), [*forms_of(authenticator.handle), signature_in(sent["assertion"])]

    assert leaks(prepare, at_least=10) == set()


@pytest.mark.parametrize("is_right", [True, False], ids=["right", "wrong"])
def test_reports_of_an_act_that_is_confirmed(members, is_right):
    def prepare():
        member = next(members)
        second, _ = makers.make_passkey_of(member, name="L’autre")
        _, authenticator = makers.make_passkey_of(member, generation=2)
        browser, removal = marked(member), f"{OWN}{second.pk}/retirer/"
        page = browser.post(removal)
        authenticator.flags = FLAG.UP | (FLAG.UV if is_right else 0)
        sent = proof(authenticator, page, "step-")
        secrets = [*forms_of(authenticator.handle), *forms_of(authenticator.name), signature_in(sent["step-assertion"])]
        return lambda: browser.post(removal, sent), secrets

    assert leaks(prepare, at_least=10) == set()


@pytest.mark.parametrize("is_right", [True, False], ids=["right", "wrong"])
def test_reports_of_a_sheet_that_takes_a_moyen(members, client_, is_right):
    def prepare():
        member = next(members)
        _, authenticator = makers.make_passkey_of(member)
        looked(member, 40)
        browser = marked(member)
        page = asked(browser, client_)
        authenticator.flags = FLAG.UP | (FLAG.UV if is_right else 0)
        sent = answer_to(page, **{"step-assertion": authenticator.get(page.context["options"])})
        secrets = [*forms_of(authenticator.handle), *forms_of(authenticator.name), signature_in(sent["step-assertion"])]
        return lambda: browser.post(sheet(client_), sent), secrets

    assert leaks(prepare, at_least=10) == set()
