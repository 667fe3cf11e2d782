"""Invented clients by the thousand a second, for whoever measures: an online space and an account each, and no code."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import cycle

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction

from accounts import client_codes
from accounts.demo import loading
from accounts.demo.people import a_year_ago, unsaved_client
from accounts.models import BankAccount, Client, Holding, SearchWord, User
from accounts.notation import ibans, names
from auth_codes.codes import bindings

CHUNK = 10_000


def make(count: int, advisors: Sequence[User], advance: Callable[[int], None]) -> None:
    """Each chunk commits by itself; `advance` is told how many it held."""
    for start in range(0, count, CHUNK):
        some = min(CHUNK, count - start)
        with transaction.atomic():
            _write(some, advisors)
        advance(some)


def _write(count: int, advisors: Sequence[User]) -> None:
    numbers = loading.free_numbers(Client, "client_code", client_codes.draw, count)
    users = [_user(key, number) for key, number in zip(loading.keys(User, count), numbers, strict=True)]
    clients = loading.load(Client, map(_client, loading.keys(Client, count), users, cycle(advisors)))
    loading.load(SearchWord, _words(clients))
    loading.load(User, map(_bound, users))
    numbers = loading.free_numbers(BankAccount, "number", ibans.draw_number, count)
    accounts = loading.load(BankAccount, map(_account, loading.keys(BankAccount, count), numbers))
    loading.load(Holding, map(_holding, loading.keys(Holding, count), accounts, clients))


def _user(key: int, client_code: str) -> User:
    # As Django's `set_unusable_password`, whose random text takes longer than all the rest.
    return User(pk=key, username=client_code, password=f"{UNUSABLE_PASSWORD_PREFIX}{secrets.token_hex(20)}")


def _client(key: int, user: User, advisor: User) -> Client:
    client = unsaved_client(advisor)
    client.pk, client.user, client.client_code = key, user, user.username
    client.family_key, client.given_key = names.key(client.family_name), names.key(client.given_names)
    return client


def _words(clients: Iterable[Client]) -> Iterator[SearchWord]:
    """What each is found by."""
    for client in clients:
        yield from (SearchWord(client=client, kind=kind, word=word) for kind, word in client.said_to_find_by())


def _bound(user: User) -> User:
    """To the client who was made for him."""
    bindings.bind_unsaved(user)
    return user


def _account(key: int, number: str) -> BankAccount:
    return BankAccount(pk=key, kind=BankAccount.Kind.CURRENT, number=number, opened_on=a_year_ago())


def _holding(key: int, account: BankAccount, client: Client) -> Holding:
    return Holding(pk=key, account=account, client=client, since=account.opened_on)
