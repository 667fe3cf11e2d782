"""Papers of contracts, and the letter of welcome: issued with the opening, once."""

import uuid
from datetime import UTC, date, datetime

import pytest

from accounts import client_codes
from accounts.bank_accounts.opening import open_account, open_service_contract
from accounts.documents.issuing import contents_of, pdf_of
from accounts.models import BankAccount, DocumentFile, Letter, ServiceContract
from accounts.notation import ibans
from auth_codes.actor import Actor
from tests import pdfs

CURRENT, CARD = BankAccount.Kind.CURRENT, ServiceContract.Kind.CARD


def text_of(document) -> str:
    text = " ".join(page.extract_text() for page in pdfs.read(pdf_of(document)).pages)
    return text.replace("\u00a0", " ").replace("\n", " ")


@pytest.mark.parametrize("kind", ServiceContract.Kind.values)
def test_contract_issues_its_paper_at_once(person, advisor, kind):
    contract = open_service_contract(person, kind=kind, by=Actor(advisor))
    contract.refresh_from_db()
    assert contract.document.client == person
    assert (contract.document.kind, contract.document.title[:7]) == ("contract", "Contrat")
    assert DocumentFile.objects.filter(document=contract.document).exists()
    text = text_of(contract.document)
    assert ibans.display_number(contract.number).replace("\u00a0", " ") in text
    assert client_codes.display(person.client_code).replace("\u00a0", " ") in text


def test_same_act_issues_one_paper(person, advisor):
    token = uuid.uuid4()
    for _ in range(3):
        open_service_contract(person, kind=CARD, by=Actor(advisor), token=token)
    assert person.documents.filter(kind="contract").count() == 1


def test_contract_of_a_card_names_the_account_that_it_is_linked_to(person, advisor):
    assert "À désigner avec votre conseiller" in text_of(
        open_service_contract(person, kind=CARD, by=Actor(advisor)).document
    )
    account = open_account(person, kind=CURRENT, by=Actor(advisor))
    text = text_of(open_service_contract(person, kind=CARD, by=Actor(advisor)).document)
    assert ibans.display_number(account.number).replace("\u00a0", " ") in text


def test_first_opening_writes_the_letter_of_welcome_and_no_later_one(person, advisor):
    open_account(person, kind=CURRENT, by=Actor(advisor))
    open_service_contract(person, kind=CARD, by=Actor(advisor))
    letter = Letter.objects.get(document__client=person)
    assert (letter.written_by, letter.document.title) == (advisor, "Bienvenue : voici votre code client")
    assert client_codes.display(person.client_code).replace("\u00a0", " ") in text_of(letter.document)


def test_papers_are_of_the_day_of_the_opening(person, advisor):
    at = datetime(2024, 5, 3, 22, 30, tzinfo=UTC)  # the 4th in Paris
    contract = open_service_contract(person, kind=CARD, by=Actor(advisor), at=at)
    account = open_account(person, kind=CURRENT, by=Actor(advisor), at=at)
    day = date(2024, 5, 4)
    assert {document.issued_on for document in person.documents.all()} == {day}
    assert contents_of(contract.document).concluded_at == at
    assert (contract.opened_on, account.opened_on, account.holdings.get().since) == (day, day, day)


def test_paper_keeps_name_and_address_of_the_day(person, advisor):
    contract = open_service_contract(person, kind=CARD, by=Actor(advisor))
    before = pdf_of(contract.document)
    person.family_name, person.street = "Moreau", "1 rue Neuve"
    person.save()
    assert pdf_of(contract.document) == before
    assert "MARTIN" in text_of(contract.document)
