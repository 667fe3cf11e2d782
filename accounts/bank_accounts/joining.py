"""Two sheets that turn out one person become one: one advisor asks, a second one approves, two take it back.

What the closed sheet has goes to the kept one, its papers stay on it, and its code client answers at the login like one
that nobody holds; it is never issued again. Whoever could join sheets alone would reach the money of one by the codes
of the other. Source: as for renewals, ASVS 5.0 2.3.5.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import client_codes
from accounts.bank_accounts import changes, client_ends, closing_requests, mandates, moving, waiting_acts
from accounts.clients import client_journal, living, telling
from accounts.clients.online_space import ContactsUnconfirmed
from accounts.kinds import Event, Mail
from accounts.models import BankAccount, Client, Joining, Mandate, Representation, User
from accounts.models.representations import on_either_side
from auth_codes import dual_control
from auth_codes.actor import Actor


class SameSheet(Exception):
    """A sheet is not joined to itself."""


class OtherBirthDate(Exception):
    """The sheets name two birth dates, or one a year alone: two people, or a sheet that two correct first."""


class NumberLost(Exception):
    """The sheet to be kept has no code client, and the other one has: that one is kept."""


class OfTheStaff(Exception):
    """The sheet to be closed is the one that a member of the staff has declared as his own: that one is kept."""


class Represented(Exception):
    """Somebody acts by one of the sheets, or for it: that ends first, and is registered anew for the kept one."""


def judge(kept: Client, closed: Client) -> None:
    """Raises living.ClientEnded, SameSheet, OtherBirthDate, NumberLost, OfTheStaff, Represented or ContactsUnconfirmed.

    Nothing goes to contacts of the kept sheet that nobody has confirmed.
    """
    if kept.pk == closed.pk:
        raise SameSheet
    if kept.ended_on or closed.ended_on:
        raise living.ClientEnded
    if kept.born != closed.born:
        raise OtherBirthDate
    if closed.client_code and not kept.client_code:
        raise NumberLost
    if User.objects.filter(own_client=closed).exists():
        raise OfTheStaff
    if Representation.objects.standing().filter(on_either_side(kept, closed)).exists():
        raise Represented
    if kept.contact_changes.unconfirmed().exists():
        raise ContactsUnconfirmed


def start(
    kept: Client,
    closed: Client,
    *,
    advisor: User,
    why: str,
    token: uuid.UUID,
    by: Actor,
    now: datetime | None = None,
) -> Joining:
    """Asks for two sheets to be joined; nothing changes before a second advisor approves.

    `advisor` serves the person from then on, `why` says how one knows that it is one person. `token` names this
    request. Raises what `judge` raises, or dual_control.AlreadyDecided, AlreadyStarted.
    """
    now = now or timezone.now()
    said = {"advisor": advisor, "why": why, "token": token}
    asked = Joining(kept=kept, closed=closed, started_by=by.person, started_at=now, **said)
    with transaction.atomic():
        _lock(asked)
        if known := dual_control.started_before(asked):
            return known
        judge(asked.kept, asked.closed)
        dual_control.start(asked)
        if _others_about(asked, now):
            raise dual_control.AlreadyStarted
        _note(Event.JOINING_ASKED, asked, by)
    return asked


def approve(asked: Joining, *, by: Actor, now: datetime | None = None) -> None:
    """Joins them at once and tells the person. Raises what `judge` and `dual_control.approve` raise."""
    dual_control.require_another(asked, by)
    now = now or timezone.now()
    with transaction.atomic():
        _lock(asked)
        dual_control.approve(asked, by=by, now=now)
        judge(asked.kept, asked.closed)
        client_ends.end_access(asked.closed, by=by)
        waiting_acts.lapse(asked.people(), now)
        reached = moving.lock_accounts(*asked.people())
        closing_requests.change_all_of(*asked.people(), by=by)
        asked.moved = moving.move(asked.kept, asked.closed, asked.advisor, by=by, now=now)
        asked.save(update_fields=["moved"])
        closed = {"ended_on": timezone.localdate(now), "end_reason": Client.End.JOINED, "joined_into": asked.kept}
        Client.objects.filter(pk=asked.closed_id).update(**closed)
        _note(Event.SHEETS_JOINED, asked, by)
        _note_to_others(asked, reached.values(), by)
        tell_of_mandates(asked.moved["mandates"], by=by)
        telling.tell_of_two(
            Mail.SHEETS_JOINED, asked.kept, asked.closed, ending=client_codes.ending(asked.kept.client_code)
        )


def refuse(asked: Joining, *, by: Actor, now: datetime | None = None) -> None:
    """Ends a request without a change; who asked may do so too. Raises dual_control.AlreadyDecided."""
    with transaction.atomic():
        dual_control.refuse(asked, by=by, now=now or timezone.now())
        _note(Event.JOINING_REFUSED, asked, by)


def _lock(asked: Joining) -> None:
    """Both sheets as they stand: neither changes, ends or is joined elsewhere until it is done."""
    stored = Client.objects.all_locked([asked.kept_id, asked.closed_id])
    asked.kept, asked.closed = stored[asked.kept_id], stored[asked.closed_id]


def _others_about(asked: Joining, now: datetime) -> bool:
    """Whether either sheet stands in another request: of two joinings the second would not be what was approved."""
    pair = [asked.kept_id, asked.closed_id]
    about = Joining.objects.open_at(now).filter(Q(kept__in=pair) | Q(closed__in=pair))
    return about.exclude(pk=asked.pk).exists()


def _note(kind: Event, asked: Joining, by: Actor) -> None:
    """In the journal of both sheets: on which side each stands, and how the other one's code client ends."""
    for client, other, side in ((asked.closed, asked.kept, "closed"), (asked.kept, asked.closed, "kept")):
        ending = {"other_sheet": client_codes.ending(other.client_code)} if other.client_code else {}
        client_journal.record(kind, client, by=by, sheet=side, **ending)


def tell_of_mandates(pks: Iterable[int], *, by: Actor) -> None:
    """To the holders of these accounts: somebody else may see them by the same mandate."""
    serving = Mandate.objects.in_force(timezone.localdate()).filter(pk__in=list(pks))
    for mandate in serving.select_related("account", "proxy").order_by("pk"):
        mandates.tell_granted(mandate, by=by)


def _note_to_others(asked: Joining, accounts: Iterable[BankAccount], by: Actor) -> None:
    """Who holds one of his accounts with him reads there that it is another sheet of the same person by now."""
    moved = set(asked.kept.holdings.filter(pk__in=asked.moved["holdings"]).values_list("account", flat=True))
    moved |= {one["account"] for one in asked.moved["shared"]}
    for account in accounts:
        if account.pk in moved:
            others = [holder for holder in changes.holders_of(account) if holder.pk != asked.kept_id]
            changes.note(Event.HOLDER_JOINED, account, others, by=by)
