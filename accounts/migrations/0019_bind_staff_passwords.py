"""The password hash of each member of staff is bound to him; the code of before does not look at it.

Also on a second way forwards: what the code of before changed meanwhile is bound as it stands.
"""

from django.contrib.auth.hashers import is_password_usable
from django.db import migrations

from auth_codes.crypto import bindings

BATCH = 1000


def bind(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    staff, last = User.objects.filter(is_staff=True, client__isnull=True).order_by("pk"), 0
    while users := list(staff.filter(pk__gt=last)[:BATCH]):
        for user in users:
            bound = f" {user.password}" if is_password_usable(user.password) else ""
            user.code_binding = bindings.made((str(user.pk), "", str(user.code_generation), bound))
        User.objects.bulk_update(users, ["code_binding"])
        last = users[-1].pk


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0018_bind_clients_and_users")]

    operations = [migrations.RunPython(bind, migrations.RunPython.noop)]
