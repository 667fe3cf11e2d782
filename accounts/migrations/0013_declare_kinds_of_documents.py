from django.db import migrations, models

import accounts.papers.kinds


class Migration(migrations.Migration):
    """Tells Django alone: the column stays as it is, whatever kinds are declared."""

    dependencies = [
        ("accounts", "0012_search_operations"),
    ]

    operations = [
        migrations.AlterField(
            model_name="document",
            name="kind",
            field=models.CharField(choices=accounts.papers.kinds.choices, max_length=9, verbose_name="nature"),
        ),
    ]
