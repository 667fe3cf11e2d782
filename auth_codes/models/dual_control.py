"""Dual control (four eyes): what one advisor asks for and a second one approves. Source: ASVS 5.0 2.3.5."""

import uuid
from datetime import datetime
from typing import ClassVar, NamedTuple, Self, TypeVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst

from auth_codes import working_days
from auth_codes.owner import Owner

Act = TypeVar("Act", bound="DualControlAct")


class DualControlQuerySet(models.QuerySet[Act]):
    """Acts by whether their second advisor may still decide."""

    def open_at(self, now: datetime) -> Self:
        """Those that wait for their second advisor."""
        return self.filter(decision="", started_at__gte=self._oldest_open(now))

    def lapsed_at(self, now: datetime) -> Self:
        """Those that have waited too long, and whose end is not written down yet."""
        return self.filter(decision="", started_at__lt=self._oldest_open(now))

    def _oldest_open(self, now: datetime) -> datetime:
        return working_days.begin_of_delay(now, self.model.OPEN_FOR)


class Concerned(NamedTuple):
    """Whom the lines about an act are about, for `journal.record`: an owner or, for who is perhaps none, a number."""

    owner: Owner | None
    subject: int | None = None


class DualControlAct(models.Model):
    """An act under dual control: asked for by one advisor, judged by another, void after a time.

    Each kind of act adds its own facts, and to its Meta a constraint that one waits for each subject, and
    `approved_by_another`. What is common to all that is done with them is in auth_codes/dual_control.py.
    """

    class Decision(models.TextChoices):
        APPROVED = "approved", "approuvé"
        REFUSED = "refused", "refusé"
        LAPSED = "lapsed", "resté sans réponse"

    # Working days, after that of the asking. What the first advisor has checked, he checked for an act of these days.
    OPEN_FOR: ClassVar = 3
    # The columns that name what it is about: one act at a time waits for the same.
    SUBJECT: ClassVar[tuple[str, ...]]

    # Whom a page says that it waits for: one more of these.
    APPROVER: ClassVar[str] = "conseiller"

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="demandé par"
    )
    started_at = models.DateTimeField("demandé le", default=timezone.now)
    decision = models.CharField("décision", max_length=8, choices=Decision, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="décidé par"
    )
    decided_at = models.DateTimeField("décidé le", null=True)

    objects = DualControlQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-started_at"]
        # The desk's list, and what waits.
        indexes = [models.Index(fields=["decision", "-started_at", "-id"], name="%(class)s_by_state")]

    @staticmethod
    def waiting_in_words(number: int) -> str:
        """That so many of them wait for a second advisor, for the desk's first page."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        return capfirst(str(self._meta.verbose_name))

    @property
    def subject(self) -> dict[str, int | str]:
        """What it is about, for a filter."""
        columns = [field.attname for field in self._meta.concrete_fields if field.name in self.SUBJECT]
        return {column: getattr(self, column) for column in columns}

    @property
    def decision_in_words(self) -> str:
        """What became of it; « retiré » when who started it took it back. Empty while nothing did."""
        is_own = self.decided_by_id == self.started_by_id
        return "retiré" if is_own and self.decision == self.Decision.REFUSED else self.get_decision_display()

    @property
    def lapses_at(self) -> datetime:
        """When it is void unless somebody has decided."""
        return working_days.end_of_delay(self.started_at, self.OPEN_FOR)

    def is_open_at(self, now: datetime) -> bool:
        """Whether it waits for its second advisor."""
        return not self.decision and now < self.lapses_at

    def concerned(self) -> list[Concerned]:
        """Whom it is about, in whose journal it is told."""
        raise NotImplementedError


def approved_by_another(name: str) -> models.CheckConstraint:
    """That whoever starts an act cannot approve it, kept by the database."""
    another = models.Q(decided_by__isnull=False) & ~models.Q(decided_by=models.F("started_by"))
    return models.CheckConstraint(condition=~models.Q(decision="approved") | another, name=name)
