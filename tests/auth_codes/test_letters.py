"""Sealed letters: what they carry, who opens them, what is refused of them."""

import json
import shutil
import subprocess

import pyrage
import pytest
from django.utils import timezone

from auth_codes import issuing, letter_pdf, letters
from auth_codes.letters import LetterContents, UnreadableLetter
from auth_codes.models import SealedLetter, SecretCode
from auth_codes.weakness import why_weak
from tests import makers
from tests.settings import WORKSHOP_IDENTITY, WORKSHOP_RECIPIENT

pytestmark = pytest.mark.django_db

WORKSHOP = pyrage.x25519.Identity.from_str(WORKSHOP_IDENTITY)
FIELDS = {
    "version": 1,
    "letter_id": "8a9ff0ce-45b5-4f7a-9f0b-0c52b1f2a001",
    "address": ["Mme Inès MARTIN", "69003 LYON"],
    "name": "Madame Martin",
    "secret_code": "482915",
    "letter_number": "7KQ4M2XDR9TB",
    "issued_on": "2026-03-01",
}


def sealed(payload) -> bytes:
    """What anybody who has the workshop's public key can make."""
    content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return pyrage.encrypt(content, [pyrage.x25519.Recipient.from_str(WORKSHOP_RECIPIENT)])


def letter_of(client):
    return SealedLetter.objects.get(owner=client.user)


def test_payload_is_exactly_the_versioned_json(new_client):
    letter = letter_of(new_client)
    payload = json.loads(pyrage.decrypt(bytes(letter.ciphertext), [WORKSHOP]))
    assert payload == {
        "version": 1,
        "letter_id": str(letter.id),
        "address": ["Mme Inès Léa MARTIN", "12 rue des Lilas", "69003 LYON"],
        "name": "Madame Martin",
        "secret_code": makers.default_code(new_client),
        "letter_number": makers.open_letter(new_client).letter_number,
        "issued_on": timezone.localdate(letter.issued_at).isoformat(),
    }


if shutil.which("age"):

    def test_standard_age_tool_opens_a_letter(new_client, tmp_path):
        (tmp_path / "identity").write_text(f"# created: 2026\n{WORKSHOP_IDENTITY}\n")
        (tmp_path / "letter.age").write_bytes(letter_of(new_client).ciphertext)
        command = ["age", "-d", "-i", tmp_path / "identity", tmp_path / "letter.age"]
        opened = subprocess.run(command, capture_output=True, check=True).stdout
        assert json.loads(opened)["secret_code"] == makers.default_code(new_client)


def test_code_client_is_neither_in_the_letter_nor_on_its_page(new_client):
    contents = makers.open_letter(new_client)
    payload = pyrage.decrypt(bytes(letter_of(new_client).ciphertext), [WORKSHOP]).decode()
    assert new_client.client_code not in payload
    assert new_client.client_code not in "".join(
        c for c in json.dumps(letter_pdf._letter_data(contents)) if c.isdigit()
    )


def test_code_in_the_letter_is_six_digits_and_not_weak_for_its_reader(new_client):
    assert why_weak(makers.default_code(new_client), new_client.user.personal_data()) is None


def test_bank_keeps_neither_the_code_nor_the_letters_number(new_client):
    contents = makers.open_letter(new_client)
    stored = repr([vars(row) for row in (*SealedLetter.objects.all(), *SecretCode.objects.all())])
    assert contents.secret_code not in stored
    assert contents.letter_number not in stored


def test_two_letters_share_neither_code_nor_number(advisor):
    clients = [makers.make_new_client(advisor, email=f"{n}@example.org") for n in range(5)]
    contents = [makers.open_letter(client) for client in clients]
    assert len({letter.letter_number for letter in contents}) == len({letter.secret_code for letter in contents}) == 5


def test_what_is_prepared_shows_neither_code_nor_number(person):
    makers.open_account(person, kind=makers.BankAccount.Kind.CURRENT, by=person.advisor)
    person.user = makers.User(username=person.client_code)
    prepared = issuing.prepare(person.user)
    contents = letters.open_at_workshop(prepared.letter.ciphertext, WORKSHOP)
    shown = f"{prepared!r} {prepared.letter!r} {vars(prepared.letter)}"
    assert contents.secret_code.encode() not in prepared.hashed.hashed
    assert contents.letter_number not in shown


def test_contents_show_no_code_in_an_error_report():
    contents = LetterContents(**FIELDS)
    assert "482915" not in f"{contents!r} {contents}"
    assert "7KQ4M2XDR9TB" not in f"{contents!r}"


def test_another_key_does_not_open_a_letter(new_client):
    with pytest.raises(UnreadableLetter):
        letters.open_at_workshop(bytes(letter_of(new_client).ciphertext), pyrage.x25519.Identity.generate())


@pytest.mark.parametrize("place", [0, 50, -1])
def test_damaged_letter_is_refused(new_client, place):
    content = bytearray(letter_of(new_client).ciphertext)
    content[place] ^= 1
    with pytest.raises(UnreadableLetter):
        letters.open_at_workshop(bytes(content), WORKSHOP)


def test_contents_are_read_back_as_they_were_sealed():
    assert letters.open_at_workshop(sealed(FIELDS), WORKSHOP) == LetterContents(
        **FIELDS | {"address": tuple(FIELDS["address"])}
    )


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"\xff\xfe", b"[]", b"null", b"7", b'{"version": 1}', FIELDS | {"extra": 1},
        FIELDS | {"letter_id": "../../etc/passwd"}, FIELDS | {"letter_id": None}, FIELDS | {"letter_id": ["a"]},
        FIELDS | {"issued_on": "demain"}, FIELDS | {"issued_on": 7}, FIELDS | {"address": 7}, FIELDS | {"address": [7]},
        FIELDS | {"name": None}, FIELDS | {"secret_code": 482915}, FIELDS | {"letter_number": 7},
    ],
)  # fmt: skip
def test_content_of_another_form_is_refused_whoever_sealed_it(payload):
    with pytest.raises(UnreadableLetter, match="n’a pas la forme attendue"):
        letters.open_at_workshop(sealed(payload), WORKSHOP)


@pytest.mark.parametrize("payload", [FIELDS | {"version": 2}, {"version": 2, "quite": "different"}])
def test_later_version_is_refused_by_its_number(payload):
    with pytest.raises(UnreadableLetter, match="version 2"):
        letters.open_at_workshop(sealed(payload), WORKSHOP)


def test_letter_id_is_a_plain_uuid_once_read():
    assert (
        letters.open_at_workshop(
            sealed(FIELDS | {"letter_id": "{8A9FF0CE45B54F7A9F0B0C52B1F2A001}"}), WORKSHOP
        ).letter_id
        == FIELDS["letter_id"]
    )


@pytest.mark.parametrize("text", [WORKSHOP_IDENTITY, f"# a comment\n\n  {WORKSHOP_IDENTITY}\r\n"])
def test_identity_is_read_as_age_keygen_writes_it(text):
    assert str(letters.identity_from(text)) == str(WORKSHOP)


@pytest.mark.parametrize("text", ["", "# nothing", WORKSHOP_RECIPIENT, WORKSHOP_IDENTITY[:-1], "AGE-SECRET-KEY-1"])
def test_what_is_no_identity_is_refused(text):
    with pytest.raises(UnreadableLetter, match="clé privée age"):
        letters.identity_from(text)
