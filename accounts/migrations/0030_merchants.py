from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):
    dependencies = [("accounts", "0029_letters_by_post")]

    operations = [
        migrations.CreateModel(
            name="Merchant",
            fields=[
                (
                    "booking",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="merchant",
                        serialize=False,
                        to="accounts.booking",
                    ),
                ),
                ("code", models.PositiveSmallIntegerField(verbose_name="code d’activité")),
            ],
            options={
                "verbose_name": "commerçant",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code__gte", 1), ("code__lte", 9999)), name="merchant_has_a_category_code"
                    )
                ],
            },
        ),
    ]
