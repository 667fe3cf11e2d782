"""Drops indexes that another one begins with, and those of LIKE, which nothing asks: each write paid for them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# By hand: SQLite would make each table anew for it, and lose what guards some of them.
DROPPED = [
    ("auth_codes_factor", "owner_id", "auth_codes_factor_owner_id_eebb315d"),
    ("auth_codes_listcode", "factor_id", "auth_codes_listcode_factor_id_37b0c576"),
    ("auth_codes_lockcode", "owner_id", "auth_codes_lockcode_owner_id_fa178b65"),
    ("auth_codes_securityevent", "owner_id", "auth_codes_securityevent_owner_id_f4609ec3"),
]


def dropped(table: str, column: str, index: str) -> list[migrations.RunSQL]:
    """The index of `db_index`; PostgreSQL has one more of a text, for LIKE, which is not made again."""
    return [
        migrations.RunSQL(f"DROP INDEX IF EXISTS {index}", f"CREATE INDEX {index} ON {table} ({column})"),
        migrations.RunSQL(f"DROP INDEX IF EXISTS {index}_like", ""),
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("auth_codes", "0037_print_lists"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[operation for one in DROPPED for operation in dropped(*one)],
            state_operations=[
                migrations.AlterField(
                    model_name="factor",
                    name="owner",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="factors",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="listcode",
                    name="factor",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="list_codes",
                        to="auth_codes.factor",
                    ),
                ),
                migrations.AlterField(
                    model_name="lockcode",
                    name="owner",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lock_codes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="securityevent",
                    name="owner",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="security_events",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="concerne",
                    ),
                ),
            ],
        ),
    ]
