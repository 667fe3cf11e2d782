"""What an advisor does at the desk: registers, opens, creates the online space, finds again; and what goes wrong."""

import uuid
from datetime import date, timedelta
from functools import partial
from html import unescape

import pytest
from django.db.models.signals import pre_save
from django.utils import timezone

from accounts import client_codes
from accounts.bank_accounts.opening import open_account
from accounts.models import Client
from accounts.notation import ibans
from auth_codes.actor import Actor
from auth_codes.models import SealedLetter, SecurityEvent
from tests import makers
from tests.accounts import at_once
from tests.conftest import StrictBrowser
from tests.pages import seen

CLIENTS = "/admin/accounts/client/"
ADD = f"{CLIENTS}add/"


def sheet(client) -> str:
    return f"{CLIENTS}{client.pk}/change/"


def typed(advisor, /, **changed) -> dict:
    fields = {
        "title": "M.", "given_names": "Gaston Aimé", "family_name": "Lagaffe", "birth_date": "28/02/1957",
        "email": "gaston@example.org", "mobile_phone": "06 79 24 08 15", "home_phone": "",
        "street": "4 quai de la Loire", "address_complement": "Bâtiment B", "postcode": "44000", "city": "Nantes",
        "country": "France", "advisor": advisor.pk, "token": str(uuid.uuid4()),
    }  # fmt: skip
    return fields | changed


def again(browser, client, **changed) -> dict:
    """The sheet as the page shows it, with what the advisor changes."""
    form = browser.get(f"{CLIENTS}{client.pk}/modifier/").context["adminform"].form
    shown = {name: form[name].value() for name in form.fields}
    shown = {name: value for name, value in shown.items() if value not in (None, False)}
    inlines = ("holdings", "service_contracts")
    management = {f"{inline}-{kind}_FORMS": 0 for inline in inlines for kind in ("TOTAL", "INITIAL")}
    return shown | {"birth_date": client.birth_date.strftime("%d/%m/%Y")} | management | changed


def text_of(answer) -> str:
    return unescape(seen(answer.content.decode())).replace("\u00a0", " ")


# The story.


def test_advisor_registers_a_person_and_arrives_at_the_sheet(advisor_browser, advisor):
    answer = advisor_browser.post(ADD, typed(advisor))
    client = Client.objects.get(family_name="Lagaffe")
    assert (answer.status_code, answer.url) == (302, sheet(client))
    assert (client.title, client.given_names, client.birth_date) == ("M.", "Gaston Aimé", date(1957, 2, 28))
    assert (client.email, client.mobile_phone, client.advisor) == ("gaston@example.org", "+33679240815", advisor)
    assert client.address_lines[1:] == ("Bâtiment B", "4 quai de la Loire", "44000 NANTES")
    assert client.client_code is None


def test_form_offers_the_advisor_who_is_logged_in(advisor_browser, advisor):
    form = advisor_browser.get(ADD).context["adminform"].form
    assert form["advisor"].value() == advisor.pk


@pytest.mark.parametrize(("what", "kind"), [("compte", "current"), ("contrat", "insurance")])
def test_first_opening_tells_the_code_client(advisor_browser, person, what, kind):
    answer = advisor_browser.post(
        f"{CLIENTS}{person.pk}/ouvrir/{what}/", {"kind": kind, "token": uuid.uuid4()}, follow=True
    )
    person.refresh_from_db()
    assert client_codes.is_well_formed(person.client_code)
    assert f"Code client : {client_codes.display(person.client_code)}.".replace("\u00a0", " ") in text_of(answer)


def test_second_opening_tells_no_code_client(advisor_browser, new_client):
    answer = advisor_browser.post(
        f"{CLIENTS}{new_client.pk}/ouvrir/contrat/", {"kind": "card", "token": uuid.uuid4()}, follow=True
    )
    assert "Contrat souscrit" in text_of(answer)
    assert client_codes.display(new_client.client_code).replace("\u00a0", " ") not in text_of(answer)
    assert new_client.service_contracts.count() == 1


def test_page_of_an_act_names_the_person(advisor_browser, new_client):
    for act in ("ouvrir/compte", "ouvrir/contrat", "espace-en-ligne"):
        page = text_of(advisor_browser.get(f"{CLIENTS}{new_client.pk}/{act}/"))
        assert "Mme Inès Léa MARTIN" in page
        assert "25 juillet 1988" in page


