"""Locks of an access, the codes of letters that make one, their end by two; and a trigger that keeps each as it was.

Of a lock nothing but its end is ever written, once, and none is deleted. Tests empty their tables on SQLite by DELETE,
so that no trigger forbids it there: the journal and the receipt tell of a lock that is gone.
"""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


IS_KEPT = """OLD.undone_at IS NOT NULL OR NEW.id <> OLD.id OR NEW.owner_id <> OLD.owner_id OR NEW.at <> OLD.at
    OR NEW.way <> OLD.way OR NEW.position <> OLD.position OR NEW.mac <> OLD.mac"""
GUARDS = {
    "postgresql": [
        """
        CREATE FUNCTION auth_codes_keep_lock() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'a lock is never changed but ended once' USING ERRCODE = 'restrict_violation';
        END $$
        """,
        f"""
        CREATE TRIGGER lock_is_kept BEFORE UPDATE ON auth_codes_accesslock
        FOR EACH ROW WHEN ({IS_KEPT}) EXECUTE FUNCTION auth_codes_keep_lock()
        """,
        """
        CREATE TRIGGER lock_is_never_deleted BEFORE DELETE ON auth_codes_accesslock
        FOR EACH ROW EXECUTE FUNCTION auth_codes_keep_lock()
        """,
    ],
    "sqlite": [
        f"""
        CREATE TRIGGER lock_is_kept BEFORE UPDATE ON auth_codes_accesslock WHEN {IS_KEPT}
        BEGIN SELECT RAISE(ABORT, 'a lock is never changed but ended once'); END
        """,
    ],
}
NO_GUARDS = {
    "postgresql": [
        "DROP TRIGGER lock_is_never_deleted ON auth_codes_accesslock",
        "DROP TRIGGER lock_is_kept ON auth_codes_accesslock",
        "DROP FUNCTION auth_codes_keep_lock()",
    ],
    "sqlite": ["DROP TRIGGER lock_is_kept"],
}


def guard(apps, schema_editor):
    for statement in GUARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def leave_unguarded(apps, schema_editor):
    for statement in NO_GUARDS[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("auth_codes", "0028_know_keys_by_their_fingerprints"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LockCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("is_pending", models.BooleanField(default=False, editable=False)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lock_codes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("owner", "is_pending"), name="one_lock_code_of_each")],
            },
        ),
        migrations.CreateModel(
            name="AccessLock",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="verrouillé le")),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("codes", "avec le code client et le code secret"),
                            ("lock_code", "avec le code de verrouillage"),
                            ("session", "depuis « Mon profil »"),
                        ],
                        max_length=9,
                        verbose_name="verrouillé",
                    ),
                ),
                ("position", models.BigIntegerField(verbose_name="position du journal")),
                ("mac", models.BinaryField(verbose_name="sceau du journal")),
                ("undone_at", models.DateTimeField(null=True, verbose_name="déverrouillé le")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="locks",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="client",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="déverrouillé par",
                    ),
                ),
            ],
            options={
                "verbose_name": "accès verrouillé",
                "verbose_name_plural": "accès verrouillés",
                "indexes": [
                    models.Index(condition=models.Q(("undone_at", None)), fields=["at"], name="locks_standing")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)), fields=("owner",), name="one_standing_lock"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("undone_at", None), ("undone_by", None)),
                            models.Q(("undone_at__isnull", False), ("undone_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="lock_undone_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Unlocking",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="demandé le")),
                (
                    "decision",
                    models.CharField(
                        blank=True,
                        choices=[("approved", "approuvé"), ("refused", "refusé"), ("lapsed", "resté sans réponse")],
                        max_length=8,
                        verbose_name="décision",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="décidé le")),
                (
                    "identity_check",
                    models.CharField(
                        choices=[
                            ("branch", "pièce d’identité vue en agence"),
                            ("phone", "rappel au numéro connu et questions de contrôle"),
                            ("video", "rendez-vous vidéo avec pièce d’identité"),
                        ],
                        max_length=6,
                        verbose_name="identité vérifiée par",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="décidé par",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="unlockings",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="client",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="demandé par",
                    ),
                ),
            ],
            options={
                "verbose_name": "déverrouillage d’un accès",
                "verbose_name_plural": "déverrouillages d’accès",
                "ordering": ["-started_at"],
                "abstract": False,
                "indexes": [models.Index(fields=["decision", "-started_at", "-id"], name="unlocking_by_state")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decision", "")), fields=("owner",), name="one_open_unlocking"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decision", "approved"), _negated=True),
                            models.Q(
                                ("decided_by__isnull", False),
                                models.Q(("decided_by", models.F("started_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="unlocking_approved_by_another",
                    ),
                ],
            },
        ),
        migrations.RunPython(guard, leave_unguarded),
    ]
