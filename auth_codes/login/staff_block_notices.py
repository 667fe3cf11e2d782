"""Telling a member of staff, and the administrators, that wrong passwords have blocked his name; a timer's work.

Told is the first block of a day. Never by the login itself, for the same reason as a client's; a name that nobody bears
is counted and answered alike, and nobody is told.
"""

from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet

from auth_codes import notices
from auth_codes.codes import owners
from auth_codes.lockout import counters
from auth_codes.login import block_notices
from auth_codes.models import Notice, SecurityEvent
from auth_codes.owner import Owner

TOLD = (Notice.Kind.STAFF_BLOCKED, Notice.Kind.COLLEAGUE_BLOCKED)


def write_due(now: datetime) -> int:
    """Writes the e-mails that are due about the blocks of the last day; says about how many of the staff."""
    return sum(_tell(owner, now) for owner in _blocked(now))


def _blocked(now: datetime) -> QuerySet[Owner]:
    names = block_notices.blocks(now).filter(owner__isnull=False).values("owner")
    return get_user_model()._default_manager.filter(pk__in=names, is_active=True, is_staff=True).order_by("pk")


def _tell(owner: Owner, now: datetime) -> bool:
    line = block_notices.blocks(now).filter(owner=owner).latest("at")
    if not _is_due(owner, line):
        return False
    with transaction.atomic():
        owners.lock(owner)
        # Again, under the lock: another timer may have told it at this very moment.
        return _is_due(owner, line) and _write(owner, line)


def _is_due(owner: Owner, line: SecurityEvent) -> bool:
    return not owner.notices.filter(kind__in=TOLD, at__gte=block_notices.day_of(line)).exists()


def _write(owner: Owner, line: SecurityEvent) -> bool:
    """Whether somebody has an address to be told at."""
    pause = block_notices.PAUSES[counters.step(counters.STAFF_STEPS, line.details["failures"])]
    told = [(Notice.Kind.STAFF_BLOCKED, owner), *((Notice.Kind.COLLEAGUE_BLOCKED, one) for one in _others(owner))]
    for kind, person in told:
        recipient, facts = person.notification_email(), {"pause": pause, "name": owner.get_username()}
        notices.tell(kind, owner=owner, recipient=recipient, salutation=person.salutation(), at=line.at, **facts)
    return any(person.notification_email() for _, person in told)


def _others(owner: Owner) -> QuerySet[Owner]:
    """The administrators but himself."""
    administrators = get_user_model()._default_manager.filter(is_staff=True, is_superuser=True, is_active=True)
    return administrators.exclude(pk=owner.pk).order_by("pk")
