"""The country of an address is a code of ISO 3166; a text that names no country which is known stays as it is.

In batches that each commit: killed, the migration goes on where it was when it is run again. Servers of the version
before write names meanwhile, which are read as the codes are.
"""

from collections.abc import Callable

from django.db import migrations

from accounts.notation import countries

BATCH = 10_000


def to_codes(apps, schema_editor):
    rewrite(apps.get_model("accounts", "Client"), countries.as_kept)


def to_names(apps, schema_editor):
    rewrite(apps.get_model("accounts", "Client"), lambda text: countries.of(text).name)


def rewrite(Client, becomes: Callable[[str], str]):
    written = Client.objects.order_by().values_list("country", flat=True).distinct()
    changed = {text: becomes(text) for text in written if becomes(text) != text}
    to_rewrite, last = Client.objects.filter(country__in=changed).order_by("pk"), 0
    while pks := list(to_rewrite.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        for text, new in changed.items():
            Client.objects.filter(pk__gt=last, pk__lte=pks[-1], country=text).update(country=new)
        last = pks[-1]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0057_addresses_abroad")]

    operations = [migrations.RunPython(to_codes, to_names)]
