"""« Modifier mes coordonnées »: typed, read again, confirmed by code and strong moyen, told to the addresses before."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from accounts.clients import confirmation, contact_changes, own_contacts
from accounts.models import Client, ContactChange, PostalItem
from auth_codes.actor import Actor
from auth_codes.models import Challenge, Notice, SecurityEvent
from tests import makers
from tests.accounts.pages.test_transfer_pages import failures, text
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

PAGE = "/mon-profil/coordonnees/modifier/"
CONFIRM = f"{PAGE}confirmer/"
RECEIVED = "/mon-profil/coordonnees/adresse-recue/"
PROFILE = "/mon-profil/"
NEW = "ines.martin@example.net"
NOT_BOTH = "Code secret ou nombre incorrect"


@pytest.fixture
def secret(client_):
    return makers.make_app(client_)[1]


def typed(client, **changed):
    client.refresh_from_db()
    return {name: getattr(client, name) for name in contact_changes.CONTACTS} | changed


def types(browser, client, **changed):
    return browser.post(PAGE, typed(client, **changed))


def proof(browser, secret, **changed):
    page = browser.get(CONFIRM).context
    sent = {"password": makers.CODE, "challenge": page["challenge"].pk, "seen": page["form"]["seen"].value()}
    return sent | {"code": makers.number_of(secret)} | changed


def confirms(browser, secret, **changed):
    return browser.post(CONFIRM, proof(browser, secret, **changed))


def change(browser, client, secret, **changed):
    assert types(browser, client, **changed)["Location"] == CONFIRM
    assert confirms(browser, secret)["Location"] == PROFILE
    client.refresh_from_db()


def says_it_receives(browser, email=NEW):
    return browser.post(RECEIVED, {"email": email})


def told(kind) -> list[Notice]:
    return list(Notice.objects.filter(kind=kind).order_by("pk"))


# Who may.


@pytest.mark.parametrize("page", [PAGE, CONFIRM])
def test_without_a_moyen_the_page_says_who_changes_them_and_how_to_get_one(client_browser, page):
    shown = text(client_browser.get(page))
    assert "Votre conseiller le fait avec vous" in shown
    assert "La liste imprimée ne suffit pas" in shown
    assert "Voir mes moyens" in shown
    assert 'name="street"' not in shown


def test_nothing_is_changed_without_a_moyen(client_browser, client_):
    types(client_browser, client_, street="1 rue Neuve")
    client_browser.post(CONFIRM, {"password": makers.CODE})
    assert (ContactChange.objects.count(), failures()) == (0, 0)


def test_printed_list_is_not_enough(client_browser, client_):
    makers.make_list(client_)
    assert "La liste imprimée ne suffit pas" in text(client_browser.get(PAGE))


def test_list_is_not_offered_beside_a_stronger_one(client_browser, client_, secret):
    makers.make_list(client_)
    types(client_browser, client_, email=NEW)
    shown = client_browser.get(f"{CONFIRM}?moyen=list").context
    assert (shown["kind"], shown["other_ways"]) == ("totp", [])


def test_moyen_of_late_is_told_from_when_it_serves(client_browser, client_):
    makers.make_app(client_, payments_from=timezone.now() + timedelta(days=3))
    shown = text(client_browser.get(PAGE))
    assert "Votre second moyen est encore récent" in shown
    types(client_browser, client_, email=NEW)
    assert ContactChange.objects.count() == 0


def test_minor_reads_who_does_it_for_him(advisor):
    born = makers.make_child(advisor, 16, given_names="Zoé").birth_date
    minor = makers.make_personalised_client(advisor, given_names="Léo", birth_date=born)
    makers.make_app(minor)
    shown = text(StrictBrowser.logged_in(minor.user).get(PAGE))
    assert "votre représentant le demande à votre conseiller" in shown


def test_staff_find_nothing_here(advisor_browser):
    assert advisor_browser.get(PAGE).status_code == 404


# Typing.


def test_form_shows_what_the_sheet_says(client_browser, client_, secret):
    page = client_browser.get(PAGE).content.decode()
    for said in (client_.street, client_.city, client_.email, "06\u00a0", 'autocomplete="address-line1"'):
        assert said in page


def test_typed_values_are_read_again_old_beside_new(client_browser, client_, secret):
    types(client_browser, client_, mobile_phone="07 98 76 54 32", street=" 1  rue Neuve ")
    shown = text(client_browser.get(CONFIRM))
    for said in ("07 98 76 54 32", "1 rue Neuve", client_.street, "Téléphone mobile", "Adresse postale"):
        assert said in shown
    assert "Adresse électronique</h3>" not in shown
    assert ContactChange.objects.count() == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"email": "ines@"}, "adresse"),
        ({"email": "ines@exa\x00mple.org"}, "adresse"),
        ({"email": f"{NEW}\u200b"}, "signe invisible"),
        ({"email": "ines@example.\u202egro"}, "retourne le sens de lecture"),
        ({"mobile_phone": "12"}, "Ce numéro de téléphone n’est pas reconnu"),
        ({"mobile_phone": "०६१२३४५६७८"}, "Ce numéro de téléphone n’est pas reconnu"),
        ({"mobile_phone": "", "home_phone": ""}, "Gardez au moins un numéro"),
        ({"postcode": "4400"}, "Un code postal français a cinq chiffres"),
        ({"postcode": "४४०००"}, "Un code postal français a cinq chiffres"),
        ({"street": "1 rue \u202eNeuve"}, "retourne le sens de lecture"),
        ({"street": "1 rue 😀"}, "ne peut pas être imprimé"),
        ({"street": ""}, "obligatoire"),
        ({"country": "XX"}, "Choisissez un pays de la liste"),
        ({"country": "GB", "postcode": "44000"}, "s’écrit par exemple"),
        ({}, "Vous n’avez rien changé"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_the_rest_kept(client_browser, client_, secret, changed, said):
    keeps = {"address_complement": "Bâtiment B"} if changed else {}
    answer = types(client_browser, client_, **keeps, **changed)
    assert answer.status_code == 200
    assert said in text(answer)
    assert 'value="Bâtiment B"' in answer.content.decode() or not changed
    assert "own_contacts" not in client_browser.session


def test_address_that_is_asked_about_may_be_kept(client_browser, client_, secret):
    abroad = {"country": "GB", "postcode": "44000"}
    assert 'type="checkbox"' in types(client_browser, client_, **abroad).content.decode()
    assert types(client_browser, client_, keeps_address="on", **abroad)["Location"] == CONFIRM


def test_what_was_typed_is_there_when_he_comes_back(client_browser, client_, secret):
    types(client_browser, client_, street="1 rue Neuve", mobile_phone="07 98 76 54 32")
    page = client_browser.get(PAGE).content.decode()
    assert 'value="1 rue Neuve"' in page
    assert "07\u00a098" in page


def test_what_he_left_as_it_was_when_he_came_back_still_waits(client_browser, client_, secret):
    types(client_browser, client_, email=NEW)
    assert types(client_browser, client_, email=NEW)["Location"] == CONFIRM


@pytest.mark.parametrize("changed", [{}, {"street": "{}  "}, {"street": "  {}"}, {"city": "{0} "}])
def test_what_reads_as_the_sheet_does_is_no_change(client_browser, client_, secret, changed):
    types(client_browser, client_, email=NEW)
    same = {name: pattern.format(getattr(client_, name)) for name, pattern in changed.items()}
    assert "Vous n’avez rien changé" in text(types(client_browser, client_, **same))


def test_spaces_between_words_alone_are_no_change(client_browser, client_, secret):
    answer = types(client_browser, client_, street=client_.street.replace(" ", "  "))
    assert "Vous n’avez rien changé" in text(answer)


# Confirming.


def test_both_change_it_at_once_and_it_is_kept_with_what_it_replaces(client_browser, client_, secret):
    before = client_.mobile_phone
    change(client_browser, client_, secret, mobile_phone="07 98 76 54 32", street="1 rue Neuve")
    assert (client_.mobile_phone, client_.street) == ("+33798765432", "1 rue Neuve")
    rows = ContactChange.objects.order_by("pk")
    assert {row.contact for row in rows} == {"mobile_phone", "address"}
    assert all((row.by_himself, row.changed_by) == (True, client_.user) for row in rows)
    assert rows.get(contact="mobile_phone").old == before
    line = SecurityEvent.objects.get(kind="own_contacts")
    assert (line.owner, line.by, line.details["fields"]) == (client_.user, client_.user, "mobile_phone street")
    assert "Vos coordonnées ont été modifiées" in text(client_browser.get("/mon-profil/journal/"))


@pytest.mark.parametrize("wrong", ["code", "number"])
def test_one_sentence_for_both_and_nothing_typed_is_lost(client_browser, client_, secret, wrong):
    types(client_browser, client_, email=NEW)
    right = makers.number_of(secret)
    changed = {"password": makers.WRONG_CODE} if wrong == "code" else {"code": f"{(int(right) + 500_000) % 10**6:06}"}
    answer = confirms(client_browser, secret, **changed)
    assert NOT_BOTH in text(answer)
    assert NEW in text(answer)
    assert ContactChange.objects.count() == 0
    assert SecurityEvent.objects.get(kind="own_contacts_failed").details["factor"] == "totp"
    confirms(client_browser, secret)
    client_.refresh_from_db()
    assert client_.email == NEW


def test_passkey_signs_this_change_alone(client_browser, client_):
    _, authenticator = makers.make_passkey(client_)
    types(client_browser, client_, email=NEW)
    page = client_browser.get(CONFIRM).context
    shown = {"challenge": page["challenge"].pk, "assertion": authenticator.get(page["options"])}
    types(client_browser, client_, email="thief@example.net")
    seen = client_browser.get(CONFIRM).context["form"]["seen"].value()
    answer = client_browser.post(CONFIRM, {"password": makers.CODE, "seen": seen} | shown)
    assert (answer.status_code, ContactChange.objects.count(), failures()) == (200, 0, 0)
    types(client_browser, client_, email=NEW)
    seen = client_browser.get(CONFIRM).context["form"]["seen"].value()
    client_browser.post(CONFIRM, {"password": makers.CODE, "seen": seen} | shown)
    client_.refresh_from_db()
    assert client_.email == NEW


def test_page_of_one_tab_does_not_confirm_what_the_other_typed(client_browser, client_, secret):
    types(client_browser, client_, email=NEW)
    sent = proof(client_browser, secret)
    types(client_browser, client_, email="another@example.net")
    answer = client_browser.post(CONFIRM, sent, follow=True)
    assert "Relisez ce qui suit" in text(answer)
    assert (ContactChange.objects.count(), failures()) == (0, 0)


def test_change_at_the_desk_meanwhile_is_read_first(client_browser, client_, advisor, secret):
    types(client_browser, client_, street="1 rue Neuve")
    sent = proof(client_browser, secret)
    makers.change_address(client_, advisor, "9 rue du Guichet")
    answer = client_browser.post(CONFIRM, sent, follow=True)
    assert "9 rue du Guichet" in text(answer)
    assert not ContactChange.objects.own().exists()


def test_second_click_and_the_page_gone_back_to_find_it_done(client_browser, client_, secret):
    types(client_browser, client_, email=NEW)
    sent = proof(client_browser, secret)
    answers = [client_browser.post(CONFIRM, sent) for _ in range(2)]
    assert {answer["Location"] for answer in answers} == {PROFILE}
    assert client_browser.get(CONFIRM)["Location"] == PROFILE
    assert (ContactChange.objects.count(), failures(), len(told("own_contacts"))) == (1, 0, 1)


def test_of_ten_clicks_at_once_one_proof_changes_once(transactional_db, race, client_, secret):
    tabs = StrictBrowser.tabs(client_.user, 10)
    types(tabs[0], client_, email=NEW)
    sent = proof(tabs[0], secret)
    answers = race(lambda browser: browser.post(CONFIRM, sent), tabs)
    assert {(answer.status_code, answer.get("Location")) for answer in answers} == {(302, PROFILE)}
    assert (ContactChange.objects.count(), failures()) == (1, 0)
    assert Challenge.objects.filter(spent_at__isnull=False).count() == 1


def test_ended_session_changes_nothing(client_, secret):
    first, second = StrictBrowser.logged_in(client_.user), StrictBrowser.logged_in(client_.user)
    types(first, client_, email=NEW)
    sent = proof(first, secret)
    second.post(reverse("logout_everywhere"))
    first.post(CONFIRM, sent)
    assert ContactChange.objects.count() == 0


def test_after_three_times_in_a_day_he_is_told_to_wait(client_browser, client_, secret):
    now = timezone.now()
    for number in range(own_contacts.A_DAY):
        ContactChange.objects.create(
            client=client_, contact="email", old="x", new="y", by_himself=True, changed_by=client_.user,
            changed_at=now - timedelta(hours=number + 1),
        )  # fmt: skip
    assert "Recommencez demain" in text(types(client_browser, client_, email=NEW))
    ContactChange.objects.update(changed_at=now - timedelta(hours=25))
    assert types(client_browser, client_, email=NEW)["Location"] == CONFIRM


# Telling.


def test_former_and_new_address_are_told(
    client_browser, client_, secret, mailoutbox, django_capture_on_commit_callbacks
):
    mailoutbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        change(client_browser, client_, secret, email=NEW)
    by_recipient = {mail.to[0]: mail for mail in mailoutbox}
    assert by_recipient.keys() == {"ines@example.org", NEW}
    former, new = by_recipient["ines@example.org"].body, by_recipient[NEW].body
    assert "l’adresse électronique" in former
    assert "Verrouillez tout de suite votre accès" in former
    assert "Martin" not in new
    assert "Oui, j’y reçois vos messages" in new


def test_letter_leaves_to_the_address_of_before_once_a_day(client_browser, client_, secret):
    change(client_browser, client_, secret, street="1 rue Neuve")
    [letter] = PostalItem.objects.filter(notice_kind="own_contacts")
    assert "rue des Lilas" in letter.address
    assert "Neuve" not in letter.address


def test_changed_address_carries_no_code_until_it_has_rested(client_browser, client_, advisor, secret):
    change(client_browser, client_, secret, street="1 rue Neuve")
    assert client_.letter_address().is_held
    ContactChange.objects.update(changed_at=timezone.now() - own_contacts.RESTS + timedelta(minutes=1))
    call_command("forget_former_contacts")
    assert client_.letter_address().is_held
    ContactChange.objects.update(changed_at=timezone.now() - own_contacts.RESTS)
    call_command("forget_former_contacts")
    assert not client_.letter_address().is_held
    row = ContactChange.objects.get()
    assert row.confirmed_by == row.changed_by == client_.user


def test_telephone_that_did_not_stay_for_30_days_is_never_the_one_to_ring(client_browser, client_, advisor, secret):
    """A thief's, which the bank has put right: as long as no second advisor confirms that, it waits."""
    before = client_.mobile_phone
    change(client_browser, client_, secret, mobile_phone="07 98 76 54 32")
    client_.mobile_phone = before
    contact_changes.note(client_, ["mobile_phone"], by=Actor(advisor))
    Client.objects.filter(pk=client_.pk).update(mobile_phone=before)
    ContactChange.objects.update(changed_at=timezone.now() - own_contacts.RESTS)
    call_command("forget_former_contacts")
    assert [phone.number for phone in confirmation.phones_to_ring(client_)] == [before]
    assert ContactChange.objects.unconfirmed().count() == 2


