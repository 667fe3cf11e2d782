"""Branches of the bank, and who stands in for an absent advisor."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now, TruncDate
from django.utils import timezone

from auth_codes import wording

# What the first branch is called until somebody names it.
FIRST_BRANCH = "Agence principale"
# By the clock of the database: a server whose own one is behind prolongs nobody's stand-in.
TODAY = TruncDate(Now())


class Branch(models.Model):
    """Where advisors work, each in one; its manager decides what is above the daily number. Never deleted."""

    name = models.CharField("nom", max_length=80)

    class Meta:
        verbose_name = "agence"
        ordering = ["name"]
        permissions = [("manage_branch", "Approuver, dans son agence, au-delà du nombre d’un jour")]
        constraints = [
            models.UniqueConstraint(
                Lower("name"), name="branch_name_taken_in_any_case", violation_error_message="Cette agence existe déjà."
            )
        ]

    def __str__(self) -> str:
        return self.name


class SubstitutionQuerySet(models.QuerySet["Substitution"]):
    """Stand-ins by whether they hold."""

    def standing(self) -> Self:
        """Those that nobody has ended, and whose last day has not passed."""
        return self.filter(ended_at=None, ends_on__gte=TODAY)

    def in_force(self) -> Self:
        """Those of today; both work in one branch still."""
        return self.standing().filter(starts_on__lte=TODAY, substitute__branch=F("absent__branch"))

    def of(self, absent_pk: int, substitute_pk: int) -> Self:
        """Those by which one stands in for the other."""
        return self.filter(absent=absent_pk, substitute=substitute_pk)


class Substitution(models.Model):
    """That an advisor's clients are a colleague's own between two days, both included; see desk/substitutes.py."""

    absent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="substitutions", verbose_name="conseiller absent"
    )
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="stands_in", verbose_name="remplaçant"
    )
    starts_on = models.DateField("premier jour")
    ends_on = models.DateField("dernier jour")
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="déclaré par"
    )
    declared_at = models.DateTimeField("déclaré le", default=timezone.now)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="terminé par"
    )
    ended_at = models.DateTimeField("terminé le", null=True)

    objects = SubstitutionQuerySet.as_manager()

    class Meta:
        verbose_name = "remplacement"
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(absent=F("substitute")), name="nobody_stands_in_for_himself"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="substitution_ends_after_it_starts"),
            # The absent one himself or his manager; never who gains by it.
            models.CheckConstraint(condition=~Q(declared_by=F("substitute")), name="nobody_makes_himself_substitute"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="substitution_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.substitute} pour {self.absent}, {self.days}"

    @property
    def days(self) -> str:
        """« du 03/08/2026 au 21/08/2026 »"""
        return f"du {wording.short_day(self.starts_on)} au {wording.short_day(self.ends_on)}"
