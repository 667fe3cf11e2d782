"""« Virements »: the list, a new one, its review, its confirmation by the code, its receipt."""

import html
import re
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accounts import client_codes
from accounts.bank_accounts import mandates
from accounts.kinds import Event
from accounts.ledger import corrections
from accounts.models import BankAccount, Booking, Document, Holding, Transfer
from accounts.models.transfers import LIFETIME
from accounts.notation import ibans
from accounts.transfers import ordering
from auth_codes import wording
from auth_codes.actor import SYSTEM
from auth_codes.codes import checking, owners
from auth_codes.crypto import hashing
from auth_codes.models import AttemptCounter, SecurityEvent
from tests import makers, pdfs
from tests.accounts.transfers.test_transfers import make
from tests.conftest import StrictBrowser
from tests.pages import matter_of, seen
from tests.standing import made_once

pytestmark = pytest.mark.django_db

LIST, NEW = "/espace-client/virements/", "/espace-client/virements/nouveau/"


@made_once
def savings(client_, current):
    return makers.make_savings(client_)


@pytest.fixture
def order(client_, current, savings):
    return ordering.prepare(client_, current, savings, Decimal("30.10"), "Vacances d’été")


def text(answer) -> str:
    return re.sub(r"[ \n\u00a0\u202f]+", " ", html.unescape(seen(answer.content.decode())))


def page_of(order) -> str:
    return f"/espace-client/virements/{order.pk}/"


def typed(source, destination, amount="30,10", label=""):
    return {"source": source.pk, "destination": destination.pk, "amount": amount, "label": label}


def fingerprint_on(browser, order) -> str:
    return re.search(r'name="seal" value="([^"]+)"', browser.get(page_of(order)).content.decode())[1]


def confirm(browser, order, code=makers.CODE, seal=None):
    return browser.post(page_of(order), {"password": code, "seal": seal or ordering.fingerprint(order)})


def cancel(browser, order):
    return browser.post(f"{page_of(order)}annuler/")


def balance(account) -> Decimal:
    return BankAccount.objects.with_balances().get(pk=account.pk).balance


def nothing_was_booked() -> bool:
    return not Booking.objects.filter(kind=Booking.Kind.TRANSFER).exists()


def failures() -> int:
    return sum(AttemptCounter.objects.values_list("count", flat=True))


def pages(order):
    return [LIST, NEW, page_of(order), f"{page_of(order)}annuler/"]


def test_order_of_another_is_not_found_even_on_a_joint_account(client_, order, other, current):
    Holding.objects.create(account=current, client=other)
    browser = StrictBrowser.logged_in(other.user)
    foreign, unknown = browser.get(page_of(order)), browser.get(f"{LIST}{uuid4()}/")
    assert (foreign.status_code, matter_of(foreign)) == (404, matter_of(unknown))
    assert confirm(browser, order).status_code == 404
    assert browser.get(f"{NEW}?comme={order.pk}").status_code == 404
    assert order.label not in text(browser.get(LIST))


@pytest.mark.parametrize("asked", ["x", "", "\x00", "1" * 500])
def test_order_to_begin_anew_that_is_none_is_not_found_or_ignored(client_browser, order, asked):
    assert client_browser.get(NEW, {"comme": asked}).status_code == (404 if asked else 200)


def test_whole_transfer(client_browser, client_, current, savings):
    answer = client_browser.post(NEW, typed(current, savings, "1 000,00 €", " Vacances  d’été\n"))
    order = client_.transfers.get()
    assert (answer.status_code, answer["Location"]) == (302, page_of(order))
    review = text(client_browser.get(page_of(order)))
    assert "1 000,00 €" in review
    assert "Vacances d’été" in review
    assert ibans.display_number(current.number).replace("\u00a0", " ") in review
    answer = confirm(client_browser, order, seal=fingerprint_on(client_browser, order))
    assert (answer.status_code, answer["Location"]) == (302, page_of(order))
    receipt = text(client_browser.get(page_of(order)))
    assert "Virement effectué" in receipt
    assert order.reference in receipt
    assert 'name="password"' not in receipt
    assert (balance(current), balance(savings)) == (0, Decimal(1000))


