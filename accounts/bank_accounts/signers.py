"""Who signs for the holder of an account: himself, or whoever acts for him, and whether they can do it online."""

from datetime import date

from django.db.models import Q
from django.utils import timezone

from accounts.models import Capacity, Client, Representation
from auth_codes.locking import locks
from auth_codes.models import SecretCode


def signers_of(holder: Client, today: date) -> list[Client]:
    """Whose signatures it takes on that day, all of them; nobody's where none is known, for whom a paper must say it.

    Of a minor and of a ward those who represent them sign, of one under curatorship both, of the dead the heirs, whom
    the bank does not know as such. Code civil, art. 382, 467, 496, 724.
    """
    if holder.ended_on and not holder.is_ward:
        return []
    acting = Representation.objects.protecting(holder, today)
    if holder.is_minor(today) or holder.is_ward:
        return [one.representative for one in acting if one.capacity != Capacity.CURATOR]
    return [holder, *(one.representative for one in acting if one.capacity == Capacity.CURATOR)]


def online_signers_of(holder: Client, today: date) -> list[Client]:
    """The same where each of them has an open space; else nobody, and all sign the paper."""
    signing = signers_of(holder, today)
    return signing if all(has_open_space(signer) for signer in signing) else []


def has_open_space(client: Client) -> bool:
    """Whether he can enter his online space: he has not locked it, and has a code, his own or a provisional one that
    still serves.
    """
    if client.ended_on or client.user is None or not client.user.is_active or locks.standing(client.user):
        return False
    present = SecretCode.objects.present().filter(Q(owner=client.user)).select_related("letter__batch").first()
    return present is not None and not present.has_expired(timezone.now())
