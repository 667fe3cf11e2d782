from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):
    dependencies = [("accounts", "0030_merchants")]

    operations = [
        migrations.CreateModel(
            name="SummedAccount",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="summed",
                        serialize=False,
                        to="accounts.bankaccount",
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="rang")),
            ],
            options={
                "verbose_name": "compte additionné",
                "verbose_name_plural": "comptes additionnés",
            },
        ),
        migrations.CreateModel(
            name="MonthSum",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(verbose_name="mois")),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("food", "Alimentation"),
                            ("home", "Maison"),
                            ("bills", "Factures et impôts"),
                            ("travel", "Transports et voyages"),
                            ("health", "Santé"),
                            ("leisure", "Restaurants et loisirs"),
                            ("shopping", "Achats et services"),
                            ("bank", "Banque et espèces"),
                            ("transfers", "Virements"),
                            ("other", "Autres opérations"),
                        ],
                        max_length=9,
                        verbose_name="catégorie",
                    ),
                ),
                ("came_in", models.DecimalField(decimal_places=2, max_digits=16, verbose_name="entrées")),
                ("went_out", models.DecimalField(decimal_places=2, max_digits=16, verbose_name="sorties")),
                (
                    "counterpart",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.bankaccount",
                    ),
                ),
                (
                    "summed",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="months",
                        to="accounts.summedaccount",
                    ),
                ),
            ],
            options={
                "verbose_name": "somme d’un mois",
                "verbose_name_plural": "sommes par mois",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("summed", "month", "category", "counterpart"), name="one_sum_per_account"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("counterpart", None)),
                        fields=("summed", "month", "category"),
                        name="one_sum_with_the_world",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("came_in__gte", 0), ("went_out__lte", 0)), name="sums_have_their_signs"
                    ),
                ],
            },
        ),
    ]
