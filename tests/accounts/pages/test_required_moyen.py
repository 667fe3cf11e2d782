"""From SECOND_FACTOR_REQUIRED_FROM on: what two codes open, where all else leads, and the invitation before."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.bank_accounts import holders
from accounts.bank_accounts.opening import open_account
from accounts.models import BankAccount, Mandate, Transfer
from accounts.transfers import ordering
from auth_codes import checks
from auth_codes.actor import SYSTEM, Actor
from auth_codes.factors import removing
from auth_codes.models import AccessLock, Factor
from auth_codes.pages.both import ConfirmedByBothView
from auth_codes.pages.confirming import ConfirmedByCodeView
from banking_portal import environment
from banking_portal.variables import BadEnvironment
from tests import makers
from tests.accounts.pages.test_history_limit import READERS
from tests.conftest import StrictBrowser
from tests.pages import words_of
from tests.portal.levels_table import ACTS, Beside, Opens, as_markdown
from tests.portal.url_patterns import portal_patterns

pytestmark = pytest.mark.django_db

CHOOSE, SHOW, HOME = "/mon-profil/moyens/choisir/", "/mon-profil/moyens/montrer/", "/espace-client/"
TOLD = Path(__file__).resolve().parents[3] / "docs" / "levels.md"
CLOSED = ["/mon-profil/", "/mon-profil/journal/", "/espace-client/documents/", "/mon-profil/code-secret/"]


@pytest.fixture
def required(settings):
    settings.SECOND_FACTOR_REQUIRED_FROM = timezone.localdate()


@pytest.fixture
def own(client_):
    """His account with operations of today and of old, and his savings."""
    account = client_.bank_accounts.get()
    makers.make_operation(account, "Autrefois", "500", timezone.localdate() - timedelta(days=120))
    makers.make_operation(account, "Ce matin", "20")
    return account, makers.make_savings(client_)


def typed(source, destination):
    return {"source": source.pk, "destination": destination.pk, "amount": "10", "label": ""}


def prove(browser, secret, at=SHOW):
    page = browser.get(at)
    fields = {"challenge": page.context["challenge"].pk, "code": makers.number_of(secret)}
    return browser.post(at, fields)


@pytest.mark.proves("RTS 10")
def test_two_codes_open_90_days_own_transfers_and_the_lock(required, own, client_browser):
    account, savings = own
    assert "Il manque un second moyen" in words_of(client_browser.get(HOME))
    page = words_of(client_browser.get(account.get_absolute_url()))
    assert "Ce matin" in page
    assert "Autrefois" not in page
    order = client_browser.post(reverse("new_transfer"), typed(account, savings))["Location"]
    seal = ordering.fingerprint(Transfer.objects.get())
    assert client_browser.post(order, {"password": makers.CODE, "seal": seal})["Location"] == order
    assert "Virement effectué" in words_of(client_browser.get(order))
    assert client_browser.post(reverse("own_lock"))["Location"] == reverse("lock_receipt")
    assert AccessLock.objects.exists()


@pytest.mark.parametrize("address", CLOSED)
def test_everything_else_leads_to_the_page_with_one_sentence(required, client_browser, address):
    answer = client_browser.get(address)
    assert answer["Location"] == CHOOSE
    page = words_of(client_browser.get(CHOOSE))
    assert "la loi demande un second moyen, en plus de vos deux codes, pour ouvrir cette page" in page


def test_older_operations_lead_there_too(required, own, client_browser):
    account, _ = own
    address = account.get_absolute_url()
    assert client_browser.get(f"{address}operations/1/")["Location"] == CHOOSE
    assert client_browser.get(f"{address}operations/2/").status_code == 200
    assert client_browser.get(reverse("operations_csv", args=[account.pk]))["Location"] == CHOOSE


def test_printed_list_alone_is_not_enough(required, client_, client_browser):
    makers.make_list(client_)
    assert client_browser.get("/mon-profil/")["Location"] == CHOOSE
    assert "Une liste sur papier aide à vous connecter" in words_of(client_browser.get(CHOOSE))


def test_who_has_a_strong_moyen_shows_it_once_and_comes_to_the_page(required, client_, client_browser):
    _, secret = makers.make_app(client_)
    led = client_browser.get("/mon-profil/journal/?page=1")["Location"]
    assert led == f"{SHOW}?suite=%2Fmon-profil%2Fjournal%2F%3Fpage%3D1"
    assert prove(client_browser, secret, led)["Location"] == "/mon-profil/journal/?page=1"
    assert [client_browser.get(address).status_code for address in CLOSED] == [200] * len(CLOSED)
    assert client_browser.get(CHOOSE)["Location"] == "/mon-profil/moyens/"


@pytest.mark.slow
def test_moyen_is_added_from_there_and_opens_all(required, client_, client_browser, settings):
    settings.FACTOR_REST_DAYS = 0
    page = client_browser.get(CHOOSE)
    assert reverse("add_app") in page.content.decode()
    sent = {"password": makers.CODE, "name": "Mon téléphone"}
    assert client_browser.post(reverse("add_app"), sent)["Location"] == reverse("confirm_app")
    key = client_browser.get(reverse("confirm_app")).context["key"]
    client_browser.post(reverse("confirm_app"), makers.two_numbers(key))
    assert client_browser.get("/mon-profil/").status_code == 200


def test_moyen_that_rests_opens_nothing_yet_and_says_from_when(required, client_, client_browser):
    makers.make_app(client_, asked_from=timezone.now() + timedelta(days=5))
    assert client_browser.get("/mon-profil/")["Location"] == CHOOSE
    assert "Il comptera à partir du" in words_of(client_browser.get(CHOOSE))


def test_accounts_of_others_stay_shut(required, client_, advisor, client_browser):
    other = makers.make_entrusted_account(advisor, client_)
    assert client_browser.get(other.get_absolute_url())["Location"] == CHOOSE
    assert other.number not in client_browser.get(HOME).content.decode()


def test_transfer_to_a_joint_account_asks_a_moyen_and_loses_nothing(required, own, client_, advisor, client_browser):
    account, _ = own
    joint = open_account(client_, kind=BankAccount.Kind.CURRENT, by=Actor(advisor))
    holders.add_holder(joint, makers.make_personalised_client(advisor, family_name="Autre"), by=SYSTEM)
    answer = client_browser.post(reverse("new_transfer"), typed(account, joint))
    assert answer.status_code == 200
    assert "la loi demande un second moyen pour ce virement" in words_of(answer)
    assert answer.context["form"]["amount"].value() == "10"
    order = ordering.prepare(client_, account, joint, Decimal(10), "")
    fields = {"password": makers.CODE, "seal": ordering.fingerprint(order)}
    assert client_browser.post(order.get_absolute_url(), fields)["Location"] == CHOOSE
    order.refresh_from_db()
    assert not order.is_confirmed


def test_who_has_a_moyen_that_he_has_not_shown_yet_shows_it_for_that_transfer(
    required, own, client_, advisor, client_browser
):
    account, _ = own
    joint = open_account(client_, kind=BankAccount.Kind.CURRENT, by=Actor(advisor))
    holders.add_holder(joint, makers.make_personalised_client(advisor, family_name="Autre"), by=SYSTEM)
    _, secret = makers.make_app(client_)
    order = client_browser.post(reverse("new_transfer"), typed(account, joint))["Location"]
    led = client_browser.get(order)["Location"]
    assert led.startswith(SHOW)
    assert prove(client_browser, secret, led)["Location"] == order
    assert client_browser.get(order).status_code == 200


@pytest.mark.parametrize("is_made", [False, True])
def test_order_on_accounts_of_another_stays_shut_before_and_after(required, client_, advisor, client_browser, is_made):
    """Prepared in a session that had shown a moyen."""
    account = makers.make_entrusted_account(advisor, client_)
    savings = makers.make_savings(account.holders.get(), "500")
    Mandate.objects.update(may_transfer=True)
    makers.make_mandate(savings, client_, may_transfer=True)
    order = ordering.prepare(client_, savings, account, Decimal(10), "")
    fields = {"password": makers.CODE, "seal": ordering.fingerprint(order)}
    if is_made:
        ordering.confirm(order, by=Actor(client_.user), seen=fields["seal"])
    assert client_browser.get(order.get_absolute_url())["Location"] == CHOOSE
    client_browser.post(order.get_absolute_url(), fields)
    order.refresh_from_db()
    assert order.is_confirmed == is_made


def test_default_code_is_replaced_first(required, new_client):
    browser = StrictBrowser.logged_in(new_client.user)
    assert browser.get("/mon-profil/")["Location"] == reverse("secret_code")
    assert browser.get(reverse("secret_code")).status_code == 200


@pytest.mark.parametrize("days", [None, 1])
def test_before_the_day_nothing_is_shut(settings, client_browser, days):
    settings.SECOND_FACTOR_REQUIRED_FROM = days and timezone.localdate() + timedelta(days)
    assert [client_browser.get(address).status_code for address in CLOSED] == [200] * len(CLOSED)
    assert client_browser.get(CHOOSE)["Location"] == "/mon-profil/moyens/"


def test_desk_asks_nothing_of_it(required, advisor_browser):
    assert advisor_browser.get("/admin/").status_code == 200


def test_last_strong_moyen_stays_and_the_page_says_why(required, client_, client_browser):
    factor, secret = makers.make_app(client_)
    removal = reverse("remove_factor", args=[factor.pk])
    assert "C’est votre dernier moyen" in words_of(client_browser.get(removal))
    sent = {"password": makers.CODE, "code": makers.number_of(secret)}
    assert "C’est votre dernier moyen" in words_of(client_browser.post(removal, sent))
    assert Factor.objects.get().state == Factor.State.ACTIVE
    with pytest.raises(removing.LastStrong):
        removing.remove(factor, Factor.Why.REMOVED, by=SYSTEM, now=timezone.now())


def test_one_of_two_may_go_and_then_the_other_stays(required, client_, client_browser):
    app, secret = makers.make_app(client_)
    makers.make_passkey(client_, generation=2)
    removal = reverse("remove_factor", args=[app.pk])
    sent = {"password": makers.CODE, "code": makers.number_of(secret)}
    assert client_browser.post(removal, sent)["Location"] == "/mon-profil/moyens/"
    left = Factor.objects.active().get()
    assert "C’est votre dernier moyen" in words_of(client_browser.get(reverse("remove_factor", args=[left.pk])))


def test_who_takes_one_off_by_itself_has_still_shown_the_other(required, client_, client_browser):
    app, secret = makers.make_app(client_)
    passkey, authenticator = makers.make_passkey(client_, generation=2)
    prove(client_browser, secret, f"{SHOW}?moyen=totp")
    removal = f"{reverse('remove_factor', args=[passkey.pk])}?moyen=passkey"
    page = client_browser.get(removal).context
    sent = {"challenge": page["challenge"].pk, "assertion": authenticator.get(page["options"])}
    assert client_browser.post(removal, {"password": makers.CODE} | sent)["Location"] == "/mon-profil/moyens/"
    assert Factor.objects.active().get() == app
    assert client_browser.get("/mon-profil/").status_code == 200


def test_printed_list_may_always_go(required, client_, client_browser):
    listed, _ = makers.make_list(client_)
    assert "C’est votre dernier moyen" not in words_of(client_browser.get(reverse("remove_factor", args=[listed.pk])))


def test_before_the_day_the_overview_invites_and_later_is_30_days(settings, client_, client_browser, monkeypatch):
    settings.SECOND_FACTOR_REQUIRED_FROM = timezone.localdate() + timedelta(days=90)
    assert "Choisissez un second moyen" in words_of(client_browser.get(HOME))
    assert client_browser.post(reverse("factor_later"))["Location"] == HOME
    assert "Choisissez un second moyen" not in words_of(client_browser.get(HOME))
    in_29, in_30 = (timezone.localdate() + timedelta(days) for days in (29, 30))
    monkeypatch.setattr(timezone, "localdate", lambda now=None: in_29)
    assert "moyen_required_from" not in client_browser.get(HOME).context
    monkeypatch.setattr(timezone, "localdate", lambda now=None: in_30)
    assert client_browser.get(HOME).context["moyen_required_from"]


def test_who_has_one_and_where_no_day_is_set_nobody_is_invited(settings, client_, client_browser):
    assert "Choisissez un second moyen" not in words_of(client_browser.get(HOME))
    settings.SECOND_FACTOR_REQUIRED_FROM = timezone.localdate() + timedelta(days=90)
    makers.make_app(client_)
    assert "Choisissez un second moyen" not in words_of(client_browser.get(HOME))


def test_deploy_check_says_that_no_day_is_set(settings):
    assert [message.id for message in checks.check_second_factor()] == ["auth_codes.I008"]
    settings.SECOND_FACTOR_REQUIRED_FROM = timezone.localdate()
    assert checks.check_second_factor() == []


def test_what_is_strong_is_read_from_the_environment(monkeypatch):
    kinds = ("passkey", "totp", "token")
    assert environment.some_of("STRONG_FOR_ACCESS", kinds) == frozenset(kinds)
    monkeypatch.setenv("STRONG_FOR_ACCESS", "passkey, token")
    assert environment.some_of("STRONG_FOR_ACCESS", kinds) == {"passkey", "token"}
    monkeypatch.setenv("STRONG_FOR_ACCESS", "passkey,list")
    with pytest.raises(BadEnvironment):
        environment.some_of("STRONG_FOR_ACCESS", kinds)


def test_every_act_stands_in_the_table_and_no_other():
    patterns = {pattern.name for pattern in portal_patterns()}
    assert not patterns - set(ACTS), "enter these in tests/portal/levels_table.py"
    assert not set(ACTS) - patterns, "these are gone: take them out of tests/portal/levels_table.py"


def test_table_is_what_the_views_say_of_themselves():
    """The marks are what the middleware heeds, and the class of a view what its form asks."""
    assert {name: act.opens for name, act in ACTS.items()} == {
        pattern.name: opens_of(pattern.callback) for pattern in portal_patterns()
    }
    asks_code = Beside.CODE, Beside.RECENT, Beside.BOTH, Beside.LIST
    assert {name for name, act in ACTS.items() if act.beside in asks_code} == {
        pattern.name for pattern in portal_patterns() if issubclass(class_of(pattern), ConfirmedByCodeView)
    } - {"proposed_code"}  # which only draws one
    assert {name for name, act in ACTS.items() if act.beside == Beside.BOTH} == {
        pattern.name for pattern in portal_patterns() if issubclass(class_of(pattern), ConfirmedByBothView)
    }
    assert {name for name, act in ACTS.items() if act.is_older} == READERS


def opens_of(view):
    if not getattr(view, "login_required", True):
        return Opens.NOTHING
    return Opens.CODES if getattr(view, "open_to_codes_alone", False) else Opens.STRONG


def class_of(pattern):
    return getattr(pattern.callback, "view_class", object)


@pytest.mark.slow
def test_closed_addresses_lead_to_the_choice_and_open_ones_do_not(required, own, client_browser):
    takes_nothing = {pattern.name for pattern in portal_patterns() if not pattern.pattern.converters}
    led = {
        name: client_browser.get(reverse(name)).get("Location") == CHOOSE
        for name, act in ACTS.items()
        if name in takes_nothing and act.opens != Opens.NOTHING
    }
    assert led == {name: ACTS[name].opens == Opens.STRONG for name in led}


def test_table_in_the_documents_is_this_one():
    assert TOLD.read_text() == as_markdown(), "show it again: python -m tests.show_levels_table > docs/levels.md"
