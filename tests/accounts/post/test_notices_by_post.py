"""What is told by post: each change of contacts, to each address of 90 days, with nothing a stranger uses."""

import json
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.bank_accounts import mandates
from accounts.clients import contact_changes, identity_changes
from accounts.models import Client, ContactChange, PostalItem
from accounts.papers.contents import render
from accounts.papers.postal_notice import NoticeContents
from auth_codes import notices
from auth_codes.actor import Actor
from auth_codes.models import Notice
from auth_codes.renewals import closing, code_life
from tests import makers, pdfs
from tests.accounts.admin.test_desk_acts import again
from tests.pages import text_of as text

pytestmark = pytest.mark.django_db

HOME = "12 rue des Lilas, 69003 LYON"


@pytest.fixture
def known(client_):
    PostalItem.objects.all().delete()
    return client_


def change(client, by, **fields):
    for name, value in fields.items():
        setattr(client, name, value)
    contact_changes.note(client, list(fields), by=Actor(by))
    Client.objects.filter(pk=client.pk).update(**fields)


def without_email(client):
    Client.objects.filter(pk=client.pk).update(email="")
    client.refresh_from_db()
    PostalItem.objects.all().delete()
    return client


def destinations(client):
    """Of the letters that the last act has queued, and forgets them."""
    found = sorted(item.destination for item in client.postal_items.all())
    client.postal_items.all().delete()
    return found


def text_of(item):
    pdf = render(NoticeContents.from_json(item.contents))
    return " ".join(" ".join(page.extract_text() for page in pdfs.read(pdf).pages).split())


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("email", "neuve@example.net", "l’adresse électronique (désormais n•••@e•••.net)"),
        ("mobile_phone", "+33699999942", "le téléphone mobile (désormais se terminant par 42)"),
        ("home_phone", "+33399999942", "le téléphone fixe (désormais se terminant par 42)"),
        ("street", "1 rue Neuve", "l’adresse postale Cette lettre part"),
    ],
)
def test_each_contact_that_changes_is_told_masked(known, advisor, field, value, said):
    change(known, advisor, **{field: value})
    item = PostalItem.objects.get()
    assert (item.client, item.destination, item.document) == (known, HOME, None)
    told = text_of(item)
    assert said in told
    assert value not in told
    assert "Ce n’était pas vous ? Appelez-nous tout de suite au 01 99 00 12 34." in told
    assert re.search(r"le \d+(er)? \w+ 20\d\d à \d\d ?h ?\d\d \(heure de Paris\)", told)


def test_contact_that_is_taken_away_is_told(known, advisor):
    change(known, advisor, home_phone="+33399999942")
    PostalItem.objects.all().delete()
    change(known, advisor, home_phone="")
    assert "le téléphone fixe (il n’y en a plus)" in text_of(PostalItem.objects.get())


def test_several_changes_at_once_are_one_letter(known, advisor):
    change(known, advisor, email="neuve@example.net", street="1 rue Neuve", postcode="33000")
    assert text_of(PostalItem.objects.get()).count("l’adresse postale") == 1


def test_letter_tells_no_code_client_and_no_new_address(known, advisor):
    change(known, advisor, street="99 rue Secrète", city="Bordeaux", postcode="33000")
    item = PostalItem.objects.get()
    everything = text_of(item) + item.contents + item.address + item.title
    assert known.client_code not in re.sub(r"\s", "", everything)
    assert not {"Secrète", "BORDEAUX", "Bordeaux", "33000"} & set(re.findall(r"\w+", everything))


def test_each_address_of_ninety_days_is_told_and_none_older(known, advisor):
    change(known, advisor, street="1 rue Neuve")
    assert destinations(known) == [HOME]
    change(known, advisor, street="2 rue Neuve")
    assert destinations(known) == ["1 rue Neuve, 69003 LYON", HOME]
    known.contact_changes.update(confirmed_at=timezone.now(), confirmed_by=makers.make_advisor("marc.lefevre"))
    known.contact_changes.update(changed_at=timezone.now() - timedelta(days=91))
    change(known, advisor, mobile_phone="+33699999942")
    assert destinations(known) == ["2 rue Neuve, 69003 LYON"]


def test_address_before_an_unconfirmed_change_is_told_however_old(known, advisor):
    change(known, advisor, street="1 rue Neuve")
    known.contact_changes.update(changed_at=timezone.now() - timedelta(days=400))
    PostalItem.objects.all().delete()
    change(known, advisor, mobile_phone="+33699999942")
    assert destinations(known) == ["1 rue Neuve, 69003 LYON", HOME]


def test_new_identity_is_told_under_the_name_before(known, advisor):
    asked = identity_changes.start(known, {"family_name": "Voleur"}, by=Actor(advisor))
    assert destinations(known) == []
    identity_changes.approve(asked, by=Actor(makers.make_advisor("marc.lefevre")))
    item = PostalItem.objects.get()
    assert item.address.startswith("Mme Inès Léa MARTIN\n")
    assert "le nom" in text_of(item)
    assert "Voleur" not in text_of(item)


