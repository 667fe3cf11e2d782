from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth_codes", "0021_read_no_more_as_the_bank_grows"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="sealedletter",
            index=models.Index(
                condition=models.Q(first_used_at=None, personalised_at=None, voided_at=None),
                fields=["issued_at"],
                name="letters_unused",
            ),
        ),
        migrations.AddIndex(
            model_name="securityevent",
            index=models.Index(condition=models.Q(kind="login_blocked"), fields=["-at"], name="journal_of_blocks"),
        ),
    ]
