"""The reminder to change an old code: calm, answered once, never an expiry (NIST SP 800-63B, CNIL 2022-100)."""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.codes import known
from auth_codes.models import CodeReminder, SecurityEvent
from auth_codes.owner import Owner

MONTHS_BEFORE_REMINDER = 6
SILENCE = timedelta(days=30)
DAYS_AGO = ngettext_lazy("il y a {} jour", "il y a {} jours")
MONTHS_AGO = ngettext_lazy("il y a un mois", "il y a {} mois")
YEARS_AGO = ngettext_lazy("il y a un an", "il y a {} ans")


class Answer(models.TextChoices):
    """What a client may answer to the reminder; the last one takes « never again » back."""

    LATER = "later", _("Plus tard")
    NEVER = "never", _("Ne plus me le rappeler")
    AGAIN = "again", _("Me le rappeler de nouveau")


@dataclass(frozen=True)
class CodeAge:
    """Since when a client has had the code he chose, and what he last answered to the reminder."""

    chosen_on: date
    silent_until: date | None = None
    never_again: bool = False

    def is_reminder_due(self, today: date) -> bool:
        """Whether to suggest a change: from six calendar months on, unless he asked not to be told."""
        if self.never_again or (self.silent_until and today < self.silent_until):
            return False
        return months_between(self.chosen_on, today) >= MONTHS_BEFORE_REMINDER

    def in_words(self, today: date) -> str:
        """« il y a 8 mois », rounded down: days in the first month, then months, years from two on."""
        days, months = (today - self.chosen_on).days, months_between(self.chosen_on, today)
        if days <= 1:
            return gettext("hier") if days == 1 else gettext("aujourd’hui")
        if months < 1:
            return DAYS_AGO.format(days)
        if months < 24 and months != 12:
            return MONTHS_AGO.format(months)
        return YEARS_AGO.format(months // 12)


def months_between(start: date, end: date) -> int:
    """Whole calendar months; the 31st of August and the last day of February are six apart."""
    between = relativedelta(end, start)
    return between.years * 12 + between.months


def code_age(owner: Owner) -> CodeAge | None:
    """One query, or none of who is logged in. None for who has no code of his own choice."""
    code = known.code_of(owner)
    if code is None or code.is_default:
        return None
    return CodeAge(timezone.localdate(code.created_at), code.silent_until, code.never_again)


def answer(owner: Owner, given: Answer, *, today: date, by: Actor) -> None:
    """Keeps what a client answered. « Plus tard » from a page left open does not undo « Ne plus me le rappeler »."""
    kept: dict[Answer, dict[str, date | bool | None]] = {
        Answer.LATER: {"silent_until": today + SILENCE},
        Answer.NEVER: {"never_again": True},
        Answer.AGAIN: {"never_again": False, "silent_until": None},
    }
    details = {"answer": given.value}
    with transaction.atomic():
        CodeReminder.objects.update_or_create(owner=owner, defaults=kept[given])
        journal.record(SecurityEvent.Kind.REMINDER_ANSWERED, owner=owner, by=by, details=details)
