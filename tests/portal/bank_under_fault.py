"""What runs beside a PostgreSQL that is stopped and started: acts without a pause, in a process, then judged."""

import json
import subprocess
import sys
from typing import IO

from tests.processes import ROOT

MADE = """
import json, django
django.setup()
from tests import makers
advisor = makers.make_advisor()
people = [makers.make_personalised_client(advisor, family_name=f"Client {chr(65 + number)}") for number in range(4)]
for client in people:
    makers.make_operations(makers.make_savings(client), "500.00")
print(json.dumps([client.user.username for client in people]))
"""

ACTED = """
import json, sys, threading, time
import django
django.setup()
from decimal import Decimal
from itertools import count
from django.db import InterfaceError, OperationalError, close_old_connections
from accounts.bank_accounts.opening import open_account
from accounts.models import BankAccount, Client, User
from accounts.transfers import ordering
from auth_codes.actor import Actor
from tests import makers

ordering.NUMBER_PER_DAY = 10**6  # a quick machine makes more of them than a customer may
done, told = threading.Event(), {"opened": [], "transferred": [], "failed": 0, "wrong": []}
advisor = User.objects.get(username="claire.dubois")
payers = list(Client.objects.exclude(user=None))

def opened(turn):
    person = makers.make_person(advisor, given_names=f"Ada {threading.get_ident()} {turn}"[:40])
    open_account(person, kind=BankAccount.Kind.CURRENT, by=Actor(advisor))
    told["opened"].append(person.pk)

def transferred(turn):
    client = payers[turn % len(payers)]
    accounts = {account.kind: account for account in client.bank_accounts.all()}
    sides = accounts[BankAccount.Kind.SAVINGS], accounts[BankAccount.Kind.CURRENT]
    order = ordering.prepare(client, *sides, Decimal("0.01"))
    ordering.confirm(order, by=Actor(client.user), seen=ordering.fingerprint(order))
    told["transferred"].append(str(order.pk))

def busy(act):
    for turn in count():
        close_old_connections()
        if done.is_set():
            return
        try:
            act(turn)
        except (OperationalError, InterfaceError):
            if not told["failed"]:
                print("failed", flush=True)
            told["failed"] += 1
        except Exception as error:
            told["wrong"].append(repr(error))

threads = [threading.Thread(target=busy, args=[act]) for act in (opened, transferred) * 2]
for thread in threads:
    thread.start()
while not (told["opened"] and told["transferred"] or told["wrong"]):
    time.sleep(0.05)
print("acting", flush=True)
sys.stdin.read()
done.set()
for thread in threads:
    thread.join()
print(json.dumps(told))
"""

JUDGED = """
import json, sys
import django
django.setup()
from decimal import Decimal
from accounts.kinds import Event
from accounts.models import BankAccount, Booking, Client, Entry, Transfer
from auth_codes.models import SecurityEvent

told = json.load(sys.stdin)
coded = Client.objects.exclude(client_code=None)
booked = Booking.objects.filter(kind=Booking.Kind.TRANSFER)
confirmed = [order for order in Transfer.objects.all() if order.is_confirmed]
sums = [
    sum(account.balance for account in client.bank_accounts.with_balances())
    for client in Client.objects.exclude(user=None)
]
print(json.dumps({
    "opened and lost": len(set(told["opened"]) - set(coded.values_list("pk", flat=True))),
    "transferred and lost": len(set(told["transferred"]) - {str(order.pk) for order in confirmed}),
    "codes without their line": coded.count() - SecurityEvent.objects.filter(kind=Event.CLIENT_CODE_ISSUED).count(),
    "accounts of persons with several": sum(c.bank_accounts.count() != 1 for c in coded.filter(user=None)),
    "accounts without a code": BankAccount.objects.filter(holders__client_code=None).count(),
    "booked and not confirmed": len({b.pk for b in booked} ^ {order.pk for order in confirmed}),
    "entries of transfers": Entry.objects.filter(booking__in=booked).count() - 2 * booked.count(),
    "sums that changed": sum(money != sums[0] for money in sums),
}))
"""


def started(script: str, environment: dict[str, str]) -> subprocess.Popen:
    """A script of this module, with the settings of a bank."""
    settings = {"DJANGO_SETTINGS_MODULE": "banking_portal.settings", "PYTHONPATH": str(ROOT)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=environment | settings, **pipes)


def answer_of(process: subprocess.Popen, said: str = "") -> dict | list:
    """What it prints last, as JSON, after it has read that."""
    printed, complained = process.communicate(said, timeout=180)
    assert process.returncode == 0, complained
    return json.loads(printed.splitlines()[-1])


def wait_for_line(output: IO[str], line: str) -> None:
    assert output.readline() == f"{line}\n"