def test_what_he_put_right_himself_rests_from_then_on(client_browser, client_, secret):
    change(client_browser, client_, secret, street="1 rue Neuve")
    ContactChange.objects.update(changed_at=timezone.now() - own_contacts.RESTS)
    types(client_browser, client_, street="2 rue Neuve")
    assert confirms(client_browser, secret, code=makers.number_of(secret, 1))["Location"] == PROFILE
    call_command("forget_former_contacts")
    assert ContactChange.objects.unconfirmed().count() == 2
    ContactChange.objects.update(changed_at=timezone.now() - own_contacts.RESTS)
    call_command("forget_former_contacts")
    assert not ContactChange.objects.unconfirmed().exists()


def test_telephone_of_late_is_not_the_one_to_ring(client_browser, client_, secret):
    before = client_.mobile_phone
    change(client_browser, client_, secret, mobile_phone="07 98 76 54 32")
    assert before in [phone.number for phone in confirmation.phones_to_ring(client_)]
    assert "+33798765432" not in [phone.number for phone in confirmation.phones_to_ring(client_)]


def test_advisor_confirms_it_with_him_and_reads_that_it_was_himself(client_browser, client_, advisor, secret):
    change(client_browser, client_, secret, street="1 rue Neuve")
    [waiting] = confirmation.may_confirm(client_, advisor)
    assert waiting.authors_in_words == ["le client lui-même"]
    page = StrictBrowser.logged_in(advisor).get(f"/admin/accounts/client/{client_.pk}/adresse/", follow=True)
    assert client_.client_code not in page.content.decode().replace("\u202f", "").replace("\u00a0", "")
    seen = confirmation.fingerprint(confirmation.waiting(client_))
    confirmation.confirm(client_, seen=seen, by=Actor(makers.make_advisor("marc.lefevre")))
    assert not client_.letter_address().is_held


