"""A client's sheet as it is read: how space and code stand, what waits, since when each contact is known."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.bank_accounts import access_requests
from accounts.clients import contact_changes, identity_changes, space_state
from accounts.models import Client, ContactChange
from auth_codes.actor import Actor
from auth_codes.lockout import counters
from auth_codes.models import AttemptCounter, KnownDevice, SealedLetter
from auth_codes.renewals import by_advisors
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import queries_of, words_of

pytestmark = pytest.mark.django_db

CLIENTS = "/admin/accounts/client/"


def day_before(days):
    """In Paris, where an hour of that day's night may be of another day than the same hour of today."""
    return timezone.localdate(timezone.now() - timedelta(days=days))


def sheet(client, ending="change/"):
    return f"{CLIENTS}{client.pk}/{ending}"


def read(browser, client, ending="change/"):
    return " ".join(words_of(browser.get(sheet(client, ending))).split())


def fail(client, count, now=None):
    now = now or timezone.now()
    key = counters.client_counter(client.client_code).key
    filled = count if count % 5 == 0 else 0
    AttemptCounter.objects.create(key=key, count=count, reserved_at=now, filled_count=filled, filled_at=now)


def move(client, by, **changed):
    for name, value in changed.items():
        setattr(client, name, value)
    contact_changes.note(client, list(changed), by=Actor(by))
    Client.objects.filter(pk=client.pk).update(**changed)


def test_block_says_until_when_and_by_how_many_failures(advisor_browser, client_):
    fail(client_, 10)
    page = read(advisor_browser, client_)
    until = timezone.localtime(timezone.now() + timedelta(hours=1))
    assert f"en pause jusqu’au {until:%d/%m/%Y à %H:}" in page
    assert "pour les appareils inconnus, après 10 codes erronés" in page


def test_last_block_ends_with_a_renewal_alone(advisor_browser, client_):
    fail(client_, 20)
    assert "en pause jusqu’au renouvellement du code" in read(advisor_browser, client_)


def test_failures_without_a_block_are_counted(advisor_browser, client_):
    fail(client_, 3)
    page = read(advisor_browser, client_)
    assert "possible 3 codes erronés d’appareils inconnus" in page
    assert "en pause" not in page


def test_block_that_is_over_is_none(client_):
    now = timezone.now()
    fail(client_, 5, now - timedelta(minutes=15))
    assert space_state.state_of(client_, now).standing == (5, None)


