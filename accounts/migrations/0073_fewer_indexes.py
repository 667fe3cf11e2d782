"""Drops indexes that another one begins with, and those of LIKE, which nothing asks: each write paid for them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# By hand: SQLite would make each table anew for it, and lose what guards some of them.
KEPT = [
    ("accounts_client", "family_key", "accounts_client_family_key_5f0871af", "clients_by_family_key"),
    ("accounts_client", "home_phone", "accounts_client_home_phone_d673d141", "clients_by_home_phone"),
    ("accounts_client", "mobile_phone", "accounts_client_mobile_phone_9315e3db", "clients_by_mobile_phone"),
]
DROPPED = [
    ("accounts_client", "given_key", "accounts_client_given_key_2d482f26"),
    ("accounts_closingagreement", "request_id", "accounts_closingagreement_request_id_a1fc6926"),
    ("accounts_document", "client_id", "accounts_document_client_id_a4ef6735"),
    ("accounts_draft", "owner_id", "accounts_draft_owner_id_f39ffb70"),
    ("accounts_holding", "account_id", "accounts_holding_account_id_4204a38b"),
    ("accounts_statement", "account_id", "accounts_statement_account_id_a9d743ab"),
    ("accounts_transfer", "client_id", "accounts_transfer_client_id_744b57d8"),
]


def dropped(table: str, column: str, index: str) -> list[migrations.RunSQL]:
    """The index of `db_index`; PostgreSQL has one more of a text, for LIKE, which is not made again."""
    return [
        migrations.RunSQL(f"DROP INDEX IF EXISTS {index}", f"CREATE INDEX {index} ON {table} ({column})"),
        migrations.RunSQL(f"DROP INDEX IF EXISTS {index}_like", ""),
    ]


def rename(apps, schema_editor):
    """Two million clients go on being served: to name an index anew takes PostgreSQL no time, and SQLite makes it again."""
    for table, column, former, name in KEPT:
        give_name(schema_editor, table, column, former, name)
        schema_editor.execute(f"DROP INDEX IF EXISTS {former}_like")


def rename_back(apps, schema_editor):
    for table, column, former, name in KEPT:
        give_name(schema_editor, table, column, name, former)


def give_name(schema_editor, table: str, column: str, former: str, name: str) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER INDEX {former} RENAME TO {name}")
    else:
        schema_editor.execute(f"DROP INDEX IF EXISTS {former}")
        schema_editor.execute(f"CREATE INDEX {name} ON {table} ({column})")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0069_clients_of_one_name"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(rename, rename_back),
                *(operation for one in DROPPED for operation in dropped(*one)),
            ],
            state_operations=[
                migrations.AddIndex(
                    model_name="client",
                    index=models.Index(fields=["family_key"], name="clients_by_family_key"),
                ),
                migrations.AddIndex(
                    model_name="client",
                    index=models.Index(fields=["mobile_phone"], name="clients_by_mobile_phone"),
                ),
                migrations.AddIndex(
                    model_name="client",
                    index=models.Index(fields=["home_phone"], name="clients_by_home_phone"),
                ),
                migrations.AlterField(
                    model_name="client",
                    name="family_key",
                    field=models.CharField(editable=False, max_length=160),
                ),
                migrations.AlterField(
                    model_name="client",
                    name="given_key",
                    field=models.CharField(editable=False, max_length=160),
                ),
                migrations.AlterField(
                    model_name="client",
                    name="home_phone",
                    field=models.CharField(blank=True, max_length=16, verbose_name="téléphone fixe"),
                ),
                migrations.AlterField(
                    model_name="client",
                    name="mobile_phone",
                    field=models.CharField(blank=True, max_length=16, verbose_name="téléphone mobile"),
                ),
                migrations.AlterField(
                    model_name="closingagreement",
                    name="request",
                    field=models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreements",
                        to="accounts.closingrequest",
                    ),
                ),
                migrations.AlterField(
                    model_name="document",
                    name="client",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="accounts.client",
                        verbose_name="client",
                    ),
                ),
                migrations.AlterField(
                    model_name="draft",
                    name="owner",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drafts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="holding",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holdings",
                        to="accounts.bankaccount",
                        verbose_name="compte",
                    ),
                ),
                migrations.AlterField(
                    model_name="statement",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="accounts.bankaccount",
                        verbose_name="compte",
                    ),
                ),
                migrations.AlterField(
                    model_name="transfer",
                    name="client",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="accounts.client",
                        verbose_name="ordonné par",
                    ),
                ),
            ],
        ),
    ]
