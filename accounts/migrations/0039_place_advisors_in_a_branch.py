"""Every advisor and branch manager of before works in one branch, until two administrators say where."""

from django.db import migrations

FIRST_BRANCH = "Agence principale"
CLIENTELE_ROLES = ["Conseillers", "Directeurs d’agence"]


def place(apps, schema_editor):
    alias = schema_editor.connection.alias
    users, branches = (apps.get_model("accounts", name)._base_manager.using(alias) for name in ("User", "Branch"))
    placed = users.filter(is_staff=True, branch=None, groups__name__in=CLIENTELE_ROLES).values_list("pk", flat=True)
    advisors = list(placed.distinct())
    if advisors:
        first = branches.order_by("pk").first() or branches.create(name=FIRST_BRANCH)
        users.filter(pk__in=advisors).update(branch=first)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0038_branches_and_substitutes")]

    operations = [migrations.RunPython(place, migrations.RunPython.noop)]
