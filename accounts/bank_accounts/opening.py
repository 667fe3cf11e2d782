"""Opening accounts and service contracts; whichever comes first issues the code client, once for ever."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import client_codes
from accounts.clients import client_journal, living
from accounts.documents import contracts, letters
from accounts.kinds import Event
from accounts.models import BankAccount, Client, Holding, ServiceContract
from accounts.notation import ibans
from auth_codes.actor import Actor

DRAWS = 20
Result = TypeVar("Result")
Opened = TypeVar("Opened", BankAccount, ServiceContract)


def open_account(
    client: Client,
    *,
    kind: BankAccount.Kind,
    by: Actor,
    token: uuid.UUID | None = None,
    at: datetime | None = None,
) -> BankAccount:
    """Opens one more account and, when it is this person's first account or contract, issues the code client.

    `token` names the act: the same one again (a double click) returns the account it has already opened. `at` is when
    it was opened, now unless an earlier moment is given. Raises living.ClientEnded.
    """
    day = timezone.localdate(at)

    def find_or_make(token: uuid.UUID) -> tuple[BankAccount, bool]:
        known = client.bank_accounts.filter(opening=token).first()
        if known:
            return known, False
        account = BankAccount.objects.create(opening=token, kind=kind, number=ibans.draw_number(), opened_on=day)
        Holding.objects.create(account=account, client=client, since=day)
        return account, True

    with transaction.atomic():
        return _open(client, find_or_make, Event.ACCOUNT_OPENED, by, token, at)[0]


def open_service_contract(
    client: Client,
    *,
    kind: ServiceContract.Kind,
    by: Actor,
    token: uuid.UUID | None = None,
    at: datetime | None = None,
) -> ServiceContract:
    """Subscribes a credit, insurance or card contract and issues its paper; the same holds as for `open_account`."""
    day = timezone.localdate(at)

    def find_or_make(token: uuid.UUID) -> tuple[ServiceContract, bool]:
        fields = {"kind": kind, "number": ibans.draw_number(), "opened_on": day}
        return client.service_contracts.get_or_create(opening=token, defaults=fields)

    with transaction.atomic():
        contract, is_new = _open(client, find_or_make, Event.CONTRACT_OPENED, by, token, at)
        if is_new:
            contracts.issue(contract, at=at or timezone.now())
    return contract


def issue_client_code(client: Client, *, by: Actor, at: datetime | None = None) -> bool:
    """Gives `client` a code unless it has one, with the letter that tells it; says whether this call issued it.

    One conditional statement decides, so that two openings at the same instant, on any number of machines, issue
    one code. A number that somebody holds already breaks the unique constraint and another is drawn.
    """
    issued = _retrying(
        lambda: Client.objects.filter(pk=client.pk, client_code__isnull=True).update(client_code=client_codes.draw())
    )
    client.refresh_from_db(fields=["client_code"])
    if issued:
        client_journal.record(Event.CLIENT_CODE_ISSUED, client, by=by)
        letters.welcome(client, by=by, on=timezone.localdate(at))
    return bool(issued)


def _open(
    client: Client,
    find_or_make: Callable[[uuid.UUID], tuple[Opened, bool]],
    event: Event,
    by: Actor,
    token: uuid.UUID | None,
    at: datetime | None,
) -> tuple[Opened, bool]:
    token = token or uuid.uuid4()
    living.lock(client)
    opened, is_new = _retrying(lambda: find_or_make(token))
    if is_new:
        issue_client_code(client, by=by, at=at)
        client_journal.record(event, client, by=by, number=opened.number)
    return opened, is_new


def _retrying(write: Callable[[], Result]) -> Result:
    """Repeats a write that drew a number which is taken: one draw in ninety, in the sparse space of a full bank.

    Raises IntegrityError when it is refused DRAWS times: then a taken number is not the reason.
    """
    for _ in range(DRAWS - 1):
        try:
            with transaction.atomic():
                return write()
        except IntegrityError:
            continue
    return write()
