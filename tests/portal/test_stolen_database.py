"""What a thief can do with the whole database: nothing without the key, hours of work with it."""

import base64
import hmac
import re
import time
import uuid
from typing import NamedTuple

import pytest
from django.contrib import auth
from django.contrib.auth.hashers import check_password
from django.test import RequestFactory, override_settings
from django.utils import timezone

from accounts.desk import first_access
from accounts.models import Client, User
from auth_codes import browser as visitors
from auth_codes.actor import SYSTEM, Actor
from auth_codes.crypto import hashing, sealing
from auth_codes.crypto.hashing import Cost
from auth_codes.crypto.sealing import SealError
from auth_codes.devices import known_devices, remembered
from auth_codes.factors import client_tickets, tickets, tickets_by_advisors
from auth_codes.factors.lists import ListSecret
from auth_codes.letters import letter_numbers
from auth_codes.locking import lock_codes
from auth_codes.login import gate
from auth_codes.models import ClientTicket, KnownDevice, ListCode, SealedLetter, SecretCode, StaffTicket
from auth_codes.sessions.store import SessionStore
from tests import makers
from tests.conftest import StrictBrowser
from tests.portal.access_world import make_world
from tests.portal.traces import database_cells
from tests.standing import made_once

CODES = 10**6
REAL_COST = {"memory_kib": 19456, "iterations": 2, "parallelism": 1}

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.mark.proves("RTS 22(2)(b)", "RTS 22(2)(c)")
def test_without_the_key_the_right_code_cannot_even_be_recognised(client_):
    """The thief has every row and tries the right code: what he computes is nowhere in what he stole."""
    row = SecretCode.objects.present().get()
    hashed = hashing.argon2id(makers.CODE, bytes(row.salt), row.cost)
    stolen = b"".join(bytes(value) for value in (row.salt, row.nonce, row.ciphertext))
    assert hashed not in stolen
    wrong_keys = {row.key_id: bytes(32)}
    with override_settings(SECRET_CODE_KEYS=wrong_keys), pytest.raises(SealError):
        row.unseal()


def test_without_the_key_two_clients_with_the_same_code_look_unlike(advisor):
    makers.make_personalised_client(advisor)
    makers.make_personalised_client(advisor, family_name="Petit")
    first, second = SecretCode.objects.present()
    assert bytes(first.ciphertext) != bytes(second.ciphertext)
    assert bytes(first.salt) != bytes(second.salt)


@pytest.mark.proves("RTS 24")
def test_a_row_copied_to_another_owner_opens_nothing(advisor):
    """A thief who can also write puts the row of his own known code in his victim's place."""
    own = makers.make_personalised_client(advisor)
    victim = makers.make_personalised_client(advisor, makers.OTHER_CODE, family_name="Petit")
    source, target = (SecretCode.objects.present().get(owner=client.user) for client in (own, victim))
    target.salt, target.nonce, target.ciphertext = source.salt, source.nonce, source.ciphertext
    with pytest.raises(SealError):
        target.unseal()


def test_without_the_key_a_staff_password_can_be_guessed_at_no_more_than_a_code(advisor):
    """The thief tries the right password, and looks for anything that Argon2 could be asked about."""
    stolen = User.objects.get(pk=advisor.pk).password
    assert check_password(makers.PASSWORD, stolen)
    with override_settings(SECRET_CODE_KEYS={"test-1": bytes(32)}):
        assert not check_password(makers.PASSWORD, stolen)
    assert not [place for place, cell in database_cells() if re.search(rb"argon2i|pbkdf2_|md5\$|scrypt|bcrypt", cell)]


def test_the_workshops_letters_stay_closed_to_who_has_database_and_keys(new_client, settings):
    letter = SealedLetter.objects.get()
    code = makers.default_code(new_client)
    everything = [bytes(letter.ciphertext), *settings.SECRET_CODE_KEYS.values(), settings.SECRET_KEY.encode()]
    assert all(code.encode() not in part for part in everything)
    with pytest.raises(sealing.SealError):
        sealing.unseal(sealing.Sealed(1, "test-1", bytes(12), bytes(letter.ciphertext)), ("anything",))


