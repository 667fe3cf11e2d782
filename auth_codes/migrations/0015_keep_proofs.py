"""The proofs that outlive the journal, and a trigger by which the database never changes one.

They are deleted by the purge alone after eighteen months. What was deleted before is told by its number, which
verify_journal misses: tests empty their tables on SQLite by DELETE, so that no trigger forbids it.
"""

from django.db import migrations, models


GUARDS = {
    "postgresql": [
        """
        CREATE FUNCTION auth_codes_keep_proof() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'a proof is never changed' USING ERRCODE = 'restrict_violation';
        END $$
        """,
        """
        CREATE TRIGGER proof_is_never_updated BEFORE UPDATE ON auth_codes_keptproof
        FOR EACH ROW EXECUTE FUNCTION auth_codes_keep_proof()
        """,
    ],
    "sqlite": [
        """
        CREATE TRIGGER proof_is_never_updated BEFORE UPDATE ON auth_codes_keptproof
        BEGIN SELECT RAISE(ABORT, 'a proof is never changed'); END
        """,
    ],
}
NO_GUARDS = {
    "postgresql": [
        "DROP TRIGGER proof_is_never_updated ON auth_codes_keptproof",
        "DROP FUNCTION auth_codes_keep_proof()",
    ],
    "sqlite": ["DROP TRIGGER proof_is_never_updated"],
}


def guard(apps, schema_editor):
    for statement in GUARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def leave_unguarded(apps, schema_editor):
    for statement in NO_GUARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("auth_codes", "0014_open_sessions"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptProof",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("line", models.TextField()),
                ("at", models.DateTimeField(db_index=True)),
                ("position", models.BigIntegerField()),
                ("sealed_at", models.CharField(max_length=32)),
                ("link_format", models.PositiveSmallIntegerField()),
                ("link_key_id", models.CharField(max_length=32)),
                ("mac", models.BinaryField()),
                ("after", models.BinaryField()),
                ("before", models.BinaryField()),
                ("kept_at", models.DateTimeField()),
                ("format_version", models.PositiveSmallIntegerField()),
                ("key_id", models.CharField(max_length=32)),
                ("signature", models.BinaryField()),
            ],
        ),
        migrations.RunPython(guard, leave_unguarded),
    ]
