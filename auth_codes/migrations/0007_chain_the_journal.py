"""Links and checkpoints of the journal's chain, and triggers by which the database itself keeps the journal.

A line is never updated. It is deleted by a purge alone, which first leaves a checkpoint at or above its place; whoever
leaves a false one to delete lines leaves its bad signature as well. Neither trigger runs when a line is written, so
that nothing is added on the login's way. On SQLite a line that is not chained yet may be deleted: Django's tests empty
their tables there by DELETE, and before it is chained nothing proves a line. TRUNCATE is a right of its own in
PostgreSQL: do not give it to the portal's role. SQLite drops a table's triggers when a later migration remakes the
table: that migration has to make them again, which a test makes sure of.
"""

from django.db import migrations, models

GUARDS = {
    "postgresql": [
        """
        CREATE FUNCTION auth_codes_keep_journal() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' AND EXISTS (
                SELECT 1 FROM auth_codes_journallink WHERE event_id = OLD.id
                AND position <= (SELECT max(position) FROM auth_codes_journalcheckpoint)
            ) THEN
                RETURN OLD;
            END IF;
            RAISE EXCEPTION 'a line of the journal is never changed' USING ERRCODE = 'restrict_violation';
        END $$
        """,
        """
        CREATE TRIGGER journal_is_kept BEFORE UPDATE OR DELETE ON auth_codes_securityevent
        FOR EACH ROW EXECUTE FUNCTION auth_codes_keep_journal()
        """,
    ],
    "sqlite": [
        """
        CREATE TRIGGER journal_is_never_updated BEFORE UPDATE ON auth_codes_securityevent
        BEGIN SELECT RAISE(ABORT, 'a line of the journal is never changed'); END
        """,
        """
        CREATE TRIGGER journal_is_kept BEFORE DELETE ON auth_codes_securityevent
        WHEN EXISTS (
            SELECT 1 FROM auth_codes_journallink WHERE event_id = OLD.id
            AND position > coalesce((SELECT max(position) FROM auth_codes_journalcheckpoint), 0)
        )
        BEGIN SELECT RAISE(ABORT, 'a line of the journal is never deleted'); END
        """,
    ],
}
NO_GUARDS = {
    "postgresql": [
        "DROP TRIGGER journal_is_kept ON auth_codes_securityevent",
        "DROP FUNCTION auth_codes_keep_journal()",
    ],
    "sqlite": ["DROP TRIGGER journal_is_kept", "DROP TRIGGER journal_is_never_updated"],
}


def guard(apps, schema_editor):
    for statement in GUARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def leave_unguarded(apps, schema_editor):
    for statement in NO_GUARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("auth_codes", "0006_name_attacks_and_devices"),
    ]

    operations = [
        migrations.CreateModel(
            name="JournalCheckpoint",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("mac", models.BinaryField()),
                ("lines", models.PositiveIntegerField()),
                ("purged_at", models.DateTimeField()),
                ("format_version", models.PositiveSmallIntegerField()),
                ("key_id", models.CharField(max_length=32)),
                ("signature", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="JournalLink",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("event_id", models.BigIntegerField(unique=True)),
                ("sealed_at", models.DateTimeField()),
                ("format_version", models.PositiveSmallIntegerField()),
                ("key_id", models.CharField(max_length=32)),
                ("mac", models.BinaryField()),
            ],
        ),
        migrations.RunPython(guard, leave_unguarded),
    ]