def test_receipt_page_leads_to_the_paper(client_browser, order):
    confirm(client_browser, order)
    document = Document.objects.get(kind="receipt")
    assert f'href="{document.get_absolute_url()}"' in text(client_browser.get(page_of(order)))


def test_receipt_as_pdf_tells_the_transfer_and_the_code_client_to_its_owner_alone(
    client_browser, client_, order, other, current, savings
):
    for account in (current, savings):
        Holding.objects.create(account=account, client=other)
    confirm(client_browser, order)
    paper = Document.objects.get(kind="receipt").get_absolute_url()
    told = " ".join(pdfs.read(client_browser.get(paper).getvalue()).pages[0].extract_text().split())
    for part in (
        client_codes.display(client_.client_code),
        "30,10",
        "Vacances d’été",
        order.reference,
        ibans.display_number(current.number),
    ):
        assert " ".join(part.split()) in told
    assert StrictBrowser.logged_in(other.user).get(paper).status_code == 404


def test_right_code_leaves_no_failure(client_browser, order):
    confirm(client_browser, order)
    assert failures() == 0


def test_review_tells_the_balances_afterwards_and_an_overdraft(client_browser, client_, current, savings):
    BankAccount.objects.filter(pk=current.pk).update(overdraft=Decimal(500))
    order = ordering.prepare(client_, current, savings, Decimal("1200"))
    review = text(client_browser.get(page_of(order)))
    assert "\u2212200,00 €" in review
    assert "1 200,00 €" in review
    assert "sera à découvert" in review


def test_review_says_when_the_same_transfer_was_made_minutes_ago(client_browser, client_, order, current, savings):
    assert "déjà fait ce virement" not in text(client_browser.get(page_of(order)))
    confirm(client_browser, order)
    again = ordering.prepare(client_, current, savings, Decimal("30.10"))
    shown = text(client_browser.get(page_of(again)))
    assert "Vous avez déjà fait ce virement" in shown
    assert f'href="{page_of(order)}"' in shown


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"source": ""}, "source", "Choisissez le compte à débiter."),
        ({"destination": ""}, "destination", "Choisissez le compte à créditer."),
        ({"source": "999"}, "source", "dans cette liste"),
        ({"source": "abc"}, "source", "dans cette liste"),
        ({"destination": "\x00"}, "destination", "dans cette liste"),
        ({"amount": ""}, "amount", "Écrivez le montant du virement."),
        ({"amount": "1.234"}, "amount", "Voulez-vous dire 1 234 ou 1,23 ?"),
        ({"amount": "douze"}, "amount", "par exemple 150 ou 1 234,56"),
        ({"amount": "0"}, "amount", "supérieur à zéro"),
        ({"amount": "1000,01"}, "amount", "Il y a 1 000,00 € disponibles sur ce compte."),
        ({"amount": "99999999999999999"}, "amount", "disponibles sur ce compte."),
        ({"label": "x" * 61}, "label", "60 signes au plus ; le vôtre en a 61."),
    ],
)
def test_refused_order_says_why_at_the_field_and_loses_nothing(
    client_browser, current, savings, changed, field, sentence
):
    sent = typed(current, savings, "12,5", "Loyer") | changed
    answer = client_browser.post(NEW, sent)
    assert answer.status_code == 200
    form = answer.context["form"]
    assert list(form.errors) == [field]
    assert sentence in text(answer)
    for name, value in sent.items():
        if name not in changed:
            assert form[name].value() == str(value)
    assert not Transfer.objects.exists()


