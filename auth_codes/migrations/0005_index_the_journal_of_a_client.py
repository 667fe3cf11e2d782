"""A line without an owner names its client in its details: found by an index, in a journal of millions."""

import django.db.models.fields.json
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth_codes", "0004_budgets_and_closed_access"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="securityevent",
            index=models.Index(
                django.db.models.fields.json.KeyTransform("client", "details"),
                condition=models.Q(("owner__isnull", True)),
                name="journal_of_client",
            ),
        ),
    ]
