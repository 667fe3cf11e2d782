"""Plain functions that make the people of the tests, by the portal's own acts."""

import base64
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

import pyrage
from dateutil.relativedelta import relativedelta
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from accounts.bank_accounts import closing, cosigning, mandates, representations
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
    Capacity,
    Client,
    ClosingRequest,
    InternalAccount,
    Mandate,
    PendingEntry,
    Representation,
    RepresentationRequest,
    Substitution,
    User,
)
from auth_codes.actor import SYSTEM, Actor
from auth_codes.codes import changing, checking, stored
from auth_codes.factors import lists, lists_activating, lists_issuing, passkeys, token_import, tokens, totp
from auth_codes.factors.seed_files import Seed
from auth_codes.letters import envelopes
from auth_codes.letters.envelopes import CodeLetterContents
from auth_codes.lockout import counters
from auth_codes.lockout.counters import Counter, Reservation
from auth_codes.models import Factor, SealedLetter, SecretCode
from auth_codes.renewals import issuing
from tests.authenticator import Authenticator
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


def make_child(advisor: User, years: int = 9, **changed) -> Client:
    """Somebody of that age, with a current account and no online space."""
    born = timezone.localdate() - relativedelta(years=years, days=40)
    child = make_person(advisor, **{"given_names": "Léo", "family_name": "Martin", "birth_date": born} | changed)
    open_account(child, kind=BankAccount.Kind.CURRENT, by=Actor(advisor))
    child.refresh_from_db()
    return child


def make_app(client: Client, **fields) -> tuple[Factor, bytes]:
    """An authenticator app of this client's, asked for since yesterday, with its key."""
    return make_app_of(client.user, **fields)


def make_app_of(owner: User, **fields) -> tuple[Factor, bytes]:
    """The same of anybody, a member of the staff too."""
    yesterday, secret = timezone.now() - timedelta(days=1), totp.draw()
    made = {"created_at": yesterday, "asked_from": yesterday, "payments_from": yesterday, "generation": 1} | fields
    factor = Factor(owner=owner, kind=Factor.Kind.TOTP, state=Factor.State.ACTIVE, name="Mon téléphone", **made)
    factor.seal(secret)
    factor.save(force_insert=True)
    return factor, secret


def make_stock(*serials: str) -> dict[str, bytes]:
    """Tokens of the bank that nobody has borrowed, with their keys by their serial numbers."""
    seeds = [Seed(serial, totp.draw()) for serial in serials]
    token_import.take(seeds, lambda done: None)
    return dict(seeds)


def lend_token(client: Client, serial: str = "TK0001") -> bytes:
    """A token that waits to be put into use by this client, with its key."""
    secret = make_stock(serial)[serial]
    tokens.lend(client.user, serial, by=Actor(client.advisor), now=timezone.now())
    return secret


def make_token(client: Client, serial: str = "TK0001", **fields) -> tuple[Factor, bytes]:
    """A lent token in service, asked for since yesterday, with its key."""
    yesterday, secret = timezone.now() - timedelta(days=1), lend_token(client, serial)
    made = {"created_at": yesterday, "asked_from": yesterday, "payments_from": yesterday, "generation": 1} | fields
    token = tokens.to_activate(client.user)
    with transaction.atomic():
        tokens.put_in_use(token)
        token.refresh_from_db()
        named = {"name": "Mon boîtier", "kind": Factor.Kind.TOKEN, "state": Factor.State.ACTIVE, "token": token}
        factor = Factor(owner=client.user, **named | made)
        factor.seal(secret)
        factor.save(force_insert=True)
    return factor, secret


def make_passkey(client: Client, authenticator: Authenticator | None = None, **fields) -> tuple[Factor, Authenticator]:
    """A passkey of this client's, asked for since yesterday, with the authenticator that holds it."""
    return make_passkey_of(client.user, authenticator, **fields)


