"""Entries of before the double entry get a booking each, their position and the balance after them.

On the other side of them stands the bank's account « Reprise d’opérations antérieures ». Entries of nothing, which
moved no money, are left out.
"""

import uuid
from decimal import Decimal

from django.db import migrations

CHUNK = 1000
FIELDS = ["booking", "position", "balance", "value_on"]


def book(apps, schema_editor):
    Entry, Booking = apps.get_model("accounts", "Entry"), apps.get_model("accounts", "Booking")
    Entry.objects.filter(amount=0).delete()
    account, position, balance, chunk = None, 0, Decimal(0), []
    for entry in Entry.objects.order_by("account", "booked_on", "id").iterator(chunk_size=CHUNK):
        if entry.account_id != account:
            account, position, balance = entry.account_id, 0, Decimal(0)
        position, balance = position + 1, balance + entry.amount
        entry.position, entry.balance, entry.value_on = position, balance, entry.booked_on
        entry.booking = Booking(pk=uuid.uuid4(), kind="carried_over", booked_on=entry.booked_on)
        chunk.append(entry)
        if len(chunk) == CHUNK:
            write(Entry, Booking, chunk)
            chunk = []
    write(Entry, Booking, chunk)


def write(Entry, Booking, chunk):
    Booking.objects.bulk_create(entry.booking for entry in chunk)
    Entry.objects.bulk_update(chunk, FIELDS, batch_size=100)
    Entry.objects.bulk_create(
        Entry(
            booking=entry.booking,
            internal_account="carried_over",
            booked_on=entry.booked_on,
            value_on=entry.value_on,
            label=entry.label,
            amount=-entry.amount,
        )
        for entry in chunk
    )


def forget(apps, schema_editor):
    """The customers' side of every booking stays, whatever its other side was."""
    Entry, Booking = apps.get_model("accounts", "Entry"), apps.get_model("accounts", "Booking")
    Entry.objects.filter(account=None).delete()
    Entry.objects.update(booking=None, position=None, balance=None)
    apps.get_model("accounts", "PendingEntry").objects.all().delete()
    Booking.objects.update(corrects=None, kind="carried_over")
    Booking.objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_double_entry")]

    operations = [migrations.RunPython(book, forget)]
