"""The one holder of each account becomes the first of its holders."""

from django.db import migrations

CHUNK = 2000


def move(apps, schema_editor):
    BankAccount, Holding = apps.get_model("accounts", "BankAccount"), apps.get_model("accounts", "Holding")
    held = BankAccount.objects.order_by("pk").values_list("pk", "client", "opened_on")
    holdings = (Holding(account_id=account, client_id=client, since=day) for account, client, day in held.iterator())
    Holding.objects.bulk_create(holdings, batch_size=CHUNK)


def move_back(apps, schema_editor):
    """A joint account keeps its first holder alone: there was no place for another."""
    BankAccount, Holding = apps.get_model("accounts", "BankAccount"), apps.get_model("accounts", "Holding")
    for account, client in Holding.objects.order_by("-pk").values_list("account", "client").iterator():
        BankAccount.objects.filter(pk=account).update(client=client)
    Holding.objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_accounts_have_holders")]

    operations = [migrations.RunPython(move, move_back)]
