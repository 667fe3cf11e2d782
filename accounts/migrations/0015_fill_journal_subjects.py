"""Each older line of the journal is put into that of the client whom it is about; the pages then lose none of them.

In batches that each commit: killed, the migration goes on where it was when it is run again. A big bank runs
`fill_journal_subjects` before it, which says how far it is.
"""

from django.db import migrations
from django.db.models import Exists, OuterRef

BATCH = 2000


def fill(apps, schema_editor):
    SecurityEvent = apps.get_model("auth_codes", "SecurityEvent")
    JournalSubject = apps.get_model("auth_codes", "JournalSubject")
    Client = apps.get_model("accounts", "Client")
    without = SecurityEvent.objects.filter(~Exists(JournalSubject.objects.filter(event=OuterRef("pk")))).order_by("pk")
    last = 0
    while lines := list(without.filter(pk__gt=last).values_list("pk", "at", "owner_id", "details")[:BATCH]):
        owners = {owner_id for _, _, owner_id, _ in lines}
        clients = dict(Client.objects.filter(user__in=owners - {None}).values_list("user_id", "pk"))
        JournalSubject.objects.bulk_create(
            [
                JournalSubject(event_id=pk, at=at, subject=said(details) or clients.get(owner_id))
                for pk, at, owner_id, details in lines
            ],
            ignore_conflicts=True,
        )
        last = lines[-1][0]


def said(details):
    number = details.get("client") if isinstance(details, dict) else None
    return number if isinstance(number, int) else None


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("accounts", "0014_telephone_numbers_by_plan"),
        ("auth_codes", "0012_journal_subjects"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
