"""Each network that asks for a number while it waits has a row of its own; going back leaves the first of them."""

from django.db import migrations, models
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone


def keep_the_first_of_each_number(apps, schema_editor):
    waiting = apps.get_model("auth_codes", "RenewalRequest").objects.filter(handled_at=None)
    earlier = waiting.filter(client_code=OuterRef("client_code"), pk__lt=OuterRef("pk"))
    waiting.filter(pk__in=list(waiting.filter(Exists(earlier)).values_list("pk", flat=True))).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("auth_codes", "0017_count_refused_objects"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="renewalrequest",
            name="one_waiting_request",
        ),
        migrations.RunPython(migrations.RunPython.noop, keep_the_first_of_each_number),
        migrations.AddField(
            model_name="renewalrequest",
            name="last_asked_at",
            field=models.DateTimeField(db_default=Now(), default=timezone.now, verbose_name="demandé en dernier le"),
        ),
        migrations.AlterField(
            model_name="renewalrequest",
            name="outcome",
            field=models.CharField(
                blank=True,
                choices=[
                    ("issued", "courrier émis"),
                    ("unknown", "aucun client"),
                    ("too_soon", "un courrier récent est en route"),
                    ("lapsed", "retenue trop longtemps"),
                    ("closed", "accès fermé par un conseiller"),
                    ("joined", "traitée avec une autre pour le même numéro"),
                ],
                max_length=8,
                verbose_name="suite",
            ),
        ),
        migrations.AddConstraint(
            model_name="renewalrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("handled_at__isnull", True)),
                fields=("client_code", "network"),
                name="one_waiting_request_a_network",
            ),
        ),
    ]
