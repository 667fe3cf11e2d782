"""A process of its own that moves money to and fro, until it is done or killed: see test_ledger_races.py."""

import json
import os
import random
import sys

import django
from django.conf import settings


def main(database: str, seed: int, times: int) -> None:
    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    from accounts.ledger import books
    from accounts.models import BankAccount, Booking
    from tests.accounts.ledger.ledgers import in_and_out

    chance = random.Random(seed)
    print("ready", flush=True)
    accounts = list(BankAccount.objects.filter(pk__in=json.loads(sys.stdin.readline())))
    for number in range(times):
        source, destination = chance.sample(accounts, 2)
        books.book(Booking.Kind.TRANSFER, in_and_out(destination, f"{chance.randint(1, 999)}.37", source))
        print(number, flush=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
