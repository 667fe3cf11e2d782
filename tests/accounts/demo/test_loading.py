"""Chunks that are written side by side on PostgreSQL, each in a transaction of a connection of its own."""

import pytest
from django.db import IntegrityError

from accounts.clients import found_by
from accounts.demo import crowd, loading
from accounts.demo.loading import FreeNumbers, Table
from accounts.models import BankAccount, Client, Holding, SearchWord, User
from auth_codes.codes import bindings
from tests import makers

pytestmark = pytest.mark.slow


@pytest.fixture
def advisor(transactional_db):
    """Whom every connection sees."""
    return makers.make_advisor()


def accounts_of(numbers: list[str]) -> list[Table]:
    """The rows of one chunk."""
    table = Table(BankAccount)
    for key, number in zip(loading.keys(BankAccount, len(numbers)), numbers, strict=True):
        table.add(BankAccount(pk=key, kind="current", number=number))
    return [table]


def test_many_chunks_are_whole_and_told_in_their_order(advisor, monkeypatch):
    monkeypatch.setattr(crowd, "CHUNK", 3)
    told = []
    crowd.make(20, [advisor], told.append)
    assert told == [3] * 6 + [2]
    assert Client.objects.count() == Holding.objects.count() == BankAccount.objects.count() == 20
    assert not User.objects.filter(is_staff=False, client=None).exists()
    assert all(bindings.holds(owner) for owner in bindings.owners_with_bound().filter(is_staff=False))


def test_each_is_found_by_what_his_sheet_says(advisor):
    crowd.make(80, [advisor], lambda _: None)  # of whom two lack something
    assert list(found_by.compare(lambda _: None)) == []
    assert SearchWord.objects.filter(client__given_names="").exists()


def test_rows_are_those_that_the_models_would_make(advisor):
    crowd.make(45, [advisor], lambda _: None)
    for client in Client.objects.all():
        client.full_clean()
        client.bank_accounts.get().full_clean()


def test_number_promised_to_a_chunk_that_is_not_yet_written_is_free_no_more(db):
    draws = iter(["10000000001", "10000000002", "10000000002", "10000000003"])
    numbers = FreeNumbers(BankAccount, "number", lambda: next(draws))
    assert set(numbers.take(2)) == {"10000000001", "10000000002"}
    assert numbers.take(1) == ["10000000003"]


def test_chunk_that_the_database_refuses_is_said_and_leaves_nothing(transactional_db):
    taken, first, second = (f"1000000000{place}" for place in range(3))
    BankAccount.objects.create(kind="current", number=taken)
    chunks, told = iter([[first], [second, taken]]), []
    with pytest.raises(IntegrityError):
        loading.write_chunks([1, 2], lambda _: accounts_of(next(chunks)), told.append)
    assert told == [1]
    assert set(BankAccount.objects.values_list("number", flat=True)) == {taken, first}
