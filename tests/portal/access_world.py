"""The people of the sweep: a client, those who share her accounts in every degree, and those who have no right."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from django.utils import timezone
from msgspec.structs import replace

from accounts.bank_accounts import holders, mandates, representations
from accounts.bank_accounts.opening import open_account
from accounts.documents import issuing
from accounts.models import (
    BankAccount,
    Capacity,
    Client,
    ClosingRequest,
    Document,
    Representation,
    Statement,
    Transfer,
    User,
)
from auth_codes.actor import SYSTEM, Actor
from auth_codes.locking import locks
from auth_codes.models import AccessLock, Factor, KnownDevice
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
    factor: Factor
    token: Factor
    letter: Document  # to A
    statement: Document  # of `joint`, to A; J has one of his own
    transfer: Transfer  # prepared by A from `alone`, not confirmed
    acting: Representation  # by H, of A
    assisting: Representation  # by C, of A
    closing: ClosingRequest  # of an empty account of A and J, which waits for both, and for C


def make_world(advisor: User) -> World:
    def client(letter: str) -> Client:
        return makers.make_personalised_client(advisor, given_names="Zoé", family_name=f"Visite {letter}")

    a, b, j, p, t, e, r, h, c, f = map(client, "ABJPTERHCF")
    d = makers.make_new_client(advisor, given_names="Zoé", family_name="Visite D")
    alone = a.bank_accounts.get()
    joint, entrusted = (open_account(a, kind=BankAccount.Kind.CURRENT, by=Actor(advisor)) for _ in range(2))
    for account in (alone, joint, entrusted):
        makers.make_operations(account, "120", "-20")
    holders.add_holder(joint, j, by=Actor(advisor))
    _entrust(entrusted, p, t, e, r)
    acting, assisting = _represent(a, h, c, f)
    ending = open_account(a, kind=BankAccount.Kind.SAVINGS, by=Actor(advisor))
    holders.add_holder(ending, j, by=Actor(advisor))
    return World(
        visitors={
            "A": a.user, "B": b.user, "J": j.user, "P": p.user, "T": t.user, "E": e.user, "R": r.user,
            "H": h.user, "C": c.user, "F": f.user,
            "staff": advisor, "default": d.user, "locked": _locked(advisor), "anonymous": None,
        },
        clients=[a, b, j, p, t, e, r, d, h, c, f],
        alone=alone,
        joint=joint,
        entrusted=entrusted,
        device=KnownDevice.objects.create(owner=a.user, label="Firefox sur Linux", digest="x"),
        factor=makers.make_app(a, asked_from=timezone.now() + timedelta(days=7))[0],
        token=makers.make_token(a, asked_from=timezone.now() + timedelta(days=7), generation=2)[0],
        letter=a.documents.get(kind="letter"),
        statement=_statement_of(joint, a),
        transfer=Transfer.objects.create(client=a, source=alone, destination=entrusted, amount=Decimal(10)),
        acting=acting,
        assisting=assisting,
        closing=makers.ask_closing(ending, a, j, by=advisor),
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


def _represent(a: Client, h: Client, c: Client, f: Client) -> tuple[Representation, Representation]:
    acting = makers.make_representation(a, h, capacity=Capacity.FAMILY)
    assisting = makers.make_representation(a, c, capacity=Capacity.CURATOR, may_transfer=False)
    former = makers.make_representation(a, f, capacity=Capacity.FAMILY)
    representations.end(former, why=Representation.End.REPLACED, by=SYSTEM)
    return acting, assisting


def _locked(advisor: User) -> User:
    """Who has locked his access; the sweep opens a session of his all the same."""
    client = makers.make_personalised_client(advisor, given_names="Zoé", family_name="Visite L")
    locks.lock(client.user, way=AccessLock.Way.SESSION, by=Actor(client.user))
    return User.objects.get(pk=client.user_id)
