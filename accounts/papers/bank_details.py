"""The RIB: where to send money to an account."""

from datetime import date
from pathlib import Path

from stdnum import iban

from accounts.papers.contents import Contents, dated, line, lines


class BankDetailsContents(Contents, frozen=True, kw_only=True):
    """A paper for employers and suppliers: no code client, address or balance, which are none of their business.

    The code client is personal: with it, a stranger could ask for letters and use up the client's attempts.
    """

    SOURCE = Path(__file__).with_name("bank_details.typ")

    issued_on: date
    holders: tuple[str, ...]
    account_label: str
    bank_code: str
    branch_code: str
    account_number: str
    key: str
    iban: str
    bic: str
    domiciliation: str

    def printed(self) -> dict[str, object]:
        return {
            **dated(self.issued_on),
            "holders": lines(self.holders),
            "account": line(self.account_label),
            "parts": [
                ["Code banque", line(self.bank_code)],
                ["Code guichet", line(self.branch_code)],
                ["Numéro de compte", line(self.account_number)],
                ["Clé RIB", line(self.key)],
            ],
            "iban": iban.format(line(self.iban)).replace(" ", "\u00a0"),
            "bic": line(self.bic),
            "domiciliation": line(self.domiciliation),
        }