def test_summary_of_errors_leads_to_the_fields(client_browser, current, savings):
    shown = text(client_browser.post(NEW, {}))
    linked = re.findall(r'<li><a href="#([^"]*)"', shown)
    assert linked == ["id_source_0", "id_destination_0", "id_amount"]
    assert all(f'id="{name}"' in shown for name in linked)


def test_refusals_of_the_operation_stand_at_their_fields(client_browser, client_, current, savings, other):
    def errors(source, destination, amount="5"):
        return client_browser.post(NEW, typed(source, destination, amount)).context["form"].errors

    assert list(errors(current, current)) == ["destination"]
    BankAccount.objects.filter(pk=savings.pk).update(closed_on=timezone.localdate())
    assert "clôturé" in errors(current, savings)["destination"][0]
    assert "clôturé" in errors(savings, current)["source"][0]
    assert "liste" in errors(current, other.bank_accounts.get())["destination"][0]


@pytest.mark.parametrize(
    ("label", "kept"), [("  Loyer \n de\tmai ", "Loyer de mai"), ("a\x00b\u202ec", "abc"), ("<b>&", "<b>&"), ("", "")]
)
def test_reason_is_kept_as_one_line_of_printable_signs(client_browser, client_, current, savings, label, kept):
    client_browser.post(NEW, typed(current, savings, "5", label))
    order = client_.transfers.get()
    assert order.label == kept
    assert html.escape(kept) in client_browser.get(page_of(order)).content.decode()


def test_limit_of_the_day_stands_at_the_amount(client_browser, current, savings):
    makers.make_operations(current, "50000")
    answer = client_browser.post(NEW, typed(current, savings, "15000,01"))
    assert "Vous pouvez virer 15 000,00 € par jour en ligne" in answer.context["form"].errors["amount"][0].replace(
        "\u202f", " "
    ).replace("\u00a0", " ")


def test_closed_accounts_are_not_offered(client_browser, client_, current, savings):
    makers.make_savings(client_)
    BankAccount.objects.filter(pk=savings.pk).update(closed_on=timezone.localdate())
    assert ibans.display_number(savings.number) not in client_browser.get(NEW).content.decode()


def test_client_with_one_account_is_told_that_it_takes_two(client_browser, current):
    answer = client_browser.get(NEW)
    assert "Il faut deux comptes" in text(answer)
    assert "<form" not in matter_of(answer)


def test_form_begins_with_the_account_one_comes_from(client_browser, current, savings):
    form = client_browser.get(f"{NEW}?depuis={savings.pk}").context["form"]
    assert form["source"].value() == str(savings.pk)
    assert re.search(
        rf'value="{savings.pk}"[^>]* checked', client_browser.get(f"{NEW}?depuis={savings.pk}").content.decode()
    )


def test_order_begun_anew_has_its_fields_filled(client_browser, order, current, savings):
    form = client_browser.get(f"{NEW}?comme={order.pk}").context["form"]
    filled = {name: form[name].value() for name in form.fields}
    assert filled == {"source": current.pk, "destination": savings.pk, "amount": "30,10", "label": "Vacances d’été"}


def test_order_that_was_modified_cannot_be_confirmed_any_more(client_browser, client_, order, current, savings):
    seal = ordering.fingerprint(order)
    client_browser.post(f"{NEW}?comme={order.pk}", typed(current, savings, "31"))
    assert [waiting.amount for waiting in client_.transfers.prepared_after(timezone.now() - LIFETIME)] == [31]
    confirm(client_browser, order, seal=seal)
    assert (failures(), nothing_was_booked()) == (0, True)


def test_order_stays_while_what_replaces_it_is_refused(client_browser, client_, order, current):
    client_browser.post(f"{NEW}?comme={order.pk}", typed(current, current))
    assert client_.transfers.prepared_after(timezone.now() - LIFETIME).get() == order


def test_order_made_is_kept_when_another_like_it_is_prepared(client_browser, order, current, savings):
    confirm(client_browser, order)
    client_browser.post(f"{NEW}?comme={order.pk}", typed(current, savings, "31"))
    assert Transfer.objects.get(pk=order.pk).prepared_at == order.prepared_at