def test_letter_is_queued_with_the_change_or_not_at_all(known, advisor_browser):
    page = f"/admin/accounts/client/{known.pk}/change/"
    advisor_browser.post(page, again(advisor_browser, known, mobile_phone="06 99"))
    assert destinations(known) == []
    answer = advisor_browser.post(page, again(advisor_browser, known, mobile_phone="06 99 99 99 42"), follow=True)
    assert "par courrier, à ses adresses postales" in answer.content.decode()
    assert "Vos coordonnées ont changé, à 12 rue des Lilas, 69003 LYON (attend l’impression)" in text(answer)
    assert destinations(known) == [HOME]


# Of whoever has no e-mail address.


def test_end_of_an_access_is_told_by_post_to_who_has_no_e_mail(known):
    without_email(known)
    mail.outbox.clear()
    closing.close(known.user, by=Actor(known.user))
    assert "L’accès à votre Espace Client est fermé" in PostalItem.objects.get().title
    assert (mail.outbox, Notice.objects.filter(kind="closed_by_owner").count()) == ([], 0)


def test_access_that_an_advisor_closes_is_told_by_post_to_who_has_no_e_mail(known, advisor):
    without_email(known)
    code_life.void_all(known.user, why=code_life.Why.FRAUD, by=Actor(advisor))
    assert "Un conseiller a fermé l’accès à votre Espace Client" in text_of(PostalItem.objects.get())


def test_mandate_is_told_by_post_to_who_has_no_e_mail(known, advisor):
    without_email(known)
    proxy = makers.make_person(advisor, given_names="Paul", email="paul@example.org")
    mandates.grant(known.bank_accounts.get(), proxy, may_transfer=False, ends_on=None, by=Actor(advisor))
    assert "Mme Paul MARTIN a une procuration" in text_of(PostalItem.objects.get())


@pytest.mark.parametrize("kind", [Notice.Kind.NEW_DEVICE, Notice.Kind.LOGIN_BLOCKED, Notice.Kind.LETTER_ISSUED])
def test_what_strangers_bring_about_costs_no_stamp(known, kind):
    without_email(known)
    notices.tell_owner(kind, known.user)
    assert not PostalItem.objects.exists()


def test_who_has_an_e_mail_is_not_told_of_codes_by_post(known):
    notices.tell_owner(Notice.Kind.CODE_CHANGED, known.user)
    assert not PostalItem.objects.exists()


def test_staff_are_not_written_to(advisor):
    notices.tell_owner(Notice.Kind.PASSWORD_CHANGED, advisor)
    notices.tell_owner(Notice.Kind.CODE_CHANGED, advisor)
    assert not PostalItem.objects.exists()


# Former addresses, as they are read back.


@pytest.mark.parametrize(
    ("fields", "lines"),
    [
        ({"address_complement": "Bât. 3"}, ["Bât. 3", "12 rue des Lilas", "69003 LYON"]),
        ({"postcode": "SW1A 1AA", "city": "London", "country": "Royaume-Uni"}, ["SW1A 1AA LONDON", "ROYAUME-UNI"]),
        ({"postcode": "", "city": "Abidjan", "country": "Côte d’Ivoire"}, ["ABIDJAN", "CÔTE D’IVOIRE"]),
        ({"street": "š" * 38, "city": "e\u0301" * 10}, ["š" * 38, "69003 " + "E\u0301" * 10]),
    ],
)
def test_former_address_reads_as_it_did(known, advisor, fields, lines):
    Client.objects.filter(pk=known.pk).update(**fields)
    known.refresh_from_db()
    before = known.address_lines
    assert list(before[-len(lines) :]) == lines
    change(known, advisor, street="1 rue Neuve", address_complement="", city="Nice", postcode="06000", country="France")
    assert known.recent_postal_addresses()[-1] == before


@pytest.mark.parametrize("value", ["", "x", "x\ny", "\n\n\n", "a\x00b\nc\nd"])
def test_damaged_former_address_stops_nothing(known, value):
    if "\x00" not in value:  # which PostgreSQL keeps in no text
        ContactChange.objects.create(client=known, contact="address", old=value, new="y", changed_by=known.user)
    assert known.recent_postal_addresses()[0] == known.address_lines


@pytest.mark.parametrize("hostile", ["a\x00b", "李雷", "#panic()", "x" * 400, "Zoé 😀", "a\u202eb", "\ud83d"])
def test_letter_prints_whatever_stands_in_it(hostile):
    contents = NoticeContents(
        address=(hostile, "12 rue des Lilas", "69003 LYON"),
        written_on=timezone.localdate(),
        subject=f"Objet {hostile}",
        body=f"Bonjour {hostile},\n\nTitre\n- {hostile}\n{hostile}",
        bank_phone="01 99 00 12 34",
    )
    assert render(contents)[:5] == b"%PDF-"


def test_contents_are_read_back_as_they_were_kept(known, advisor):
    change(known, advisor, street="1 rue Neuve")
    kept = PostalItem.objects.get().contents
    assert NoticeContents.from_json(kept).to_json() == kept
    assert json.loads(kept)["version"] == 1
