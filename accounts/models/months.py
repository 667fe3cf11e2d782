"""Sums of an account's entries by month, kept so that a year of them is not added up for each page.

They are a copy: the entries up to a position, added up. What comes after that position is added to them where they are
read (operations/sums.py), so that they are never out of date, even when an ended month gets one more entry.
"""

from django.db import models
from django.db.models import Q

from accounts.models.bank_accounts import BankAccount
from accounts.models.categories import Category


class SummedAccount(models.Model):
    """How far the kept sums of an account go: up to and with the entry of this position."""

    account = models.OneToOneField(BankAccount, models.PROTECT, primary_key=True, related_name="summed")
    position = models.PositiveIntegerField("rang", default=0)

    class Meta:
        verbose_name = "compte additionné"
        verbose_name_plural = "comptes additionnés"

    def __str__(self) -> str:
        return f"{self.account_id} : {self.position}"


class MonthSum(models.Model):
    """What came in and went out in a month, in euros, of one category and with one other customer's account.

    `counterpart` is the other account where a booking moves money between two: whose both are sees nothing come or go.
    """

    # Without an index of its own, as it comes first in both constraints.
    summed = models.ForeignKey(SummedAccount, models.PROTECT, related_name="months", db_index=False)
    month = models.DateField("mois")
    category = models.CharField("catégorie", max_length=9, choices=Category)
    counterpart = models.ForeignKey(BankAccount, models.PROTECT, null=True, related_name="+", db_index=False)
    came_in = models.DecimalField("entrées", max_digits=16, decimal_places=2)
    went_out = models.DecimalField("sorties", max_digits=16, decimal_places=2)

    class Meta:
        verbose_name = "somme d’un mois"
        verbose_name_plural = "sommes par mois"
        constraints = [
            models.UniqueConstraint(fields=["summed", "month", "category", "counterpart"], name="one_sum_per_account"),
            models.UniqueConstraint(
                fields=["summed", "month", "category"], condition=Q(counterpart=None), name="one_sum_with_the_world"
            ),
            models.CheckConstraint(condition=Q(came_in__gte=0, went_out__lte=0), name="sums_have_their_signs"),
        ]

    def __str__(self) -> str:
        return f"{self.summed_id} {self.month:%Y-%m} {self.category}"
