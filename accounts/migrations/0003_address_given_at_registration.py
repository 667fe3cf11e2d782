"""An address that is still the one given at the registration was never changed."""

from zoneinfo import ZoneInfo

from django.db import migrations
from django.db.models.functions import TruncDate

REGISTERED_ON = TruncDate("registered_at", tzinfo=ZoneInfo("Europe/Paris"))


def forget_registration_days(apps, schema_editor):
    clients = apps.get_model("accounts", "Client").objects
    clients.filter(address_changed_on=REGISTERED_ON).update(address_changed_on=None)


def restore_registration_days(apps, schema_editor):
    apps.get_model("accounts", "Client").objects.filter(address_changed_on=None).update(
        address_changed_on=REGISTERED_ON
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_address_confirmed_by_another")]

    operations = [migrations.RunPython(forget_registration_days, restore_registration_days)]