def make_passkey_of(owner: User, authenticator: Authenticator | None = None, **fields) -> tuple[Factor, Authenticator]:
    """The same of anybody, a member of the staff too."""
    yesterday, authenticator = timezone.now() - timedelta(days=1), authenticator or Authenticator()
    made = {"created_at": yesterday, "asked_from": yesterday, "payments_from": yesterday, "generation": 1} | fields
    drawn, challenge = passkeys.read(passkeys.draw()), b"made" * 8
    options = passkeys.creation_options(drawn, [], challenge=challenge, account="")
    created = passkeys.register(drawn, authenticator.create(options), challenge=challenge, origin=authenticator.origin)
    factor = Factor(
        owner=owner,
        kind=Factor.Kind.PASSKEY,
        state=Factor.State.ACTIVE,
        credential_digest=passkeys.digest_of(created.passkey.name),
        sign_count=created.sign_count,
        **{"name": "Ma clé USB"} | made,
    )
    factor.seal(passkeys.written(created.passkey))
    factor.save(force_insert=True)
    return factor, authenticator


def number_of(secret: bytes, ahead: int = 0) -> str:
    """What the app shows now, or so many half minutes later."""
    return totp.code_at(secret, totp.step_at(timezone.now()) + ahead)


def order_list(client: Client, now: datetime | None = None) -> Factor:
    """A printed list on its way, whose letter waits for the workshop."""
    now = now or timezone.now()
    lists.order(client.user, is_shown=True, by=Actor(client.user), now=now)
    lists_issuing.issue_all(now)
    return lists.of(client.user).waiting_lists().select_related("owner", "letter").get()


def make_list(client: Client) -> tuple[Factor, dict[int, str]]:
    """A printed list in service, asked for since yesterday, with its codes by their numbers."""
    order_list(client)
    return activate_list(client), codes_of(client)


def activate_list(client: Client) -> Factor:
    """The list that waits, in service and asked for since yesterday, as no list of whoever just logged in is."""
    now = timezone.now()
    waiting = lists_activating.to_activate(client.user, now)
    listed = lists_activating.activate(waiting, device=None, by=Actor(client.user), now=now)
    secret = listed.unseal()
    listed.asked_from = now - timedelta(days=1)
    listed.seal(secret)
    listed.save()
    return listed


def codes_of(client: Client) -> dict[int, str]:
    """What the print workshop reads in the list that was made last."""
    letter = client.user.sealed_letters.filter(occasion=SealedLetter.Occasion.LIST).latest("issued_at")
    identity = pyrage.x25519.Identity.from_str(WORKSHOP_IDENTITY)
    return dict(enumerate(envelopes.open_at_workshop(bytes(letter.ciphertext), identity).codes, start=1))


def two_numbers(key: str) -> dict[str, str]:
    """What an app that holds the key, as a page shows it, has shown before and shows now: fields of a form."""
    secret, step = base64.b32decode(key.replace(" ", "")), totp.step_at(timezone.now())
    return {"code": totp.code_at(secret, step - 1), "code2": totp.code_at(secret, step)}


def close_account(account: BankAccount, *, by: Actor) -> BankAccount:
    """As all its holders have asked for."""
    return closing.close_account(account, agreed=account.holders.values_list("pk", flat=True), by=by)


def ask_closing(account: BankAccount, *online: Client, signed: Sequence[Client] = (), by: User) -> ClosingRequest:
    """Asks these holders in their online spaces; `signed` have done so on paper."""
    ids = {"online": [holder.pk for holder in online], "signed": [holder.pk for holder in signed]}
    return cosigning.ask(account, **ids, by=Actor(by))


def make_representation(represented: Client, representative: Client, **terms) -> Representation:
    """As two advisors register it today; a parent who may transfer, unless `terms` say otherwise."""
    today = timezone.localdate()
    said = {"capacity": Capacity.PARENT, "may_transfer": True, "paper": "livret de famille", "paper_date": today}
    over = RepresentationRequest.Decision.LAPSED  # it waits for nobody
    fields = {**said, **terms, "started_by": represented.advisor, "decision": over}
    with transaction.atomic():
        asked = RepresentationRequest.objects.create(represented=represented, representative=representative, **fields)
        return representations.begin(asked, by=SYSTEM, today=today)
