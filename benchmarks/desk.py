"""What the pages of the desk and the timers' commands cost beside so many clients, on a PostgreSQL.

    python -m tests.postgres python -m benchmarks.desk 20000 200000

Fills an empty database up to each size, with what years of ordinary life leave in the tables; then prints, for each
page and command, the median in milliseconds, server's work included, and how many rows and blocks PostgreSQL reads.
"""

import os
import statistics
import sys
import time

import django

TIMES = 5


def main(sizes: list[int]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.core.management import call_command

    from accounts.models import Client
    from tests import busy_bank

    call_command("migrate", verbosity=0)
    table = {}
    for size in sizes:
        missing = size - Client.objects.count()
        if missing > 0:
            advisor, second = (colleague(name) for name in ("mesure.conseil", "mesure.second"))
            busy_bank.grow(missing, advisor=advisor, second=second)
        table[size] = measured_by_newcomers()
    print("| |", " | ".join(f"{size:,} clients" for size in sizes), "|")
    print("|---|", "---|" * len(sizes))
    for name in table[sizes[0]]:
        print(f"| {name} |", " | ".join(table[size][name] for size in sizes), "|", flush=True)


def colleague(name: str):
    from accounts.models import User
    from tests import makers

    return User.objects.filter(username=name).first() or makers.make_advisor(name)


def measured_by_newcomers() -> dict[str, str]:
    """By people who are new, and gone again afterwards."""
    from django.db import transaction

    from tests import makers
    from tests.readings import readings

    with transaction.atomic():
        advisor = makers.make_advisor("mesure.nouvelle")
        acts = readings(advisor, makers.make_personalised_client(advisor))
        found = {name: measured(act) for name, act in acts.items()}
        transaction.set_rollback(True)
    return found


def measured(act) -> str:
    from django.db import transaction

    from tests.reads import read_by

    taken = []
    for _ in range(TIMES):
        with transaction.atomic():
            start = time.perf_counter()
            act()
            taken.append((time.perf_counter() - start) * 1000)
            transaction.set_rollback(True)
    return f"{statistics.median(taken):.0f} ms, {read_by(act)}"


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]])
