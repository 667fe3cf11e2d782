"""Invented clients by the thousand a second, for whoever measures: an online space and an account each, and no code."""

import secrets
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import cycle

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.utils import timezone

from accounts import client_codes
from accounts.demo import loading
from accounts.demo.loading import FreeNumbers, Table, uncollected
from accounts.demo.people import a_year_ago, invent_the_rest, lack_something
from accounts.demo.population import NameAndTown, Population
from accounts.models import BankAccount, Client, Holding, SearchWord, User
from accounts.notation import ibans, names
from auth_codes.codes import bindings

CHUNK = 5_000


def make(count: int, advisors: Sequence[User], advance: Callable[[int], None]) -> None:
    """Each chunk commits by itself; `advance` is told how many it held."""
    sizes = (min(CHUNK, count - start) for start in range(0, count, CHUNK))
    loading.write_chunks(sizes, Crowd(advisors).make, advance)


class Crowd:
    """Where the people come from, and one object of each table, which is changed from one row into the next."""

    def __init__(self, advisors: Sequence[User]):
        self.advisors, self.population = cycle([advisor.pk for advisor in advisors]), Population()
        self.titles = Client.Title.values
        self.client_codes = FreeNumbers(Client, "client_code", client_codes.draw)
        self.account_numbers = FreeNumbers(BankAccount, "number", ibans.draw_number)
        self.user = User()
        self.client = Client(user=self.user)
        self.account = BankAccount(kind=BankAccount.Kind.CURRENT, opened_on=a_year_ago())
        self.holding = Holding(since=a_year_ago())

    @uncollected()
    def make(self, count: int) -> list[Table]:
        """Rows that name each other, in the order in which they are to be written."""
        users, clients, words, accounts, holdings = tables = [
            Table(model) for model in (User, Client, SearchWord, BankAccount, Holding)
        ]
        keys = zip(*(loading.keys(table.model, count) for table in (users, clients, accounts, holdings)), strict=True)
        numbers = zip(self.client_codes.take(count), self.account_numbers.take(count), strict=True)
        now = timezone.now()
        each = enumerate(zip(keys, numbers, self.population.people(count), strict=True))
        for place, (key, number, called) in each:
            self._next(key, number, called, now + timedelta(microseconds=place))
            for table, made in ((users, self.user), (clients, self.client), (accounts, self.account)):
                table.add(made)
            holdings.add(self.holding)
            # In the order of their key, whose index is then written to its end.
            words.rows += [(key[1], kind, word) for kind, word in sorted(self.client.said_to_find_by())]
        return tables

    def _next(self, keys: tuple[int, ...], numbers: tuple[str, str], called: NameAndTown, at: datetime) -> None:
        self.user.pk, self.client.pk, self.account.pk, self.holding.pk = keys
        self.client.client_code, self.account.number = numbers
        self._next_client(called, at)
        self._next_user(at)
        self.account.opening = uuid.uuid4()
        self.holding.account_id, self.holding.client_id = self.account.pk, self.client.pk

    def _next_client(self, called: NameAndTown, at: datetime) -> None:
        client = self.client
        client.title = self.population.draw.choice(self.titles)
        client.family_name, client.given_names, client.postcode, client.city = called
        invent_the_rest(client, self.population.draw)
        lack_something(client, client.pk)
        client.family_key, client.given_key = names.key(client.family_name), names.key(client.given_names)
        client.advisor_id, client.user_id = next(self.advisors), self.user.pk
        client.registered_at, client.registration = at, uuid.uuid4()

    def _next_user(self, at: datetime) -> None:
        """Bound to the client who was made for him."""
        self.user.username, self.user.date_joined = self.client.client_code or "", at
        # As Django's `set_unusable_password`, whose random text takes longer than all the rest.
        self.user.password = f"{UNUSABLE_PASSWORD_PREFIX}{secrets.token_hex(20)}"
        bindings.bind_unsaved(self.user)
