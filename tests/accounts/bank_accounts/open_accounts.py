"""A process of its own: opens one account for each client whose id it reads, and prints their codes."""

import json
import os
import sys

import django
from django.conf import settings


def main(database: str) -> None:
    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    from accounts.bank_accounts.opening import open_account
    from accounts.models import BankAccount, Client
    from auth_codes.actor import SYSTEM

    print("ready", flush=True)
    codes = []
    for pk in json.loads(sys.stdin.readline()):
        client = Client.objects.get(pk=pk)
        open_account(client, kind=BankAccount.Kind.CURRENT, by=SYSTEM)
        codes.append(client.client_code)
    print(json.dumps(codes))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    main(sys.argv[1])
