"""The demo bank: three people in different states for a newcomer, thousands for whoever measures."""

import csv
import os
import secrets
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts import client_codes
from accounts.bank_accounts import access_requests, opening
from accounts.clients import online_space
from accounts.demo import connections, papers, people, tokens
from accounts.demo.loading import free_numbers
from accounts.demo.people import (
    YEAR,
    a_year_ago,
    lack_something,
    unsaved_client,
    write_past,
    year_of_deposits,
    year_of_operations,
)
from accounts.desk import roles, substitutes
from accounts.models import FIRST_BRANCH, AccessRequest, BankAccount, Branch, Client, Holding, ServiceContract, User
from accounts.notation import ibans, names
from accounts.operations import sums
from auth_codes import staff_passwords
from auth_codes.actor import Actor
from auth_codes.codes import bindings, changing, checking, costs
from auth_codes.codes.stored import HashedCode
from auth_codes.crypto import hashing
from auth_codes.handover import manifest
from auth_codes.letters import batches, envelopes
from auth_codes.locking import lock_codes
from auth_codes.models import LockCode, Notice, SealedLetter, SecretCode
from auth_codes.renewals import issuing
from auth_codes.weakness import PersonalData

ADVISORS = [("claire.dubois", "Claire", "Dubois"), ("marc.lefevre", "Marc", "Lefèvre")]
# One for each other role of the desk, and two administrators of the staff: what one asks for, the other approves.
STAFF = [
    *((*advisor, roles.ADVISORS) for advisor in ADVISORS),
    ("nadia.benali", "Nadia", "Benali", roles.BRANCH_MANAGERS),
    ("paul.garnier", "Paul", "Garnier", roles.AUDITORS),
    ("lucie.robin", "Lucie", "Robin", roles.OPERATORS),
    ("yann.legall", "Yann", "Le Gall", roles.PRINT_OPERATORS),
    ("anne.perrin", "Anne", "Perrin", roles.STAFF_ADMINISTRATORS),
    ("hugo.masson", "Hugo", "Masson", roles.STAFF_ADMINISTRATORS),
    ("sonia.blanc", "Sonia", "Blanc", roles.ADVISORS),
    ("denis.faure", "Denis", "Faure", roles.ADVISORS),
]
HEAD_BRANCH = "Lyon Part-Dieu"
# Who works elsewhere, and who stands in for whom for a week.
BRANCHES = {"denis.faure": "Nantes Commerce"}
STANDS_IN = ("sonia.blanc", ADVISORS[0][0])
CONSONANTS = "bcdfghjkmnpqrstvwxz"
CHUNK = 200
DEFAULT_EVERY = 10
OPERATIONS_EACH = 24
OVERDRAFT = Decimal(500)


