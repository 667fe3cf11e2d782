"""Holding an owner while his codes change, and ending his sessions."""

from django.contrib.auth import get_user_model

from auth_codes.owner import Owner


class SessionEnded(Exception):
    """Another request ended all sessions of the owner, this one among them."""


def lock(owner: Owner) -> None:
    """Until the end of the transaction nobody else replaces a code of this owner: whoever does begins here.

    `owner` then has the number of his present code as it stands, and whether there is anybody to have one.
    """
    held = _locked(owner)
    owner.code_generation, owner.code_binding = held.code_generation, held.code_binding
    owner.is_active = held.is_active


def lock_in_session(owner: Owner) -> None:
    """The same for an act of a session, which `owner` was loaded for. Raises SessionEnded.

    Without it a request already under way would carry its session over the very act that ended all sessions.
    """
    if _locked(owner).password != owner.password:
        raise SessionEnded


def _locked(owner: Owner) -> Owner:
    users = get_user_model()._default_manager
    return users.select_for_update(of=("self",), no_key=True).get(pk=owner.pk)


def end_sessions(owner: Owner) -> None:
    """Ends every session of the owner: they are bound to User.password, which is made afresh (ASVS 7.4.3)."""
    owner.set_unusable_password()
    owner.save(update_fields=["password"])
