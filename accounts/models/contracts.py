"""The services that a client subscribes."""

import uuid
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.documents import Document
from accounts.models.people import Client
from accounts.notation import ibans


class ServiceContractQuerySet(models.QuerySet["ServiceContract"]):
    """Contracts by whether they run."""

    def in_force(self) -> Self:
        return self.filter(ended_on=None)


class ServiceContract(models.Model):
    """A credit, an insurance or a card that a client has taken out; it may be what issues his code client."""

    class Kind(models.TextChoices):
        CREDIT = "credit", _("Crédit")
        INSURANCE = "insurance", _("Assurance")
        CARD = "card", _("Carte")

    class End(models.TextChoices):
        CANCELLED = "cancelled", _("résiliation demandée par le client")
        TERM = "term", _("terme atteint ou crédit remboursé")
        BANK = "bank", _("résiliation par la banque")
        CLIENT = "client", _("fin de la relation avec la banque")
        MISTAKE = "mistake", _("contrat ouvert par erreur")

    client = models.ForeignKey(Client, models.PROTECT, verbose_name="souscripteur", related_name="service_contracts")
    kind = models.CharField("nature", max_length=9, choices=Kind)
    number = models.CharField("numéro", max_length=11, unique=True, editable=False)
    opened_on = models.DateField("souscrit le", default=timezone.localdate)
    # Both or neither.
    ended_on = models.DateField("terminé le", null=True, editable=False)
    end_reason = models.CharField(
        "fin du contrat", max_length=9, choices=End, blank=True, default="", db_default="", editable=False
    )
    opening = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Null for those of before the portal kept its papers.
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="contract", editable=False)

    objects = ServiceContractQuerySet.as_manager()

    class Meta:
        verbose_name = "contrat de service"
        verbose_name_plural = "contrats de service"
        ordering = ["opened_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None, end_reason="") | Q(ended_on__gte=F("opened_on")) & ~Q(end_reason=""),
                name="contract_ends_for_a_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} n° {ibans.display_number(self.number)}"

    @property
    def label(self) -> str:
        return self.get_kind_display()
