"""A client changes his contacts himself: such a change is confirmed by nobody else, once it has rested."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("accounts", "0073_fewer_indexes")]

    operations = [
        migrations.RemoveConstraint(model_name="contactchange", name="contact_confirmed_by_another"),
        migrations.AddField(
            model_name="contactchange",
            name="by_himself",
            field=models.BooleanField(db_default=False, default=False, verbose_name="par le client lui-même"),
        ),
        migrations.AddConstraint(
            model_name="contactchange",
            constraint=models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False)
                & (Q(by_himself=True) | ~Q(confirmed_by=F("changed_by"))),
                name="contact_confirmed_by_another",
            ),
        ),
    ]
