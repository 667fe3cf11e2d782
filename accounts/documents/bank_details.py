"""The RIB of an account, as a paper."""

from datetime import date

from accounts import bank
from accounts.models import BankAccount
from accounts.notation import ibans
from accounts.papers.bank_details import BankDetailsContents
from auth_codes import wording


@wording.in_french()
def contents_of(account: BankAccount, today: date) -> BankDetailsContents:
    """What is printed on it: the holders' names without their addresses, so that a proxy may have it as well."""
    rib = account.rib_parts
    return BankDetailsContents(
        bank_name=bank.NAME,
        issued_on=today,
        holders=tuple(map(str, account.holders.all())),
        account_label=account.label,
        bank_code=rib.bank,
        branch_code=rib.branch,
        account_number=rib.number,
        key=rib.key,
        iban=account.iban,
        bic=ibans.BIC,
        domiciliation=ibans.DOMICILIATION,
    )
