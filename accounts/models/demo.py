"""The mark of the demo's database."""

from django.db import models


class DemoMark(models.Model):
    """Its one row says that this database belongs to the demo."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_demo_mark")]

    def __str__(self) -> str:
        return "démonstration"