def test_what_was_typed_is_taken_when_the_order_it_replaces_is_forgotten(client_browser, client_, current, savings):
    answer = client_browser.post(f"{NEW}?comme={uuid4()}", typed(current, savings, "31"))
    assert answer["Location"] == page_of(client_.transfers.get())


def test_wrong_code_moves_nothing_is_counted_and_noted(client_browser, client_, order):
    answer = confirm(client_browser, order, makers.WRONG_CODE)
    assert answer.status_code == 200
    assert "Ce n’est pas votre code secret. Rien n’a été débité." in text(answer)
    assert makers.WRONG_CODE not in answer.content.decode()
    assert (failures(), nothing_was_booked()) == (1, True)
    line = SecurityEvent.objects.latest("id")
    assert (line.kind, line.owner) == (Event.TRANSFER_CODE_FAILED, client_.user)


def test_after_a_wrong_code_the_right_one_confirms_and_gives_the_failure_back(client_browser, order):
    confirm(client_browser, order, makers.WRONG_CODE)
    assert confirm(client_browser, order).status_code == 302
    assert failures() == 0


@pytest.mark.slow
def test_five_wrong_codes_block_transfers_and_login_alike(client_browser, client_, order, hashes):
    statuses = [confirm(client_browser, order, makers.WRONG_CODE).status_code for _ in range(5)]
    hashes.clear()
    blocked = confirm(client_browser, order)
    assert (statuses, blocked.status_code, hashes) == ([200] * 4 + [429], 429, [])
    assert int(blocked["Retry-After"]) <= 900
    assert "confirmer un virement" in text(blocked)
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.CODE).status_code == 429
    assert nothing_was_booked()


@pytest.mark.slow
def test_wrong_codes_at_the_login_and_here_share_one_count(client_browser, client_, order):
    for _ in range(3):
        makers.log_in(StrictBrowser(), client_.client_code, makers.WRONG_CODE)
    assert [confirm(client_browser, order, makers.WRONG_CODE).status_code for _ in range(3)] == [200, 429, 429]


@pytest.mark.parametrize("code", ["", "80426", "8042631", "80426O", "\uff18\uff10\uff14\uff12\uff16\uff13", "9" * 5000])
def test_malformed_code_is_explained_and_never_counted(client_browser, order, hashes, code):
    hashes.clear()
    answer = confirm(client_browser, order, code)
    assert "password" in answer.context["form"].errors
    assert (answer.status_code, hashes, failures(), nothing_was_booked()) == (200, [], 0, True)


@pytest.mark.parametrize("seal", ["x", "é", "A" * 43, "\x00"])
def test_tampered_fingerprint_voids_the_order_and_verifies_no_code(client_browser, order, hashes, seal):
    hashes.clear()
    answer = confirm(client_browser, order, seal=seal)
    assert answer["Location"] == f"{NEW}?comme={order.pk}"
    said = text(client_browser.get(answer["Location"]))
    assert "Ce virement n’est plus celui que vous avez relu." in said
    assert "rien n’a été débité" in said
    assert (hashes, failures(), nothing_was_booked()) == ([], 0, True)
    assert "a expiré" in text(client_browser.get(page_of(order)))


def test_missing_seal_voids_the_order(client_browser, order):
    client_browser.post(page_of(order), {"password": makers.CODE})
    assert nothing_was_booked()
    order.refresh_from_db()
    assert order.has_expired(timezone.now())


