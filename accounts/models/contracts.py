"""The services that a client subscribes."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.documents import Document
from accounts.models.people import Client
from accounts.notation import ibans


class ServiceContract(models.Model):
    """A credit, an insurance or a card that a client has taken out; it may be what issues his code client."""

    class Kind(models.TextChoices):
        CREDIT = "credit", _("Crédit")
        INSURANCE = "insurance", _("Assurance")
        CARD = "card", _("Carte")

    client = models.ForeignKey(Client, models.PROTECT, verbose_name="souscripteur", related_name="service_contracts")
    kind = models.CharField("nature", max_length=9, choices=Kind)
    number = models.CharField("numéro", max_length=11, unique=True, editable=False)
    opened_on = models.DateField("souscrit le", default=timezone.localdate)
    opening = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Null for those of before the portal kept its papers.
    document = models.OneToOneField(Document, models.PROTECT, null=True, related_name="contract", editable=False)

    class Meta:
        verbose_name = "contrat de service"
        verbose_name_plural = "contrats de service"
        ordering = ["opened_on", "id"]

    def __str__(self) -> str:
        return f"{self.label} n° {ibans.display_number(self.number)}"

    @property
    def label(self) -> str:
        return self.get_kind_display()
