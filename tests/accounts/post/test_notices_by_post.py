"""What is told by post: each change of contacts, to each address of 90 days, with nothing a stranger uses."""

import json
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from accounts.bank_accounts import mandates
from accounts.clients import contact_changes, identity_changes
from accounts.models import Client, ContactChange, PostalItem
from accounts.papers.contents import render
from accounts.papers.postal_notice import NoticeContents
from accounts.post import notices as by_post
from accounts.post.notices import ByPost
from auth_codes import kinds, notices
from auth_codes.actor import Actor
from auth_codes.models import Notice
from auth_codes.renewals import closing, code_life
from tests import makers, pdfs
from tests.accounts.admin.test_desk_acts import again
from tests.accounts.clients.test_journal_plans import cost
from tests.pages import text_of as text
from tests.races import at_once

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


def test_it_is_decided_of_every_notice_how_often_it_leaves_by_post():
    """A new kind fails here until by_post.HOW_OFTEN says it: think of who brings it about, and how often."""
    assert set(by_post.HOW_OFTEN) == {value for value, _ in kinds.notice_choices()}


def limited():
    return [kind for kind, often in by_post.HOW_OFTEN.items() if often in (ByPost.ONCE_A_DAY, ByPost.RATIONED)]


@pytest.mark.parametrize("kind", [Notice.Kind.LETTER_ISSUED, *limited()])
def test_what_somebody_can_bring_about_again_and_again_leaves_once_a_day(known, kind, monkeypatch):
    without_email(known)
    for amount in ("1 €", "2 €", "3 €"):
        notices.tell_owner(kind, known.user, occasion="request", amount=amount)
    item = PostalItem.objects.get()
    assert "Il n’en part qu’une de cette sorte par jour" in text_of(item)
    PostalItem.objects.update(only_one_on=timezone.localdate() - timedelta(days=1))
    notices.tell_owner(kind, known.user, occasion="request", amount="4 €")
    assert PostalItem.objects.count() == 2


@pytest.mark.parametrize("kind", [kind for kind, often in by_post.HOW_OFTEN.items() if often == ByPost.EACH_TIME])
def test_what_the_bank_did_leaves_each_time(known, kind):
    without_email(known)
    for _ in range(2):
        notices.tell_owner(kind, known.user, occasion="renewal")
    assert PostalItem.objects.count() == 2
    assert "de cette sorte par jour" not in text_of(PostalItem.objects.first())


def test_first_sealed_letter_is_announced_by_the_letter_of_welcome_alone(known):
    without_email(known)
    notices.tell_owner(Notice.Kind.LETTER_ISSUED, known.user, occasion="first")
    assert not PostalItem.objects.exists()


def test_strangers_cost_the_bank_a_number_of_letters_a_day(known, advisor, settings, caplog):
    """The attack: wrong codes at the number of everybody who has no e-mail address."""
    settings.STRANGERS_LETTERS_PER_DAY = 2
    people = [makers.make_new_client(advisor, family_name=name, email="") for name in ("Un", "Deux", "Trois")]
    PostalItem.objects.all().delete()
    for person in people:
        notices.tell_owner(Notice.Kind.LOGIN_BLOCKED, person.user)
    assert PostalItem.objects.count() == 2
    assert "used up" in caplog.text
    notices.tell_owner(Notice.Kind.CODE_RENEWED, people[2].user)
    assert people[2].postal_items.count() == 1


def test_staff_and_papers_that_leave_themselves_cost_no_stamp(known):
    without_email(known)
    for kind, often in by_post.HOW_OFTEN.items():
        if often == ByPost.NEVER:
            notices.tell_owner(kind, known.user)
    assert not PostalItem.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_leaves(known):
    without_email(known)
    at_once(lambda _: notices.tell_owner(Notice.Kind.NEW_DEVICE, known.user), range(4))
    assert PostalItem.objects.count() == 1


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
        ({"postcode": "SW1A 1AA", "city": "London", "country": "Royaume-Uni"}, ["LONDON", "SW1A 1AA", "ROYAUME-UNI"]),
        ({"postcode": "", "city": "Abidjan", "country": "Côte d’Ivoire"}, ["ABIDJAN", "CÔTE D’IVOIRE"]),
        (
            {"address_complement": "Apt 3", "postcode": "", "city": "Dakar", "country": "SN"},
            ["Apt 3", "12 rue des Lilas", "DAKAR", "SÉNÉGAL"],
        ),
        (
            {"postcode": "", "city": "Brooklyn", "region": "NY", "country": "US"},
            ["12 rue des Lilas", "BROOKLYN, NY", "ÉTATS-UNIS"],
        ),
        ({"city": "Mynydd", "country": "Pays des Gallois"}, ["69003 MYNYDD", "PAYS DES GALLOIS"]),
        ({"street": "š" * 38, "city": "e\u0301" * 10}, ["š" * 38, "69003 " + "E\u0301" * 10]),
    ],
)
def test_former_address_reads_as_it_did(known, advisor, fields, lines):
    Client.objects.filter(pk=known.pk).update(**fields)
    known.refresh_from_db()
    before = known.address_lines
    assert list(before[-len(lines) :]) == lines
    change(
        known,
        advisor,
        street="1 rue Neuve",
        address_complement="",
        city="Nice",
        postcode="06000",
        region="",
        country="FR",
    )
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


@pytest.mark.slow
def test_counting_the_letters_of_a_day_costs_the_same_however_many_lie_in_the_post(known):
    costs, yesterday = [], timezone.localdate() - timedelta(days=1)
    for start, count in ((0, 1000), (1000, 7000)):
        PostalItem.objects.bulk_create(
            PostalItem(
                client=known, title="x", address=f"{number}", contents="{}", only_one_on=yesterday,
                notice_kind=Notice.Kind.LOGIN_BLOCKED,
            )
            for number in range(start, start + count)
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        costs.append(cost(by_post._queued_today(by_post.BY_STRANGERS)))
    assert costs[1] <= costs[0] * 1.5 + 50