def test_opening_without_a_kind_is_asked_for_again(advisor_browser, person):
    answer = advisor_browser.post(f"{CLIENTS}{person.pk}/ouvrir/compte/", {"token": uuid.uuid4()})
    assert "Ce champ est obligatoire" in text_of(answer)
    assert not person.bank_accounts.exists()


def test_advisor_creates_the_online_space(advisor_browser, person, advisor):
    open_account(person, kind="current", by=Actor(advisor))
    answer = advisor_browser.post(f"{CLIENTS}{person.pk}/espace-en-ligne/", follow=True)
    assert "Espace en ligne créé. Le code secret provisoire partira par pli scellé." in text_of(answer)
    person.refresh_from_db()
    assert makers.open_letter(person).name == "Madame Martin"


def test_online_space_before_the_first_opening_is_refused_with_the_reason(advisor_browser, person):
    answer = advisor_browser.post(f"{CLIENTS}{person.pk}/espace-en-ligne/", follow=True)
    assert "Ouvrez d’abord un compte ou un contrat" in text_of(answer)
    assert not SealedLetter.objects.exists()


def test_page_of_the_online_space_says_at_once_that_there_is_no_code_client(advisor_browser, person):
    page = text_of(advisor_browser.get(f"{CLIENTS}{person.pk}/espace-en-ligne/"))
    assert "Ouvrez d’abord un compte ou un contrat" in page
    assert 'type="submit" class="default"' not in page


def test_page_of_the_online_space_says_at_once_that_it_exists(advisor_browser, new_client):
    page = text_of(advisor_browser.get(f"{CLIENTS}{new_client.pk}/espace-en-ligne/"))
    assert "existe déjà" in page
    assert 'type="submit" class="default"' not in page


def test_sheet_offers_the_online_space_only_when_it_can_be_created(advisor_browser, advisor):
    person = makers.make_person(advisor)
    link = f"{CLIENTS}{person.pk}/espace-en-ligne/"
    assert link not in text_of(advisor_browser.get(sheet(person)))
    open_account(person, kind="current", by=Actor(advisor))
    assert link in text_of(advisor_browser.get(sheet(person)))
    advisor_browser.post(link)
    assert link not in text_of(advisor_browser.get(sheet(person)))


@pytest.mark.parametrize("look", ["ines martin 25/07/1988", "marti", "06 12 34 56 78", "code", "account", "iban"])
def test_lost_code_client_is_found_again(advisor_browser, new_client, look):
    account = new_client.bank_accounts.get()
    said = {"code": new_client.client_code, "account": account.number, "iban": ibans.display(account.iban)}.get(
        look, look
    )
    page = text_of(advisor_browser.post(CLIENTS, {"said": said}, follow=True))
    assert f"•••• ••• {new_client.client_code[-3:]}" in page
    assert f'href="{sheet(new_client)}' in page


@pytest.mark.parametrize(
    ("look", "sentence"),
    [
        ("5724816390", "Ce numéro comporte une erreur de saisie"),
        ("martin 31/02/1958", "Cette date n’existe pas : 31/02/1958."),
    ],
)
def test_look_up_explains_what_cannot_be_found(advisor_browser, new_client, look, sentence):
    assert sentence in text_of(advisor_browser.post(CLIENTS, {"said": look}, follow=True))


def test_look_up_of_an_unknown_person_shows_nobody(advisor_browser, new_client):
    found = advisor_browser.post(CLIENTS, {"said": "Personne 01/01/1970"}, follow=True)
    assert "MARTIN" not in text_of(found)
    assert "Personne ne correspond" in text_of(found)


