"""A transfer by somebody who reads English: the sentences, the amounts as he types and reads them, French papers."""

import re
from decimal import Decimal
from html import unescape

import pytest

from accounts.models import Document, Entry, Holding, Transfer, User
from accounts.notation import typed_amounts
from accounts.transfers import ordering
from auth_codes.models import Notice, SecurityEvent
from tests import makers, pdfs
from tests.conftest import StrictBrowser
from tests.pages import seen
from tests.standing import made_once

pytestmark = pytest.mark.django_db

NEW = "/espace-client/virements/nouveau/"


@made_once
def savings(client_, current):
    return makers.make_savings(client_)


@pytest.fixture
def english(client_):
    return StrictBrowser.logged_in(client_.user, headers={"Accept-Language": "en"})


def text(answer) -> str:
    return re.sub(r"[ \n\u00a0]+", " ", unescape(re.sub(r"<[^>]*>", " ", seen(answer.content.decode()))))


def typed(source, destination, amount, label=""):
    return {"source": source.pk, "destination": destination.pk, "amount": amount, "label": label}


def confirmed(browser, order):
    answer = browser.post(order.get_absolute_url(), {"password": makers.CODE, "seal": ordering.fingerprint(order)})
    assert answer.status_code == 302, text(answer)
    return Transfer.objects.get(pk=order.pk)


@pytest.mark.parametrize(
    ("amount", "kept"), [("1,000.00", "1000"), ("€1,000.00", "1000"), ("12.5", "12.5"), ("12,50", "12.5"), ("7", "7")]
)
def test_amount_is_taken_as_english_and_as_french_write_it(english, client_, current, savings, amount, kept):
    answer = english.post(NEW, typed(current, savings, amount))
    assert answer.status_code == 302
    assert client_.transfers.get().amount == Decimal(kept)


@pytest.mark.parametrize("amount", ["1,234", "1.234", "12,345"])
def test_amount_that_can_be_read_in_two_ways_is_refused_with_both(english, client_, current, savings, amount):
    before, after = re.split("[.,]", amount)
    page = text(english.post(NEW, typed(current, savings, amount)))
    proposed = f"{before}{after}", f"{before}.{after[:2]}"
    assert "Do you mean {} or {}? Please write one of the two.".format(*proposed) in page
    assert [str(typed_amounts.read(one)) for one in proposed] == [f"{proposed[0]}.0", proposed[1]]
    assert f'value="{amount}"' in english.post(NEW, typed(current, savings, amount)).content.decode()
    assert not client_.transfers.exists()


def test_each_mistake_is_told_in_english(english, current, savings):
    page = text(english.post(NEW, {"source": "", "destination": "x", "amount": "dix", "label": "e" * 61}))
    assert "Choose the account to take the money from." in page
    assert "Choose the account to send the money to in this list." in page
    assert "Write the amount in figures, for example 150 or 1,234.56." in page
    assert "The description has 60 characters at most; yours has 61." in page


def test_what_the_operation_refuses_names_amounts_as_english_writes_them(english, current, savings):
    page = text(english.post(NEW, typed(current, savings, "1,000.01")))
    assert "There is €1,000.00 available on this account." in page
    page = text(english.post(NEW, typed(current, savings, "15,000.01")))
    assert "You can transfer €15,000.00 a day online; you have €15,000.00 left today." in page


def test_order_to_begin_anew_is_written_so_that_it_is_taken_again(english, client_, current, savings):
    order = ordering.prepare(client_, current, savings, Decimal(1000))
    page = english.get(f"{NEW}?comme={order.pk}").content.decode()
    assert 'value="1,000.00"' in page
    assert typed_amounts.read("1,000.00") == order.amount


def test_review_and_done_page_are_english_and_what_stays_is_french(english, client_, current, savings):
    order = ordering.prepare(client_, current, savings, Decimal("999.50"))
    review = text(english.get(order.get_absolute_url()))
    assert "Transfer of €999.50" in review
    assert "Balance afterwards: €0.50" in review
    order = confirmed(english, order)
    assert "Transfer made" in text(english.get(order.get_absolute_url()))
    receipt = Document.objects.get(kind="receipt")
    assert receipt.title.startswith("Avis de virement du ")
    assert {entry.label[:12] for entry in Entry.objects.filter(booking=order.booking)} == {
        "Virement émi",
        "Virement reç",
    }
    assert '"from_label": "Compte courant"' in receipt.contents


def test_receipt_is_drawn_in_french_when_it_is_first_asked_for_in_english(english, client_, current, savings):
    order = confirmed(english, ordering.prepare(client_, current, savings, Decimal("999.50")))
    drawn = b"".join(english.get(order.receipt.get_absolute_url()))
    said = " ".join(pdfs.read(drawn).pages[0].extract_text().split())
    assert "999,50 €" in said
    assert "Compte courant" in said
    assert "Ordonné par" in said


def test_wrong_code_is_told_in_english_and_moves_nothing(english, client_, current, savings):
    order = ordering.prepare(client_, current, savings, Decimal(10))
    answer = english.post(order.get_absolute_url(), {"password": "135791", "seal": ordering.fingerprint(order)})
    assert "This is not your secret code. No money has left your account." in text(answer)
    assert SecurityEvent.objects.filter(kind="transfer_code_failed").count() == 1


def test_cancelled_transfer_is_told_in_the_language_of_the_page(english, client_, current, savings):
    order = ordering.prepare(client_, current, savings, Decimal(10))
    page = text(english.post(f"{order.get_absolute_url()}annuler/", follow=True))
    assert "Transfer cancelled: no money has left your account." in page


def test_mail_to_each_holder_is_worded_in_his_own_language_whoever_orders(english, client_, current, savings, other):
    for account in (current, savings):
        Holding.objects.create(account=account, client=other)
    User.objects.filter(pk=client_.user_id).update(language="en")
    order = confirmed(english, ordering.prepare(client_, current, savings, Decimal("999.50")))
    told = {notice.owner_id: notice.facts for notice in Notice.objects.filter(kind="transfer_made")}
    ends = current.number[-4:]
    assert (told[client_.user_id]["amount"], told[other.user_id]["amount"]) == ("€999.50", "999,50\u00a0€")
    assert told[client_.user_id]["source"] == f"current account ending in {ends}"
    assert told[other.user_id]["source"] == f"compte courant se terminant par {ends}"
    assert order.receipt.title.startswith("Avis de virement")