@pytest.mark.slow
def test_with_the_key_each_guess_still_costs_a_real_argon2(client_, settings, record_property):
    """With database and key, one core tries the million codes of ONE client in hours; the salt is his alone."""
    settings.SECRET_CODE_ARGON2 = REAL_COST
    row = SecretCode.objects.present().get()
    wanted, salt, cost = row.unseal(), bytes(row.salt), Cost(**REAL_COST)
    assert hmac.compare_digest(hashing.argon2id(makers.CODE, salt, row.cost), wanted)
    started = time.perf_counter()
    guesses = 10
    for guess in range(guesses):
        hashing.argon2id(f"{guess:06}", salt, cost)
    hours = (time.perf_counter() - started) / guesses * CODES / 3600
    record_property("core hours for one client", round(hours, 1))
    print(f"{hours:.1f} core hours to try the {CODES:,} codes of one client")
    assert hours > 0.5


class Bank(NamedTuple):
    """A bank in which much has happened: whose browsers hold what a thief of its database would like to hold."""

    client: Client
    letter_number: str
    customer: StrictBrowser
    staff: StrictBrowser
    stranger: StrictBrowser
    link: str


@made_once
def bank(advisor):
    client = make_world(advisor).clients[0]
    customer, staff, stranger = StrictBrowser(), StrictBrowser(), StrictBrowser()
    makers.log_in(stranger, client.client_code, makers.WRONG_CODE)
    makers.log_in(customer, client.client_code, makers.CODE, keep="on")
    staff.post("/admin/login/", {"username": advisor.username, "password": makers.PASSWORD})
    staff.get("/admin/accounts/client/")
    for page in ("/espace-client/", "/mon-profil/"):
        customer.get(page)
    letter_number = makers.make_pending_code(client).letter_number
    StrictBrowser().post("/code-secret-oublie/", {"username": client.client_code})
    newcomer = User.objects.create_user("paul.martin", is_staff=True)
    link = first_access.issue(newcomer, now=timezone.now())
    return Bank(client, letter_number, customer, staff, stranger, link)


def stolen_texts():
    """Each value of each column of each table, and each word of it: what a thief may try in any place."""
    texts = set()
    for _, content in database_cells():
        text = content.decode(errors="replace")
        texts |= {text, content.hex(), *re.findall(r"[\w.:=-]{6,}", text), *re.findall(r"[0-9A-Za-z]{6,}", text)}
    return sorted(texts)


def request_with(**cookies):
    request = RequestFactory(HTTP_USER_AGENT="").get("/")
    request.COOKIES |= cookies
    return request


def opened_by(session_cookie):
    """Who is logged in for a browser with this cookie, if anybody."""
    request = request_with()
    request.session = SessionStore(session_cookie)
    user = auth.get_user(request)
    return user if user.is_authenticated else None


@pytest.mark.proves("ASVS 7.2.1")
def test_no_text_of_the_database_is_the_cookie_of_a_session(bank, settings):
    for browser in (bank.customer, bank.staff):
        assert opened_by(browser.cookies[settings.SESSION_COOKIE_NAME].value)
    assert [text for text in stolen_texts() if opened_by(text)] == []


def test_no_text_of_the_database_is_the_cookie_of_a_known_device(bank):
    code, device = bank.client.client_code, KnownDevice.objects.exclude(digest="x").get(owner=bank.client.user)
    name, held = next((name, cookie.value) for name, cookie in bank.customer.cookies.items() if "device" in name)
    assert known_devices.recognise(request_with(**{name: held}), code) == device
    for text in stolen_texts():
        for tried in (text, f"{device.pk.hex}.{text}", held.replace(held.split(".")[1].split(":")[0], text)):
            assert known_devices.recognise(request_with(**{name: tried}), code) is None, tried


def test_no_text_of_the_database_is_the_handle_of_a_remembered_number(bank):
    held = bank.customer.cookies[remembered.COOKIE].value
    # Even beside the cookie of the device itself.
    device = {name: cookie.value for name, cookie in bank.customer.cookies.items() if "device" in name}

    def known_by(cookie):
        return remembered.by_cookie(request_with(**device, **{remembered.COOKIE: cookie}))

    assert known_by(held).client_code == bank.client.client_code
    for text in stolen_texts():
        for tried in (text, held.replace(known_by(held).handle, text)):
            assert known_by(tried) is None, tried


def test_no_text_of_the_database_is_the_number_of_a_letter(bank):
    def is_number(text):
        digest = letter_numbers.digest(letter_numbers.normalise(text))
        return gate.client_entrance(request_with(), bank.client.client_code, digest).is_known

    assert is_number(bank.letter_number)
    assert [text for text in stolen_texts() if is_number(text)] == []