# Bad input: a sentence, and nothing typed is lost.


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("birth_date", "01/01/2999", "est dans le futur"),
        ("birth_date", "31/12/1899", "antérieure à 1900"),
        ("birth_date", "31/02/1980", "Cette date n’existe pas : 31/02/1980."),
        ("birth_date", "12/03/58", "Écrivez la date ainsi : 12/03/1958."),
        ("birth_date", "demain", "Écrivez la date ainsi : 12/03/1958."),
        ("birth_date", "Lagaffe 12/03/1958", "Écrivez la date ainsi : 12/03/1958."),
        ("birth_date", "", "Écrivez la date de naissance"),
        ("family_name", "12345", "Un nom s’écrit avec des lettres"),
        ("family_name", "...", "Un nom s’écrit avec des lettres"),
        ("family_name", "<b>Lagaffe</b>", "Un nom s’écrit avec des lettres"),
        ("mobile_phone", "06 12", "Ce numéro de téléphone n’est pas reconnu"),
        ("home_phone", "maison", "Ce numéro de téléphone n’est pas reconnu"),
        ("postcode", "123", "Un code postal français a cinq chiffres"),
        ("postcode", "٤٤٠٠٠", "Un code postal français a cinq chiffres"),
        ("email", "gaston", "adresse de courriel valide"),
        ("family_name", "", "Ce champ est obligatoire"),
        ("family_name", "x" * 81, "au plus 80 caractères"),
        ("street", "x" * 39, "au plus 38 caractères"),
        ("city", "Nan\x00tes", "caractère nul"),
        ("advisor", "", "Ce champ est obligatoire"),
    ],
)
def test_bad_input_is_answered_with_a_sentence_and_the_typed_values(advisor_browser, advisor, field, value, sentence):
    answer = advisor_browser.post(ADD, typed(advisor, **{field: value}))
    form = answer.context["adminform"].form
    assert sentence in " ".join(form.errors[field])
    assert list(form.errors) == [field]
    assert 'value="Gaston Aimé"' in text_of(answer)
    assert form[field].value() == value
    assert not Client.objects.exists()


@pytest.mark.parametrize("given_names", ["2", "Gaston <Aimé>", "٣"])
def test_given_names_are_made_of_letters(advisor_browser, advisor, given_names):
    answer = advisor_browser.post(ADD, typed(advisor, given_names=given_names))
    assert "Un nom s’écrit avec des lettres" in text_of(answer)


@pytest.mark.parametrize(
    "name", ["Le Goff-Œuvrard", "d'Hondt", "D’Hondt", "St. John", "Нина", "Παπαδόπουλος", "Nguyễn", "Ele\u0301"]
)
def test_names_of_any_script_that_papers_show_are_taken(advisor_browser, advisor, name):
    advisor_browser.post(ADD, typed(advisor, family_name=name))
    assert Client.objects.get().family_name == name


@pytest.mark.parametrize(("name", "sign"), [("李小龍", "李 » (U+674E)"), ("नीना", "न » (U+0928)")])
def test_name_that_no_paper_can_show_is_refused_by_its_sign_and_kept_in_the_field(advisor_browser, advisor, name, sign):
    page = text_of(advisor_browser.post(ADD, typed(advisor, family_name=name)))
    assert f"Le signe « {sign} ne peut pas être imprimé. Écrivez-le autrement." in page
    assert f'value="{name}"' in page
    assert not Client.objects.exists()


@pytest.mark.parametrize("born", ["12.03.1958", "12-03-1958", "1958-03-12", "12 mars 1958", "12031958"])
def test_birth_date_is_taken_in_the_notations_people_use(advisor_browser, advisor, born):
    advisor_browser.post(ADD, typed(advisor, birth_date=born))
    assert Client.objects.get().birth_date == date(1958, 3, 12)


def test_browser_cuts_no_pasted_text(advisor_browser):
    page = text_of(advisor_browser.get(ADD))
    assert "maxlength" not in page.split('id="client_form"')[1]


def test_tomorrow_is_no_birth_date(advisor_browser, advisor):
    tomorrow = timezone.localdate() + timedelta(days=1)
    answer = advisor_browser.post(ADD, typed(advisor, birth_date=f"{tomorrow:%d/%m/%Y}"))
    assert "La date de naissance est dans le futur" in text_of(answer)


def test_today_and_the_first_day_of_1900_are_birth_dates(advisor_browser, advisor):
    for born, given_names in ((timezone.localdate(), "Gaston"), (date(1900, 1, 1), "Prunelle")):
        advisor_browser.post(ADD, typed(advisor, birth_date=f"{born:%d/%m/%Y}", given_names=given_names))
        assert Client.objects.filter(birth_date=born).exists()


def test_foreign_address_needs_no_french_postcode(advisor_browser, advisor):
    advisor_browser.post(ADD, typed(advisor, country="Pays-Bas", postcode="1012 AB", city="Amsterdam"))
    assert Client.objects.get().address_lines[-2:] == ("1012 AB AMSTERDAM", "PAYS-BAS")


# The same person twice.


