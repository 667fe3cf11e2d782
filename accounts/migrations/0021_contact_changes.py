"""What is changed of a client's contacts is kept with what it replaces, and who has confirmed it."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0020_settle_staff"),
    ]

    operations = [
        migrations.CreateModel(
            name="ContactChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "contact",
                    models.CharField(
                        choices=[
                            ("email", "adresse électronique"),
                            ("mobile_phone", "téléphone mobile"),
                            ("home_phone", "téléphone fixe"),
                            ("address", "adresse postale"),
                        ],
                        max_length=12,
                        verbose_name="coordonnée",
                    ),
                ),
                ("old", models.TextField(blank=True, verbose_name="ancienne valeur")),
                ("new", models.TextField(blank=True, verbose_name="nouvelle valeur")),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="modifiée le")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmée le")),
            ],
            options={
                "verbose_name": "coordonnée modifiée",
                "verbose_name_plural": "coordonnées modifiées",
                "ordering": ["pk"],
            },
        ),
        migrations.AddField(
            model_name="contactchange",
            name="changed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="modifiée par",
            ),
        ),
        migrations.AddField(
            model_name="contactchange",
            name="client",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contact_changes",
                to="accounts.client",
                verbose_name="client",
            ),
        ),
        migrations.AddField(
            model_name="contactchange",
            name="confirmed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="confirmée par",
            ),
        ),
        migrations.AddIndex(
            model_name="contactchange",
            index=models.Index(
                condition=models.Q(("confirmed_at", None)), fields=["client"], name="unconfirmed_contacts"
            ),
        ),
        migrations.AddConstraint(
            model_name="contactchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_at", None), ("confirmed_by", None)),
                    models.Q(
                        ("confirmed_at__isnull", False),
                        ("confirmed_by__isnull", False),
                        models.Q(("confirmed_by", models.F("changed_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="contact_confirmed_by_another",
            ),
        ),
    ]
