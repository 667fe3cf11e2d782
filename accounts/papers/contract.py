"""The contract of a service: a credit, an insurance, a card."""

from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from accounts.papers.contents import ContentsForClient, PaperKind, dated, line
from auth_codes import wording


class ContractContents(ContentsForClient, frozen=True, kw_only=True):
    """`kind` is « credit », « insurance » or « card » and chooses the paragraphs; `terms` are rows of label and value.

    `concluded_at`, with its time zone, is when the client agreed online.
    """

    SOURCE = Path(__file__).with_name("contract.typ")
    KIND = PaperKind(
        stored_as="contract",
        name=_("Contrat"),
        plural=_("Contrats"),
        icon="edit",
        page="accounts/documents/contract.html",
        place=2,
        is_opened_at_the_desk=True,
        tells_operations=False,
    )

    kind: str
    title: str
    number: str
    client_name: str
    concluded_at: datetime
    terms: tuple[tuple[str, str], ...]
    advisor: str
    bank_phone: str

    def printed(self) -> dict[str, object]:
        return {
            **super().printed(),
            **dated(wording.local(self.concluded_at).date()),
            "kind": self.kind,
            "title": line(self.title) or "Contrat",
            "number": line(self.number),
            "client_name": line(self.client_name),
            "hour": wording.hour(self.concluded_at),
            "terms": [[line(label), line(value)] for label, value in self.terms],
            "advisor": line(self.advisor),
            "bank_phone": line(self.bank_phone).replace(" ", "\u00a0"),
        }
