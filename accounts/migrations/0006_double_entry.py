import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_move_holders")]

    operations = [
        migrations.RemoveField(
            model_name="bankaccount",
            name="client",
        ),
        migrations.CreateModel(
            name="Booking",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("transfer", "Virement"),
                            ("card", "Paiement par carte"),
                            ("direct_debit", "Prélèvement"),
                            ("cash", "Espèces"),
                            ("interest", "Intérêts"),
                            ("fee", "Frais"),
                            ("correction", "Rectification"),
                            ("carried_over", "Reprise"),
                        ],
                        max_length=12,
                        verbose_name="nature",
                    ),
                ),
                ("booked_on", models.DateField(verbose_name="comptabilisé le")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="saisi le")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="par",
                    ),
                ),
                (
                    "corrects",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="correction",
                        to="accounts.booking",
                    ),
                ),
            ],
            options={
                "verbose_name": "écriture",
            },
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("corrects__isnull", False), ("kind", "correction")),
                    models.Q(models.Q(("kind", "correction"), _negated=True), ("corrects", None)),
                    _connector="OR",
                ),
                name="correction_names_what_it_corrects",
            ),
        ),
        migrations.AddField(
            model_name="entry",
            name="balance",
            field=models.DecimalField(decimal_places=2, max_digits=14, null=True, verbose_name="solde après"),
        ),
        migrations.AddField(
            model_name="entry",
            name="internal_account",
            field=models.CharField(
                blank=True,
                choices=[
                    ("transfers", "Virements interbancaires"),
                    ("cards", "Paiements par carte"),
                    ("direct_debits", "Prélèvements"),
                    ("cash", "Espèces"),
                    ("interest", "Intérêts servis"),
                    ("fees", "Frais"),
                    ("carried_over", "Reprise d’opérations antérieures"),
                ],
                max_length=13,
                verbose_name="compte interne",
            ),
        ),
        migrations.AddField(
            model_name="entry",
            name="position",
            field=models.PositiveIntegerField(null=True, verbose_name="rang"),
        ),
        migrations.AddField(
            model_name="entry",
            name="value_on",
            field=models.DateField(null=True, verbose_name="date de valeur"),
        ),
        migrations.AlterField(
            model_name="entry",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="accounts.bankaccount",
                verbose_name="compte",
            ),
        ),
        migrations.AddField(
            model_name="entry",
            name="booking",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="accounts.booking",
                verbose_name="écriture",
            ),
        ),
        migrations.CreateModel(
            name="PendingEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("expected_on", models.DateField(verbose_name="attendu le")),
                ("label", models.CharField(max_length=80, verbose_name="libellé")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="montant")),
                ("dropped_on", models.DateField(null=True, verbose_name="abandonné le")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pending_entries",
                        to="accounts.bankaccount",
                        verbose_name="compte",
                    ),
                ),
                (
                    "booking",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="announced_as",
                        to="accounts.booking",
                    ),
                ),
            ],
            options={
                "verbose_name": "opération à venir",
                "verbose_name_plural": "opérations à venir",
                "ordering": ["expected_on", "id"],
            },
        ),
        migrations.AddIndex(
            model_name="pendingentry",
            index=models.Index(
                condition=models.Q(("booking", None), ("dropped_on", None)),
                fields=["account", "expected_on"],
                name="pending_entries_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="pendingentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount", 0), _negated=True), name="pending_entry_is_of_money"
            ),
        ),
        migrations.AddConstraint(
            model_name="pendingentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("booking", None), ("dropped_on", None), _connector="OR"),
                name="pending_entry_ends_in_one_way",
            ),
        ),
    ]
