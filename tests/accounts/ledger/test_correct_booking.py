"""correct_booking: an operator takes a booking back, and everybody concerned reads of it."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.bank_accounts.opening import open_account
from accounts.clients import own_journal
from accounts.kinds import Event
from accounts.ledger import books
from accounts.models import BankAccount, Booking, Holding, InternalAccount
from accounts.notation import ibans
from auth_codes.actor import Actor
from auth_codes.models import SecurityEvent
from tests.accounts.ledger import ledgers
from tests.standing import made_once

CARD, CARDS = Booking.Kind.CARD, InternalAccount.CARDS
REASON = "Paiement passé deux fois"


@made_once
def wrong(account):
    return books.book(CARD, ledgers.in_and_out(account, "-12.30", CARDS))


def correct(booking, reason=REASON):
    call_command("correct_booking", getattr(booking, "pk", booking), reason=reason)


def lines():
    return SecurityEvent.objects.filter(kind=Event.BOOKING_CORRECTED)


def test_booking_is_taken_back_and_named(wrong, account, capsys):
    correct(wrong)
    told = json.loads(capsys.readouterr().out)
    assert (told["booking"], told["clients_told"]) == (wrong.pk.hex, 1)
    assert Booking.objects.get(pk=told["correction"]).corrects == wrong
    assert BankAccount.objects.with_balances().get(pk=account.pk).balance == 0
    assert ledgers.findings() == []


def test_holder_reads_of_it_with_the_reason(wrong, account, client_):
    correct(wrong)
    [line] = own_journal.in_words(lines(), client_)
    assert line.event == "Une opération a été rectifiée"
    assert line.details == f"N°\u00a0{ibans.display_number(account.number)}, {REASON}"
    assert line.by == "La banque"


def test_each_holder_of_each_account_is_told_once(account, client_, person, advisor):
    Holding.objects.create(account=account, client=person)
    savings = open_account(client_, kind=BankAccount.Kind.SAVINGS, by=Actor(advisor))
    correct(books.book(Booking.Kind.TRANSFER, ledgers.in_and_out(savings, "5", account)))
    told = {line.details["client"]: line.details["number"] for line in lines()}
    assert told == {client_.pk: f"{account.number} et {savings.number}", person.pk: account.number}


@pytest.mark.django_db
@pytest.mark.parametrize("booking", ["x", "", "3f2a0c5e-8d41-4b6e-9a77-1c0de5b0a001"])
def test_booking_that_does_not_exist_is_refused(booking):
    with pytest.raises(CommandError):
        correct(booking)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 121, "deux\nlignes"])
def test_reason_is_one_line(wrong, reason):
    with pytest.raises(CommandError):
        call_command("correct_booking", str(wrong.pk), f"--reason={reason}")
    assert Booking.objects.count() == 1


def test_second_correction_is_refused_and_told_to_nobody(wrong):
    correct(wrong)
    with pytest.raises(CommandError, match="déjà rectifiée"):
        correct(wrong)
    assert lines().count() == 1


def test_correction_on_a_closed_account_is_refused_and_told_to_nobody(wrong, account):
    BankAccount.objects.filter(pk=account.pk).update(closed_on=timezone.localdate())
    with pytest.raises(CommandError, match="clôturé"):
        correct(wrong)
    assert not lines().exists()
