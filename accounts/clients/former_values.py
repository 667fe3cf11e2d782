"""Letting go of what clients' contacts and names were, once it serves nobody any more.

A former e-mail is told of changes for 90 days; what waits for a confirmation or for a second advisor is shown beside
what it replaces, however long that takes. Afterwards nothing justifies keeping where somebody lived; the
journal says for thirteen months that it changed, and by whom. What he was called stays, as long as he is a client: old
papers bear it, people ask for him by it, and by it he is not registered twice. Source: GDPR art. 5(1)(c) and (e).
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.clients import own_contacts
from accounts.models import TOLD_FOR, ContactChange, IdentityChange
from auth_codes import batched_deletes
from auth_codes.batched_deletes import AT_ONCE


class Forgotten(NamedTuple):
    """How many changes of contacts were deleted, how many kept without what they replaced, and changes of identity.

    `rested`: how many that clients made themselves count as confirmed from now on; see own_contacts.py.
    """

    contacts: int
    blanked: int
    identities: int
    rested: int


def forget(now: datetime, advance: Callable[[int], None]) -> Forgotten:
    """Forgets what served until `now`, in batches that each commit; `advance` is told how many each held.

    Of each contact the last confirmed change stays, without what it replaced: it says since when the bank knows the
    present value, which a second advisor is told of a telephone to ring.
    """
    rested = own_contacts.confirm_rested(now)
    served = ContactChange.objects.filter(confirmed_at__isnull=False, changed_at__lte=now - TOLD_FOR)
    return Forgotten(
        contacts=batched_deletes.delete(served.filter(_is_superseded()), advance),
        blanked=_blank(served.filter(~Q(old="")), advance),
        identities=batched_deletes.delete(_ended_identity_changes(now), advance),
        rested=rested,
    )


def _is_superseded() -> Exists:
    later = ContactChange.objects.filter(client=OuterRef("client"), contact=OuterRef("contact"), pk__gt=OuterRef("pk"))
    return Exists(later.filter(confirmed_at__isnull=False))


def _blank(rows: QuerySet[ContactChange], advance: Callable[[int], None]) -> int:
    blanked = 0
    while some := list(rows.order_by().values_list("pk", flat=True)[:AT_ONCE]):
        done = ContactChange.objects.filter(pk__in=some).update(old="")
        advance(done)
        blanked += done
    return blanked


def _ended_identity_changes(now: datetime) -> QuerySet[IdentityChange]:
    """Decided so long ago, or lapsed without anybody writing it down."""
    since = now - TOLD_FOR
    decided = IdentityChange.objects.filter(decided_at__lte=since).exclude(decision="")
    return decided | IdentityChange.objects.lapsed_at(since)
