"""« Retirer » and « Annuler »: a moyen ended by its owner, in his session."""

from datetime import datetime

from django.db import transaction

from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.factors import ending, levels
from auth_codes.models import Factor
from auth_codes.owner import Owner


class LastStrong(Exception):
    """Its owner must have a strong moyen by now, and this is his last: another comes first."""


def remove(factor: Factor, why: Factor.Why, *, by: Actor, now: datetime) -> bool:
    """Ends it; says whether it had not ended already, by a second click. Raises SessionEnded or LastStrong."""
    with transaction.atomic():
        owners.lock_in_session(factor.owner)
        if levels.is_last_strong(factor, now):
            raise LastStrong
        return ending.end(factor, why, by=by, now=now)


def call_off_list(owner: Owner, *, by: Actor, now: datetime) -> None:
    """Ends the list that is on its way, or not activated yet, if there still is one. Raises SessionEnded."""
    with transaction.atomic():
        owners.lock_in_session(owner)
        ending.end_waiting_lists(owner, Factor.Why.CANCELLED, by=by, now=now)
