"""One advisor tries to take an access over by changing contacts, day by day: no day brings her a code."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.clients import confirmation, contact_changes, telling
from accounts.kinds import Mail
from accounts.models import Client, PostalItem
from accounts.papers.postal_notice import NoticeContents
from accounts.print_stream import batches, drawing
from auth_codes import dual_control
from auth_codes.actor import Actor
from auth_codes.models import Notice, RenewalRequest, SealedLetter
from auth_codes.renewals import code_life, issuing, online
from tests import makers
from tests.conftest import StrictBrowser
from tests.standing import made_once

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

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


def letters_to(client, street):
    """What they tell, of those that were queued for an address in this street."""
    items = client.postal_items.filter(document=None, address__contains=street).order_by("queued_at")
    contents = (NoticeContents.from_json(item.contents) for item in items)
    return [re.findall("- (l[^\n(]*[^\n( ])", one.body) for one in contents]


def test_each_step_is_told_by_post_where_the_owner_lives(taken):
    told = [["l’adresse électronique"], ["le téléphone mobile"], ["l’adresse postale"]]
    assert letters_to(taken, "12 rue des Lilas") == told
    assert letters_to(taken, "99 rue du Voleur") == []


def test_what_follows_is_told_there_too_however_long_she_waits(taken, advisor):
    PostalItem.objects.all().delete()
    change(taken, advisor, mobile_phone="+33688888888")
    assert letters_to(taken, "12 rue des Lilas") == [["le téléphone mobile"]]


def test_address_swapped_twice_within_a_day_suppresses_no_letter(client_, advisor):
    PostalItem.objects.all().delete()
    for street in ("99 rue du Voleur", "12 rue des Lilas", "99 rue du Voleur", "12 rue des Lilas"):
        change(client_, advisor, street=street)
    assert letters_to(client_, "12 rue des Lilas") == [["l’adresse postale"]] * 4
    change(client_, advisor, street="7 rue Tierce")
    change(client_, advisor, email=THIEF)
    assert letters_to(client_, "12 rue des Lilas")[-1] == ["l’adresse électronique"]
    assert letters_to(client_, "99 rue du Voleur")[-1] == ["l’adresse électronique"]


def test_swapped_in_many_tabs_at_once_each_change_is_told(transactional_db, race, advisor):
    client = makers.make_personalised_client(advisor)
    PostalItem.objects.all().delete()

    def swap(number):
        with transaction.atomic():
            change(Client.objects.get(pk=client.pk), advisor, street=f"{number} rue du Voleur")

    race(swap, range(4))
    assert letters_to(client, "12 rue des Lilas") == [["l’adresse postale"]] * 4


@pytest.mark.parametrize("page", ["", "add/", "{}/change/", "{}/delete/"])
@pytest.mark.parametrize("model", ["postalitem", "postbatch"])
def test_advisor_drains_no_letter_from_the_desk(taken, advisor, tmp_path, model, page):
    browser = StrictBrowser.logged_in(advisor)
    item = PostalItem.objects.first()
    drawing.draw_waiting()
    batch = batches.collect()
    address = f"/admin/accounts/{model}/" + page.format(batch.pk if model == "postbatch" else item.pk)
    before = list(PostalItem.objects.order_by("pk").values())
    typed = {"action": "delete_selected", "_selected_action": [item.pk, batch.pk], "post": "yes"}
    assert browser.get(address).status_code in (403, 404)
    assert browser.post(address, typed).status_code in (403, 404)
    assert list(PostalItem.objects.order_by("pk").values()) == before


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
    assert f'"{PAGE}"' in client_browser.get("/mon-profil/").content.decode()
    page = client_browser.get(PAGE)
    said = page.content.decode()
    assert all(shown in said for shown in ("99 rue du Voleur", "12 rue des Lilas", THIEF, "ines@example.org"))
    answer = client_browser.post(PAGE, {"password": makers.CODE, "seen": page.context["form"]["seen"].value()})
    assert answer.status_code == 302
    assert letter_is_issued(taken)
    assert f'"{PAGE}"' not in client_browser.get("/mon-profil/").content.decode()


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


def test_first_address_that_one_advisor_gives_ends_no_letters(client_, advisor):
    """Else who registers an address of his own for a client without any is alone in hearing what happens to him."""
    Client.objects.filter(pk=client_.pk).update(email="")
    client_.refresh_from_db()
    client_.email = "voleur@example.net"
    contact_changes.note(client_, ["email"], by=Actor(advisor))
    Client.objects.filter(pk=client_.pk).update(email=client_.email)
    PostalItem.objects.all().delete()
    client = Client.objects.get(pk=client_.pk)
    code_life.void_all(client.user, why=code_life.Why.ASKED, by=Actor(advisor))
    assert PostalItem.objects.filter(client=client).count() == 1
    telling.tell(Mail.ACT_UNDONE, client, what="x")
    assert PostalItem.objects.filter(client=client).count() == 2
