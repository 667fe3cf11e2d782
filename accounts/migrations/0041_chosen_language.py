from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0032_large_print"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(db_default="", default="", editable=False, max_length=2),
        ),
    ]
