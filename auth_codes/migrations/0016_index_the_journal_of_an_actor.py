"""How often somebody did an act lately is read from his own lines, before each sheet that he opens at the desk."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth_codes", "0015_keep_proofs"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="securityevent",
            index=models.Index(
                fields=["by", "kind", "-at"], condition=models.Q(("by__isnull", False)), name="journal_of_actor"
            ),
        ),
    ]
