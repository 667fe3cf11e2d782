"""Constraints of the ledger, and triggers by which the database itself keeps it.

Entries are inserted first: each must continue its account, with the next position and the balance that follows. Then
comes their booking, which is taken only when they sum to zero on its day, and after which none is added. On PostgreSQL
the sum is taken again at the commit, because two writers do not see each other before. Nothing is updated or deleted.
SQLite drops a table's triggers when a later migration remakes the table: that migration has to make them again, which a
test makes sure of. TRUNCATE is a right of its own in PostgreSQL: do not give it to the portal's role.
"""

from django.db import migrations, models
import django.db.models.deletion

NEVER_CHANGED = "the ledger is never changed"

GUARDS = {
    "postgresql": [
        """
        CREATE FUNCTION accounts_judge_entry() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF EXISTS (SELECT 1 FROM accounts_booking WHERE id = NEW.booking_id)
                OR NEW.position = 1 AND NEW.balance <> NEW.amount
                OR NEW.position > 1 AND NOT EXISTS (
                    SELECT 1 FROM accounts_entry before
                    WHERE before.account_id = NEW.account_id AND before.position = NEW.position - 1
                    AND before.balance + NEW.amount = NEW.balance AND before.booked_on <= NEW.booked_on
                )
            THEN
                RAISE EXCEPTION 'an entry continues its account, before its booking is made' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$
        """,
        """
        CREATE TRIGGER entry_continues BEFORE INSERT ON accounts_entry
        FOR EACH ROW EXECUTE FUNCTION accounts_judge_entry()
        """,
        """
        CREATE FUNCTION accounts_judge_booking() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (
                SELECT count(*) < 2 OR sum(amount) <> 0 OR min(booked_on) <> NEW.booked_on
                OR max(booked_on) <> NEW.booked_on FROM accounts_entry WHERE booking_id = NEW.id
            ) THEN
                RAISE EXCEPTION 'the entries of a booking sum to zero, on its day' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        END $$
        """,
        """
        CREATE TRIGGER booking_balances BEFORE INSERT ON accounts_booking
        FOR EACH ROW EXECUTE FUNCTION accounts_judge_booking()
        """,
        # Whoever writes entries while their booking is written elsewhere sees it, and is seen, at his commit alone.
        # It comes after the foreign key, whose trigger has a name that begins with a capital: the booking is there.
        """
        CREATE FUNCTION accounts_judge_sum() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF (SELECT sum(amount) <> 0 FROM accounts_entry WHERE booking_id = NEW.booking_id) THEN
                RAISE EXCEPTION 'the entries of a booking sum to zero' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        END $$
        """,
        """
        CREATE CONSTRAINT TRIGGER entry_sums_to_zero AFTER INSERT ON accounts_entry DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION accounts_judge_sum()
        """,
        f"""
        CREATE FUNCTION accounts_keep_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{NEVER_CHANGED}' USING ERRCODE = 'restrict_violation';
        END $$
        """,
        """
        CREATE TRIGGER entry_is_kept BEFORE UPDATE OR DELETE ON accounts_entry
        FOR EACH ROW EXECUTE FUNCTION accounts_keep_ledger()
        """,
        """
        CREATE TRIGGER booking_is_kept BEFORE UPDATE OR DELETE ON accounts_booking
        FOR EACH ROW EXECUTE FUNCTION accounts_keep_ledger()
        """,
    ],
    "sqlite": [
        # Rounded because SQLite holds amounts as floating-point numbers.
        """
        CREATE TRIGGER entry_continues BEFORE INSERT ON accounts_entry
        WHEN EXISTS (SELECT 1 FROM accounts_booking WHERE id = NEW.booking_id)
            OR NEW.position = 1 AND round(NEW.balance - NEW.amount, 2) <> 0
            OR NEW.position > 1 AND NOT EXISTS (
                SELECT 1 FROM accounts_entry
                WHERE account_id = NEW.account_id AND position = NEW.position - 1
                AND round(balance + NEW.amount - NEW.balance, 2) = 0 AND booked_on <= NEW.booked_on
            )
        BEGIN SELECT RAISE(ABORT, 'an entry continues its account, before its booking is made'); END
        """,
        """
        CREATE TRIGGER booking_balances BEFORE INSERT ON accounts_booking
        WHEN (
            SELECT count(*) < 2 OR round(sum(amount), 2) <> 0 OR min(booked_on) <> NEW.booked_on
            OR max(booked_on) <> NEW.booked_on FROM accounts_entry WHERE booking_id = NEW.id
        )
        BEGIN SELECT RAISE(ABORT, 'the entries of a booking sum to zero, on its day'); END
        """,
        *(
            f"""
            CREATE TRIGGER {what}_is_never_{act}d BEFORE {act.upper()} ON accounts_{what}
            BEGIN SELECT RAISE(ABORT, '{NEVER_CHANGED}'); END
            """
            for what in ("entry", "booking")
            for act in ("update", "delete")
        ),
    ],
}
NO_GUARDS = {
    "postgresql": [
        "DROP TRIGGER booking_is_kept ON accounts_booking",
        "DROP TRIGGER entry_is_kept ON accounts_entry",
        "DROP FUNCTION accounts_keep_ledger()",
        "DROP TRIGGER entry_sums_to_zero ON accounts_entry",
        "DROP FUNCTION accounts_judge_sum()",
        "DROP TRIGGER booking_balances ON accounts_booking",
        "DROP FUNCTION accounts_judge_booking()",
        "DROP TRIGGER entry_continues ON accounts_entry",
        "DROP FUNCTION accounts_judge_entry()",
    ],
    "sqlite": [
        "DROP TRIGGER booking_is_never_deleted",
        "DROP TRIGGER booking_is_never_updated",
        "DROP TRIGGER entry_is_never_deleted",
        "DROP TRIGGER entry_is_never_updated",
        "DROP TRIGGER booking_balances",
        "DROP TRIGGER entry_continues",
    ],
}


def guard(apps, schema_editor):
    for statement in GUARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def leave_unguarded(apps, schema_editor):
    for statement in NO_GUARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_book_earlier_entries")]

    operations = [
        migrations.AlterField(
            model_name="entry",
            name="booking",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="entries",
                to="accounts.booking",
                verbose_name="écriture",
            ),
        ),
        migrations.AlterField(
            model_name="entry",
            name="value_on",
            field=models.DateField(verbose_name="date de valeur"),
        ),
        migrations.AlterModelOptions(
            name="entry",
            options={"ordering": ["-booked_on", "-position"], "verbose_name": "opération"},
        ),
        migrations.RemoveIndex(
            model_name="entry",
            name="entries_of_account",
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["account", "-booked_on", "-position"], name="entries_by_day"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.UniqueConstraint(fields=("account", "position"), name="entry_has_its_own_position"),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("account__isnull", False),
                        ("balance__isnull", False),
                        ("internal_account", ""),
                        ("position__gte", 1),
                        ("position__isnull", False),
                    ),
                    models.Q(
                        ("account", None),
                        ("balance", None),
                        ("position", None),
                        models.Q(("internal_account", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="entry_of_customer_or_bank",
            ),
        ),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount", 0), _negated=True), name="entry_moves_money"
            ),
        ),
        migrations.RunPython(guard, leave_unguarded),
    ]
