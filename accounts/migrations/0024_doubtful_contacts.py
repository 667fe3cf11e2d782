import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0023_drop_address_trace"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.AddField(
            model_name="contactchange",
            name="why",
            field=models.CharField(blank=True, max_length=80, verbose_name="raison"),
        ),
        migrations.AddIndex(
            model_name="client",
            index=models.Index(django.db.models.functions.text.Upper("email"), name="clients_by_email"),
        ),
        migrations.AddIndex(
            model_name="client",
            index=models.Index(
                models.F("postcode"), django.db.models.functions.text.Upper("street"), name="clients_by_home"
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                django.db.models.functions.text.Upper("email"),
                condition=models.Q(("is_staff", True)),
                name="staff_by_email",
            ),
        ),
    ]