@pytest.mark.parametrize("altered", ["amount", "source", "destination", "label", "number", "kind"])
def test_whatever_was_altered_since_the_review_voids_it(
    client_browser, client_, order, current, savings, hashes, altered
):
    third = makers.make_savings(client_, "5000")
    seal = fingerprint_on(client_browser, order)
    row, source = Transfer.objects.filter(pk=order.pk), BankAccount.objects.filter(pk=current.pk)
    {
        "amount": lambda: row.update(amount=Decimal("301.00")),
        "source": lambda: row.update(source=third),
        "destination": lambda: row.update(destination=third),
        "label": lambda: row.update(label="Loyer"),
        "number": lambda: source.update(number="12345678901"),
        "kind": lambda: source.update(kind=BankAccount.Kind.SAVINGS),
    }[altered]()
    hashes.clear()
    answer = client_browser.post(page_of(order), {"password": makers.CODE, "seal": seal})
    assert "n’est plus celui que vous avez relu" in text(client_browser.get(answer["Location"]))
    assert (hashes, failures(), nothing_was_booked()) == ([], 0, True)


def test_order_of_one_holder_is_not_confirmed_in_the_session_of_another(client_browser, order, current, savings, other):
    for account in (current, savings):
        Holding.objects.create(account=account, client=other)
    Transfer.objects.filter(pk=order.pk).update(client=other)
    seal = ordering.fingerprint(order)
    answer = confirm(StrictBrowser.logged_in(other.user), order, seal=seal)
    assert answer["Location"] == f"{NEW}?comme={order.pk}"
    assert nothing_was_booked()


def test_fields_of_the_order_in_the_confirmation_are_not_believed(client_browser, order, current, savings):
    sent = {"password": makers.CODE, "seal": ordering.fingerprint(order), "amount": "999", "destination": current.pk}
    client_browser.post(page_of(order), sent)
    assert balance(savings) == Decimal("30.10")


def test_expired_order_says_so_and_offers_to_prepare_it_anew(client_browser, order, hashes):
    Transfer.objects.filter(pk=order.pk).update(prepared_at=timezone.now() - LIFETIME)
    order.refresh_from_db()
    hashes.clear()
    answer = confirm(client_browser, order)
    assert answer["Location"] == page_of(order)
    shown = text(client_browser.get(page_of(order)))
    assert "il a expiré" in shown
    assert f'href="{NEW}?comme={order.pk}"' in shown
    assert (hashes, failures(), nothing_was_booked()) == ([], 0, True)


def test_cancelled_order_is_gone_and_nothing_is_booked(client_browser, client_, order, hashes):
    hashes.clear()
    answer = cancel(client_browser, order)
    assert (answer.status_code, answer["Location"]) == (302, LIST)
    shown = text(client_browser.get(LIST))
    assert "Virement annulé : rien n’est débité." in shown
    assert "À confirmer" not in shown
    assert not client_.transfers.prepared_after(timezone.now() - LIFETIME).exists()
    assert (hashes, failures(), nothing_was_booked()) == ([], 0, True)


def test_cancelled_order_is_confirmed_no_more_whatever_was_read(client_browser, order, hashes):
    seal = fingerprint_on(client_browser, order)
    cancel(client_browser, order)
    hashes.clear()
    assert confirm(client_browser, order, seal=seal)["Location"] == page_of(order)
    shown = text(client_browser.get(page_of(order)))
    assert "Ce virement n’est plus à confirmer" in shown
    assert f'href="{NEW}?comme={order.pk}"' in shown
    assert (hashes, nothing_was_booked()) == ([], True)


def test_cancelling_twice_or_what_has_expired_is_answered_alike(client_browser, client_, order, current, savings):
    expired = ordering.prepare(client_, current, savings, Decimal(5))
    Transfer.objects.filter(pk=expired.pk).update(prepared_at=timezone.now() - LIFETIME)
    for left in (order, order, expired):
        assert cancel(client_browser, left)["Location"] == LIST
        assert "Virement annulé : rien n’est débité." in text(client_browser.get(LIST))


