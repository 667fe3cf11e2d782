"""The advisors' rows no longer lead back to their renewals; only Django's picture of the models changes, no column."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

PROTECT = django.db.models.deletion.PROTECT


class Migration(migrations.Migration):
    dependencies = [
        ("auth_codes", "0010_declare_kinds_by_app"),
    ]

    operations = [
        migrations.AlterField(
            model_name="renewal",
            name="started_by",
            field=models.ForeignKey(
                on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="demandé par"
            ),
        ),
        migrations.AlterField(
            model_name="renewal",
            name="decided_by",
            field=models.ForeignKey(
                null=True, on_delete=PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="décidé par"
            ),
        ),
    ]
