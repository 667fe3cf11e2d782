"""Joint accounts: who holds one, and what somebody who joins gets."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import client_codes
from accounts.bank_accounts import holders
from accounts.ledger import books
from accounts.models import BankAccount, Mandate
from auth_codes.actor import Actor
from auth_codes.models import Notice, SecurityEvent
from auth_codes.weakness import why_weak
from tests import makers
from tests.accounts import at_once

pytestmark = pytest.mark.django_db
DERIVED = "739146"


def lines(kind):
    return list(SecurityEvent.objects.filter(kind=kind).order_by("id"))


def test_new_holder_holds_it_like_the_first(account, client_, other, advisor):
    holders.add_holder(account, other, by=Actor(advisor))
    assert list(account.holders.order_by("holdings__id")) == [client_, other]
    assert account.is_joint
    assert account in BankAccount.objects.seen_by(other, timezone.localdate())


def test_person_without_code_client_gets_one(account, advisor):
    person = makers.make_person(advisor, family_name="Neuve")
    holders.add_holder(account, person, by=Actor(advisor))
    assert client_codes.is_well_formed(person.client_code)


def test_client_keeps_the_code_client_he_has(account, other, advisor):
    code = other.client_code
    holders.add_holder(account, other, by=Actor(advisor))
    other.refresh_from_db()
    assert other.client_code == code


def test_each_holder_finds_it_in_his_journal_and_no_line_names_the_other(account, client_, other, advisor):
    holders.add_holder(account, other, by=Actor(advisor))
    told = [(line.owner, line.by, line.details) for line in lines("holder_added")]
    assert told == [
        (client_.user, advisor, {"client": client_.pk, "number": account.number, "side": "given"}),
        (other.user, advisor, {"client": other.pk, "number": account.number, "side": "joined"}),
    ]


def test_present_holders_are_told_by_mail_without_the_number(account, client_, other, advisor):
    Notice.objects.all().delete()
    holders.add_holder(account, other, by=Actor(advisor))
    [notice] = Notice.objects.all()
    assert (notice.kind, notice.owner, notice.recipient) == ("holder_added", client_.user, client_.email)
    assert notice.facts["person"] == str(other)
    assert account.number not in str(notice.facts)
    assert notice.facts["account"].endswith(account.number[-4:])


def test_nobody_is_added_twice(account, client_, other, advisor):
    holders.add_holder(account, other, by=Actor(advisor))
    for client in (client_, other):
        with pytest.raises(holders.AlreadyHolder):
            holders.add_holder(account, client, by=Actor(advisor))
    assert account.holdings.count() == 2


def test_mandate_of_who_becomes_holder_ends(account, other, advisor):
    makers.make_mandate(account, other)
    holders.add_holder(account, other, by=Actor(advisor))
    assert not Mandate.objects.in_force(timezone.localdate()).exists()
    assert len(lines("mandate_ended")) == 2


def test_closed_account_gets_no_holder(account, other, advisor):
    makers.close_account(account, by=Actor(advisor))
    with pytest.raises(books.AccountClosed):
        holders.add_holder(account, other, by=Actor(advisor))


def test_database_itself_keeps_a_holder_once(account, client_):
    with pytest.raises(IntegrityError), transaction.atomic():
        account.holdings.create(client=client_)


def test_code_derived_from_the_number_of_a_joint_account_is_refused_to_each_holder(account, client_, other, advisor):
    BankAccount.objects.filter(pk=account.pk).update(number="12345" + DERIVED)
    assert why_weak(DERIVED, other.personal_data()) is None
    holders.add_holder(account, other, by=Actor(advisor))
    assert all(why_weak(DERIVED, holder.personal_data()) for holder in (client_, other))


def test_code_derived_from_an_account_that_is_only_entrusted_is_not(account, other):
    BankAccount.objects.filter(pk=account.pk).update(number="12345" + DERIVED)
    makers.make_mandate(account, other)
    assert why_weak(DERIVED, other.personal_data()) is None


@pytest.mark.django_db(transaction=True)
def test_two_who_add_the_same_person_at_once_add_him_once(account, other, advisor):
    def add():
        try:
            holders.add_holder(account, other, by=Actor(advisor))
        except holders.AlreadyHolder:
            return "already"
        return "added"

    assert sorted(at_once.in_threads([add, add, add])) == ["added", "already", "already"]
    assert len(lines("holder_added")) == 2
