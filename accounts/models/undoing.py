"""That an act done by mistake is taken back, which two advisors do."""

from django.db import models
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models.bank_accounts import BankAccount
from accounts.models.joining import Joining
from accounts.models.people import Client
from auth_codes.models import Concerned, DualControlAct, approved_by_another


class Undoing(DualControlAct):
    """One act that is to be taken back; see bank_accounts/undoing.py."""

    class Act(models.TextChoices):
        ACCOUNT_CLOSED = "closing", _("clôture d’un compte")
        CONTRACT_OPENED = "opening", _("ouverture d’un contrat")
        CONTRACT_ENDED = "contract", _("fin d’un contrat")
        CLIENT_ENDED = "client", _("fin de la relation avec la banque")
        SHEETS_JOINED = "joining", _("réunion de deux fiches")

    SUBJECT = ("act", "number")

    act = models.CharField("acte", max_length=8, choices=Act)
    client = models.ForeignKey(Client, models.PROTECT, related_name="undoings", verbose_name="client")
    # Of the account or contract; the code client where the client himself is meant, the id of a joining.
    number = models.CharField("numéro", max_length=11)
    why = models.CharField("raison", max_length=300)

    class Meta(DualControlAct.Meta):
        verbose_name = _("retour sur un acte")
        verbose_name_plural = "retours sur un acte"
        constraints = [
            models.UniqueConstraint(fields=["act", "number"], condition=Q(decision=""), name="one_open_undoing"),
            approved_by_another("undoing_approved_by_another"),
        ]

    def __str__(self) -> str:
        return f"{self.title} : {self.number}"

    @staticmethod
    def waiting_in_words(number: int) -> str:
        one = "{} retour sur un acte attend l’approbation d’un second conseiller"
        several = "{} retours sur un acte attendent l’approbation d’un second conseiller"
        return ngettext(one, several, number).format(number)

    @property
    def title(self) -> str:
        return f"Revenir sur : {capfirst(self.get_act_display())}"

    def people(self) -> list[Client]:
        """Whom it is about: the holders of the account, both sheets, or the client alone; he comes last."""
        if self.act == self.Act.SHEETS_JOINED:
            return self.joining.people()
        if self.act != self.Act.ACCOUNT_CLOSED:
            return [self.client]
        holders = BankAccount.objects.get(number=self.number).holders
        return list(holders.select_related("user").order_by("holdings__id"))

    @property
    def joining(self) -> Joining:
        """The one that is to be undone."""
        return Joining.objects.select_related("closed__user", "kept__user").get(pk=self.number)

    def concerned(self) -> list[Concerned]:
        return [Concerned(client.user, client.pk) for client in self.people()]
