"""A paper may be deleted ten years after the end of its year, and that of a contract ten years after the contract's.

The database itself judges it, by its own clock: before that day, and to any change, it says no as it did.
"""

from django.db import migrations, models

NEVER_CHANGED = "a document is never changed"
TABLES = ("document", "documentfile", "statement", "letter")
# Who deletes a contract's paper unlinks the contract after it, in the same transaction: without its link nobody knows
# whether it still runs.
PAST = """
    SELECT 1 FROM accounts_document paper WHERE paper.id = {paper}
        AND paper.issued_on < {kept_since} AND {issued_at} < {kept_since}
        AND (paper.kind <> 'contract' OR EXISTS (
            SELECT 1 FROM accounts_servicecontract contract
            WHERE contract.document_id = paper.id AND contract.ended_on < {kept_since}))
"""
POSTGRESQL = """
    CREATE OR REPLACE FUNCTION accounts_keep_documents() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        kept_since date := date_trunc('year', now() AT TIME ZONE 'Europe/Paris') - interval '10 years';
        asked bigint;
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF TG_TABLE_NAME = 'accounts_document' THEN asked := OLD.id; ELSE asked := OLD.document_id; END IF;
            IF EXISTS ({past}) THEN RETURN OLD; END IF;
        END IF;
        RAISE EXCEPTION '{never_changed}' USING ERRCODE = 'restrict_violation';
    END $$
"""
POSTGRESQL_BEFORE = """
    CREATE OR REPLACE FUNCTION accounts_keep_documents() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '{never_changed}' USING ERRCODE = 'restrict_violation';
    END $$
"""
SQLITE = """
    CREATE TRIGGER {table}_is_never_deleted BEFORE DELETE ON accounts_{table}{unless}
    BEGIN SELECT RAISE(ABORT, '{never_changed}'); END
"""
# Of Paris, whatever zone a session has.
POSTGRESQL_ISSUED_AT = "(paper.issued_at AT TIME ZONE 'Europe/Paris')"
SQLITE_KEPT_SINCE = "date('now', 'start of year', '-10 years')"


def on_sqlite(table):
    paper = "OLD.id" if table == "document" else "OLD.document_id"
    past = PAST.format(paper=paper, kept_since=SQLITE_KEPT_SINCE, issued_at="paper.issued_at")
    return SQLITE.format(table=table, unless=f" WHEN NOT EXISTS ({past})", never_changed=NEVER_CHANGED)


GUARDS = {
    "postgresql": [
        POSTGRESQL.format(
            past=PAST.format(paper="asked", kept_since="kept_since", issued_at=POSTGRESQL_ISSUED_AT),
            never_changed=NEVER_CHANGED,
        )
    ],
    "sqlite": [on_sqlite(table) for table in TABLES],
}
GUARDS_BEFORE = {
    "postgresql": [POSTGRESQL_BEFORE.format(never_changed=NEVER_CHANGED)],
    "sqlite": [SQLITE.format(table=table, unless="", never_changed=NEVER_CHANGED) for table in TABLES],
}


def replace(guards, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "sqlite":
        for table in TABLES:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_is_never_deleted")
    for guard in guards[vendor]:
        schema_editor.execute(guard)


def judge_age(apps, schema_editor):
    replace(GUARDS, schema_editor)


def keep_for_ever(apps, schema_editor):
    replace(GUARDS_BEFORE, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0067_closings_by_their_holders")]

    operations = [
        migrations.RunPython(judge_age, keep_for_ever),
        # A transfer that was confirmed outlives its receipt.
        migrations.RemoveConstraint(model_name="transfer", name="transfer_is_confirmed_whole"),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(booking=None, confirmed_at=None, receipt=None)
                | models.Q(booking=models.F("id"), booking__isnull=False, confirmed_at__isnull=False),
                name="transfer_is_confirmed_whole",
            ),
        ),
    ]
