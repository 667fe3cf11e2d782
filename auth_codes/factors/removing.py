"""« Retirer » and « Annuler »: a moyen ended by its owner, in his session."""

from datetime import datetime

from django.db import transaction

from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.factors import ending
from auth_codes.models import Factor
from auth_codes.owner import Owner


def remove(factor: Factor, why: Factor.Why, *, by: Actor, now: datetime) -> bool:
    """Ends it; says whether it had not ended already, by a second click. Raises SessionEnded."""
    with transaction.atomic():
        owners.lock_in_session(factor.owner)
        return ending.end(factor, why, by=by, now=now)


def call_off_list(owner: Owner, *, by: Actor, now: datetime) -> None:
    """Ends the list that is on its way, or not activated yet, if there still is one. Raises SessionEnded."""
    with transaction.atomic():
        owners.lock_in_session(owner)
        ending.end_waiting_lists(owner, Factor.Why.CANCELLED, by=by, now=now)
