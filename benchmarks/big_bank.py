"""What a bank of so many clients asks of the portal and of its PostgreSQL, by pages, searches and commands: one table.

    python -m tests.postgres python -m benchmarks.big_bank 20000 200000 2000000
    DATABASE_URL=sqlite:////tmp/big_bank.sqlite3 python -m benchmarks.big_bank 100000

Has `seed_demo` make an empty database as big as each size, a thousand of its clients with a code, and has each of them
leave in the journal what some weeks leave. Then prints, for each page and command, the processor time of this process
and of the one that serves it in the database, how many statements it asks, how many rows and blocks the database reads
for them and which large tables it reads as a whole; for each way of the search the p95. On SQLite the search alone.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import django

from benchmarks import look_up

WITH_CODES, TIMES, TWINS = 1000, 9, 40
# Of which reading all rows is something else than reading a few.
LARGE = 10_000
COMMANDS = (
    "purge_attempts", "purge_journal", "purge_post", "forget_unconfirmed_transfers", "forget_former_contacts",
    "note_expired_codes", "lapse_requests", "end_representations", "issue_requested_letters", "send_notices",
    "watch_logins", "list_login_hours", "list_sealed_letters", "list_post",
)  # fmt: skip
# Of all that there is, and therefore once.
OF_ALL = ("keep_month_sums", "seal_journal", "verify_journal", "check_owners", "check_ledger")
Act = Callable[[], object]
Row = dict[str, str]


def main(sizes: list[int]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    settings.DEMO = True
    call_command("migrate", verbosity=0)
    measure = measured if connection.vendor == "postgresql" else searched
    table = {size: grown(size) | measure() for size in sizes}
    print("| |", " | ".join(f"{size:,} clients" for size in sizes), "|")
    print("|---|", "---|" * len(sizes))
    for name in table[sizes[0]]:
        print(f"| {name} |", " | ".join(table[size].get(name, "") for size in sizes), "|", flush=True)


def grown(size: int) -> Row:
    """Makes the bank as big; says how long that took, if anything was missing."""
    from django.core.management import call_command

    from accounts.models import Client
    from auth_codes.models import SecurityEvent

    there, started, row = Client.objects.count(), time.monotonic(), {}
    if size > there:
        with_codes = 0 if there else min(WITH_CODES, size)
        call_command("seed_demo", clients=size - there, with_codes=with_codes)
        row["filling"] = f"{(size - there) / (time.monotonic() - started):,.0f} a second"
    if not SecurityEvent.objects.filter(kind="logged_in").count() >= Client.objects.count() / 2:
        live(SecurityEvent)
    return row


def live(journal) -> None:
    """Who has left nothing in the journal yet now does."""
    from accounts.models import Client
    from tests import busy_bank

    advisor, second = (colleague(name) for name in ("mesure.conseil", "mesure.second"))
    known = journal.objects.filter(kind="client_registered", by=second).order_by("-owner")
    last = Client.objects.filter(user__in=known.values("owner")[:1]).values_list("pk", flat=True).first()
    busy_bank.live(last or 0, advisor=advisor, second=second, statements=busy_bank.JOURNAL)
    clean()


def colleague(name: str):
    from accounts.models import User
    from tests import makers

    return User.objects.filter(username=name).first() or makers.make_advisor(name)


def clean() -> None:
    """What a timer of the database does by itself, sooner or later."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def measured() -> Row:
    """All that is done is done for good, as in a bank: letters that were handed over wait no more."""
    with connection_alone():
        row = {name: shown(name, act, TIMES) for name, act in pages().items()}
        row |= twins() | searched()
        row |= {f"`{name}`": shown(name, command(name), 3) for name in COMMANDS}
        row |= {f"`{name}`": shown(name, command(name), 1) for name in OF_ALL}
        with TemporaryDirectory() as folder:
            row["`export_sealed_letters`"] = shown("export", command("export_sealed_letters", to=Path(folder)), 1)
    return row | sizes_on_disk()


def searched() -> Row:
    return {f"search, {way}": f"{look_up.p95(found.worked):.1f} ms" for way, found in look_up.measure_all().items()}


