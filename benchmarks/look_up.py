"""How long the desk's search takes by each way, among so many clients.

    python -m tests.postgres python -m benchmarks.look_up 2000000
    DATABASE_URL=sqlite:////tmp/look_up.sqlite3 python -m benchmarks.look_up 100000

Fills an empty database with invented people, whose names, towns and birth dates are as common and as rare as in France,
then looks up fifty of them by each way: what is typed is drawn from the sheets. Prints the median and the 95th of a
hundred of a whole search with its page of people: of the processor, here and in the database, and by the clock.
"""

import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import django

from accounts.demo.population import FAMILIES, GIVEN, Population

TIMES, AT_ONCE = 50, 20_000


class Measured(NamedTuple):
    """Milliseconds of each search, of the processor and by the clock, and how many of them found somebody."""

    worked: list[float]
    taken: list[float]
    found: int


def main(count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.core.management import call_command

    from accounts.models import Client

    call_command("migrate", verbosity=0)
    if not Client.objects.exists():
        started = time.monotonic()
        Filling(count).run()
        print(f"{count} clients in {time.monotonic() - started:.0f} s", flush=True)
    measure_all()


def measure_all() -> dict[str, Measured]:
    """By each way that says something of people here."""
    people = drawn_people()
    texts = {way: list(islice(filter(None, map(say, people)), TIMES)) for way, say in WAYS.items()}
    return {way: measure(way, said) for way, said in texts.items() if said}


class Filling:
    """Invented people with accounts and the words that they are found by, loaded as fast as the database takes them."""

    def __init__(self, count: int):
        from tests import makers

        self.count, self.draw, self.advisor = count, random.Random(1984), makers.make_advisor()
        self.population = Population()

    def run(self) -> None:
        from django.db import connection

        from accounts.models import SearchWord

        [index] = SearchWord._meta.indexes
        # Made again from all rows at once: in order, and not word by word.
        with connection.schema_editor() as editor:
            editor.remove_index(SearchWord, index)
        self.load(range(self.count))
        with connection.schema_editor() as editor:
            editor.add_index(SearchWord, index)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")

    def load(self, numbers: range) -> None:
        for start in range(numbers.start, numbers.stop, AT_ONCE):
            self._load(range(start, min(start + AT_ONCE, numbers.stop)))

    def _load(self, numbers: range) -> None:
        from django.db import connection, transaction

        from accounts.models import BankAccount, Holding, SearchWord, ServiceContract

        clients = [self._client(number + 1) for number in numbers]
        accounts = [
            BankAccount(pk=number + 1, kind="current", number=f"{self._digits(number):011}") for number in numbers
        ]
        holdings = [Holding(pk=number + 1, account_id=number + 1, client_id=number + 1) for number in numbers]
        cards = [
            ServiceContract(pk=number + 1, client_id=number + 1, kind="card", number=f"{self._digits(number) + 1:011}")
            for number in numbers
            if number % 3 == 0
        ]
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL session_replication_role = replica")  # no key is looked up
            for rows in (clients, accounts, holdings, cards):
                copy(type(rows[0]), rows)
            words = (
                SearchWord(client_id=one.pk, kind=kind, word=word)
                for one in clients
                for kind, word in one.said_to_find_by()
            )
            copy(SearchWord, words)

    @staticmethod
    def _digits(number: int) -> int:
        """Eleven digits that look drawn, each once."""
        return 10**10 + number * 7_919_333_111 % (9 * 10**10 - 7)

    def _client(self, number: int):
        from accounts import client_codes
        from accounts.models import Client
        from accounts.notation import names

        family, given, postcode, city = self.population.person()
        body = f"{10**8 + number * 379 % (9 * 10**8)}"
        return Client(
            pk=number, title="Mme", given_names=given, family_name=family,
            family_key=names.key(family), given_key=names.key(given),
            birth_date=date(1935, 1, 1) + timedelta(self.draw.randrange(26_000)), email=f"client{number}@example.org",
            mobile_phone=f"+336{10_000_000 + number}", street=f"{number % 180} rue des Lilas", postcode=postcode,
            city=city, advisor=self.advisor,
            client_code=body + client_codes.damm.calc_check_digit(body),
        )  # fmt: skip


def copy(model, rows) -> None:
    """By COPY where there is one."""
    from django.db import connection
    from django.db.models import CompositePrimaryKey, QuerySet

    if connection.vendor != "postgresql":
        QuerySet(model).bulk_create(rows, batch_size=AT_ONCE)
        return
    columns = [field for field in model._meta.concrete_fields if not isinstance(field, CompositePrimaryKey)]
    named = ", ".join(f'"{field.column}"' for field in columns)
    with connection.cursor() as cursor, cursor.copy(f'COPY "{model._meta.db_table}" ({named}) FROM STDIN') as into:
        for row in rows:
            into.write_row([field.get_db_prep_save(getattr(row, field.attname), connection) for field in columns])


def drawn_people():
    from accounts.models import Client

    draw, most = random.Random(7), Client.objects.order_by("-pk").values_list("pk", flat=True)[0]
    pks = [draw.randint(1, most) for _ in range(TIMES * 8)]
    # Of whom the sheet says all that the ways say.
    people = Client.objects.filter(birth_date__isnull=False, bank_accounts__isnull=False).exclude(given_names="")
    drawn = people.in_bulk(pks)
    return [drawn[pk] for pk in pks if pk in drawn]


def _first(one) -> str:
    return one.given_names.split()[0]


def _is_common(one) -> bool:
    return one.family_name in FAMILIES[:30]


Say = Callable[["object"], str | None]
WAYS: dict[str, Say] = {
    "family name": lambda one: one.family_name,
    "common family name": lambda one: one.family_name if _is_common(one) else None,
    "given name": _first,
    "family and given name": lambda one: f"{one.family_name} {_first(one)}",
    "the same, both common": lambda one: f"{_first(one)} {one.family_name}" if _is_common(one) else None,
    "all names": lambda one: f"{one.given_names} {one.family_name}",
    "beginnings of both": lambda one: f"{_first(one)[:3]} {one.family_name[:4]}",
    "three letters": lambda one: one.family_name[:3],
    "given name closed up": lambda one: f"{one.given_names.replace('-', '')} {one.family_name}",
    "name and birth date": lambda one: f"{one.family_name} {one.birth_date:%d/%m/%Y}",
    "given name, month of birth": lambda one: f"{_first(one)} {one.birth_date:%m/%Y}",
    "common name, year of birth": lambda one: f"{one.family_name} {one.birth_date:%Y}" if _is_common(one) else None,
    "given name, year of birth": lambda one: f"{_first(one)} {one.birth_date:%Y}",
    "birth date": lambda one: f"{one.birth_date:%d%m%y}",
    "common given name, postcode": lambda one: f"{_first(one)} {one.postcode}" if _first(one) in GIVEN[:10] else None,
    "given name, common postcode": lambda one: f"{_first(one)} 69003",
    "common name, postcode": lambda one: f"{one.family_name} {one.postcode}" if _is_common(one) else None,
    "given name, town": lambda one: f"{_first(one)} {one.city}",
    "common name, Lyon": lambda one: f"{one.family_name} Lyon" if _is_common(one) else None,
    "spelt by ear": lambda one: one.family_name.replace("an", "en").replace("o", "au") + " " + _first(one),
    "by ear, common": lambda one: "Lefaivre " + _first(one),
    "nobody": lambda one: f"{one.family_name[::-1]}x {_first(one)}",
    "name of somebody, elsewhere": lambda one: f"{_first(one)} {one.family_name} 98765",
    "code client": lambda one: f"code client {one.client_code}",
    "account": lambda one: one.bank_accounts.get().number,
    "IBAN": lambda one: one.bank_accounts.get().iban,
    "contract": lambda one: getattr(one.service_contracts.first(), "number", None),
    "last four, name": lambda one: f"{one.family_name} {one.bank_accounts.get().number[-4:]}",
    "telephone": lambda one: one.mobile_phone,
    "e-mail": lambda one: one.email,
}


def measure(way: str, said: list[str]) -> Measured:
    """Looks up each text that is said of somebody, and prints what it took."""
    from accounts.clients import finding
    from accounts.models import Client

    taken, worked, found = [], [], 0
    for text in said:
        start, start_worked = time.perf_counter(), processor()
        answer = finding.find(Client.objects.select_related("advisor", "user"), text)
        taken.append((time.perf_counter() - start) * 1000)
        worked.append((processor() - start_worked) * 1000)
        found += bool(answer.clients)
    print(
        f"{way:28} {spread(worked)}   by the clock {spread(taken)}   found {found}/{len(said)}   « {said[0]} »",
        flush=True,
    )
    return Measured(worked, taken, found)


def spread(taken: list[float]) -> str:
    return f"median {statistics.median_high(taken):6.1f} ms, p95 {p95(taken):6.1f} ms"


def p95(taken: list[float]) -> float:
    return sorted(taken)[round(len(taken) * 0.95) - 1]


def processor() -> float:
    """Seconds that this process and the one that serves it in the database have worked, whoever else is busy."""
    served = Path(f"/proc/{server()}/schedstat").read_text().split()[0] if server() else 0
    return time.process_time() + int(served) / 1e9


@cache
def server() -> int:
    """The number of the process that serves this one; 0 for SQLite, which has none."""
    from django.db import connection

    return connection.connection.info.backend_pid if connection.vendor == "postgresql" else 0


if __name__ == "__main__":
    main(int(sys.argv[1]))
