"""« Au nom de … »: a representative's pages, by his own two codes, with what his capacity lets him do."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.bank_accounts import holders
from accounts.models import BankAccount, Capacity, Document
from accounts.transfers import ordering, refusals
from auth_codes.actor import Actor
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import text_of
from tests.standing import made_once

pytestmark = pytest.mark.django_db


@made_once
def child(advisor):
    child = makers.make_child(advisor)
    makers.make_operations(child.bank_accounts.get(), "120")
    makers.make_savings(child)
    return child


@pytest.fixture
def acting(child, client_):
    return makers.make_representation(child, client_)


def pair(child):
    return list(child.bank_accounts.order_by("id"))


def transfer(client, source, destination):
    return ordering.prepare(client, source, destination, Decimal(10))


def test_overview_has_them_under_their_name_and_out_of_the_total(client_browser, acting, child):
    said = text_of(client_browser.get("/espace-client/"))
    assert "Au nom de Mme Léo MARTIN" in said
    assert "Vous agissez comme administrateur légal (parent)" in said
    assert "120,00" in said
    assert "Comptes d’autrui" not in said


def test_page_of_the_person_has_accounts_documents_and_contracts(client_browser, acting, child):
    said = text_of(client_browser.get(reverse("represented", args=[acting.pk])))
    for part in ("Compte courant", "Livret d’épargne", "Bienvenue", "Contrats", "Faire un virement entre ces comptes"):
        assert part in said


def test_documents_are_listed_read_and_downloaded(client_browser, acting, child):
    letter = Document.objects.get(client=child)
    listed = client_browser.get(reverse("represented_documents", args=[acting.pk]))
    assert f'href="{reverse("read_document", args=[letter.pk])}"' in listed.content.decode()
    page = client_browser.get(reverse("read_document", args=[letter.pk]))
    assert "Documents de Mme Léo MARTIN" in text_of(page)
    assert client_browser.get(letter.get_absolute_url())["Content-Type"] == "application/pdf"


def test_own_documents_do_not_mix_with_theirs(client_browser, acting, child):
    letter = Document.objects.get(client=child)
    assert f"/documents/{letter.pk}/" not in client_browser.get(reverse("documents")).content.decode()


def test_once_over_it_all_is_as_if_it_never_was(client_browser, acting, child):
    letter, [account, _] = Document.objects.get(client=child), pair(child)
    pages = [
        reverse("represented", args=[acting.pk]), reverse("represented_documents", args=[acting.pk]),
        letter.get_absolute_url(), account.get_absolute_url(),
    ]  # fmt: skip
    assert [client_browser.get(page).status_code for page in pages] == [200] * 4
    type(child).objects.filter(pk=child.pk).update(birth_date=child.birth_date.replace(year=1990, day=1))
    assert [client_browser.get(page).status_code for page in pages] == [404] * 4


def test_parent_moves_money_between_the_childs_accounts_and_to_no_other(acting, child, client_):
    source, savings = pair(child)
    assert transfer(client_, source, savings).pk
    for destination in client_.bank_accounts.all():
        with pytest.raises(refusals.NotYours):
            transfer(client_, source, destination)


def test_who_only_sees_moves_nothing(client_, advisor):
    ward = makers.make_personalised_client(advisor, given_names="Rose", email="rose@example.org")
    account, savings = ward.bank_accounts.get(), makers.make_savings(ward, "50")
    made = makers.make_representation(ward, client_, capacity=Capacity.CURATOR, may_transfer=False)
    with pytest.raises(refusals.NotYours):
        transfer(client_, savings, account)
    said = text_of(StrictBrowser.logged_in(client_.user).get(reverse("represented", args=[made.pk])))
    assert "Faire un virement" not in said
    assert transfer(ward, savings, account).pk  # who is assisted keeps his own space


def test_joint_account_of_the_person_is_seen_and_takes_no_money(acting, child, client_, advisor):
    source, savings = pair(child)
    holders.add_holder(savings, makers.make_person(advisor, given_names="Luc"), by=Actor(advisor))
    assert savings in BankAccount.objects.seen_by(client_, timezone.localdate())
    with pytest.raises(refusals.NotYours):
        transfer(client_, source, savings)


def test_form_says_in_whose_name(client_browser, acting):
    said = text_of(client_browser.get(reverse("new_transfer")))
    assert "au nom du titulaire" in said
    assert "par procuration" not in said


def test_minor_with_codes_of_his_own_reads_and_moves_nothing(advisor):
    born = makers.make_child(advisor, 16, given_names="Zoé").birth_date
    young = makers.make_personalised_client(advisor, given_names="Tom", birth_date=born)
    account, savings = young.bank_accounts.get(), makers.make_savings(young, "50")
    browser = StrictBrowser.logged_in(young.user)
    assert browser.get(account.get_absolute_url()).status_code == 200
    with pytest.raises(refusals.NotYours) as refused:
        transfer(young, savings, account)
    assert refused.value.sentence == refusals.MINORS_READ
    assert "Avant 18 ans, on consulte ses comptes" in text_of(browser.get(reverse("new_transfer")))


def test_both_read_it_under_mon_profil(advisor, client_):
    ward = makers.make_personalised_client(advisor, given_names="Rose", family_name="Petit", email="rose@example.org")
    makers.make_representation(ward, client_, capacity=Capacity.CURATOR, may_transfer=False)
    assert "Qui agit pour moi" in text_of(StrictBrowser.logged_in(ward.user).get(reverse("profile")))
    assert "Pour qui j’agis" in text_of(StrictBrowser.logged_in(client_.user).get(reverse("profile")))


def test_mandate_on_the_same_account_shows_it_once(client_browser, acting, child, client_):
    account = child.bank_accounts.first()
    makers.make_mandate(account, client_)
    assert client_browser.get("/espace-client/").content.decode().count(f'href="{account.get_absolute_url()}"') == 1