@contextmanager
def connection_alone() -> Iterator[None]:
    """PostgreSQL answers by the one process that is looked at, and by no others that help it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
    yield
    connection.close()


def pages() -> dict[str, Act]:
    """Of somebody whose code is known, and of a customer whom `seed_demo` has given operations."""
    from django.conf import settings

    from accounts.models import Client
    from tests import makers
    from tests.conftest import StrictBrowser

    advisor = colleague("mesure.conseil")
    own = advisor.advised_clients.filter(user__secret_codes__kind="personal").first()
    own = own or makers.make_personalised_client(advisor, email="mesure@example.org")
    customers = Client.objects.filter(user__secret_codes__kind="personal", service_contracts__isnull=False)
    reader = customers.exclude(pk=own.pk).order_by("pk")[0]
    at_home, desk = StrictBrowser.logged_in(reader.user), StrictBrowser.logged_in(advisor)
    account, sheet = reader.bank_accounts.get(), f"/admin/accounts/client/{own.pk}/"
    known = StrictBrowser()

    def log_in(browser):
        browser.cookies.pop(settings.SESSION_COOKIE_NAME, None)  # the browser was closed
        answer = makers.log_in(browser, own.client_code, makers.CODE)
        assert answer.status_code == 302, answer.status_code

    return {
        "login page": lambda: StrictBrowser().get("/connexion/"),
        "login, unknown browser": lambda: log_in(StrictBrowser()),
        "login, known browser": lambda: log_in(known),
        "overview": _page(at_home, "/espace-client/"),
        "account": _page(at_home, f"/espace-client/comptes/{account.pk}/"),
        "own journal": _page(at_home, "/mon-profil/journal/"),
        "profile": _page(at_home, "/mon-profil/"),
        "advisor's first page": _page(desk, "/admin/"),
        "sheet": _page(desk, f"{sheet}change/"),
        "client's journal at the desk": _page(desk, f"{sheet}history/"),
        "list of clients": _page(desk, "/admin/accounts/client/"),
    }


def _page(browser, address: str) -> Act:
    def show() -> None:
        answer = browser.get(address)
        assert answer.status_code == 200, (address, answer.status_code)

    return show


def command(name: str, **options) -> Act:
    from django.core.management import call_command

    return lambda: call_command(name, stdout=StringIO(), stderr=StringIO(), **options)


def twins() -> Row:
    """Who may be somebody about to be registered: the p95 of people whose day of birth is known, or its year alone."""
    from accounts.clients import twins as asking

    row = {}
    for name, forget_day in {"twin check, born on a day": False, "twin check, a year alone": True}.items():
        people = [_unsaved(one, forget_day=forget_day) for one in look_up.drawn_people()[:TWINS]]
        worked = [_worked(lambda person=person: asking.of(person)) for person in people]
        row[name] = f"{look_up.p95(worked):.1f} ms"
        print(name, row[name], flush=True)
    return row


def _unsaved(one, *, forget_day: bool):
    """Somebody of that name and age who lives elsewhere."""
    from accounts.models import Client

    born = {"birth_year": one.birth_date.year} if forget_day else {"birth_date": one.birth_date}
    return Client(family_name=one.family_name, given_names=one.given_names, title=one.title, **born)


class Cost(NamedTuple):
    """Milliseconds of processor, and what the database was asked for and read."""

    worked: float
    statements: int
    rows: int
    blocks: int
    whole: frozenset[str]


def shown(name: str, act: Act, times: int) -> str:
    costs = [cost_of(act) for _ in range(times)]
    worked, last = statistics.median(cost.worked for cost in costs), costs[-1]
    text = f"{duration(worked)}, {last.statements:,}, {last.rows:,}, {last.blocks:,}"
    whole = frozenset.union(*(cost.whole for cost in costs))
    text += f", all of {', '.join(sorted(whole))}" if whole else ""
    print(f"{name:30} {text}", flush=True)
    return text


def duration(milliseconds: float) -> str:
    return f"{milliseconds:.0f} ms" if milliseconds < 10_000 else f"{milliseconds / 1000:.0f} s"


def cost_of(act: Act) -> Cost:
    from django.db import connection

    asked = []

    def count(execute, *arguments):
        asked.append(arguments[0])
        return execute(*arguments)

    before = read_so_far()
    with connection.execute_wrapper(count):
        worked = _worked(act)
    read = {table: now - before.get(table, Read()) for table, now in read_so_far().items()}
    whole = frozenset(table for table, of in read.items() if of.by_scans >= LARGE)
    rows, blocks = (sum(of[place] for of in read.values()) for place in (0, 1))
    return Cost(worked, len(asked), rows, blocks, whole)


def _worked(act: Act) -> float:
    start = look_up.processor()
    act()
    return (look_up.processor() - start) * 1000


class Read(NamedTuple):
    """Of one table: rows, blocks with those of its indexes, and rows that were read one after the other."""

    rows: int = 0
    blocks: int = 0
    by_scans: int = 0

    def __sub__(self, other: "Read") -> "Read":
        return Read(*(now - then for now, then in zip(self, other, strict=True)))


def read_so_far() -> dict[str, Read]:
    """As PostgreSQL counts it, which it tells at the end of a transaction."""
    from django.db import connection

    blocks = " + ".join(f"coalesce({of}_blks_{how}, 0)" for of in ("heap", "idx", "toast") for how in ("read", "hit"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(
            f"SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0), {blocks}, seq_tup_read"
            " FROM pg_stat_user_tables JOIN pg_statio_user_tables USING (relid, relname)"
        )
        return {table: Read(*read) for table, *read in cursor.fetchall()}


def sizes_on_disk() -> Row:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_table_size(relid), pg_indexes_size(relid) FROM pg_stat_user_tables"
            " ORDER BY pg_total_relation_size(relid) DESC LIMIT 9"
        )
        sizes = {f"{table} (rows; indexes)": f"{of / 2**20:.0f}; {its / 2**20:.0f} MiB" for table, of, its in cursor}
        cursor.execute("SELECT pg_database_size(current_database())")
        return sizes | {"the whole database": f"{cursor.fetchone()[0] / 2**20:.0f} MiB"}


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]])