def test_person_who_exists_is_asked_about_and_shown(advisor_browser, advisor, new_client):
    same = typed(advisor, given_names="INES-LEA", family_name="martin", birth_date="25/07/1988")
    answer = advisor_browser.post(ADD, same)
    assert "Est-ce la même personne ? Est déjà inscrit, avec un même nom et un même prénom" in text_of(answer)
    assert f'<a href="{sheet(new_client)}">' in text_of(answer)
    assert f"•••• ••• {new_client.client_code[-3:]}" in text_of(answer)
    assert Client.objects.count() == 1


def test_twin_without_code_client_is_said_to_have_none_yet(advisor_browser, advisor, person):
    same = typed(advisor, given_names="Inès Léa", family_name="Martin", birth_date="25/07/1988")
    assert "</a> (pas encore de code client)" in text_of(advisor_browser.post(ADD, same))


def test_another_person_of_the_same_names_is_registered_once_the_box_is_ticked(advisor_browser, advisor, person):
    same = typed(advisor, given_names="Inès Léa", family_name="Martin", birth_date="25/07/1988")
    advisor_browser.post(ADD, same | {"is_another_person": "on"})
    assert Client.objects.filter(family_key="martin").count() == 2


def test_two_namesakes_can_each_be_changed_without_a_question(advisor_browser, advisor):
    one, _ = makers.make_person(advisor), makers.make_person(advisor)
    answer = advisor_browser.post(sheet(one), again(advisor_browser, one, city="Bron"))
    assert answer.status_code == 302
    one.refresh_from_db()
    assert one.city == "Bron"


def test_change_that_makes_a_namesake_is_asked_about(advisor_browser, advisor, person):
    other = makers.make_person(advisor, family_name="Martan")
    answer = advisor_browser.post(sheet(other), again(advisor_browser, other, family_name="Martin"))
    assert "Est déjà inscrit" in text_of(answer)
    other.refresh_from_db()
    assert other.family_name == "Martan"


# Double clicks.


def test_second_click_on_register_makes_no_second_person(advisor_browser, advisor):
    fields = typed(advisor)
    advisor_browser.post(ADD, fields)
    answer = advisor_browser.post(ADD, fields, follow=True)
    assert Client.objects.count() == 1
    assert "Cette fiche venait d’être enregistrée" in text_of(answer)


def test_second_click_on_open_makes_no_second_account(advisor_browser, person):
    fields = {"kind": "current", "token": uuid.uuid4()}
    for _ in range(2):
        assert advisor_browser.post(f"{CLIENTS}{person.pk}/ouvrir/compte/", fields).status_code == 302
    assert person.bank_accounts.count() == 1


def test_second_click_on_online_space_makes_no_second_letter(advisor_browser, new_client):
    answer = advisor_browser.post(f"{CLIENTS}{new_client.pk}/espace-en-ligne/", follow=True)
    assert "existe déjà" in text_of(answer)
    assert SealedLetter.objects.count() == 1


def test_each_page_brings_a_new_token_that_browsers_do_not_restore(advisor_browser, person):
    tokens = set()
    for page in (ADD, f"{CLIENTS}{person.pk}/ouvrir/compte/"):
        for _ in range(2):
            answer = advisor_browser.get(page)
            form = answer.context.get("form") or answer.context["adminform"].form
            tokens.add(str(form["token"].value()))
            assert "no-store" in answer["Cache-Control"]  # by which browsers keep nothing of its forms either
    assert len(tokens) == 4


def clicks(advisor, page, fields, count=6):
    """The same POST from several threads at once; the answers' statuses."""

    def click(tab):
        return tab.post(page, fields).status_code

    return at_once.in_threads([partial(click, tab) for tab in StrictBrowser.tabs(advisor, count)])


@pytest.mark.django_db(transaction=True)
def test_clicks_on_register_at_the_same_instant_make_one_person(advisor):
    assert set(clicks(advisor, ADD, typed(advisor))) == {302}
    assert Client.objects.count() == 1
    assert SecurityEvent.objects.filter(kind="client_registered").count() == 1


@pytest.mark.django_db(transaction=True)
def test_clicks_on_open_at_the_same_instant_make_one_account(advisor, person):
    page = f"{CLIENTS}{person.pk}/ouvrir/compte/"
    assert set(clicks(advisor, page, {"kind": "current", "token": str(uuid.uuid4())})) == {302}
    assert person.bank_accounts.count() == 1


@pytest.mark.django_db(transaction=True)
def test_clicks_on_online_space_at_the_same_instant_make_one_letter(advisor, person):
    open_account(person, kind="current", by=Actor(advisor))
    assert set(clicks(advisor, f"{CLIENTS}{person.pk}/espace-en-ligne/", {})) == {302}
    assert SealedLetter.objects.count() == 1


