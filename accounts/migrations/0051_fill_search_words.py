"""Each client who is registered already is found by the words of his sheet, as whoever is registered from now on.

In batches that each commit: killed, the migration goes on where it was when it is run again. A big bank runs
`fill_search_words` beside the old portal before it, which says how far it is.
"""

from django.db import migrations
from django.db.models import Exists, OuterRef

from accounts.notation import search_words

BATCH = 1000


def fill(apps, schema_editor):
    Client = apps.get_model("accounts", "Client")
    SearchWord = apps.get_model("accounts", "SearchWord")
    without = Client.objects.filter(~Exists(SearchWord.objects.filter(client=OuterRef("pk")))).order_by("pk")
    last = 0
    while clients := list(without.filter(pk__gt=last)[:BATCH]):
        SearchWord.objects.bulk_create(
            (
                SearchWord(client_id=client.pk, kind=kind, word=word)
                for client in clients
                for kind, word in search_words.of_person(
                    called=(client.family_name, client.given_names),
                    born=client.birth_date,
                    postcode=client.postcode,
                    city=client.city,
                )
            ),
            batch_size=5000,
            ignore_conflicts=True,
        )
        last = clients[-1].pk


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0050_search_words")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
