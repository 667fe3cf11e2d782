"""Plain functions that make the people of the tests, by the portal's own acts."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pyrage
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from accounts.bank_accounts import mandates
from accounts.bank_accounts.opening import open_account
from accounts.clients import contact_changes
from accounts.clients.online_space import create_online_space
from accounts.desk import roles
from accounts.ledger import books
from accounts.ledger.books import Leg
from accounts.models import (
    FIRST_BRANCH,
    BankAccount,
    Booking,
    Branch,
    Client,
    InternalAccount,
    Mandate,
    PendingEntry,
    Substitution,
    User,
)
from auth_codes.actor import SYSTEM, Actor
from auth_codes.codes import changing, checking, stored
from auth_codes.letters import envelopes
from auth_codes.letters.envelopes import CodeLetterContents
from auth_codes.lockout import counters
from auth_codes.lockout.counters import Counter, Reservation
from auth_codes.models import SealedLetter, SecretCode
from auth_codes.renewals import issuing
from tests.settings import WORKSHOP_IDENTITY

CODE = "739146"
OTHER_CODE = "804263"
WRONG_CODE = "296503"
PASSWORD = "correct horse battery staple"


def make_advisor(username: str = "claire.dubois", **fields) -> User:
    fields.setdefault("branch", Branch.objects.get_or_create(name=FIRST_BRANCH)[0])
    advisor = User.objects.create_user(
        username, password=PASSWORD, is_staff=True, first_name="Claire", last_name="Dubois", **fields
    )
    advisor.groups.add(Group.objects.get_or_create(name=roles.ADVISORS)[0])
    roles.make_groups()
    return advisor


def make_staff(username: str, *names: str, **fields) -> User:
    """A member of the staff in these roles."""
    member = User.objects.create_user(username, password=PASSWORD, is_staff=True, **fields)
    member.groups.add(*Group.objects.filter(name__in=names))
    return member


def make_substitution(absent: User, substitute: User, *, starts: int = 0, ends: int = 7, **fields) -> Substitution:
    """From so many days after today to so many, as the absent one has declared."""
    today = timezone.localdate()
    days = {"starts_on": today + timedelta(starts), "ends_on": today + timedelta(ends)}
    return Substitution.objects.create(
        absent=absent, substitute=substitute, **{"declared_by": absent, **days, **fields}
    )


def person_fields(**changed) -> dict:
    fields = {
        "title": "Mme",
        "given_names": "Inès Léa",
        "family_name": "Martin",
        "birth_date": date(1988, 7, 25),
        "email": "ines@example.org",
        "mobile_phone": "+33612345678",
        "street": "12 rue des Lilas",
        "postcode": "69003",
        "city": "Lyon",
    }
    return fields | changed


def make_person(advisor: User, **changed) -> Client:
    return Client.objects.create(advisor=advisor, **person_fields(**changed))


def change_address(client: Client, by: User, street: str = "1 rue Neuve") -> None:
    """As an advisor does at the desk: the address waits for somebody else to confirm it."""
    client.street = street
    contact_changes.note(client, ["street"], by=Actor(by))
    Client.objects.filter(pk=client.pk).update(street=street)


def make_new_client(advisor: User, **changed) -> Client:
    """With a first account and an online space; the default code is in the sealed letter."""
    client = make_person(advisor, **changed)
    open_account(client, kind=BankAccount.Kind.CURRENT, by=Actor(advisor))
    create_online_space(client, by=Actor(advisor))
    client.refresh_from_db()
    return client


def make_personalised_client(advisor: User, code: str = CODE, **changed) -> Client:
    client = make_new_client(advisor, **changed)
    changing.personalise(client.user, code, replacing=checking.present_code(client.user), by=Actor(client.user))
    return client


def make_mandate(account: BankAccount, proxy: Client, **fields) -> Mandate:
    """To see the account, for good, unless `fields` say otherwise."""
    return mandates.grant(account, proxy, **{"may_transfer": False, "ends_on": None, "by": SYSTEM, **fields})


def make_operations(account: BankAccount, *amounts: str, day: date = date(2026, 1, 1), days: int = 0) -> None:
    """Card payments and the like of these amounts, « Opération 0 » and so on, each `days` after the one before."""
    past = (
        (Booking.Kind.CARD, day + number * timedelta(days), Leg(InternalAccount.CARDS, -Decimal(amount), label))
        for number, amount in enumerate(amounts)
        for label in [f"Opération {number}"]
    )
    with transaction.atomic():
        books.write(*books.history(account, past, books.tail_of(account.pk)))


def make_savings(client: Client, balance: str = "0") -> BankAccount:
    """A second account of the client's, for transfers."""
    savings = open_account(client, kind=BankAccount.Kind.SAVINGS, by=Actor(client.advisor))
    if Decimal(balance):
        make_operations(savings, balance)
    return savings


