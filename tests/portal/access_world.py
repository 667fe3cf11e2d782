"""The people of the sweep: a client, those who share her accounts in every degree, and those who have no right."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone
from msgspec.structs import replace

from accounts.bank_accounts import holders, mandates
from accounts.bank_accounts.opening import open_account
from accounts.documents import issuing
from accounts.models import BankAccount, Client, Document, Statement, Transfer, User
from auth_codes.actor import SYSTEM, Actor
from auth_codes.models import KnownDevice
from tests import makers
from tests.accounts.papers.contents import STATEMENT

# What stands in the place of a person's id, and of a device's: nobody's.
NOBODY, NOTHING = 999_999_999, uuid.UUID("00000000-0000-4000-8000-000000000000")


class World(NamedTuple):
    """Whose is what. To sweep one more thing of A's, add it here and fill it in `make_world`."""

    visitors: dict[str, User | None]
    clients: list[Client]
    alone: BankAccount  # held by A alone
    joint: BankAccount  # held by A and J
    entrusted: BankAccount  # held by A; P may see it, T may transfer from it, E and R might once
    device: KnownDevice
    letter: Document  # to A
    statement: Document  # of `joint`, to A; J has one of his own
    transfer: Transfer  # prepared by A from `alone`, not confirmed


def make_world(advisor: User) -> World:
    def client(letter: str) -> Client:
        return makers.make_personalised_client(advisor, given_names="Zoé", family_name=f"Visite {letter}")

    a, b, j, p, t, e, r = map(client, "ABJPTER")
    d = makers.make_new_client(advisor, given_names="Zoé", family_name="Visite D")
    alone = a.bank_accounts.get()
    joint, entrusted = (open_account(a, kind=BankAccount.Kind.CURRENT, by=Actor(advisor)) for _ in range(2))
    for account in (alone, joint, entrusted):
        makers.make_operations(account, "120", "-20")
    holders.add_holder(joint, j, by=Actor(advisor))
    _entrust(entrusted, p, t, e, r)
    return World(
        visitors={
            "A": a.user, "B": b.user, "J": j.user, "P": p.user, "T": t.user, "E": e.user, "R": r.user,
            "staff": advisor, "default": d.user, "anonymous": None,
        },
        clients=[a, b, j, p, t, e, r, d],
        alone=alone,
        joint=joint,
        entrusted=entrusted,
        device=KnownDevice.objects.create(owner=a.user, label="Firefox sur Linux", digest="x"),
        letter=a.documents.get(kind="letter"),
        statement=_statement_of(joint, a),
        transfer=Transfer.objects.create(client=a, source=alone, destination=entrusted, amount=Decimal(10)),
    )  # fmt: skip


def _statement_of(account: BankAccount, client: Client) -> Document:
    contents = replace(STATEMENT, client_code=client.client_code)
    document = issuing.issue(client, contents, title="Relevé d’octobre 2026")
    told = {"month": STATEMENT.month, "last_position": 0, "balance": 0}
    return Statement.objects.create(document=document, account=account, client=client, **told).document


def _entrust(account: BankAccount, p: Client, t: Client, e: Client, r: Client) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    makers.make_mandate(account, p)
    makers.make_mandate(account, t, may_transfer=True)
    makers.make_mandate(account, e, may_transfer=True, ends_on=yesterday, today=yesterday)
    mandates.revoke(makers.make_mandate(account, r, may_transfer=True), by=SYSTEM)
