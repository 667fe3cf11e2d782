"""What the client's row said of its address stands in the rows of contact changes."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0022_carry_changed_addresses")]

    operations = [
        migrations.RemoveConstraint(
            model_name="client",
            name="address_confirmed_by_another",
        ),
        migrations.RemoveField(
            model_name="client",
            name="address_changed_by",
        ),
        migrations.RemoveField(
            model_name="client",
            name="address_changed_on",
        ),
        migrations.RemoveField(
            model_name="client",
            name="address_confirmed_at",
        ),
        migrations.RemoveField(
            model_name="client",
            name="address_confirmed_by",
        ),
    ]