def test_he_does_not_confirm_his_own_by_the_code_alone(client_browser, client_, secret):
    change(client_browser, client_, secret, street="1 rue Neuve")
    assert client_browser.get("/mon-profil/coordonnees/")["Location"] == PROFILE
    assert "Votre banque les a modifiées" not in text(client_browser.get(PROFILE))


# A new e-mail address.


def test_former_address_is_told_until_he_says_that_the_new_one_receives(client_browser, client_, secret):
    change(client_browser, client_, secret, email=NEW)
    ContactChange.objects.update(changed_at=timezone.now() - timedelta(days=200))
    call_command("forget_former_contacts")
    assert list(client_.recent_emails()) == [NEW, "ines@example.org"]
    assert f"Recevez-vous nos messages à {NEW} ?" in text(client_browser.get(PROFILE))
    assert says_it_receives(client_browser)["Location"] == PROFILE
    assert list(client_.recent_emails()) == [NEW]
    assert "Recevez-vous" not in text(client_browser.get(PROFILE))
    assert SecurityEvent.objects.filter(kind="address_confirmed").count() == 1
    says_it_receives(client_browser)
    assert SecurityEvent.objects.filter(kind="address_confirmed").count() == 1


def test_address_that_the_bank_wrote_since_is_not_confirmed_so(client_browser, client_, advisor, secret):
    change(client_browser, client_, secret, email=NEW)
    client_.email = "advisor@example.net"
    contact_changes.note(client_, ["email"], by=Actor(advisor))
    Client.objects.filter(pk=client_.pk).update(email=client_.email)
    says_it_receives(client_browser)
    assert ContactChange.objects.unconfirmed().count() == 2


