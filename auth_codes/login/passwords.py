"""The staff's passwords: the one place that verifies one, after gate.py has counted the attempt, and changes it."""

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from auth_codes import journal, notices
from auth_codes.actor import Actor
from auth_codes.codes import bindings, owners, put_back
from auth_codes.crypto import hashing, slots
from auth_codes.models import Notice, SecurityEvent
from auth_codes.owner import Owner

# For callers above this room, who do not know what holds secrets.
Busy = slots.Busy


@sensitive_variables("password")
def is_right(user: Owner | None, password: str) -> bool:
    """Whether it is this user's; an unknown name costs the same hash as a known one.

    A hash that we did not set is not even compared: Django would store it anew, as ours, when it is of an earlier cost.
    """
    if user is None or not bindings.holds(user):
        make_password(password)
        return False
    return user.check_password(password)


@sensitive_variables("password", "hashed")
def change(owner: Owner, password: str, *, by: Actor) -> None:
    """Replaces the password by one that was judged, ends his other sessions, and tells him by e-mail.

    The present one has just been verified for `owner` as loaded. Raises SessionEnded when it is no longer his, or Busy.
    """
    with slots.taken(is_known=True, wait=hashing.WAIT_SECONDS):
        hashed = make_password(password)
    with transaction.atomic():
        owners.lock_in_session(owner)
        # Sessions are bound to it: the view keeps its own.
        owner.password = hashed
        # As a code's: an earlier password with its binding, put back, stands below what the journal tells.
        owner.code_generation = put_back.next_number(owner)
        owner.save(update_fields=["password", "code_generation"])
        bindings.bind(owner)
        details = {"generation": owner.code_generation}
        journal.record(SecurityEvent.Kind.PASSWORD_CHANGED, owner=owner, by=by, details=details)
        notices.tell_owner(Notice.Kind.PASSWORD_CHANGED, owner, by=by)
