"""A new code by an advisor: one starts it after checking identity, a second one approves; the letter is posted.

Nobody sees a code. The one in use is void as soon as the second advisor has approved.
Source: ASVS 5.0 6.4.6 and 2.3.5.
"""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from auth_codes import dual_control, journal
from auth_codes.actor import Actor
from auth_codes.codes import owners, put_back
from auth_codes.lockout import counters
from auth_codes.models import Renewal, SealedLetter, SecurityEvent
from auth_codes.owner import Owner
from auth_codes.renewals import issuing


def start(
    owner: Owner,
    *,
    by: Actor,
    identity_check: str,
    token: uuid.UUID,
    now: datetime | None = None,
) -> Renewal:
    """Asks for a new code; nothing changes for the client before a second advisor approves.

    `token` names the act: the same one again (a double click) gives the renewal that it has started.
    Raises issuing.AddressUnconfirmed, issuing.OwnerEnded, or what `dual_control` raises: AlreadyDecided,
    AlreadyStarted.
    """
    now = now or timezone.now()
    issuing.check_address(owner)
    renewal = Renewal(owner=owner, token=token, identity_check=identity_check, started_by=by.user, started_at=now)
    with transaction.atomic():
        owners.lock(owner)
        issuing.check_owner(owner)
        if known := dual_control.started_before(renewal):
            return known
        dual_control.start(renewal)
        details = {"identity_check": identity_check}
        journal.record(SecurityEvent.Kind.RENEWAL_STARTED, owner=owner, by=by, details=details)
    return renewal


def approve(renewal: Renewal, *, by: Actor, now: datetime | None = None) -> None:
    """Voids the code in use at once, ends the client's sessions and issues the letter with the new one.

    The count of attempts begins anew: what was guessed at is no longer valid. An owner whose rows somebody wrote in is
    bound again: two advisors and the new letter say who he is.
    Raises issuing.AddressUnconfirmed, issuing.OwnerEnded, put_back.SpaceOfAnother, or what `dual_control` raises:
    SameAdvisor, AlreadyDecided.
    """
    dual_control.require_another(renewal, by)
    now, owner = now or timezone.now(), renewal.owner
    prepared = issuing.prepare(owner, SealedLetter.Occasion.RENEWAL, now)
    with transaction.atomic():
        owners.lock(owner)
        issuing.check_owner(owner)
        dual_control.approve(renewal, by=by, now=now)
        journal.record(SecurityEvent.Kind.RENEWAL_APPROVED, owner=owner, by=by)
        put_back.mend(owner, by=by)
        issuing.issue(owner, prepared, by=by)
        Renewal.objects.filter(pk=renewal.pk).update(letter=prepared.letter)
        counters.forget(counters.client_counter(owner.username))


def refuse(renewal: Renewal, *, by: Actor, now: datetime | None = None) -> None:
    """Ends a renewal without a letter; who started it may do so too. Raises dual_control.AlreadyDecided."""
    with transaction.atomic():
        dual_control.refuse(renewal, by=by, now=now or timezone.now())
        journal.record(SecurityEvent.Kind.RENEWAL_REFUSED, owner=renewal.owner, by=by)
