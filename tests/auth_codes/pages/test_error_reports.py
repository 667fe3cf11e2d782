"""What an error report shows when the database fails, at each statement of each act: no code, hash, number or key."""

import base64
import itertools
import re
import uuid
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.template.defaultfilters import pprint
from django.views.debug import ExceptionReporter

from accounts.transfers import ordering
from auth_codes.actor import Actor
from auth_codes.crypto import hashing, sealing
from auth_codes.factors import totp
from auth_codes.models import Factor, RenewalRequest
from auth_codes.pages.factors import ConfirmAppView
from auth_codes.renewals import by_advisors, online
from auth_codes.sessions import limits
from tests import makers
from tests.conftest import StrictBrowser
from tests.faults import Fault

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/mon-profil/code-secret/"


@pytest.fixture
def secrets_seen(monkeypatch):
    """Every code that is hashed, its hash, what was unsealed, and the key."""
    seen, compute, unseal = {next(iter(settings.SECRET_CODE_KEYS.values()))}, hashing.argon2id, sealing.unseal

    def hashing_seen(code, salt, cost):
        seen.update({code, hashed := compute(code, salt, cost)})
        return hashed

    def unsealing_seen(sealed, binding):
        seen.add(content := unseal(sealed, binding))
        return content

    monkeypatch.setattr(hashing, "argon2id", hashing_seen)
    monkeypatch.setattr(sealing, "unseal", unsealing_seen)
    return seen


def report_of(error):
    """The variables that Django's own report shows, of the portal's frames and the libraries'; not of these tests."""
    frames = ExceptionReporter(None, type(error), error, error.__traceback__).get_traceback_frames()
    ours = [frame for frame in frames if "/tests/" not in frame["filename"] and "django/test" not in frame["filename"]]
    shown = [f"{frame['function']} {name} = {pprint(value)}" for frame in ours for name, value in frame["vars"] or []]
    return re.sub(r"0x[0-9a-f]+", "", "\n".join(shown))


def reports_of(prepare):
    """One report for each statement of the act that `prepare` gives anew each time; ends when none is left to fail."""
    for place in itertools.count(1):
        act, fault = prepare(place), Fault(place)
        try:
            with connection.execute_wrapper(fault):
                act()
        except OperationalError as error:
            yield report_of(error)
        if not fault.has_come:
            return


def written(secret):
    if isinstance(secret, str):
        return [f"'{secret}'", f"b'{secret}'", f"&#x27;{secret}&#x27;"]
    return [repr(secret), secret.hex(), base64.b64encode(secret).decode()]


def leaks(prepare, secrets_seen, at_least):
    reports = list(reports_of(prepare))
    assert len(reports) >= at_least  # the statements did fail
    lines = [line for report in reports for line in report.splitlines()]
    forms = [form for secret in secrets_seen for form in written(secret)]
    return {line.partition(" = ")[0] for line in lines if any(form in line for form in forms)}


def test_change_of_code(advisor, secrets_seen):
    def prepare(place):
        client = makers.make_personalised_client(advisor, given_names=f"Ada {chr(97 + place % 26)}")
        fields = {"old_password": makers.CODE, "new_password1": makers.OTHER_CODE, "new_password2": makers.OTHER_CODE}
        browser = StrictBrowser.logged_in(client.user)
        return lambda: browser.post(PAGE, fields)

    assert leaks(prepare, secrets_seen, at_least=15) == set()


def test_login_under_a_letters_number(advisor, secrets_seen):
    def prepare(place):
        client = makers.make_personalised_client(advisor, given_names=f"Ada {chr(97 + place % 26)}")
        letter = makers.make_pending_code(client)
        secrets_seen.add(letter.letter_number)
        code, number = letter.secret_code, letter.letter_number
        return lambda: makers.log_in(StrictBrowser(), client.client_code, code, letter=number)

    assert leaks(prepare, secrets_seen, at_least=15) == set()


def test_approval_of_a_renewal(advisor, secrets_seen):
    colleague = makers.make_advisor("marc.lefevre")

    def prepare(place):
        client = makers.make_personalised_client(advisor, given_names=f"Ada {chr(97 + place % 26)}")
        started = by_advisors.start(client.user, by=Actor(advisor), identity_check="branch", token=uuid.uuid4())
        return lambda: by_advisors.approve(started, by=Actor(colleague))

    assert leaks(prepare, secrets_seen, at_least=15) == set()


def test_letter_asked_for_online(advisor, secrets_seen):
    def prepare(place):
        client = makers.make_personalised_client(advisor, given_names=f"Ada {chr(97 + place % 26)}")
        asked = RenewalRequest.objects.create(client_code=client.client_code, network="")
        return lambda: online.handle(asked, asked.requested_at)

    assert leaks(prepare, secrets_seen, at_least=10) == set()


def test_confirmation_of_a_transfer(advisor, secrets_seen):
    def prepare(place):
        client = makers.make_personalised_client(advisor, given_names=f"Ada {chr(97 + place % 26)}")
        source, destination = client.bank_accounts.get(), makers.make_savings(client)
        makers.make_operations(source, "50")
        order = ordering.prepare(client, source, destination, Decimal(20))
        fields = {"password": makers.CODE, "seal": ordering.fingerprint(order)}
        browser = StrictBrowser.logged_in(client.user)
        return lambda: browser.post(order.get_absolute_url(), fields)

    assert leaks(prepare, secrets_seen, at_least=25) == set()


def test_argon2_without_memory_shows_no_code(monkeypatch):
    def out_of_memory(*arguments, **parameters):
        raise MemoryError

    monkeypatch.setattr(hashing, "hash_secret_raw", out_of_memory)
    with pytest.raises(hashing.HashingFailed) as failure:
        hashing.argon2id(makers.CODE, b"s" * 16, hashing.present_cost())
    assert makers.CODE not in report_of(failure.value)


@pytest.mark.parametrize("drawn", ["by the view", "once it has returned"])
def test_page_of_a_moyens_key_that_cannot_be_drawn(advisor, monkeypatch, drawn):
    if drawn == "once it has returned":
        monkeypatch.delattr(ConfirmAppView, "render_to_response")
    client = makers.make_personalised_client(advisor)
    browser = StrictBrowser()
    makers.log_in(browser, client.client_code, makers.CODE)
    browser.post("/mon-profil/moyens/application/", {"password": makers.CODE, "name": "Mon téléphone"})
    secret = Factor.objects.get().unseal()

    def broken(*arguments):
        raise OperationalError

    monkeypatch.setattr(limits, "shown", broken)  # which the layout asks, once the key is among what it may show
    with pytest.raises(OperationalError) as failure:
        browser.get("/mon-profil/moyens/application/confirmer/")
    report = report_of(failure.value)
    forms = [*written(secret), totp.written(secret), base64.b32encode(secret).decode()]
    assert not [form for form in forms if form in report]
