"""The ticket by which a member of staff adds his second moyen."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

# Of wrong tickets, before the right one is worth nothing either.
MOST_TRIES = 5


class StaffTicket(models.Model):
    """What a colleague has handed over in person: for one member of staff, for a day, once; see factors/tickets.py.

    Used, or ended, it is gone. The database keeps a keyed digest, bound to whose it is and until when: whoever reads
    the table has no ticket, and whoever moves or prolongs a row makes none.
    """

    owner = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="staff_ticket")
    # Null of the first ones, which a command issues.
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(issued_by=None) | ~Q(issued_by=F("owner")), name="nobody_issues_his_own_ticket"
            ),
            models.CheckConstraint(condition=Q(tries__lte=MOST_TRIES), name="ticket_is_tried_five_times"),
        ]

    def __str__(self) -> str:
        return f"ticket valable jusqu’au {self.expires_at:%d/%m/%Y %H:%M}"
