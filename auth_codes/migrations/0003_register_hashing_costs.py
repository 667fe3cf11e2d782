from django.db import migrations

COST = ("memory_kib", "iterations", "parallelism")


def register_costs(apps, schema_editor):
    """The costs of the codes that may log in, stored before there was a table of them."""
    codes = apps.get_model("auth_codes", "SecretCode").objects.using(schema_editor.connection.alias)
    table = apps.get_model("auth_codes", "HashingCost").objects.using(schema_editor.connection.alias)
    for cost in codes.exclude(role="past").values(*COST).distinct().order_by():
        table.get_or_create(**cost)


class Migration(migrations.Migration):
    dependencies = [("auth_codes", "0002_renewal_letters_and_notices")]

    operations = [migrations.RunPython(register_costs, migrations.RunPython.noop, elidable=True)]
