from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0031_month_sums"),
    ]

    operations = [
        migrations.AddField(
            model_name="client",
            name="large_print",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Le courrier qui apporte un code secret est imprimé en corps 20, sur plusieurs pages.",
                verbose_name="courriers en grands caractères",
            ),
        ),
    ]
