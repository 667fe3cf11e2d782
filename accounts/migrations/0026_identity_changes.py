import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0025_staff_under_dual_control"),
    ]

    operations = [
        migrations.CreateModel(
            name="IdentityChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                ("old_title", models.CharField(max_length=3)),
                ("old_given_names", models.CharField(max_length=80)),
                ("old_family_name", models.CharField(max_length=80)),
                ("old_birth_date", models.DateField()),
                (
                    "title_asked",
                    models.CharField(
                        choices=[("Mme", "Madame"), ("M.", "Monsieur")], max_length=3, verbose_name="civilité"
                    ),
                ),
                ("given_names", models.CharField(max_length=80, verbose_name="prénoms")),
                ("family_name", models.CharField(max_length=80, verbose_name="nom")),
                ("birth_date", models.DateField(verbose_name="date de naissance")),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="identity_changes",
                        to="accounts.client",
                        verbose_name="client",
                    ),
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
                "verbose_name": "changement d’identité",
                "verbose_name_plural": "changements d’identité",
                "ordering": ["-started_at"],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decision", "")), fields=("client",), name="one_open_identity_change"
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
                        name="identity_change_approved_by_another",
                    ),
                ],
            },
        ),
    ]
