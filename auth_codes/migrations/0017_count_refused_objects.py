from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth_codes", "0016_index_the_journal_of_an_actor"),
    ]

    operations = [
        migrations.AddField(
            model_name="opensession",
            name="refused_objects",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
