"""How many monthly statements a second a machine issues, on a PostgreSQL.

    python -m tests.postgres python -m benchmarks.statements [ACCOUNTS [LINES [WORKERS]]]

Fills an empty database with ACCOUNTS clients of one account each (4,000), with LINES operations of one month (25),
and prints what `issue_statements` prints, once and again when there is nothing left to do; the processor time, the
memory of the largest process, and the bytes that a statement takes in the database.
"""

import os
import resource
import subprocess
import sys
from datetime import date
from decimal import Decimal

import django

MONTH = date(2024, 10, 1)
LABELS = (
    "Supermarché de la Loire", "Virement de votre employeur", "Prélèvement électricité", "Carte Boulangerie Martin",
    "Pharmacie de la gare", "Loyer d’octobre", "Carte Librairie des Quais", "Remboursement santé",
)  # fmt: skip


def main(accounts: int = 4000, lines: int = 25, workers: int = os.cpu_count()) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    fill(accounts, lines)
    for _ in range(2):
        command = [sys.executable, "manage.py", "issue_statements", "--month", f"{MONTH:%Y-%m}"]
        subprocess.run([*command, "--workers", str(workers)], check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{(used.ru_utime + used.ru_stime) / accounts * 1000:.1f} ms of processor a statement, PostgreSQL's apart")
    print(f"{used.ru_maxrss / 1024:.0f} MiB of memory at most in one process")
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(pg_total_relation_size(name)) FROM unnest(%s::regclass[]) name", [TABLES])
        print(f"{cursor.fetchone()[0] / accounts / 1024:.1f} KiB a statement in the database, indexes included")


TABLES = ["accounts_document", "accounts_documentfile", "accounts_statement"]


def fill(accounts: int, lines: int) -> None:
    from django.db import transaction

    from accounts import client_codes
    from accounts.demo.people import unsaved_client
    from accounts.ledger import books
    from accounts.models import BankAccount, Booking, Client, Holding, InternalAccount
    from accounts.notation import ibans, names
    from tests import makers

    advisor = makers.make_advisor()
    opened = date(2024, 1, 2)
    for start in range(0, accounts, 500):
        clients = [unsaved_client(advisor) for _ in range(min(500, accounts - start))]
        for client in clients:
            client.client_code = client_codes.draw()
            client.family_key, client.given_key = names.key(client.family_name), names.key(client.given_names)
        Client.objects.bulk_create(clients)
        own = [BankAccount(kind="current", number=ibans.draw_number(), opened_on=opened) for _ in clients]
        BankAccount.objects.bulk_create(own)
        pairs = zip(own, clients, strict=True)
        Holding.objects.bulk_create(Holding(account=account, client=who, since=opened) for account, who in pairs)
        with transaction.atomic():
            for account in own:
                books.write(*books.history(account, _past(books, Booking, InternalAccount, lines)))


def _past(books, booking, internal, lines: int):
    for number in range(lines):
        amount = Decimal(number * 1379 % 9000 + 101) / 100
        leg = books.Leg(internal.CARDS, amount if number % 5 else -amount * 7, LABELS[number % len(LABELS)])
        yield booking.Kind.CARD, MONTH.replace(day=1 + number * 30 // lines), leg


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
