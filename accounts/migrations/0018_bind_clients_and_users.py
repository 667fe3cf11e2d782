"""Each user who shows a client is bound to him; on the way back, codes are sealed as the code of before opens them.

In batches that each commit: killed, the migration goes on where it was when it is run again.
"""

from uuid import UUID

from django.db import migrations

from auth_codes.crypto import bindings, sealing

BATCH = 1000


def bind(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    unbound = User.objects.filter(code_binding="", client__isnull=False).select_related("client").order_by("pk")
    last = 0
    while users := list(unbound.filter(pk__gt=last)[:BATCH]):
        for user in users:
            user.code_binding = bindings.made(
                (str(user.pk), user.username, str(user.code_generation), str(user.client.pk))
            )
        User.objects.bulk_update(users, ["code_binding"])
        last = users[-1].pk


def seal_without_number(apps, schema_editor):
    SecretCode = apps.get_model("auth_codes", "SecretCode")
    numbered = SecretCode.objects.filter(role="present", owner__code_generation__gt=0)
    last = UUID(int=0)
    while rows := list(numbered.filter(id__gt=last).select_related("owner").order_by("id")[:BATCH]):
        for row in rows:
            seal_anew(row)
        last = rows[-1].id


def seal_anew(row):
    binding = (str(row.id), row.role, row.owner.username)
    sealed = sealing.Sealed(row.format_version, row.key_id, bytes(row.nonce), bytes(row.ciphertext))
    try:
        hashed = sealing.unseal(sealed, (*binding, str(row.owner.code_generation)))
    except sealing.SealError:
        return  # sealed without it by the run that was killed, or opened by nobody as it is
    row.format_version, row.key_id, row.nonce, row.ciphertext = sealing.seal(hashed, binding)
    row.save(update_fields=["format_version", "key_id", "nonce", "ciphertext"])


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0017_code_generations"), ("auth_codes", "0015_keep_proofs")]

    operations = [migrations.RunPython(bind, seal_without_number)]
