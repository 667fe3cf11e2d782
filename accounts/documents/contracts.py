"""The paper of a service contract, issued when it is concluded."""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone

from accounts.documents import issuing
from accounts.models import BankAccount, Document, ServiceContract
from accounts.notation import ibans
from accounts.papers.contract import ContractContents
from auth_codes import wording

Kind = ServiceContract.Kind
TITLES: dict[str, str] = {
    Kind.CREDIT: "Contrat de crédit",
    Kind.INSURANCE: "Contrat d’assurance",
    Kind.CARD: "Contrat de carte bancaire",
}
# What was agreed in figures stands in the offer that the client was given: the portal does not keep it.
AGREED: dict[str, tuple[tuple[str, str], ...]] = {
    Kind.CREDIT: (
        ("Montant, taux et durée", "Ceux de l’offre de crédit que vous avez acceptée"),
        ("Échéances", "Aux dates et pour les montants du tableau d’amortissement joint à cette offre"),
    ),
    Kind.INSURANCE: (
        ("Risques couverts", "Ceux des conditions particulières que vous avez acceptées"),
        ("Cotisation", "Au montant et aux dates de ces conditions particulières"),
    ),
    Kind.CARD: (("Plafonds et cotisation", "Ceux de la brochure tarifaire qui vous a été remise"),),
}


def issue(contract: ServiceContract, *, at: datetime) -> Document:
    """Issues the contract's paper, concluded at that moment, and keeps its PDF at once: its text binds both sides."""
    current = contract.client.bank_accounts.filter(kind=BankAccount.Kind.CURRENT, closed_on=None).first()
    document = drafted(contract, at=at, account=current)
    document.save(force_insert=True)
    issuing.pdf_of(document)
    contract.document = document
    contract.save(update_fields=["document"])
    return document


def drafted(contract: ServiceContract, *, at: datetime, account: BankAccount | None) -> Document:
    """The same unsaved; `account` is the one that a card is linked to."""
    client = contract.client
    contents = ContractContents(
        **issuing.addressed_to(client),
        kind=contract.kind,
        title=TITLES[contract.kind],
        number=ibans.display_number(contract.number),
        client_name=str(client),
        concluded_at=at,
        terms=tuple(_terms(contract, account)),
        advisor=client.advisor_name,
    )
    title = f"{TITLES[contract.kind]} n°\u00a0{ibans.display_number(contract.number)}"
    return issuing.drafted(client, contents, title=title, on=timezone.localdate(at))


def _terms(contract: ServiceContract, account: BankAccount | None) -> Iterator[tuple[str, str]]:
    yield "Souscripteur", str(contract.client)
    yield "Date d’effet", wording.day(contract.opened_on)
    if contract.kind == Kind.CARD:
        linked = (
            f"{account.label} n°\u00a0{ibans.display_number(account.number)}"
            if account
            else "À désigner avec votre conseiller"
        )
        yield "Compte lié à la carte", linked
    yield from AGREED[contract.kind]
