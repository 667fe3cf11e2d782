"""Telephone numbers are kept as their country's plan writes them.

0692 12 34 56 was taken for +33 692 12 34 56, which is nobody's number: it is +262 692 12 34 56. And a zero that is not
dialled from abroad stood in numbers such as +44 020 7946 0958. What no plan knows stays as it was written.
"""

from itertools import islice

from django.db import migrations

from accounts.notation import phones

CHUNK = 1000
FIELDS = ["mobile_phone", "home_phone"]


def bring_over(apps, schema_editor):
    rewrite(apps, by_plan)


def put_back(apps, schema_editor):
    """A number overseas is French again, as the code of before finds it; the zeros stay away."""
    rewrite(apps, as_before)


def rewrite(apps, written):
    Client = apps.get_model("accounts", "Client")
    rows = Client.objects.order_by("pk").values_list("pk", *FIELDS).iterator(chunk_size=CHUNK)
    changed = (
        Client(pk=pk, mobile_phone=written(mobile), home_phone=written(home))
        for pk, mobile, home in rows
        if (written(mobile), written(home)) != (mobile, home)
    )
    while chunk := list(islice(changed, CHUNK)):
        Client.objects.bulk_update(chunk, FIELDS, batch_size=100)


def by_plan(number):
    try:
        return phones.normalise(number)
    except phones.NotAPhoneNumber:
        return number


def as_before(number):
    dialled = phones.national(number)
    return f"+33{dialled[1:]}" if dialled != number else number


class Migration(migrations.Migration):
    dependencies = [("accounts", "0013_declare_kinds_of_documents")]

    operations = [migrations.RunPython(bring_over, put_back)]
