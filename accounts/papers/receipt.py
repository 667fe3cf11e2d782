"""The receipt of a transfer between two accounts of the client's own."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.papers.contents import ContentsForClient, PaperKind, dated, line
from auth_codes import wording


class ReceiptContents(ContentsForClient, frozen=True, kw_only=True):
    """`amount` in euros; `label` is what the client called the transfer, empty when nothing.

    `confirmed_at`, with its time zone, is when he confirmed, `executed_on` the day of the booking.
    """

    SOURCE = Path(__file__).with_name("receipt.typ")
    KIND = PaperKind(
        stored_as="receipt",
        name=_("Avis de virement"),
        plural=pgettext_lazy("several", "Avis de virement"),
        icon="transfer",
        page="accounts/documents/receipt.html",
        place=4,
        # It tells each operation, which the desk shows on no page: whoever has no need to know must not learn it here.
        is_opened_at_the_desk=False,
        tells_operations=True,
        file_name="{document.issued_on} {document.transfer.reference}",  # there may be many on one day
    )

    reference: str
    confirmed_at: datetime
    executed_on: date
    amount: Decimal
    from_label: str
    from_number: str
    to_label: str
    to_number: str
    label: str
    ordered_by: str
    bank_phone: str

    def printed(self) -> dict[str, object]:
        confirmed_on = wording.local(self.confirmed_at).date()
        return {
            **super().printed(),
            **dated(confirmed_on),
            "amount": wording.euros(self.amount),
            "bank_phone": line(self.bank_phone).replace(" ", "\u00a0"),
            "facts": [
                ["Référence", line(self.reference)],
                ["Du compte", f"{line(self.from_label)} n°\u00a0{line(self.from_number)}"],
                ["Vers le compte", f"{line(self.to_label)} n°\u00a0{line(self.to_number)}"],
                ["Motif", line(self.label) or "Sans motif"],
                ["Ordonné par", line(self.ordered_by)],
                ["Confirmé le", f"{wording.day(confirmed_on)} à {wording.hour(self.confirmed_at)} (heure de Paris)"],
                ["Exécuté le", wording.day(self.executed_on)],
            ],
        }
