"""Drops the second index of each unique text, which serves LIKE: nothing asks it, and each write paid for it.

The schema editor of banking_portal/postgresql/ makes none any more.
"""

from django.db import migrations

DROPPED = [
    "accounts_bankaccount_number_ab624b12_like",
    "accounts_client_client_code_25849130_like",
    "accounts_firstaccess_digest_077b0992_like",
    "accounts_postalitem_batch_id_e6ca3371_like",
    "accounts_postbatch_id_f61deb4b_like",
    "accounts_servicecontract_number_414bb4fb_like",
    "accounts_user_username_6088629e_like",
]


def drop(apps, schema_editor):
    """Who reads and writes meanwhile waits for nothing; SQLite has never had them."""
    if schema_editor.connection.vendor == "postgresql":
        for index in DROPPED:
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")


class Migration(migrations.Migration):
    atomic = False  # as CONCURRENTLY asks

    dependencies = [("accounts", "0074_contacts_by_their_client")]

    operations = [migrations.RunPython(drop, migrations.RunPython.noop)]