class Credentials:
    """A CSV of the demo's codes, readable by its owner alone."""

    def __init__(self, path: Path, columns: list[str]):
        self.path, self.columns = path, columns

    def read(self) -> list[dict[str, str]]:
        if not self.path.exists():
            return []
        with self.path.open(newline="") as file:
            return list(csv.DictReader(file))

    def write(self, rows: list[dict[str, str]]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.fchmod(descriptor, 0o600)  # a file that was there keeps its mode otherwise
        with open(descriptor, "w", newline="") as file:
            writer = csv.DictWriter(file, self.columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def make_staff() -> list[dict[str, str]]:
    """Those of the staff that are missing, with a password for each of them and the group that he is of."""
    made = []
    for username, first_name, last_name, role in STAFF:
        if User.objects.filter(username=username).exists():
            continue
        password = _staff_password()
        user = User.objects.create_user(
            username, password=password, first_name=first_name, last_name=last_name, is_staff=True
        )
        user.groups.add(Group.objects.get(name=role))
        if roles.serves_clients([role]):
            _place(user)
        made.append({"username": username, "password": password, "role": role})
    if set(STANDS_IN) <= {row["username"] for row in made}:
        _stand_in()
    return made


def _place(user: User) -> None:
    """In his branch; that which `migrate` has made is given its name."""
    Branch.objects.filter(name=FIRST_BRANCH).update(name=HEAD_BRANCH)
    user.branch, _ = Branch.objects.get_or_create(name=BRANCHES.get(user.username, HEAD_BRANCH))
    user.save(update_fields=["branch"])


def _stand_in() -> None:
    substitute, absent = (User.objects.get(username=username) for username in STANDS_IN)
    today = timezone.localdate()
    days = {"starts_on": today, "ends_on": today + timedelta(days=6)}
    substitutes.declare(absent, substitute, **days, token=uuid.uuid4(), by=Actor(absent))


def _staff_password() -> str:
    """Four groups of four letters, without vowels so that they hold no word."""
    groups = ("".join(secrets.choice(CONSONANTS) for _ in range(4)) for _ in range(4))
    password = "-".join(groups)
    return password if staff_passwords.why_weak(password) is None else _staff_password()


@sensitive_variables()
def make_three_people(folder: Path, identity: Path) -> list[dict[str, str]]:
    """Three people by the real acts; gives the codes of the two who have an online space.

    Their default codes come out of the sealed letters, opened with the workshop's key like at the workshop, and the
    letters stay in `folder` as PDF.
    """
    advisor = User.objects.get(username=ADVISORS[0][0])
    claire = Actor(advisor)
    ines = _person(advisor, "Mme", "Inès Léa", "Martin", date(1991, 3, 14), "12 rue des Lilas", "69003", "Lyon")
    julien = _person(advisor, "M.", "Julien", "Moreau", date(1984, 11, 2), "7 place du Marché", "44000", "Nantes")
    sophie = _person(advisor, "Mme", "Sophie", "Petit", date(1958, 6, 30), "3 chemin des Vignes", "67000", "Strasbourg")
    opening.open_account(ines, kind=BankAccount.Kind.CURRENT, by=claire)
    then = timezone.now() - YEAR
    current = opening.open_account(julien, kind=BankAccount.Kind.CURRENT, by=claire, at=then)
    savings = opening.open_account(julien, kind=BankAccount.Kind.SAVINGS, by=claire, at=then)
    opening.open_service_contract(julien, kind=ServiceContract.Kind.CARD, by=claire, at=then)
    opening.open_service_contract(sophie, kind=ServiceContract.Kind.INSURANCE, by=claire)
    joint = _share_accounts(current, ines, julien, sophie, at=then)
    joint.holdings.update(since=then)
    Client.objects.filter(pk__in=(julien.pk, sophie.pk)).update(registered_at=then)
    write_past(joint, year_of_operations(60))
    write_past(current, year_of_operations(140))
    write_past(savings, year_of_deposits())
    _allow_overdraft_and_announce(current)
    _close_an_earlier_account(julien, by=claire)
    for client in (ines, julien):
        online_space.create_online_space(client, by=claire)
    codes = print_letters(folder, identity)
    julien_user = User.objects.get(client=julien)
    personal = changing.draw(julien_user.personal_data())
    present = checking.present_code(julien_user)
    by_himself = Actor(julien_user)
    changing.personalise(julien_user, personal, replacing=present, by=by_himself)  # type: ignore[arg-type]  # just issued
    connections.live_a_year(julien_user)
    tokens.make(julien_user, by=claire)
    papers.write_letter(julien, by=claire)
    papers.issue_statements_of_the_year()  # last: the books of those months are closed
    sums.keep(timezone.localdate().replace(day=1))
    Notice.objects.update(recipient="")  # else their e-mails fill the terminal before the codes are read
    return [
        _credentials(ines, codes[ines.client_code or ""], "default"),
        _credentials(julien, personal, "personal"),
        _credentials(sophie, "", "no online space"),
    ]


@sensitive_variables()
def _credentials(client: Client, secret_code: str, kind: str) -> dict[str, str]:
    return {"name": str(client), "client_code": client.client_code or "", "secret_code": secret_code, "kind": kind}


def _person(
    advisor: User,
    title: str,
    given_names: str,
    family_name: str,
    birth_date: date,
    street: str,
    postcode: str,
    city: str,
) -> Client:
    client = unsaved_client(advisor)
    client.title, client.given_names, client.family_name = title, given_names, family_name
    client.birth_date, client.street, client.postcode, client.city = birth_date, street, postcode, city
    client.email = f"{names.key(given_names.split()[0])}.{names.key(family_name)}@example.org"
    client.save()  # type: ignore[no-untyped-call]  # which takes what Django's takes
    return client


def _share_accounts(current: BankAccount, ines: Client, julien: Client, sophie: Client, *, at: datetime) -> BankAccount:
    """Julien and Sophie hold an account together, and Inès may see one of Julien's; gives the joint one."""
    claire, marc = (Actor(User.objects.get(username=username)) for username, *_ in ADVISORS)
    joint = opening.open_account(julien, kind=BankAccount.Kind.CURRENT, by=claire, at=at)
    for account, person, right in (
        (joint, sophie, AccessRequest.Right.HOLDER),
        (current, ines, AccessRequest.Right.SEE),
    ):
        agreement = AccessRequest.Agreement.AT_BRANCH
        asked = access_requests.start(account, person, right=right, agreement=agreement, token=uuid.uuid4(), by=claire)
        access_requests.approve(asked, by=marc)
    return joint


def _allow_overdraft_and_announce(account: BankAccount) -> None:
    BankAccount.objects.filter(pk=account.pk).update(overdraft=OVERDRAFT)
    people.announce(account)


def _close_an_earlier_account(client: Client, *, by: Actor) -> None:
    """A savings account opened a year ago and closed half a year later."""
    first, last = a_year_ago(), a_year_ago() + YEAR / 2
    account = opening.open_account(client, kind=BankAccount.Kind.SAVINGS, by=by, at=timezone.now() - YEAR)
    write_past(account, people.saved_and_taken_back(first, last))
    BankAccount.objects.filter(pk=account.pk).update(closed_on=last)


@sensitive_variables()
def print_letters(folder: Path, identity: Path) -> dict[str, str]:
    """Exports, opens and confirms what waits; gives the default code of each code client."""
    with TemporaryDirectory() as temporary:
        batch = batches.collect()
        if batch is None:
            return {}
        written = batches.write(batch, Path(temporary)).folder
        folders = {"identity": identity, "source": written, "to": folder}
        call_command("open_sealed_letters", **folders, stdout=StringIO(), stderr=StringIO())
        keys = envelopes.identities_from(identity.read_text())
        contents = [envelopes.open_at_workshop(content, *keys) for _, content in manifest.letters_in(written)]
    batches.confirm(batch)
    owners = dict(SealedLetter.objects.filter(batch=batch).values_list("id", "owner__username"))
    with_code = [opened for opened in contents if opened.secret_code]  # a printed list brings none
    return {owners[SealedLetter._meta.pk.to_python(opened.letter_id)]: opened.secret_code for opened in with_code}


def advisors() -> list[User]:
    """The demo's two, as they stand in the database."""
    return list(User.objects.filter(username__in=[username for username, *_ in ADVISORS]))


class Made(NamedTuple):
    """The codes of the clients that were made, and the seconds that hashing them took."""

    rows: list[dict[str, str]]
    hashing: float


@sensitive_variables()
def make_many(count: int, advance: Callable[[int], None]) -> Made:
    """`count` clients with an account, a contract and entries; every tenth still has the default code.

    They are written in bulk and their codes drawn here, unlike a bank's: only the demo may know them. `advance` is
    told how many were made.
    """
    theirs, rows, hashing_seconds = advisors(), [], 0.0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, count, CHUNK):
            drafts = _drafts(range(start, min(start + CHUNK, count)), theirs)
            began = time.monotonic()
            # Argon2 lets go of the interpreter's lock: threads use every core.
            hashed = list(pool.map(DemoPerson.hashed_code, drafts))
            hashing_seconds += time.monotonic() - began
            _store(drafts, hashed)
            rows += [draft.credentials() for draft in drafts]
            advance(len(drafts))
    return Made(rows, hashing_seconds)


class DemoPerson:
    """A client on the way into the demo's database, with all that is his."""

    def __init__(self, place: int, advisor: User, client_code: str, account_number: str, contract_number: str):
        self.user = User(username=client_code)
        self.user.set_unusable_password()
        self.client = client = unsaved_client(advisor)
        lack_something(client, place)
        client.family_key, client.given_key = names.key(client.family_name), names.key(client.given_names)
        client.client_code, client.user = client_code, self.user
        self.account = BankAccount(kind=BankAccount.Kind.CURRENT, number=account_number, opened_on=a_year_ago())
        self.holding = Holding(account=self.account, client=client, since=a_year_ago())
        self.contract = ServiceContract(client=client, kind=ServiceContract.Kind.CARD, number=contract_number)
        is_default = place % DEFAULT_EVERY == DEFAULT_EVERY - 1
        self.kind = SecretCode.Kind.DEFAULT if is_default else SecretCode.Kind.PERSONAL
        numbers = (client_code, client.mobile_phone, account_number)
        self.lock_code = lock_codes.draw()
        self.code = changing.draw(PersonalData(client.birth_date, client.postcode, numbers, client.birth_year))

    def credentials(self) -> dict[str, str]:
        return {"client_code": self.user.username, "secret_code": self.code, "kind": self.kind.value}

    def hashed_code(self) -> HashedCode:
        """Asks the database nothing, so that the threads open no connections."""
        salt, cost = secrets.token_bytes(hashing.SALT_BYTES), hashing.present_cost()
        return HashedCode(hashing.argon2id(self.code, salt, cost), salt, cost)

    def letter(self, now: datetime) -> SealedLetter | None:
        is_default = self.kind == SecretCode.Kind.DEFAULT
        return issuing.sealed_letter(self.user, self.code, now, lock_code=self.lock_code) if is_default else None

    def stored_lock_code(self) -> LockCode:
        """Of who has got a letter."""
        return LockCode(owner=self.user, digest=lock_codes.digest(self.lock_code))


def _drafts(places: range, advisors: list[User]) -> list[DemoPerson]:
    codes = free_numbers(Client, "client_code", client_codes.draw, len(places))
    accounts = free_numbers(BankAccount, "number", ibans.draw_number, len(places))
    contracts = free_numbers(ServiceContract, "number", ibans.draw_number, len(places))
    return [
        DemoPerson(place, advisors[place % len(advisors)], *numbers)
        for place, *numbers in zip(places, codes, accounts, contracts, strict=True)
    ]


@sensitive_variables()
def _store(drafts: list[DemoPerson], hashed: list[HashedCode]) -> None:
    now = timezone.now()
    sealed = [draft.letter(now) for draft in drafts]
    with transaction.atomic():
        User.objects.bulk_create(draft.user for draft in drafts)
        Client.objects.bulk_create(draft.client for draft in drafts)
        bindings.bind_many([draft.user for draft in drafts])
        BankAccount.objects.bulk_create(draft.account for draft in drafts)
        Holding.objects.bulk_create(draft.holding for draft in drafts)
        for draft in drafts:
            write_past(draft.account, year_of_operations(OPERATIONS_EACH))
        papers.store(papers.OpeningPapers.of(draft.contract, draft.account, now) for draft in drafts)
        SealedLetter.objects.bulk_create(letter for letter in sealed if letter)
        LockCode.objects.bulk_create(
            draft.stored_lock_code() for draft, letter in zip(drafts, sealed, strict=True) if letter
        )
        SecretCode.objects.bulk_create(map(_sealed_code, drafts, hashed, sealed))
        for cost in {part.cost for part in hashed}:
            costs.register(cost)


def _sealed_code(draft: DemoPerson, part: HashedCode, letter: SealedLetter | None) -> SecretCode:
    role = SecretCode.Role.PRESENT
    return SecretCode.sealed(
        part.hashed, cost=part.cost, salt=part.salt, owner=draft.user, role=role, kind=draft.kind, letter=letter
    )
