"""When the bank has forgotten who a client was."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0062_countries_by_code")]

    operations = [
        migrations.AddField(
            model_name="client",
            name="erased_on",
            field=models.DateField(editable=False, null=True, verbose_name="effacée le"),
        ),
        migrations.AddConstraint(
            model_name="client",
            constraint=models.CheckConstraint(
                condition=models.Q(("erased_on", None), ("ended_on__isnull", False), _connector="OR"),
                name="client_erased_after_his_end",
            ),
        ),
    ]