def test_cancelling_one_order_leaves_the_others(client_browser, client_, order, current, savings):
    kept = ordering.prepare(client_, current, savings, Decimal(5))
    cancel(client_browser, order)
    assert list(client_.transfers.prepared_after(timezone.now() - LIFETIME)) == [kept]
    assert confirm(client_browser, kept).status_code == 302
    assert balance(savings) == Decimal(5)


def test_cancelling_what_is_confirmed_leads_to_its_receipt(client_browser, order, savings):
    confirm(client_browser, order)
    assert cancel(client_browser, order)["Location"] == page_of(order)
    shown = text(client_browser.get(page_of(order)))
    assert "Trop tard pour annuler : vous avez déjà confirmé ce virement, il est fait." in shown
    assert "Virement effectué" in shown
    assert "Virement annulé" not in shown
    assert balance(savings) == Decimal("30.10")


def test_order_of_another_is_not_cancelled_and_like_one_that_never_was(client_, order, other, current):
    Holding.objects.create(account=current, client=other)
    browser = StrictBrowser.logged_in(other.user)
    foreign, unknown = cancel(browser, order), cancel(browser, Transfer(pk=uuid4()))
    assert (foreign.status_code, matter_of(foreign)) == (404, matter_of(unknown))
    cancel(StrictBrowser.logged_in(client_.user), order)
    assert matter_of(cancel(browser, order)) == matter_of(unknown)


def test_other_holder_s_cancelling_leaves_the_order_as_it_was(client_, order, other):
    cancel(StrictBrowser.logged_in(other.user), order)
    assert list(client_.transfers.prepared_after(timezone.now() - LIFETIME)) == [order]


def test_address_of_the_cancelling_opened_as_a_page_cancels_nothing(client_browser, client_, order):
    assert client_browser.get(f"{page_of(order)}annuler/")["Location"] == page_of(order)
    assert list(client_.transfers.prepared_after(timezone.now() - LIFETIME)) == [order]


def test_cancelling_is_a_form_of_its_own_beside_the_review_and_each_order_that_waits(client_browser, order):
    for page in (page_of(order), LIST):
        forms = re.findall(r"<form[^>]*>.*?</form>", matter_of(client_browser.get(page)), re.DOTALL)
        [own] = [form for form in forms if f'action="{page_of(order)}annuler/"' in form]
        assert "csrfmiddlewaretoken" in own
        assert "password" not in own
        assert own.count("<form") == 1


def test_replay_of_a_confirmed_order_asks_no_code_and_counts_nothing(client_browser, order, savings, hashes):
    seal = ordering.fingerprint(order)
    confirm(client_browser, order)
    hashes.clear()
    for code in (makers.CODE, makers.WRONG_CODE, ""):
        for sent in (seal, "x", ""):
            answer = client_browser.post(page_of(order), {"password": code, "seal": sent})
            assert (answer.status_code, answer["Location"]) == (302, page_of(order))
    assert (hashes, failures(), balance(savings)) == ([], 0, Decimal("30.10"))


def test_retry_after_a_day_still_finds_the_receipt(client_browser, order):
    confirm(client_browser, order)
    long_ago = timezone.now() - timedelta(days=1)
    Transfer.objects.filter(pk=order.pk).update(prepared_at=long_ago, confirmed_at=long_ago)
    assert confirm(client_browser, order)["Location"] == page_of(order)
    assert "Virement effectué" in text(client_browser.get(page_of(order)))


def test_funds_gone_since_the_review_are_told_and_no_code_is_counted(client_browser, order, current, hashes):
    makers.make_operations(current, "-990")
    hashes.clear()
    shown = text(confirm(client_browser, order))
    assert "Il y a 10,00 € disponibles sur ce compte." in shown
    assert f'href="{NEW}?comme={order.pk}"' in shown
    assert (hashes, failures(), nothing_was_booked()) == ([], 0, True)


def test_review_of_an_account_closed_meanwhile_still_opens_and_says_why_not(client_browser, order, savings):
    BankAccount.objects.filter(pk=savings.pk).update(closed_on=timezone.localdate())
    assert client_browser.get(page_of(order)).status_code == 200
    assert "Ce compte est clôturé" in text(confirm(client_browser, order))


