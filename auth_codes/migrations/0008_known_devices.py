"""Known devices, and attempts that are rows from their reservation on, so that each lapses by itself."""

import uuid

import django.db.models.deletion
import django.db.models.functions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def date_the_reservations(apps, schema_editor):
    attempts = apps.get_model("auth_codes", "FailedAttempt").objects.using(schema_editor.connection.alias)
    attempts.update(reserved_at=models.F("answered_at"))


def forget_the_unanswered(apps, schema_editor):
    attempts = apps.get_model("auth_codes", "FailedAttempt").objects.using(schema_editor.connection.alias)
    attempts.filter(answered_at=None).delete()


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("auth_codes", "0007_chain_the_journal"),
    ]

    operations = [
        migrations.CreateModel(
            name="StandingAlarm",
            fields=[
                ("name", models.CharField(max_length=24, primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="KnownDevice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                ("earlier_digest", models.CharField(blank=True, max_length=64)),
                ("label", models.CharField(max_length=60, verbose_name="appareil")),
                (
                    "first_seen_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="première connexion"),
                ),
                (
                    "last_seen_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="dernière connexion"),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="known_devices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["-last_seen_at"]},
        ),
        migrations.AddField(
            model_name="failedattempt",
            name="reserved_at",
            field=models.DateTimeField(db_default=django.db.models.functions.Now(), db_index=True),
        ),
        migrations.AlterField(model_name="failedattempt", name="answered_at", field=models.DateTimeField(null=True)),
        migrations.RunPython(date_the_reservations, forget_the_unanswered),
    ]
