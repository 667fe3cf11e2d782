"""What the journal says of somebody's moyens: which were added, which have ended, by the number that each one bears."""

from collections.abc import Collection
from typing import NamedTuple

from auth_codes.models import Factor, SecurityEvent
from auth_codes.owner import Owner

Kind = SecurityEvent.Kind


class LastSaid(NamedTuple):
    """The last line about one moyen: whether it stands by it, and of which kind it is."""

    stands: bool
    kind: str

    def in_words(self) -> str:
        """Its kind, as its owner and the desk read it."""
        return str(Factor.Kind(self.kind).label) if self.kind in Factor.Kind else self.kind


def of_owners(pks: Collection[int]) -> dict[int, dict[int, LastSaid]]:
    """By owner and number, what those lines say that the journal still has."""
    lines = SecurityEvent.objects.filter(owner__in=pks, kind__in=(Kind.FACTOR_ADDED, Kind.FACTOR_REMOVED))
    told: dict[int, dict[int, LastSaid]] = {}
    for owner_id, kind, details in lines.order_by("pk").values_list("owner_id", "kind", "details"):
        number = details.get("factor_number") if isinstance(details, dict) else None
        if isinstance(number, int):  # a line that nothing chains may hold anything
            said = LastSaid(kind == Kind.FACTOR_ADDED, str(details.get("factor", "")))
            told.setdefault(owner_id, {})[number] = said
    return told


def gone(owner: Owner) -> dict[int, LastSaid]:
    """Those that the journal says stand and that the database lacks; certain only under the owner's lock."""
    rows = {factor.generation for factor in owner.factors.active()}
    said = of_owners([owner.pk]).get(owner.pk, {})
    return {number: one for number, one in said.items() if one.stands and number not in rows}
