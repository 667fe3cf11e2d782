from django.db import migrations, models
from django.db.models.functions import Right
import django.db.models.deletion


def measure_common_words(apps, schema_editor):
    """How common a word is decides in which order a search reads: a hundred common words, as usual, are too few."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE accounts_searchword ALTER word SET STATISTICS 2000")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0042_undoing")]

    operations = [
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "client", "kind", "word", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("n", "nom"),
                            ("s", "son du nom"),
                            ("d", "naissance"),
                            ("p", "code postal"),
                            ("t", "ville"),
                        ],
                        max_length=1,
                        verbose_name="nature",
                    ),
                ),
                ("word", models.CharField(max_length=40, verbose_name="mot")),
                (
                    "client",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_words",
                        to="accounts.client",
                    ),
                ),
            ],
            options={
                "verbose_name": "mot de recherche",
                "verbose_name_plural": "mots de recherche",
                "indexes": [
                    models.Index(
                        fields=["kind", "word", "client"],
                        name="clients_by_word",
                        opclasses=["varchar_pattern_ops", "varchar_pattern_ops", "int8_ops"],
                    )
                ],
            },
        ),
        migrations.RunPython(measure_common_words, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="bankaccount", index=models.Index(Right("number", 4), name="accounts_by_last_four")
        ),
    ]
