"""One advisor tries to take an access over by changing contacts, day by day: no day brings her a code."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.clients import confirmation, contact_changes
from accounts.models import Client
from auth_codes import dual_control
from auth_codes.actor import Actor
from auth_codes.models import Notice, RenewalRequest, SealedLetter
from auth_codes.renewals import issuing, online
from tests import makers
from tests.conftest import StrictBrowser
from tests.standing import made_once

pytestmark = pytest.mark.django_db

PAGE = "/mon-profil/coordonnees/"
THIEF = "thief@example.net"


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


def change(client, by, **fields):
    for name, value in fields.items():
        setattr(client, name, value)
    contact_changes.note(client, list(fields), by=Actor(by))
    Client.objects.filter(pk=client.pk).update(**fields)


def pass_days(client, days):
    """What has happened up to now lies so many days back."""
    for row in client.contact_changes.all():
        client.contact_changes.filter(pk=row.pk).update(changed_at=row.changed_at - timedelta(days))


def letter_is_issued(client):
    user = Client.objects.get(pk=client.pk).user
    try:
        issuing.prepare(user, SealedLetter.Occasion.RENEWAL)
    except issuing.AddressUnconfirmed:
        return False
    return True


def recipients(client, kind):
    return list(client.user.notices.filter(kind=kind).values_list("recipient", flat=True))


@pytest.fixture
def taken(client_, advisor):
    """E-mail on the first day, telephone on the tenth, postal address on the twentieth; and a year has passed."""
    Notice.objects.all().delete()
    change(client_, advisor, email=THIEF)
    pass_days(client_, 10)
    change(client_, advisor, mobile_phone="+33699999999")
    pass_days(client_, 10)
    change(client_, advisor, street="99 rue du Voleur")
    pass_days(client_, 365)
    return client_


def test_each_step_is_told_to_the_e_mail_that_was_there_before(taken):
    told = recipients(taken, "contact_changed")
    assert told.count("ines@example.org") == 3
    assert told.count(THIEF) == 2


def test_no_letter_leaves_however_long_she_waits(taken):
    assert not letter_is_issued(taken)
    asked = RenewalRequest.objects.create(client_code=taken.client_code, network="")
    assert online.handle(asked, timezone.now()) == ""
    assert set(recipients(taken, "letter_held")) == {THIEF, "ines@example.org"}


def test_she_cannot_confirm_her_own_changes(taken, advisor):
    with pytest.raises(dual_control.SameAdvisor):
        confirmation.confirm(taken, seen=confirmation.fingerprint(confirmation.waiting(taken)), by=Actor(advisor))


def test_colleague_who_lends_a_hand_cannot_confirm_what_he_touched(taken, colleague):
    change(taken, colleague, address_complement="Bât. B")
    [email, phone] = confirmation.may_confirm(taken, colleague)
    assert (email.contact, phone.contact) == ("email", "mobile_phone")
    seen = confirmation.fingerprint([email, phone])
    confirmation.confirm(taken, seen=seen, by=Actor(colleague))
    assert not letter_is_issued(taken)


def test_colleague_is_shown_the_number_that_is_not_hers(taken):
    assert [phone.number for phone in confirmation.phones_to_ring(taken)] == ["+33612345678"]


def test_confirmed_change_is_told_to_the_old_address_for_ninety_days_more(client_, advisor):
    change(client_, advisor, email=THIEF)
    waiting = confirmation.waiting(client_)
    confirmation.confirm(client_, seen=confirmation.fingerprint(waiting), by=Actor(client_.user))
    pass_days(client_, 89)
    assert client_.recent_emails() == [THIEF, "ines@example.org"]
    pass_days(client_, 2)
    assert client_.recent_emails() == [THIEF]


# The client himself.


def test_profile_asks_the_client_who_confirms_by_his_code(client_browser, taken):
    assert PAGE in client_browser.get("/mon-profil/").content.decode()
    page = client_browser.get(PAGE)
    said = page.content.decode()
    assert all(shown in said for shown in ("99 rue du Voleur", "12 rue des Lilas", THIEF, "ines@example.org"))
    answer = client_browser.post(PAGE, {"password": makers.CODE, "seen": page.context["form"]["seen"].value()})
    assert answer.status_code == 302
    assert letter_is_issued(taken)
    assert PAGE not in client_browser.get("/mon-profil/").content.decode()


def test_open_session_alone_confirms_nothing(client_browser, taken):
    seen = client_browser.get(PAGE).context["form"]["seen"].value()
    answer = client_browser.post(PAGE, {"password": makers.WRONG_CODE, "seen": seen})
    assert answer.status_code == 200
    assert taken.user.security_events.filter(kind="contacts_code_failed").count() == 1
    assert not letter_is_issued(taken)


def test_what_changed_after_it_was_seen_is_not_confirmed(client_browser, taken, advisor):
    seen = client_browser.get(PAGE).context["form"]["seen"].value()
    change(taken, advisor, street="100 rue du Voleur")
    answer = client_browser.post(PAGE, {"password": makers.CODE, "seen": seen}, follow=True)
    assert "viennent de changer de nouveau" in answer.content.decode()
    assert not letter_is_issued(taken)


def test_second_click_finds_it_done(client_, taken):
    tabs = StrictBrowser.tabs(client_.user, 2)
    seen = [tab.get(PAGE).context["form"]["seen"].value() for tab in tabs]
    answers = [tab.post(PAGE, {"password": makers.CODE, "seen": seen[0]}) for tab in tabs]
    assert [answer["Location"] for answer in answers] == ["/mon-profil/", "/mon-profil/"]
    assert taken.user.security_events.filter(kind="address_confirmed").count() == 1
