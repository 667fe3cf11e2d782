"""Drops the second index of each unique text, which serves LIKE: nothing asks it, and each write paid for it.

The schema editor of banking_portal/postgresql/ makes none any more.
"""

from django.db import migrations

DROPPED = [
    "auth_codes_attemptcounter_key_d797250c_like",
    "auth_codes_budget_key_adf2dc88_like",
    "auth_codes_clientticket_digest_9b835331_like",
    "auth_codes_letterbatch_id_efea1dca_like",
    "auth_codes_lockcode_digest_93c52d14_like",
    "auth_codes_opensession_row_key_d48fe36a_like",
    "auth_codes_rememberednumber_digest_f7af5e52_like",
    "auth_codes_sealedletter_batch_id_985c9c20_like",
    "auth_codes_sealedletter_number_digest_abd65fa7_like",
    "auth_codes_staffticket_digest_22b11884_like",
    "auth_codes_standingalarm_name_e1831cfe_like",
    "auth_codes_token_serial_ec3f0cd9_like",
]


def drop(apps, schema_editor):
    """Who reads and writes meanwhile waits for nothing; SQLite has never had them."""
    if schema_editor.connection.vendor == "postgresql":
        for index in DROPPED:
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")


class Migration(migrations.Migration):
    atomic = False  # as CONCURRENTLY asks

    dependencies = [("auth_codes", "0048_locks_and_moyens")]

    operations = [migrations.RunPython(drop, migrations.RunPython.noop)]
