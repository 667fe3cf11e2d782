"""That two sheets are one person, and are joined, which two advisors do."""

from typing import TypedDict

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models.people import Client
from auth_codes.models import Concerned, DualControlAct, approved_by_another


class SharedHolding(TypedDict):
    """An account that both sheets held: the row of the closed one is gone, and the kept one holds it since the earlier
    day. Days as in ISO 8601.
    """

    holding: int
    account: int
    since: str
    kept_since: str


class WhatMoved(TypedDict):
    """All that a joining has changed, by the rows' ids: what its undoing puts back.

    `holdings`, `contracts` and `mandates` were the closed sheet's; `ended_mandates` were revoked; `sheets` had been
    joined to it; `ended_letters` waited to be printed. `advisors` are the ones of before, the kept sheet's first. Of
    what moved `open_accounts` and `running_contracts` had not ended, and `given_mandates` ran on the accounts.
    """

    holdings: list[int]
    shared: list[SharedHolding]
    contracts: list[int]
    mandates: list[int]
    ended_mandates: list[int]
    sheets: list[int]
    ended_letters: list[str]
    advisors: list[int]
    open_accounts: list[int]
    running_contracts: list[int]
    given_mandates: list[int]


class Joining(DualControlAct):
    """That one sheet is closed and what it had goes to the other; see bank_accounts/joining.py."""

    SUBJECT = ("closed",)

    kept = models.ForeignKey(Client, models.PROTECT, related_name="joinings", verbose_name="fiche gardée")
    closed = models.ForeignKey(Client, models.PROTECT, related_name="joinings_into", verbose_name="fiche fermée")
    # Who serves the person from then on: one of the two whom the sheets name.
    advisor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="conseiller")
    why = models.CharField("raison", max_length=300)
    # A `WhatMoved` once it is done.
    moved = models.JSONField(default=dict, editable=False)

    class Meta(DualControlAct.Meta):
        verbose_name = _("réunion de deux fiches")
        verbose_name_plural = "réunions de fiches"
        constraints = [
            models.UniqueConstraint(fields=["closed"], condition=Q(decision=""), name="one_open_joining"),
            approved_by_another("joining_approved_by_another"),
            models.CheckConstraint(condition=~Q(kept=F("closed")), name="joining_of_two_sheets"),
        ]

    def __str__(self) -> str:
        return f"{self.closed} réunie avec {self.kept}"

    @staticmethod
    def waiting_in_words(number: int) -> str:
        one = "{} réunion de deux fiches attend l’approbation d’un second conseiller"
        several = "{} réunions de deux fiches attendent l’approbation d’un second conseiller"
        return ngettext(one, several, number).format(number)

    def people(self) -> list[Client]:
        """The two sheets; the one that is closed comes first."""
        return [self.closed, self.kept]

    def concerned(self) -> list[Concerned]:
        return [Concerned(client.user, client.pk) for client in self.people()]
