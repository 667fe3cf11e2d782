"""How long `check_owners` takes, and in how much memory, beside so many owners, on a PostgreSQL.

    python -m tests.postgres python -m benchmarks.check_owners 100000

Fills an empty database with owners that the portal has bound, each with two lines of the journal that tell of an end of
his code, then runs the command. Prints a line for each tenth of the owners, with the memory at that moment.
"""

import os
import resource
import sys
import time
from datetime import date

import django

AT_ONCE = 5000


def main(count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from auth_codes.codes import put_back
    from tests import makers

    call_command("migrate", verbosity=0)
    advisor = makers.make_advisor()
    for start in range(0, count, AT_ONCE):
        fill(start, min(AT_ONCE, count - start), advisor)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    checked, asked, started = 0, [], time.monotonic()

    def advance(batch: int) -> None:
        nonlocal checked
        checked += batch
        if checked % max(count // 10, 1) < put_back.BATCH:
            print(f"{checked} checked, {time.monotonic() - started:.1f} s, {memory()} MiB", flush=True)

    def counting(execute, *arguments):
        asked.append(1)
        return execute(*arguments)

    with connection.execute_wrapper(counting):
        put_back.check(lambda finding: print(finding), advance)
    print(f"{len(asked)} statements, {time.monotonic() - started:.1f} s, {memory()} MiB at most")


def fill(start: int, count: int, advisor) -> None:
    from accounts.models import Client, User
    from auth_codes.codes import bindings
    from auth_codes.journal import subjects
    from auth_codes.models import SecurityEvent

    numbers = [f"{1_000_000_000 + start + place}" for place in range(count)]
    users = User.objects.bulk_create(User(username=number, password="!", code_generation=2) for number in numbers)
    Client.objects.bulk_create(
        Client(
            user=user, advisor=advisor, client_code=user.username,
            title="Mme", given_names="Inès", family_name="Martin", birth_date=date(1988, 7, 25),
            email="ines@example.org", street="1 rue Neuve", postcode="69003", city="Lyon",
        )
        for user in users
    )  # fmt: skip
    owners = list(bindings.owners_with_bound().filter(pk__in=[user.pk for user in users]).order_by("pk"))
    for some in range(0, count, bindings.BATCH):
        bindings.bind_many(owners[some : some + bindings.BATCH])
    lines = [
        SecurityEvent(kind="code_changed", owner=user, by=user, details={"generation": number})
        for user in users
        for number in (1, 2)
    ]
    subjects.write_many(SecurityEvent.objects.bulk_create(lines))


def memory() -> int:
    """What this process has taken at most, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main(int(sys.argv[1]))