def test_last_connection_and_devices_are_told_without_an_address(advisor_browser, client_):
    browser = StrictBrowser(REMOTE_ADDR="192.0.2.77", headers={"user-agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})
    makers.log_in(browser, client_.client_code, makers.CODE)
    KnownDevice.objects.filter(owner=client_.user).update(last_seen_at=timezone.now() - timedelta(days=40))
    page = read(advisor_browser, client_)
    assert f"Dernière {timezone.localtime():%d/%m/%Y}" in page
    seen = day_before(40)
    assert f"Appareils Firefox sur Linux vu le {seen:%d/%m/%Y}" in page
    assert "192.0.2.77" not in page


def test_space_that_nobody_has_entered_says_so(advisor_browser, new_client):
    page = read(advisor_browser, new_client)
    assert "Dernière jamais connecté" in page
    assert "code provisoire, pas encore utilisé" in page


def test_default_code_that_has_expired_is_said_to_have(advisor_browser, new_client):
    SealedLetter.objects.update(issued_at=timezone.now() - timedelta(days=45))
    page = read(advisor_browser, new_client)
    assert "code provisoire expiré" in page
    assert "pas encore utilisé" not in page


def test_person_without_a_space_has_no_state(advisor_browser, person):
    page = read(advisor_browser, person)
    assert "Espace non créé" in page
    assert "Plis scellés" not in page
    assert space_state.state_of(person, timezone.now()) is None


def test_renewal_and_identity_that_wait_are_told_at_the_top(advisor, advisor_browser, client_):
    by_advisors.start(client_.user, by=Actor(advisor), identity_check="branch", token=uuid.uuid4())
    identity_changes.start(client_, {"family_name": "Durand"}, by=Actor(advisor))
    page = read(advisor_browser, client_)
    assert "renouvellement à approuver" in page
    assert "de Mme Inès Léa MARTIN à Mme Inès Léa DURAND : à approuver par un second conseiller" in page


def test_each_contact_says_since_when_it_is_known(advisor, advisor_browser, client_):
    Client.objects.filter(pk=client_.pk).update(registered_at=timezone.now() - timedelta(days=400))
    move(client_, advisor, mobile_phone="+33698765432")
    ContactChange.objects.update(
        confirmed_at=timezone.now(), confirmed_by=client_.user, changed_at=timezone.now() - timedelta(days=3)
    )
    move(client_, advisor, email="new@example.org")
    page = read(advisor_browser, client_)
    assert f"06 98 76 54 32 connu depuis le {day_before(3):%d/%m/%Y}" in page
    assert "Courriel new@ example. org à confirmer par un autre conseiller" in page
    assert f"69003 LYON connu depuis le {day_before(400):%d/%m/%Y}" in page


def test_sheet_is_read_first_and_changed_on_demand(advisor_browser, client_):
    answer = advisor_browser.get(sheet(client_))
    assert "adminform" not in answer.context
    assert f'href="{sheet(client_, "modifier/")}"' in answer.content.decode()
    page = advisor_browser.get(sheet(client_, "modifier/")).content.decode()
    assert 'name="street"' in page
    assert "Ouvrir un compte" not in page


def test_form_sent_to_its_own_page_is_saved_and_leads_back_to_the_sheet(advisor_browser, client_):
    form = advisor_browser.get(sheet(client_, "modifier/")).context["adminform"].form
    typed = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    typed |= {"birth_date": "25/07/1988", "city": "Bron"}
    answer = advisor_browser.post(sheet(client_, "modifier/"), typed)
    client_.refresh_from_db()
    assert (answer.status_code, answer["Location"], client_.city) == (302, sheet(client_), "Bron")


def test_refused_form_keeps_what_was_typed(advisor_browser, client_):
    answer = advisor_browser.post(sheet(client_, "modifier/"), {"street": "1 rue Neuve", "city": "Bron"})
    assert answer.context["adminform"].form["street"].value() == "1 rue Neuve"


@pytest.mark.parametrize("number", ["999999", "0"])
def test_form_of_nobody_is_not_found(advisor_browser, number):
    assert advisor_browser.get(f"{CLIENTS}{number}/modifier/").status_code == 404


def test_sheet_costs_as_many_queries_with_many_accounts_as_with_few(advisor, advisor_browser, client_):
    makers.make_savings(client_)
    queries_of(advisor_browser, sheet(client_))
    few = queries_of(advisor_browser, sheet(client_))
    for _ in range(4):
        makers.make_savings(client_)
    assert queries_of(advisor_browser, sheet(client_)) == few


# Where a second advisor decides.


@pytest.fixture
def second(advisor):
    return StrictBrowser.logged_in(makers.make_advisor("marc.lefevre"))


def test_who_decides_reads_old_and_new_value_of_each_change_and_since_when_a_number_is_known(second, advisor, client_):
    Client.objects.filter(pk=client_.pk).update(registered_at=timezone.now() - timedelta(days=400))
    client_.refresh_from_db()
    asked = by_advisors.start(client_.user, by=Actor(advisor), identity_check="branch", token=uuid.uuid4())
    move(client_, advisor, mobile_phone="+33698765432", email="new@example.org")
    page = " ".join(words_of(second.get(f"/admin/auth_codes/renewal/{asked.pk}/change/")).split())
    today = timezone.localdate()
    assert f"Téléphone mobile 06 12 34 56 78 06 98 76 54 32 le {today:%d/%m/%Y} par {advisor} non" in page
    assert f"Adresse électronique ines@example.org new@example.org le {today:%d/%m/%Y} par {advisor} non" in page
    # What one advisor has just written is no number to ring.
    assert f"Numéro à rappeler 06 12 34 56 78, connu depuis le {day_before(400):%d/%m/%Y}" in page
    assert f"Adresse postale connue depuis le {day_before(400):%d/%m/%Y}" in page


def test_who_confirmed_a_change_is_told(second, advisor, client_):
    asked = by_advisors.start(client_.user, by=Actor(advisor), identity_check="branch", token=uuid.uuid4())
    move(client_, advisor, email="new@example.org")
    ContactChange.objects.update(confirmed_at=timezone.now(), confirmed_by=client_.user)
    page = " ".join(words_of(second.get(f"/admin/auth_codes/renewal/{asked.pk}/change/")).split())
    assert f"le {timezone.localdate():%d/%m/%Y} par le client" in page


def test_who_lets_somebody_into_an_account_has_a_number_of_each_to_ring(second, advisor, client_):
    other = makers.make_new_client(advisor, family_name="Petit", mobile_phone="+33611223344")
    asked = access_requests.start(
        client_.bank_accounts.get(), person=other, agreement="branch", right="holder", ends_on=None,
        token=uuid.uuid4(), by=Actor(advisor),
    )  # fmt: skip
    page = " ".join(words_of(second.get(f"/admin/accounts/accessrequest/{asked.pk}/change/")).split())
    assert "06 12 34 56 78, connu depuis" in page
    assert "06 11 22 33 44, connu depuis" in page
