"""Holding an owner while his codes change, and ending his sessions."""

from datetime import datetime

from django.contrib.auth import get_user_model
from django.db.models import QuerySet

from auth_codes.owner import Owner
from auth_codes.prepared import KEY, MOMENT, Blank, Prepared, Row
from auth_codes.prepared_changes import PreparedChange


class SessionEnded(Exception):
    """Another request ended all sessions of the owner, this one among them."""


def lock(owner: Owner) -> None:
    """Until the end of the transaction nobody else replaces a code of this owner: whoever does begins here.

    `owner` then has the number of his present code as it stands, and whether there is anybody to have one.
    """
    held = _found(HELD, owner)
    owner.code_generation, owner.code_binding = held.code_generation, held.code_binding
    owner.is_active = held.is_active


def lock_in_session(owner: Owner) -> None:
    """The same for an act of a session, which `owner` was loaded for. Raises SessionEnded.

    Without it a request already under way would carry its session over the very act that ended all sessions.
    """
    if _found(HELD_PASSWORD, owner) != owner.password:
        raise SessionEnded


def lock_at_login(owner: Owner, now: datetime) -> None:
    """The same for a login, by the very write that notes it: nothing of what is held is read."""
    LOGGED_IN.must(get_user_model().DoesNotExist(), key=owner.pk, last_login=now)
    owner.last_login = now


def _found(question: Prepared[Row], owner: Owner) -> Row:
    found = question.first(key=owner.pk)
    if found is None:
        raise get_user_model().DoesNotExist
    return found


def _held(key: Blank) -> QuerySet[Owner]:
    return get_user_model()._default_manager.select_for_update(of=("self",), no_key=True).filter(pk=key)


HELD = Prepared(_held, key=KEY)
HELD_PASSWORD = Prepared(lambda key: _held(key).values_list("password", flat=True), key=KEY)
# An update of what is no key holds the row as `_held` does.
LOGGED_IN = PreparedChange(
    lambda key: get_user_model()._default_manager.filter(pk=key), sets=("last_login",), key=KEY, last_login=MOMENT
)


def end_sessions(owner: Owner) -> None:
    """Ends every session of the owner: they are bound to User.password, which is made afresh (ASVS 7.4.3)."""
    owner.set_unusable_password()
    owner.save(update_fields=["password"])