def test_session_ended_while_the_code_was_verified_books_nothing(client_browser, client_, order, monkeypatch):
    check = checking.is_right

    def ending(*arguments):
        owners.end_sessions(type(client_.user).objects.get(pk=client_.user.pk))
        return check(*arguments)

    monkeypatch.setattr(checking, "is_right", ending)
    assert confirm(client_browser, order)["Location"] == page_of(order)
    assert client_browser.get(page_of(order))["Location"].startswith("/connexion/")
    assert (failures(), nothing_was_booked()) == (0, True)


def test_access_closed_since_the_page_was_opened_books_nothing(client_browser, client_, order):
    client_.user.secret_codes.all().delete()
    confirm(client_browser, order)
    assert nothing_was_booked()


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_code_is_hashed(client_browser, order, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    inside, compute = [], hashing.argon2id

    def watching(*arguments):
        inside.append(connection.in_atomic_block)
        return compute(*arguments)

    monkeypatch.setattr(hashing, "argon2id", watching)
    assert confirm(client_browser, order).status_code == 302
    assert inside
    assert not any(inside)


def test_proxy_is_offered_the_holder_s_accounts_under_the_holder_s_name(client_browser, client_, other):
    accounts = [other.bank_accounts.get(), makers.make_savings(other)]
    makers.make_operations(accounts[0], "50")
    for account in accounts:
        makers.make_mandate(account, client_, may_transfer=True)
    shown = text(client_browser.get(NEW))
    assert f"Compte courant de {other}" in shown
    client_browser.post(NEW, typed(*accounts))
    order = client_.transfers.get()
    assert f"Au nom de {other}" in re.sub(r"<[^>]+>", " ", text(client_browser.get(page_of(order)))).replace("  ", " ")
    assert confirm(client_browser, order).status_code == 302
    assert other.client_code not in client_browser.get(page_of(order)).content.decode()


def test_proxy_who_mixes_accounts_is_told_the_rule(client_browser, client_, current, other):
    entrusted = other.bank_accounts.get()
    makers.make_mandate(entrusted, client_, may_transfer=True)
    errors = client_browser.post(NEW, typed(current, entrusted)).context["form"].errors
    assert "entre deux comptes d’un même titulaire" in errors["destination"][0]


def test_account_that_goes_with_no_other_is_not_offered(client_browser, client_, current, other):
    entrusted = other.bank_accounts.get()
    makers.make_mandate(entrusted, client_, may_transfer=True)
    assert "Il faut deux comptes" in text(client_browser.get(NEW))
    makers.make_savings(client_)
    shown = text(client_browser.get(NEW))
    assert f"Compte courant de {other}" not in shown
    assert f'value="{current.pk}"' in shown


def test_proxy_who_may_only_look_is_offered_nothing(client_browser, client_, other):
    for account in (other.bank_accounts.get(), makers.make_savings(other)):
        makers.make_mandate(account, client_, may_transfer=False)
    assert "Il faut deux comptes" in text(client_browser.get(NEW))


def test_proxy_whose_mandates_ended_sees_no_balance_on_the_order_that_he_had_prepared(client_browser, client_, other):
    accounts = [other.bank_accounts.get(), makers.make_savings(other, "50")]
    makers.make_operations(accounts[0], "20")
    for account in accounts:
        makers.make_mandate(account, client_, may_transfer=True)
    order = ordering.prepare(client_, *accounts, Decimal("15"))
    assert "Solde après" in text(client_browser.get(page_of(order)))
    makers.make_operations(accounts[0], "-10", day=timezone.localdate())
    for mandate in client_.mandates.all():
        mandates.revoke(mandate, by=SYSTEM)
    for answer in (client_browser.get(page_of(order)), confirm(client_browser, order)):
        shown = text(answer)
        assert "Relisez, puis confirmez" in shown
        assert not re.search("Solde après|-5,00|65,00|sera à découvert", shown)
    assert (failures(), nothing_was_booked()) == (0, True)


def test_list_shows_what_was_made_and_what_waits(client_browser, client_, order, current, savings):
    assert "Vous n’avez pas encore fait de virement" in text(client_browser.get(LIST))
    waiting = text(client_browser.get(LIST))
    assert "À confirmer" in waiting
    assert f"vers {savings}".replace("\u00a0", " ") in waiting
    assert "sans confirmation, il s’efface à" in waiting
    confirm(client_browser, order)
    shown = text(client_browser.get(LIST))
    assert f'href="{page_of(order)}"' in shown
    assert "30,10 €" in shown
    assert "À confirmer" not in shown


@pytest.mark.slow
def test_list_is_paged_and_asks_as_much_of_the_database_for_many(
    client_browser, client_, current, savings, django_assert_max_num_queries
):
    for _ in range(ordering.NUMBER_PER_DAY):
        take_back(make(client_, current, savings))
    with django_assert_max_num_queries(12):
        client_browser.get(LIST)


def take_back(order):
    return corrections.correct_booking(order.booking, reason="Doublon", by=SYSTEM)[0]


def test_list_says_which_transfers_the_bank_took_back(client_browser, client_, current, savings):
    kept, taken_back = make(client_, current, savings, "1"), make(client_, current, savings, "2")
    assert "rectifié" not in text(client_browser.get(LIST))
    day = take_back(taken_back).booked_on
    lines = {order: re.search(rf'href="{page_of(order)}".*?</a>', text(client_browser.get(LIST)))[0]
             for order in (kept, taken_back)}  # fmt: skip
    assert f"rectifié le {day:%d/%m/%Y}" in lines[taken_back]
    assert "rectifié" not in lines[kept]


def test_receipt_page_says_that_the_bank_took_the_transfer_back_and_its_paper_stays(
    client_browser, client_, current, savings
):
    order = make(client_, current, savings)
    paper = client_browser.get(order.receipt.get_absolute_url()).getvalue()
    day = wording.day(take_back(order).booked_on).replace("\u00a0", " ")
    shown = text(client_browser.get(page_of(order)))
    assert "Virement rectifié" in shown
    assert f"La banque l’a rectifié le {day} : l’argent est de nouveau sur le compte débité." in shown
    assert "Virement effectué" not in shown
    assert "déjà sur le compte crédité" not in shown
    assert client_browser.get(order.receipt.get_absolute_url()).getvalue() == paper
    assert balance(savings) == 0


def test_review_does_not_warn_of_a_transfer_that_the_bank_took_back(client_browser, client_, current, savings):
    take_back(make(client_, current, savings))
    again = ordering.prepare(client_, current, savings, Decimal(1))
    assert "déjà fait ce virement" not in text(client_browser.get(page_of(again)))


def test_ways_to_a_transfer(client_browser, current, savings):
    assert f'href="{NEW}"' in text(client_browser.get("/espace-client/"))
    assert f'href="{LIST}"' in text(client_browser.get("/espace-client/"))
    assert f'href="{NEW}?depuis={current.pk}"' in text(client_browser.get(current.get_absolute_url()))


def test_post_without_token_is_refused(client_, order):
    browser = StrictBrowser.logged_in(client_.user, enforce_csrf_checks=True)
    assert confirm(browser, order).status_code == 403
    assert nothing_was_booked()
    assert cancel(browser, order).status_code == 403
    assert client_.transfers.prepared_after(timezone.now() - LIFETIME).exists()


def test_own_journal_tells_of_the_transfer(client_browser, order):
    confirm(client_browser, order)
    shown = text(client_browser.get("/mon-profil/journal/"))
    assert "Un virement a été confirmé" in shown
    assert order.reference in shown
