"""Handing a ticket to a client at the desk: one advisor checks who he is and asks, a second one approves.

Whoever persuades two advisors still needs both codes. Source: RTS 2018/389 art. 24, ASVS 5.0 2.3.5.
"""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes import dual_control, journal, notices
from auth_codes.actor import Actor
from auth_codes.codes import checking, owners
from auth_codes.factors import by_advisors, client_tickets
from auth_codes.models import Notice, SecurityEvent, TicketRequest
from auth_codes.owner import Owner

Kind = SecurityEvent.Kind
Reason = TicketRequest.Reason


class NoCode(Exception):
    """No code opens his space, so no ticket can be typed there."""


def judge(owner: Owner) -> None:
    """Raises NoCode."""
    if checking.present_code(owner) is None:
        raise NoCode


def start(
    owner: Owner, *, by: Actor, reason: str, identity_check: str, token: uuid.UUID, now: datetime | None = None
) -> TicketRequest:
    """Asks for a ticket; there is none until a second advisor approves.

    `token` names the act, as for a renewal. Raises NoCode, by_advisors.NoFactor where he has lost none, or
    dual_control.AlreadyDecided, AlreadyStarted.
    """
    now = now or timezone.now()
    asked = TicketRequest(
        owner=owner, token=token, reason=reason, identity_check=identity_check, started_by=by.person, started_at=now
    )
    with transaction.atomic():
        owners.lock(owner)
        if known := dual_control.started_before(asked):
            return known
        _judge(asked)
        dual_control.start(asked)
        details = {"identity_check": identity_check, "ticket_reason": reason}
        journal.record(Kind.CLIENT_TICKET_ASKED, owner=owner, by=by, details=details)
    return asked


@sensitive_variables()
def approve(asked: TicketRequest, *, by: Actor, now: datetime | None = None) -> str:
    """The ticket, shown once; its owner is told at each of his addresses.

    Raises NoCode, NoFactor and what `dual_control.approve` raises.
    """
    dual_control.require_another(asked, by)
    now, owner = now or timezone.now(), asked.owner
    with transaction.atomic():
        owners.lock(owner)
        dual_control.approve(asked, by=by, now=now)
        _judge(asked)
        ticket = client_tickets.issue(asked, by=by, now=now)
        journal.record(Kind.CLIENT_TICKET_ISSUED, owner=owner, by=by, details={"ticket_reason": asked.reason})
        replaces = "yes" if asked.reason == Reason.LOST else ""
        notices.tell_owner(Notice.Kind.CLIENT_TICKET, owner, at=now, replaces=replaces)
    return ticket


def refuse(asked: TicketRequest, *, by: Actor, now: datetime | None = None) -> None:
    """Ends a request without an effect; who asked may do so too. Raises dual_control.AlreadyDecided."""
    with transaction.atomic():
        dual_control.refuse(asked, by=by, now=now or timezone.now())
        journal.record(Kind.CLIENT_TICKET_REFUSED, owner=asked.owner, by=by)


def _judge(asked: TicketRequest) -> None:
    judge(asked.owner)
    if asked.reason == Reason.LOST:
        by_advisors.judge(asked.owner)
