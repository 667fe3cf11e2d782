"""The tickets that are handed over in person: to a member of staff, or to a client in branch, for a second moyen."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from auth_codes.models.factors import Factor

# Of wrong tickets, before the right one is worth nothing either.
MOST_TRIES = 5


class HandedTicket(models.Model):
    """What both kinds have in common; see factors/tickets.py.

    The database keeps a keyed digest, bound to whose it is, until when and what it may do: whoever reads the table has
    no ticket, and whoever moves, prolongs or changes a row makes none.
    """

    # Which of the rows may still be tried.
    UNUSED: ClassVar = Q()
    # Whose it is, by the column that each kind has.
    owner_id: int

    digest = models.CharField(max_length=64, unique=True, editable=False)
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"ticket valable jusqu’au {self.expires_at:%d/%m/%Y %H:%M}"

    @property
    def opens(self) -> str:
        """What it may do beside adding a moyen; empty where nothing. Its digest is bound to it."""
        return ""


class StaffTicket(HandedTicket):
    """For one member of staff, for a day, once. Used, or ended, it is gone."""

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="staff_ticket")
    # Null of the first ones, which a command issues.
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(issued_by=None) | ~Q(issued_by=F("owner")), name="nobody_issues_his_own_ticket"
            ),
            models.CheckConstraint(condition=Q(tries__lte=MOST_TRIES), name="ticket_is_tried_five_times"),
        ]


class ClientTicket(HandedTicket):
    """For one client in branch, for a quarter of an hour, once; asked for by one advisor, approved by another.

    A used one stays for a day, so that who types it again is told that it has served. `replaces`: he has lost all that
    he had, so it opens a login in their place, and they end as the new moyen is put into service.
    """

    UNUSED: ClassVar = Q(used_at=None)

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="client_ticket")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    replaces = models.BooleanField()
    # What was drawn by it, to be proved or proved already; one at a time.
    factor = models.OneToOneField(Factor, models.SET_NULL, null=True, related_name="ticket")
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="client_tickets_over")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(issued_by=F("approved_by")) & ~Q(issued_by=F("owner")) & ~Q(approved_by=F("owner")),
                name="client_ticket_takes_three_people",
            ),
            models.CheckConstraint(condition=Q(tries__lte=MOST_TRIES), name="client_ticket_is_tried_five_times"),
        ]

    @property
    def opens(self) -> str:
        return "login" if self.replaces else ""
