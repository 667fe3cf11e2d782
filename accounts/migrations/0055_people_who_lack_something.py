"""One name only, a year of birth alone, no e-mail, no telephone; and the name of birth beside the present one.

Servers of the version before go on writing sheets with a birth date, which the constraints take.
"""

from datetime import date

from django.db import migrations, models

# Of a table, the columns of a day and of a year.
BORN = [
    ("Client", "birth_date", "birth_year"),
    ("IdentityChange", "birth_date", "birth_year"),
    ("IdentityChange", "old_birth_date", "old_birth_year"),
]


def give_a_day(apps, schema_editor):
    """Backwards: the first of January, which papers write where no day is known."""
    for model, day, year in BORN:
        rows = apps.get_model("accounts", model).objects
        for known in set(rows.filter(**{f"{day}__isnull": True}).values_list(year, flat=True)):
            rows.filter(**{day: None, year: known}).update(**{day: date(known, 1, 1), year: None})
    if schema_editor.connection.vendor == "postgresql":
        # A row written twice has its foreign keys checked again, and no table is altered before that is done.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0052_former_names"),
    ]

    operations = [
        migrations.AddField(
            model_name="client",
            name="birth_name",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=80, verbose_name="nom de naissance"
            ),
        ),
        migrations.AddField(
            model_name="client",
            name="birth_year",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="année de naissance"),
        ),
        migrations.AddField(
            model_name="identitychange",
            name="birth_name",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=80, verbose_name="nom de naissance"
            ),
        ),
        migrations.AddField(
            model_name="identitychange",
            name="birth_year",
            field=models.PositiveSmallIntegerField(null=True, verbose_name="année de naissance"),
        ),
        migrations.AddField(
            model_name="identitychange",
            name="old_birth_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=80),
        ),
        migrations.AddField(
            model_name="identitychange",
            name="old_birth_year",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AlterField(
            model_name="client",
            name="birth_date",
            field=models.DateField(blank=True, db_index=True, null=True, verbose_name="date de naissance"),
        ),
        migrations.AlterField(
            model_name="client",
            name="email",
            field=models.EmailField(blank=True, max_length=254, verbose_name="adresse électronique"),
        ),
        migrations.AlterField(
            model_name="client",
            name="given_names",
            field=models.CharField(blank=True, max_length=80, verbose_name="prénoms"),
        ),
        migrations.AlterField(
            model_name="client",
            name="mobile_phone",
            field=models.CharField(blank=True, db_index=True, max_length=16, verbose_name="téléphone mobile"),
        ),
        migrations.AlterField(
            model_name="formername",
            name="given_names",
            field=models.CharField(blank=True, max_length=80, verbose_name="prénoms"),
        ),
        migrations.AlterField(
            model_name="identitychange",
            name="birth_date",
            field=models.DateField(null=True, verbose_name="date de naissance"),
        ),
        migrations.AlterField(
            model_name="identitychange",
            name="given_names",
            field=models.CharField(blank=True, max_length=80, verbose_name="prénoms"),
        ),
        migrations.AlterField(
            model_name="identitychange",
            name="old_birth_date",
            field=models.DateField(null=True),
        ),
        migrations.AlterField(
            model_name="identitychange",
            name="old_given_names",
            field=models.CharField(blank=True, max_length=80),
        ),
        # Here, so that backwards it runs when no constraint asks for the year any more, and before a day is asked for.
        migrations.RunPython(migrations.RunPython.noop, give_a_day),
        migrations.AddIndex(
            model_name="client",
            index=models.Index(
                condition=models.Q(("birth_year__isnull", False)), fields=["birth_year"], name="clients_by_birth_year"
            ),
        ),
        migrations.AddConstraint(
            model_name="client",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("birth_date__isnull", False), ("birth_year__isnull", True)),
                    models.Q(("birth_date__isnull", True), ("birth_year__gte", 1900), ("birth_year__isnull", False)),
                    _connector="OR",
                ),
                name="client_born_on_a_day_or_in_a_year",
            ),
        ),
        migrations.AddConstraint(
            model_name="identitychange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("birth_date__isnull", False), ("birth_year__isnull", True)),
                    models.Q(("birth_date__isnull", True), ("birth_year__gte", 1900), ("birth_year__isnull", False)),
                    _connector="OR",
                ),
                name="identity_change_to_one_birth",
            ),
        ),
        migrations.AddConstraint(
            model_name="identitychange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("old_birth_date__isnull", False), ("old_birth_year__isnull", True)),
                    models.Q(
                        ("old_birth_date__isnull", True),
                        ("old_birth_year__gte", 1900),
                        ("old_birth_year__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="identity_change_from_one_birth",
            ),
        ),
    ]
