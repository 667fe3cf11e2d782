"""Rows that give somebody access: each has a MAC over what it says, so that one written without the key gives none."""

from django.db import models

from auth_codes.crypto import bindings


class BoundRow(models.Model):
    """A row that is read only while `is_bound`: whoever writes in the database but has no key makes and mends none.

    The act that makes or changes one calls `bind` and saves. See codes/bound_rows.py for all rows of all kinds.
    """

    binding = models.CharField(max_length=128, default="", editable=False)

    class Meta:
        abstract = True

    @property
    def bound_parts(self) -> tuple[object, ...]:
        """All that the row lets do, and to whom; no part's text holds a "|"."""
        raise NotImplementedError

    @property
    def is_bound(self) -> bool:
        return bindings.holds(self.binding, self._parts())

    def bind(self) -> None:
        """By today's key, once the row has its number."""
        self.binding = bindings.made(self._parts())

    def _parts(self) -> tuple[str, ...]:
        return (self._meta.label_lower, str(self.pk), *map(str, self.bound_parts))
