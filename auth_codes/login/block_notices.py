"""Telling a client, by e-mail or by post, that wrong codes have blocked his number; a timer's work.

Never the login's: a mail written there would take a time that tells who exists. Told are the first block of a day and
the one before the last, never each failure: who is tried all day must not learn to ignore the mails.
"""

from datetime import datetime, timedelta
from functools import partial

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from auth_codes import notices
from auth_codes.codes import owners
from auth_codes.kinds import NoticeKind
from auth_codes.lockout import counters
from auth_codes.models import Notice, SecurityEvent
from auth_codes.owner import Owner

# A mail about a block of another day would only alarm.
TOLD_WITHIN = timedelta(days=1)
BEFORE_THE_LAST = 15
PAUSES = {
    counters.FIRST_BLOCK: gettext_noop("15 minutes"),
    counters.SECOND_BLOCK: gettext_noop("une heure"),
    counters.THIRD_BLOCK: gettext_noop("un jour"),
}
TOLD = (Notice.Kind.LOGIN_BLOCKED, Notice.Kind.NEXT_IS_LAST)
Kind = SecurityEvent.Kind
# Since one of these, the block stands no more or its owner knows of it.
SETTLED = (
    Kind.CODE_RENEWED,
    Kind.RENEWAL_APPROVED,
    Kind.ACCESS_CLOSED,
    Kind.CLOSED_BY_OWNER,
    Kind.BLOCK_LIFTED,
    Kind.UNBLOCKED,
)


def write_due(now: datetime) -> int:
    """Tells what is due about the blocks of the last day; says to how many clients."""
    return sum(_tell(owner, now) for owner in _owners_blocked(now))


def _owners_blocked(now: datetime) -> list[Owner]:
    """Those with a block since which no mail was written; whether one is due is judged for each."""
    written = Notice.objects.filter(owner=OuterRef("owner"), kind__in=TOLD, at__gte=OuterRef("at"))
    blocked = blocks(now).filter(~Exists(written), owner__isnull=False).values("owner")
    users = get_user_model()._default_manager
    return list(users.filter(pk__in=blocked, is_active=True, is_staff=False).order_by("pk"))


def _tell(owner: Owner, now: datetime) -> bool:
    line = _latest(owner, now)
    if line is None or not _is_due(owner, line):
        return False
    with transaction.atomic():
        owners.lock(owner)
        # Again, under the lock: another timer may have told it, or a renewal settled it, at this very moment.
        if not _is_due(owner, line):
            return False
        _write(owner, line)
    return True


def _write(owner: Owner, line: SecurityEvent) -> None:
    kind, pause = _kind_for(line), PAUSES.get(counters.step(counters.CLIENT_STEPS, line.details["failures"]))
    tell = partial(notices.tell_owner, kind, owner, at=line.at)
    if not (tell(pause=pause) if pause else tell()):
        # By post, where that may be: kept as what has left, so that the next run does not tell it again.
        Notice.objects.create(kind=kind, owner=owner, at=line.at, sent_at=timezone.now())


def _is_due(owner: Owner, line: SecurityEvent) -> bool:
    """Whether this block, the owner's latest, is still to be told: the first of its day, or the one before the last."""
    if owner.security_events.filter(kind__in=SETTLED, at__gt=line.at).exists():
        return False
    kind = _kind_for(line)
    told = TOLD if kind == Notice.Kind.LOGIN_BLOCKED else (kind,)
    return not owner.notices.filter(kind__in=told, at__gte=day_of(line)).exists()


def _kind_for(line: SecurityEvent) -> NoticeKind:
    is_before_last = line.details["failures"] == BEFORE_THE_LAST
    return Notice.Kind.NEXT_IS_LAST if is_before_last else Notice.Kind.LOGIN_BLOCKED


def _latest(owner: Owner, now: datetime) -> SecurityEvent | None:
    return blocks(now).filter(owner=owner).order_by("-at").first()


def day_of(line: SecurityEvent) -> datetime:
    """When the day of the line began, in Paris."""
    return timezone.localtime(line.at).replace(hour=0, minute=0, second=0, microsecond=0)


def blocks(now: datetime) -> QuerySet[SecurityEvent]:
    """Those of the last day, of the count of all unknown devices alone: a letter's own blocks nobody but its letter."""
    return SecurityEvent.objects.filter(kind=Kind.LOGIN_BLOCKED, at__gt=now - TOLD_WITHIN).exclude(
        details__has_key="letter"
    )
