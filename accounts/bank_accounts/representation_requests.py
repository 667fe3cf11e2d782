"""Somebody is to act for a client: one advisor has read the paper that proves it and asks, a second one approves.

It opens all of somebody's accounts to another, for years, and the person may be unable to notice: no one advisor does
it alone. Source: as for renewals, ASVS 5.0 2.3.5.
"""

import uuid
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.bank_accounts import representations
from accounts.kinds import Event
from accounts.models import Client, RepresentationRequest
from auth_codes import dual_control
from auth_codes.actor import Actor


def start(
    represented: Client,
    representative: Client,
    *,
    capacity: str,
    may_transfer: bool,
    paper: str,
    paper_date: date,
    token: uuid.UUID,
    by: Actor,
    ends_on: date | None = None,
    now: datetime | None = None,
) -> RepresentationRequest:
    """Asks for `representative` to act for `represented`; nothing changes before a second advisor approves.

    `token` names the act: the same one again (a double click) gives the request that it has made. Raises what
    `representations.judge` raises, or what `dual_control` raises: AlreadyDecided, AlreadyStarted.
    """
    now = now or timezone.now()
    with transaction.atomic():
        represented, representative = representations.lock(represented, representative)
        asked = RepresentationRequest(
            represented=represented,
            representative=representative,
            capacity=capacity,
            may_transfer=may_transfer,
            ends_on=ends_on,
            paper=paper,
            paper_date=paper_date,
            token=token,
            started_by=by.person,
            started_at=now,
        )
        if known := dual_control.started_before(asked):
            return known
        representations.judge(asked, timezone.localdate(now))
        dual_control.start(asked)
        representations.note(Event.REPRESENT_ASKED, asked, by=by)
    return asked


def approve(asked: RepresentationRequest, *, by: Actor, now: datetime | None = None) -> None:
    """Lets the representative act at once, and tells both.

    Raises what `representations.judge` raises, or what `dual_control.approve` raises.
    """
    dual_control.require_another(asked, by)
    now = now or timezone.now()
    with transaction.atomic():
        asked.represented, asked.representative = representations.lock(asked.represented, asked.representative)
        dual_control.approve(asked, by=by, now=now)
        representations.begin(asked, by=by, today=timezone.localdate(now))


def refuse(asked: RepresentationRequest, *, by: Actor, now: datetime | None = None) -> None:
    """Ends a request without an access; who asked may do so too. Raises dual_control.AlreadyDecided."""
    with transaction.atomic():
        dual_control.refuse(asked, by=by, now=now or timezone.now())
        representations.note(Event.REPRESENT_DECLINED, asked, by=by)
