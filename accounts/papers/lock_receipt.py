"""The receipt of a lock: that a client locked his access, and when."""

from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.papers.contents import ContentsForClient, PaperKind, dated, line
from auth_codes import wording


class LockReceiptContents(ContentsForClient, frozen=True, kw_only=True):
    """`way` says in words how it was locked. `position` and `mac`, in hexadecimal, are where the journal stood."""

    SOURCE = Path(__file__).with_name("lock_receipt.typ")
    KIND = PaperKind(
        stored_as="lock",
        name=_("Reçu de verrouillage"),
        plural=pgettext_lazy("several", "Reçus de verrouillage"),
        icon="lock",
        page="accounts/documents/lock_receipt.html",
        place=5,
        is_opened_at_the_desk=True,
        tells_operations=False,
    )

    reference: str
    locked_at: datetime
    way: str
    position: str
    mac: str
    bank_phone: str
    card_stop_phone: str

    def printed(self) -> dict[str, object]:
        locked_on = wording.local(self.locked_at).date()
        return {
            **super().printed(),
            **dated(locked_on),
            "bank_phone": line(self.bank_phone).replace(" ", "\u00a0"),
            "card_stop_phone": line(self.card_stop_phone).replace(" ", "\u00a0"),
            "reference": line(self.reference),
            "facts": [
                ["Référence", line(self.reference)],
                ["Verrouillé le", f"{wording.day(locked_on)} à {wording.hour(self.locked_at)} (heure de Paris)"],
                ["Comment", line(self.way)],
                ["Position du journal", line(self.position)],
                ["Sceau du journal", line(self.mac) or "Aucune ligne scellée encore"],
            ],
        }
