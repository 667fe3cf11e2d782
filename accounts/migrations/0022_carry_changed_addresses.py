"""An address changed in the last 90 days that nobody has confirmed waits for it, whatever time has passed.

All who wrote part of it then, as the journal tells, are its authors: none of them may confirm it. What it was before is
written nowhere. An older one carries codes already, by the thirty days that the code of before let pass.
"""

from datetime import timedelta

from django.db import migrations
from django.utils import timezone

ADDRESS_FIELDS = {"street", "address_complement", "postcode", "city", "country"}
CARRIED = timedelta(days=90)


def carry(apps, schema_editor):
    since = timezone.now() - CARRIED
    changed = apps.get_model("accounts", "Client").objects.filter(
        address_changed_on__gte=timezone.localdate(since), address_confirmed_at=None
    )
    ContactChange = apps.get_model("accounts", "ContactChange")
    for client in changed.iterator():
        new = "\n".join(filter(None, (client.street, client.address_complement, client.postcode, client.city)))
        rows = [
            ContactChange(client=client, contact="address", new=new, changed_by_id=author)
            for author in authors_of(apps, client, since)
        ]
        ContactChange.objects.bulk_create(rows)


def authors_of(apps, client, since):
    """Where nobody is known, the client's own advisor, who may have been it."""
    lines = apps.get_model("auth_codes", "SecurityEvent").objects.filter(
        kind="client_changed", at__gte=since, details__client=client.pk, by__isnull=False
    )
    authors = {line.by_id for line in lines if ADDRESS_FIELDS & set(str(line.details.get("fields", "")).split())}
    authors |= {client.address_changed_by_id} - {None}
    return sorted(authors) or [client.advisor_id]


def put_back(apps, schema_editor):
    waiting = apps.get_model("accounts", "ContactChange").objects.filter(contact="address", confirmed_at=None)
    for change in waiting.order_by("pk").iterator():
        apps.get_model("accounts", "Client").objects.filter(pk=change.client_id).update(
            address_changed_on=timezone.localdate(change.changed_at), address_changed_by=change.changed_by_id
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0021_contact_changes"), ("auth_codes", "0014_open_sessions")]

    operations = [migrations.RunPython(carry, put_back)]
