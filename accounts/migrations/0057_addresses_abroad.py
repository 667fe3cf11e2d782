"""Addresses of any country: the postcode may be empty, and one more part names a state, a province or a region."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0056_one_notice_a_day")]

    operations = [
        migrations.AlterField(
            model_name="client",
            name="postcode",
            field=models.CharField(blank=True, max_length=10, verbose_name="code postal"),
        ),
        migrations.AddField(
            model_name="client",
            name="region",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=27, verbose_name="État, province ou région"
            ),
        ),
        migrations.AlterField(
            model_name="client",
            name="country",
            field=models.CharField(default="FR", max_length=38, verbose_name="pays"),
        ),
    ]