def test_no_text_of_the_database_is_a_one_time_link(bank):
    def opens(text):
        try:
            return first_access.find(text, now=timezone.now())
        except first_access.LinkEnded:
            return None

    assert opens(bank.link)
    assert [text for text in stolen_texts() if opens(text)] == []


def test_no_text_of_the_database_is_the_mark_of_a_browser(bank):
    """With one, a thief who guesses right once would give back another's failures."""
    held = bank.stranger.cookies[visitors.MARK_COOKIE].value
    known = visitors.mark(request_with(**{visitors.MARK_COOKIE: held}))
    assert known in held
    for text in stolen_texts():
        for tried in (text, f"{text}:{held.split(':', 1)[1]}" if text != known else text):
            assert visitors.mark(request_with(**{visitors.MARK_COOKIE: tried})) not in text


def test_nothing_that_a_browser_sends_stands_in_the_database(bank):
    """Sessions, forms, devices: whole cookies, and the secret within the signed one of a device."""
    held = [
        cookie.value for browser in (bank.customer, bank.staff, bank.stranger) for cookie in browser.cookies.values()
    ]
    held += [value.split(".")[1].split(":")[0] for value in held if "." in value]
    held.append(bank.link)
    assert len(held) >= 8
    cells = [content for _, content in database_cells()]
    assert [secret for secret in held if any(secret.encode() in content for content in cells)] == []


class Moyens(NamedTuple):
    """What a client shows beside his codes, what would add him another one, and what locks his access."""

    keys: tuple[bytes, ...]
    listed: dict[int, str]
    lock_codes: tuple[str, ...]
    ticket: str
    ticket_of_staff: str


@made_once
def moyens(advisor):
    client, colleague = makers.make_personalised_client(advisor), makers.make_advisor("marc.lefevre")
    by_letter = makers.open_letter(client).lock_code
    _, listed = makers.make_list(client)
    by_list = makers.open_letter(client).lock_code
    keys = makers.make_app(client, generation=2)[1], makers.make_token(client, generation=3)[1]
    asked = {"identity_check": "branch", "token": uuid.uuid4(), "reason": "add"}
    asked_for = tickets_by_advisors.start(client.user, by=Actor(advisor), **asked)
    ticket = tickets_by_advisors.approve(asked_for, by=Actor(colleague))
    return Moyens(keys, listed, (by_letter, by_list), ticket, tickets.issue(colleague, by=SYSTEM, now=timezone.now()))


def test_no_cell_holds_what_a_moyen_is_shown_by(moyens):
    forms = [form for key in moyens.keys for form in (key, key.hex().encode(), base64.b32encode(key).rstrip(b"="))]
    for sign in (*moyens.lock_codes, moyens.ticket, moyens.ticket_of_staff):
        plain = letter_numbers.normalise(sign)
        forms += [plain.encode(), letter_numbers.in_fours(plain).encode()]
    assert len(set(forms)) == 14
    assert [place for place, cell in database_cells() if any(form in cell for form in forms)] == []


def test_without_the_key_the_right_code_of_a_list_cannot_even_be_recognised(moyens):
    row = ListCode.objects.filter(used_at=None).select_related("factor__owner").first()
    hashed = ListSecret.of(row.factor).hashed(moyens.listed[row.number])
    assert hmac.compare_digest(row.unseal(), hashed)
    assert [place for place, cell in database_cells() if hashed in cell] == []
    with override_settings(SECRET_CODE_KEYS={row.key_id: bytes(32)}), pytest.raises(SealError):
        row.unseal()


def test_no_text_of_the_database_is_a_ticket_or_locks_an_access(moyens):
    kept = [(ClientTicket.objects.get(), client_tickets.CLIENTS.salt), (StaffTicket.objects.get(), tickets.STAFF.salt)]

    def serves(text):
        is_ticket = any(tickets._is_it(row, tickets.normalise(text), salt) for row, salt in kept)
        return is_ticket or lock_codes.digest(lock_codes.normalise(text)) in locking

    locking = {cell.decode(errors="replace") for _, cell in database_cells()}
    assert all(map(serves, (moyens.ticket, moyens.ticket_of_staff, *moyens.lock_codes)))
    assert [text for text in stolen_texts() if serves(text)] == []
