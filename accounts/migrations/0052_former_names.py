"""Names that two advisors have changed of late are found by, as those that change from now on."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.models import F
from django.utils import timezone

from accounts.notation import search_words, sounds


def keep(apps, schema_editor):
    IdentityChange = apps.get_model("accounts", "IdentityChange")
    FormerName = apps.get_model("accounts", "FormerName")
    renamed = IdentityChange.objects.filter(decision="approved").exclude(
        given_names=F("old_given_names"), family_name=F("old_family_name")
    )
    for change in renamed.order_by("pk").iterator():
        FormerName.objects.update_or_create(
            client_id=change.client_id,
            given_names=change.old_given_names,
            family_name=change.old_family_name,
            defaults={"until": timezone.localdate(change.decided_at)},
        )
    find_by(apps, FormerName.objects.all())


def find_by(apps, former):
    SearchWord = apps.get_model("accounts", "SearchWord")
    for name in former:
        said = search_words.of_name(name.family_name) | search_words.of_name(name.given_names)
        heard = {sound for sound in map(sounds.key, said) if len(sound) >= search_words.SHORTEST_SOUND}
        words = [("n", word) for word in said] + [("s", sound) for sound in heard]
        SearchWord.objects.bulk_create(
            (SearchWord(client_id=name.client_id, kind=kind, word=word) for kind, word in words), ignore_conflicts=True
        )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0051_fill_search_words")]

    operations = [
        migrations.CreateModel(
            name="FormerName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("given_names", models.CharField(max_length=80, verbose_name="prénoms")),
                ("family_name", models.CharField(max_length=80, verbose_name="nom")),
                ("until", models.DateField(default=django.utils.timezone.localdate, verbose_name="jusqu’au")),
                (
                    "client",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="former_names",
                        to="accounts.client",
                        verbose_name="client",
                    ),
                ),
            ],
            options={
                "verbose_name": "nom d’autrefois",
                "verbose_name_plural": "noms d’autrefois",
                "ordering": ["-until", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("client", "given_names", "family_name"), name="former_name_told_once"
                    )
                ],
            },
        ),
        migrations.RunPython(keep, migrations.RunPython.noop),
    ]
