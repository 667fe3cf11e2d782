"""Opening accounts and service contracts; whichever comes first issues the code client, once for ever."""

import uuid
from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, transaction

from accounts import client_codes, ibans
from accounts.models import BankAccount, Client, ServiceContract, User
from auth_codes import journal
from auth_codes.models import SecurityEvent

Result = TypeVar("Result")


def open_account(
    client: Client, *, kind: BankAccount.Kind, by: User | None, token: uuid.UUID | None = None
) -> BankAccount:
    """Opens one more account and, when it is this person's first account or contract, issues the code client.

    `token` names the act: the same one again (a double click) returns the account it has already opened.
    """
    return _open(BankAccount, client, kind, by, token or uuid.uuid4(), SecurityEvent.Kind.ACCOUNT_OPENED)


def open_service_contract(
    client: Client, *, kind: ServiceContract.Kind, by: User | None, token: uuid.UUID | None = None
) -> ServiceContract:
    """Subscribes a credit, insurance or card contract; the same holds as for `open_account`."""
    return _open(ServiceContract, client, kind, by, token or uuid.uuid4(), SecurityEvent.Kind.CONTRACT_OPENED)


def issue_client_code(client: Client, *, by: User | None) -> bool:
    """Gives `client` a code unless it has one; says whether this call issued it.

    One conditional statement decides, so that two openings at the same instant, on any number of machines, issue
    one code. A number that somebody holds already breaks the unique constraint and another is drawn.
    """
    issued = _retrying(
        lambda: Client.objects.filter(pk=client.pk, client_code__isnull=True).update(client_code=client_codes.draw())
    )
    client.refresh_from_db(fields=["client_code"])
    if issued:
        journal.record(SecurityEvent.Kind.CLIENT_CODE_ISSUED, by=by, details={"client": client.pk})
    return bool(issued)


def _open(model, client: Client, kind: str, by: User | None, token: uuid.UUID, event: SecurityEvent.Kind):
    with transaction.atomic():
        opened, is_new = _retrying(
            lambda: model.objects.get_or_create(
                opening=token, defaults={"client": client, "kind": kind, "number": ibans.draw_number()}
            )
        )
        if is_new:
            issue_client_code(client, by=by)
            journal.record(event, owner=client.user, by=by, details={"client": client.pk, "number": opened.number})
    return opened


def _retrying(write: Callable[[], Result]) -> Result:
    """Repeats a write that drew a number which is taken: one draw in ninety, in the sparse space of a full bank."""
    for _ in range(20):
        try:
            with transaction.atomic():
                return write()
        except IntegrityError:
            continue
    raise RuntimeError("twenty numbers in a row were taken, or another constraint refuses this write")
