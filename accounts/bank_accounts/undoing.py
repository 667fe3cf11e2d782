"""Taking back by two advisors, for thirty days, what was done by mistake: an account closed, a contract opened or
ended, a client ended, two sheets joined.

To shut takes one advisor, to open again takes two: whoever could do both alone would hide the one by the other. What
had ended with it does not come back by itself: mandates, cards and codes begin anew, each by its own act. Of sheets
that were joined, what moved goes back as it stands, and codes begin anew as well; see parting.py.
Source: ASVS 5.0 2.3.5.
"""

import re
import uuid
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.bank_accounts import closing_requests, contract_ends, joining, parting, waiting_acts
from accounts.clients import client_journal, living, telling
from accounts.kinds import Event, Mail
from accounts.ledger import books
from accounts.models import BankAccount, Client, ServiceContract, Undoing
from auth_codes import dual_control
from auth_codes.actor import Actor

Act = Undoing.Act
WITHIN = timedelta(days=30)
# Of an account, a contract, a client or a joining.
NUMBER = "[0-9]{1,11}"


class NothingToUndo(Exception):
    """The act is not there to be taken back: it was undone already, or it is more than thirty days old."""


def judge(act: str, client: Client, number: str, today: date) -> None:
    """Raises NothingToUndo, living.ClientEnded where the client's own end comes first, or what `parting.judge` does."""
    if act != Act.CLIENT_ENDED and client.ended_on:
        raise living.ClientEnded
    done_on = _done_on(act, client, number)
    if done_on is None or done_on < today - WITHIN:
        raise NothingToUndo
    if act == Act.SHEETS_JOINED:
        parting.judge(client, number)


def start(
    client: Client, *, act: str, number: str, why: str, token: uuid.UUID, by: Actor, now: datetime | None = None
) -> Undoing:
    """Asks for an act to be taken back; nothing changes before a second advisor approves.

    `token` names this request, `why` says to the second advisor what went wrong. Raises what `judge` raises, or
    dual_control.AlreadyDecided, AlreadyStarted.
    """
    now = now or timezone.now()
    asked = Undoing(client=client, act=act, number=number, why=why, token=token, started_by=by.person, started_at=now)
    with transaction.atomic():
        stored = Client.objects.locked(client.pk)
        if known := dual_control.started_before(asked):
            return known
        judge(act, stored, number, timezone.localdate(now))
        dual_control.start(asked)
        _note(Event.UNDOING_ASKED, asked, by)
    return asked


def approve(asked: Undoing, *, by: Actor, now: datetime | None = None) -> None:
    """Takes the act back at once and tells whom it is about. Raises what `judge` and `dual_control.approve` raise."""
    dual_control.require_another(asked, by)
    now = now or timezone.now()
    with transaction.atomic():
        stored = Client.objects.all_locked([asked.client_id, *(person.pk for person in asked.people())])[
            asked.client_id
        ]
        dual_control.approve(asked, by=by, now=now)
        judge(asked.act, stored, asked.number, timezone.localdate(now))
        _carry_out(asked, stored, by)
        _note(Event.UNDONE, asked, by)
        for client in asked.people():
            telling.tell(Mail.ACT_UNDONE, client, what=str(Act(asked.act).label))


def refuse(asked: Undoing, *, by: Actor, now: datetime | None = None) -> None:
    """Ends a request without a change; who asked may do so too. Raises dual_control.AlreadyDecided."""
    with transaction.atomic():
        dual_control.refuse(asked, by=by, now=now or timezone.now())
        _note(Event.UNDOING_REFUSED, asked, by)


def _done_on(act: str, client: Client, number: str) -> date | None:
    """When the act was done that would be taken back; None where it does not stand."""
    if not re.fullmatch(NUMBER, number):
        return None  # of an address that somebody typed; PostgreSQL takes no NUL
    if act == Act.CLIENT_ENDED:
        is_his = number == client.client_code and client.end_reason != Client.End.JOINED
        return client.ended_on if is_his else None
    if act == Act.SHEETS_JOINED:
        return parting.joined_on(client, number)
    if act == Act.ACCOUNT_CLOSED:
        account = client.bank_accounts.filter(number=number).first()
        return account.closed_on if account else None
    contract = client.service_contracts.filter(number=number).first()
    if contract is None or contract.end_reason == ServiceContract.End.MISTAKE:
        return None
    if act == Act.CONTRACT_OPENED:
        return contract.opened_on if contract.ended_on is None else None
    return contract.ended_on


def _carry_out(asked: Undoing, client: Client, by: Actor) -> None:
    if asked.act == Act.ACCOUNT_CLOSED:
        account = client.bank_accounts.get(number=asked.number)
        books.lock([account])
        BankAccount.objects.filter(pk=account.pk).update(closed_on=None)
    elif asked.act == Act.CLIENT_ENDED:
        _take_back(client)
    elif asked.act == Act.SHEETS_JOINED:
        waiting_acts.lapse(asked.joining.people(), timezone.now(), why=waiting_acts.PARTED)
        parting.part(asked.joining)
        closing_requests.change_all_of(*asked.joining.people(), by=by)
        moved = asked.joining.moved
        joining.tell_of_mandates([*moved["mandates"], *moved["ended_mandates"]], by=by)
        _open_space(asked.joining.closed)
    elif asked.act == Act.CONTRACT_OPENED:
        contract_ends.write_end(client.service_contracts.get(number=asked.number), contract_ends.End.MISTAKE, by)
    else:
        client.service_contracts.filter(number=asked.number).update(ended_on=None, end_reason="")


def _take_back(client: Client) -> None:
    """A client again, or the ward that he was."""
    if client.ward_since and not client.is_ward:
        Client.objects.filter(pk=client.pk).update(ended_on=client.ward_since, end_reason=Client.End.GUARDIANSHIP)
        return
    Client.objects.filter(pk=client.pk).update(ended_on=None, end_reason="", ward_since=None)
    _open_space(client)


def _open_space(client: Client) -> None:
    """His login is somebody's again, and stays without a code until a renewal by two advisors."""
    if client.user:
        client.user.is_active = True
        client.user.save(update_fields=["is_active"])


def _note(kind: Event, asked: Undoing, by: Actor) -> None:
    of_a_thing = asked.act not in (Act.CLIENT_ENDED, Act.SHEETS_JOINED)
    number = {"number": asked.number} if of_a_thing else {}
    for client in asked.people():
        client_journal.record(kind, client, by=by, undone=asked.act, **number)
