"""The papers of the demo's people."""

import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import NamedTuple, Self

from dateutil.relativedelta import relativedelta
from django.utils import timezone

from accounts.documents import contracts, issuing, letters, statements
from accounts.models import BankAccount, Client, Document, Letter, ServiceContract
from accounts.papers.letter import LetterContents
from auth_codes.actor import Actor

MONTHS = 12
SUBJECT = "Votre rendez-vous du mois prochain"
BODY = """\
Comme convenu au téléphone, je vous propose de faire ensemble le point sur votre épargne et sur votre projet d’achat.

Apportez, si vous les avez, votre dernier avis d’imposition et l’estimation de l’agence. Une heure suffit.

Je vous appelle la semaine prochaine pour choisir le jour."""


def write_letter(client: Client, *, by: Actor) -> None:
    """One letter of an advisor's, as the desk writes them, so that « Mes documents » has each kind of paper."""
    letters.write(client, subject=SUBJECT, body=BODY, by=by, token=uuid.uuid4())


def issue_statements_of_the_year() -> None:
    """Those of the last twelve months that have ended, each as if it had been issued on the day after."""
    present = timezone.localdate().replace(day=1)
    for ago in range(MONTHS, 0, -1):
        month = present - relativedelta(months=ago)
        statements.issue_month(month, on=month + relativedelta(months=1), pool=ThreadPoolExecutor(2))


class OpeningPapers(NamedTuple):
    """A contract, its paper and the letter of welcome, unsaved, of one of many clients written in bulk."""

    contract: ServiceContract
    paper: Document
    welcome: Document
    contents: LetterContents

    @classmethod
    def of(cls, contract: ServiceContract, account: BankAccount, now: datetime) -> Self:
        day = timezone.localdate(now)
        contents = letters.welcome_contents(contract.client, day)
        welcome = issuing.drafted(contract.client, contents, title=contents.subject, on=day)
        return cls(contract, contracts.drafted(contract, at=now, account=account), welcome, contents)


def store(papers: Iterable[OpeningPapers]) -> None:
    """Writes them, and the contracts; their PDFs are made when they are first asked for."""
    papers = list(papers)
    Document.objects.bulk_create(paper for one in papers for paper in (one.welcome, one.paper))
    Letter.objects.bulk_create(
        letters.unsaved_letter(one.welcome, one.contents, by=Actor(one.contract.client.advisor), token=uuid.uuid4())
        for one in papers
    )
    for one in papers:
        one.contract.document = one.paper
    ServiceContract.objects.bulk_create(one.contract for one in papers)
