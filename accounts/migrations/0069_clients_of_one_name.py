"""Who has one name alone is found by his year of birth, in which very many were born who have two."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0068_let_old_papers_go")]

    operations = [
        migrations.AddIndex(
            model_name="client",
            index=models.Index(
                fields=["birth_year", "birth_date"],
                condition=models.Q(given_key=""),
                name="clients_of_one_name",
            ),
        ),
    ]