def make_operation(
    account: BankAccount, label: str, amount: str, day: date | None = None, kind: Booking.Kind = Booking.Kind.CARD
) -> Booking:
    """One operation, on or after the day of the latest."""
    past = [(kind, day or timezone.localdate(), Leg(InternalAccount.CARDS, -Decimal(amount), label))]
    bookings, entries = books.history(account, past, books.tail_of(account.pk))
    books.write(bookings, entries)
    return bookings[0]


def make_pending(account: BankAccount, label: str, amount: str) -> PendingEntry:
    tomorrow = timezone.localdate() + timedelta(1)
    return PendingEntry.objects.create(account=account, expected_on=tomorrow, label=label, amount=Decimal(amount))


def make_entrusted_account(advisor: User, proxy: Client, **changed) -> BankAccount:
    """The account of somebody else, for which `proxy` has a mandate."""
    holder = make_new_client(advisor, **({"given_names": "Zoé", "family_name": "Autre"} | changed))
    account = holder.bank_accounts.get()
    Mandate.objects.create(account=account, proxy=proxy)
    return account


def make_pending_code(client: Client, now: datetime | None = None) -> CodeLetterContents:
    """A letter asked for online: its code stands beside the present one; what the workshop reads in it."""
    prepared = issuing.prepare(client.user, SealedLetter.Occasion.REQUEST, now)
    issuing.issue_beside(client.user, prepared)
    return open_letter(client)


def make_pending_row(client: Client, code: str) -> SecretCode:
    """The same, with a code that the test chooses; the row."""
    letter = issuing.sealed_letter(client.user, code, timezone.now())
    letter.save(force_insert=True)
    hashed = stored.hash_for(client.user, code)
    pending, default = SecretCode.Role.PENDING, SecretCode.Kind.DEFAULT
    return stored.insert(client.user, hashed, default, role=pending, letter=letter)


def make_letters(client: Client, count: int, **fields) -> list[SealedLetter]:
    """More letters than one person ever gets, which wait to be exported."""
    now = timezone.now()
    letters = [issuing.sealed_letter(client.user, CODE, now, **fields) for _ in range(count)]
    return SealedLetter.objects.bulk_create(letters)


def open_letter(client: Client) -> CodeLetterContents:
    """What the print workshop reads in this client's last letter."""
    letter = client.user.sealed_letters.latest("issued_at")
    identity = pyrage.x25519.Identity.from_str(WORKSHOP_IDENTITY)
    return envelopes.open_at_workshop(bytes(letter.ciphertext), identity)


def default_code(client: Client) -> str:
    return open_letter(client).secret_code


def log_in(browser, client_code: str, secret_code: str, **fields):
    """The POST of the login page, as a customer's browser sends it."""
    return browser.post("/connexion/", {"username": client_code, "password": secret_code, **fields})


def reserve(counter: Counter, browser: str, now: datetime | None = None) -> Reservation:
    """One attempt of `browser`, counted and committed as the gate does; Blocked where none is allowed."""
    with transaction.atomic(durable=True):
        return counters.reserve(counter, browser, now or timezone.now())


def fail(counter: Counter, now: datetime | None = None) -> None:
    """One wrong code, answered."""
    now = now or timezone.now()
    with transaction.atomic():
        counters.fail(counters.reserve(counter, "stranger", now), now)