def test_page_that_asks_about_one_address_confirms_no_other(client_browser, client_, secret):
    change(client_browser, client_, secret, email=NEW)
    assert f'name="email" value="{NEW}"' in client_browser.get(PROFILE).content.decode()
    types(client_browser, client_, email="slip@example.net")
    confirms(client_browser, secret, code=makers.number_of(secret, 1))
    says_it_receives(client_browser, NEW)
    assert ContactChange.objects.unconfirmed().count() == 2
    says_it_receives(client_browser, "slip@example.net")
    assert not ContactChange.objects.unconfirmed().exists()


def test_address_of_nobody_is_asked_nothing(client_browser, client_):
    assert says_it_receives(client_browser)["Location"] == PROFILE
    assert not SecurityEvent.objects.filter(kind="address_confirmed").exists()


@pytest.mark.parametrize("is_slip_before", [False, True])
def test_address_that_was_given_up_is_told_no_longer_than_any_other(client_browser, client_, secret, is_slip_before):
    """There is none of which he could say that it receives."""
    if is_slip_before:
        change(client_browser, client_, secret, email=NEW)
    types(client_browser, client_, email="")
    assert confirms(client_browser, secret, code=makers.number_of(secret, 1))["Location"] == PROFILE
    client_.refresh_from_db()
    call_command("forget_former_contacts")
    assert ContactChange.objects.unconfirmed().count() == 1 + is_slip_before
    ContactChange.objects.update(changed_at=timezone.now() - timedelta(days=91))
    call_command("forget_former_contacts")
    assert not ContactChange.objects.unconfirmed().exists()
    assert list(client_.recent_emails()) == []


def test_email_may_be_given_up_for_letters(client_browser, client_, secret):
    change(client_browser, client_, secret, email="")
    assert client_.ways_to_tell()[1]
    assert told("email_given") == []
    assert "Recevez-vous" not in text(client_browser.get(PROFILE))
