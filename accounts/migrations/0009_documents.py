"""The papers of a client, and triggers by which the database itself keeps them as they were issued.

As in migration 0008: a later one that remakes these tables on SQLite has to make the triggers again.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


NEVER_CHANGED = "a document is never changed"
TABLES = ("document", "documentfile", "statement", "letter")

GUARDS = {
    "postgresql": [
        f"""
        CREATE FUNCTION accounts_keep_documents() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{NEVER_CHANGED}' USING ERRCODE = 'restrict_violation';
        END $$
        """,
        *(
            f"""
            CREATE TRIGGER {table}_is_kept BEFORE UPDATE OR DELETE ON accounts_{table}
            FOR EACH ROW EXECUTE FUNCTION accounts_keep_documents()
            """
            for table in TABLES
        ),
    ],
    "sqlite": [
        f"""
        CREATE TRIGGER {table}_is_never_{act}d BEFORE {act.upper()} ON accounts_{table}
        BEGIN SELECT RAISE(ABORT, '{NEVER_CHANGED}'); END
        """
        for table in TABLES
        for act in ("update", "delete")
    ],
}
NO_GUARDS = {
    "postgresql": [
        *(f"DROP TRIGGER {table}_is_kept ON accounts_{table}" for table in TABLES),
        "DROP FUNCTION accounts_keep_documents()",
    ],
    "sqlite": [f"DROP TRIGGER {table}_is_never_{act}d" for table in TABLES for act in ("update", "delete")],
}


def guard(apps, schema_editor):
    for statement in GUARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def leave_unguarded(apps, schema_editor):
    for statement in NO_GUARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_guard_the_ledger")]

    operations = [
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("statement", "Relevé de compte"),
                            ("contract", "Contrat"),
                            ("letter", "Courrier"),
                            ("receipt", "Avis de virement"),
                        ],
                        max_length=9,
                        verbose_name="nature",
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="titre")),
                ("issued_on", models.DateField(default=django.utils.timezone.localdate, verbose_name="émis le")),
                ("issued_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("contents", models.TextField(verbose_name="contenu")),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="accounts.client",
                        verbose_name="client",
                    ),
                ),
            ],
            options={
                "verbose_name": "document",
                "ordering": ["-issued_on", "-id"],
            },
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["client", "-issued_on", "-id"], name="documents_of_client"),
        ),
        migrations.CreateModel(
            name="DocumentFile",
            fields=[
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="file",
                        serialize=False,
                        to="accounts.document",
                    ),
                ),
                ("pdf", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "fichier",
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="letter",
                        serialize=False,
                        to="accounts.document",
                    ),
                ),
                ("subject", models.CharField(max_length=100, verbose_name="objet")),
                ("body", models.TextField(verbose_name="texte")),
                ("token", models.UUIDField(unique=True)),
                (
                    "written_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="écrit par",
                    ),
                ),
            ],
            options={
                "verbose_name": "courrier",
            },
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                (
                    "document",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="statement",
                        serialize=False,
                        to="accounts.document",
                    ),
                ),
                ("month", models.DateField(verbose_name="mois")),
                ("last_position", models.PositiveIntegerField(verbose_name="dernier rang")),
                ("balance", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="solde en fin de mois")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="accounts.bankaccount",
                        verbose_name="compte",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="accounts.client",
                        verbose_name="client",
                    ),
                ),
            ],
            options={
                "verbose_name": "relevé",
                "ordering": ["-month", "account"],
            },
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.UniqueConstraint(fields=("account", "client", "month"), name="one_statement_a_month"),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(("month__day", 1)), name="statement_month_is_its_first_day"
            ),
        ),
        migrations.AddField(
            model_name="servicecontract",
            name="document",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contract",
                to="accounts.document",
            ),
        ),
        migrations.RunPython(guard, leave_unguarded),
    ]
