"""The hash of each member of staff is sealed; the code of before opens it once this has gone backwards.

What is not bound as we left it stays as it is: it opens nothing, and check_owners names it.
"""

from django.db import migrations, models

from auth_codes.crypto import bindings, sealed_hasher

BATCH = 1000
UNSEALED = "argon2"


def seal(apps, schema_editor):
    rewrite(apps, UNSEALED, lambda hashed: sealed_hasher.seal(hashed.removeprefix(UNSEALED)))


def unseal(apps, schema_editor):
    rewrite(apps, sealed_hasher.ALGORITHM, lambda hashed: UNSEALED + sealed_hasher.unseal(hashed))


def rewrite(apps, algorithm, written_anew):
    User = apps.get_model("accounts", "User")
    staff, last = User.objects.filter(is_staff=True, password__startswith=f"{algorithm}$").order_by("pk"), 0
    while users := list(staff.filter(pk__gt=last)[:BATCH]):
        for user in users:
            if bindings.holds(user.code_binding, parts(user, user.password)):
                hashed = written_anew(user.password)
                # A password that is changed at this very moment stays.
                as_read = User.objects.filter(pk=user.pk, password=user.password, code_binding=user.code_binding)
                as_read.update(password=hashed, code_binding=bindings.made(parts(user, hashed)))
        last = users[-1].pk


def parts(user, hashed):
    return str(user.pk), "", str(user.code_generation), f" {hashed}"


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0026_identity_changes")]

    operations = [
        migrations.AlterField("user", "password", models.CharField("mot de passe", max_length=255)),
        migrations.RunPython(seal, unseal),
    ]
