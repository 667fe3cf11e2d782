"""A change of contact data is told to the e-mail address known before it."""

import pytest
from django.core import mail

from accounts.models import Client
from auth_codes.models import Notice
from tests.accounts.admin.test_desk_acts import again, sheet

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def told(new_client):
    """The mails, without what the making of the client has sent."""
    Notice.objects.all().delete()
    mail.outbox.clear()
    return mail.outbox


def change(browser, client, **changed):
    answer = browser.post(sheet(client), again(browser, client, **changed))
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"email": "new@example.org"}, ["l’adresse électronique"]),
        ({"mobile_phone": "07 00 00 00 01"}, ["le téléphone mobile"]),
        ({"home_phone": "04 72 00 00 01"}, ["le téléphone fixe"]),
        ({"street": "1 rue Neuve", "city": "Lyon 3e"}, ["l’adresse postale"]),
        ({"email": "new@example.org", "postcode": "69008"}, ["l’adresse électronique", "l’adresse postale"]),
    ],
)
def test_change_is_told_in_words_to_the_old_address(advisor_browser, new_client, told, changed, words):
    change(advisor_browser, new_client, **changed)
    assert Notice.objects.get().facts == {"changed": words}
    [one] = told
    assert one.to == ["ines@example.org"]
    assert all(f"- {word}" in one.body for word in words)


@pytest.mark.parametrize("changed", [{}, {"mobile_phone": "+33 6 12 34 56 78"}])
def test_sheet_saved_without_new_contact_data_tells_nothing(advisor_browser, new_client, told, changed):
    change(advisor_browser, new_client, **changed)
    assert (told, Notice.objects.count()) == ([], 0)


def test_person_without_online_space_is_told_too(advisor_browser, person, told):
    change(advisor_browser, person, street="1 rue Neuve")
    assert Notice.objects.get().owner is None
    assert [one.to for one in told] == [["ines@example.org"]]


def test_second_change_is_told_to_both_addresses_before_it(advisor_browser, new_client, told):
    for email in ("second@example.org", "third@example.org"):
        change(advisor_browser, new_client, email=email)
        new_client.refresh_from_db()
    assert [one.to for one in told] == [["ines@example.org"], ["second@example.org"], ["ines@example.org"]]


def test_client_whose_address_is_unknown_is_told_nothing(advisor_browser, new_client, told):
    Client.objects.filter(pk=new_client.pk).update(email="")
    change(advisor_browser, new_client, email="new@example.org", has_no_email="")
    assert (told, Notice.objects.count()) == ([], 0)


def test_change_that_fails_is_told_to_nobody(advisor_browser, new_client, told, monkeypatch):
    form = again(advisor_browser, new_client, email="new@example.org")
    advisor_browser.raise_request_exception = False
    monkeypatch.setattr("accounts.models.Client.save", lambda *args, **kwargs: 1 / 0)
    assert advisor_browser.post(sheet(new_client), form).status_code == 500
    assert (told, Notice.objects.count()) == ([], 0)


def test_refused_sheet_is_told_to_nobody(advisor_browser, new_client, told):
    form = again(advisor_browser, new_client, email="new@example.org", postcode="12")
    assert advisor_browser.post(sheet(new_client), form).status_code == 200
    assert (told, Notice.objects.count()) == ([], 0)
