import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_documents")]

    operations = [
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="montant")),
                ("label", models.CharField(blank=True, max_length=60, verbose_name="motif")),
                ("prepared_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="préparé le")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmé le")),
                (
                    "booking",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfer",
                        to="accounts.booking",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="accounts.client",
                        verbose_name="ordonné par",
                    ),
                ),
                (
                    "destination",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers_in",
                        to="accounts.bankaccount",
                        verbose_name="vers",
                    ),
                ),
                (
                    "receipt",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfer",
                        to="accounts.document",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers_out",
                        to="accounts.bankaccount",
                        verbose_name="depuis",
                    ),
                ),
            ],
            options={
                "verbose_name": "virement",
                "ordering": ["-prepared_at"],
            },
        ),
        migrations.AddIndex(
            model_name="transfer",
            index=models.Index(fields=["client", "confirmed_at"], name="transfers_of_client"),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="transfer_moves_money"),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", models.F("destination")), _negated=True),
                name="transfer_between_two_accounts",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("booking", None), ("confirmed_at", None), ("receipt", None)),
                    models.Q(
                        ("booking", models.F("id")),
                        ("booking__isnull", False),
                        ("confirmed_at__isnull", False),
                        ("receipt__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="transfer_is_confirmed_whole",
            ),
        ),
    ]
