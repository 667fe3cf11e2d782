"""Since when somebody is under guardianship, kept when he dies."""

from django.db import migrations, models
from django.db.models import F


def fill(apps, schema_editor):
    apps.get_model("accounts", "Client").objects.filter(end_reason="guardianship").update(ward_since=F("ended_on"))


class Migration(migrations.Migration):
    # PostgreSQL alters no table of which rows wait to be checked.
    atomic = False

    dependencies = [("accounts", "0065_representations")]

    operations = [
        migrations.AddField(
            model_name="client",
            name="ward_since",
            field=models.DateField(editable=False, null=True, verbose_name="sous tutelle depuis"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
