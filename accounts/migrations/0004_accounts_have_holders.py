import django.db.models.deletion
import django.utils.timezone
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_address_given_at_registration")]

    operations = [
        migrations.AlterField(
            model_name="bankaccount",
            name="client",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.client",
                verbose_name="titulaire",
            ),
        ),
        migrations.CreateModel(
            name="Holding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField(default=django.utils.timezone.localdate, verbose_name="depuis le")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holdings",
                        to="accounts.bankaccount",
                        verbose_name="compte",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holdings",
                        to="accounts.client",
                        verbose_name="titulaire",
                    ),
                ),
            ],
            options={
                "verbose_name": "titulaire",
                "verbose_name_plural": "titulaires",
                "ordering": ["id"],
            },
        ),
        migrations.AddConstraint(
            model_name="holding",
            constraint=models.UniqueConstraint(fields=("account", "client"), name="account_held_once"),
        ),
        migrations.AddField(
            model_name="bankaccount",
            name="holders",
            field=models.ManyToManyField(
                related_name="bank_accounts",
                through="accounts.Holding",
                to="accounts.client",
                verbose_name="titulaires",
            ),
        ),
        migrations.AddField(
            model_name="bankaccount",
            name="books_closed_on",
            field=models.DateField(editable=False, null=True, verbose_name="arrêté le"),
        ),
        migrations.AddField(
            model_name="bankaccount",
            name="closed_on",
            field=models.DateField(editable=False, null=True, verbose_name="clôturé le"),
        ),
        migrations.AddField(
            model_name="bankaccount",
            name="overdraft",
            field=models.DecimalField(
                decimal_places=2, default=Decimal("0"), max_digits=9, verbose_name="découvert autorisé"
            ),
        ),
        migrations.AddConstraint(
            model_name="bankaccount",
            constraint=models.CheckConstraint(condition=models.Q(("overdraft__gte", 0)), name="overdraft_is_no_debt"),
        ),
        migrations.AddConstraint(
            model_name="bankaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("kind", "savings"), _negated=True), ("overdraft", 0), _connector="OR"),
                name="savings_have_no_overdraft",
            ),
        ),
        migrations.AddConstraint(
            model_name="bankaccount",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_on__isnull", True), ("closed_on__gte", models.F("opened_on")), _connector="OR"
                ),
                name="account_closed_after_opening",
            ),
        ),
        migrations.CreateModel(
            name="Mandate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("may_transfer", models.BooleanField(default=False, verbose_name="peut faire des virements")),
                ("granted_on", models.DateField(default=django.utils.timezone.localdate, verbose_name="depuis le")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="jusqu’au")),
                ("revoked_at", models.DateTimeField(editable=False, null=True, verbose_name="révoquée le")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mandates",
                        to="accounts.bankaccount",
                        verbose_name="compte",
                    ),
                ),
                (
                    "granted_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proxy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mandates",
                        to="accounts.client",
                        verbose_name="mandataire",
                    ),
                ),
            ],
            options={
                "verbose_name": "procuration",
                "ordering": ["id"],
            },
        ),
        migrations.AddConstraint(
            model_name="mandate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at", None)), fields=("account", "proxy"), name="one_mandate_per_proxy"
            ),
        ),
    ]
