"""What clients were called before: people and papers go on calling them so, and by it they are found."""

from django.db import models
from django.utils import timezone

from accounts.notation import names


class FormerName(models.Model):
    """The names of a client until a day, when two advisors changed them."""

    client = models.ForeignKey(
        "accounts.Client", models.PROTECT, related_name="former_names", verbose_name="client", db_index=False
    )
    given_names = models.CharField("prénoms", max_length=80, blank=True)
    family_name = models.CharField("nom", max_length=80)
    until = models.DateField("jusqu’au", default=timezone.localdate)

    class Meta:
        verbose_name = "nom d’autrefois"
        verbose_name_plural = "noms d’autrefois"
        ordering = ["-until", "-id"]
        # Who goes back to a name of before has had it once.
        constraints = [
            models.UniqueConstraint(fields=["client", "given_names", "family_name"], name="former_name_told_once")
        ]

    def __str__(self) -> str:
        return names.in_full(given_names=self.given_names, family_name=self.family_name)