# Changes and the journal.


def test_saving_a_sheet_does_not_undo_what_another_desk_did_meanwhile(advisor_browser, advisor, person):
    """The code is issued between the moment the sheet is read for saving and the moment it is written."""
    fields = again(advisor_browser, person, city="Bron")

    def open_at_the_other_desk(instance, **kwargs):
        open_account(Client.objects.get(pk=instance.pk), kind="current", by=Actor(advisor))

    pre_save.connect(open_at_the_other_desk, sender=Client)
    try:
        advisor_browser.post(sheet(person), fields)
    finally:
        pre_save.disconnect(open_at_the_other_desk, sender=Client)
    person.refresh_from_db()
    assert person.city == "Bron"
    assert person.client_code is not None


def test_sheet_left_open_does_not_write_an_old_address_back(advisor_browser, person):
    fields = again(advisor_browser, person, email="new@example.org")
    Client.objects.filter(pk=person.pk).update(street="2 rue Neuve")
    answer = advisor_browser.post(sheet(person), fields)
    person.refresh_from_db()
    assert "modifiée depuis que vous l’avez ouverte" in text_of(answer)
    assert (person.street, person.email) == ("2 rue Neuve", "ines@example.org")


def test_posted_code_client_changes_nothing(advisor_browser, new_client):
    code = new_client.client_code
    fields = again(advisor_browser, new_client, client_code="1000000009", user="", registered_at="01/01/2000")
    advisor_browser.post(sheet(new_client), fields)
    new_client.refresh_from_db()
    assert (new_client.client_code, new_client.user_id is None) == (code, False)


@pytest.mark.parametrize(("changed", "moved"), [({"street": "1 rue Neuve"}, True), ({"email": "n@example.org"}, False)])
def test_change_of_address_is_kept_apart_from_others(advisor_browser, person, changed, moved):
    advisor_browser.post(sheet(person), again(advisor_browser, person, **changed))
    assert person.contact_changes.filter(contact="address").exists() is moved


def last(kind) -> SecurityEvent:
    return SecurityEvent.objects.filter(kind=kind).latest("at")


def test_registration_is_in_the_journal(advisor_browser, advisor):
    advisor_browser.post(ADD, typed(advisor))
    line = last("client_registered")
    assert (line.by, line.details, line.address) == (advisor, {"client": Client.objects.get().pk}, "127.0.0.1")


def test_look_at_a_sheet_is_in_the_journal(advisor_browser, advisor, new_client):
    advisor_browser.get(sheet(new_client))
    line = last("client_consulted")
    assert (line.by, line.owner, line.details) == (
        advisor,
        new_client.user,
        {"client": new_client.pk, "look": "own_advisor"},
    )


def test_change_is_in_the_journal_by_the_names_of_its_fields_without_values(advisor_browser, advisor, person):
    fields = again(advisor_browser, person, street="1 rue Neuve", mobile_phone="07 11 22 33 44")
    advisor_browser.post(sheet(person), fields)
    line = last("client_changed")
    assert line.by == advisor
    assert line.details == {"client": person.pk, "fields": "mobile_phone street"}


def test_sheet_saved_unchanged_leaves_no_line(advisor_browser, new_client):
    assert advisor_browser.post(sheet(new_client), again(advisor_browser, new_client)).status_code == 302
    assert not SecurityEvent.objects.filter(kind="client_changed").exists()


def test_opening_at_the_desk_is_in_the_journal_with_the_address_it_came_from(advisor_browser, advisor, person):
    advisor_browser.post(f"{CLIENTS}{person.pk}/ouvrir/compte/", {"kind": "current", "token": uuid.uuid4()})
    for kind in ("client_code_issued", "account_opened"):
        assert (last(kind).by, last(kind).address) == (advisor, "127.0.0.1")


def test_number_that_no_plan_knows_may_stay_while_something_else_is_changed(advisor_browser, person):
    Client.objects.filter(pk=person.pk).update(home_phone="+99912345678")
    advisor_browser.post(sheet(person), again(advisor_browser, person, city="Nantes"))
    person.refresh_from_db()
    assert (person.city, person.home_phone) == ("Nantes", "+99912345678")
    refused = advisor_browser.post(sheet(person), again(advisor_browser, person, home_phone="+99912345679"))
    assert "Ce numéro de téléphone n’est pas reconnu" in text_of(refused)
