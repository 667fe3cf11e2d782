"""The RIB as PDF."""

from django.utils import timezone

from accounts.models import BankAccount, Holding
from tests import makers, pdfs


def rib_of(account) -> str:
    return f"/espace-client/comptes/{account.pk}/rib/"


def printed(browser, account) -> str:
    """The text of the paper without any space."""
    [page] = pdfs.read(browser.get(rib_of(account)).getvalue()).pages
    return "".join(page.extract_text().split())


def test_rib_is_a_pdf_shown_in_the_browser_and_kept_in_no_cache(client_browser, account):
    answer = client_browser.get(rib_of(account))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == f'inline; filename="RIB-{account.number}.pdf"'
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]


def test_rib_names_account_bank_and_every_holder(client_browser, account, advisor):
    other = makers.make_person(advisor, title="M.", given_names="Paul", family_name="Autre")
    Holding.objects.create(account=account, client=other)
    text = printed(client_browser, account)
    for shown in (account.iban, *account.rib_parts, "VOTRFRP0XXX", "MmeInèsLéaMARTIN", "M.PaulAUTRE"):
        assert shown in text


def test_rib_holds_neither_address_nor_code_client_nor_balance(client_browser, client_, account):
    makers.make_operations(account, "4321.09")
    text = printed(client_browser, account)
    for hidden in (client_.client_code, "ruedesLilas", "69003", "4321"):
        assert hidden not in text.replace("\u202f", "")


def test_proxy_has_the_rib_until_the_mandate_ends(client_browser, client_, advisor):
    account = makers.make_entrusted_account(advisor, client_)
    assert account.iban in printed(client_browser, account)
    account.mandates.update(revoked_at=timezone.now())
    assert client_browser.get(rib_of(account)).status_code == 404


def test_closed_account_has_no_rib(client_browser, account):
    BankAccount.objects.filter(pk=account.pk).update(closed_on=timezone.localdate())
    assert client_browser.get(rib_of(account)).status_code == 404
