import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_transfers"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "right",
                    models.CharField(
                        choices=[
                            ("holder", "titulaire, avec tous les droits"),
                            ("see", "consulter le compte"),
                            ("transfer", "consulter le compte et faire des virements"),
                        ],
                        max_length=8,
                        verbose_name="droit",
                    ),
                ),
                ("ends_on", models.DateField(null=True, verbose_name="jusqu’au")),
                (
                    "agreement",
                    models.CharField(
                        choices=[
                            ("branch", "signé en agence par chaque titulaire, pièces d’identité vues"),
                            ("post", "reçu signé, puis chaque titulaire rappelé à un numéro connu"),
                        ],
                        max_length=6,
                        verbose_name="accord des titulaires",
                    ),
                ),
                ("token", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="demandé le")),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("approved", "approuvé"), ("refused", "refusé"), ("lapsed", "resté sans réponse")],
                        max_length=8,
                        verbose_name="décision",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="décidé le")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="access_requests",
                        to="accounts.bankaccount",
                        verbose_name="compte",
                    ),
                ),
                (
                    "agreed_by",
                    models.ManyToManyField(related_name="+", to="accounts.client", verbose_name="titulaires d’accord"),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="décidé par",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="access_requests",
                        to="accounts.client",
                        verbose_name="pour",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="demandé par",
                    ),
                ),
            ],
            options={
                "verbose_name": "accès à un compte",
                "verbose_name_plural": "accès aux comptes",
                "ordering": ["-started_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decision", "")),
                        fields=("account", "person"),
                        name="one_open_access_request",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decision", "approved"), _negated=True),
                            models.Q(
                                ("decided_by__isnull", False),
                                models.Q(("decided_by", models.F("started_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="access_approved_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("right", "holder"), _negated=True), ("ends_on", None), _connector="OR"
                        ),
                        name="holder_for_good",
                    ),
                ],
            },
        ),
    ]
