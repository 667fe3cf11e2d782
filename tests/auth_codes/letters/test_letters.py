"""Sealed letters: what they carry, who opens them, what is refused of them."""

import json
import shutil
import subprocess

import pyrage
import pytest
from django.utils import timezone

from auth_codes.actor import Actor
from auth_codes.letters import envelopes, letter_pdf
from auth_codes.letters.envelopes import CodeLetterContents, UnreadableLetter
from auth_codes.models import SealedLetter, SecretCode
from auth_codes.renewals import issuing
from auth_codes.weakness import why_weak
from tests import makers
from tests.settings import WORKSHOP_IDENTITY, WORKSHOP_RECIPIENT

pytestmark = pytest.mark.django_db

WORKSHOP = pyrage.x25519.Identity.from_str(WORKSHOP_IDENTITY)
NEXT_WORKSHOP = pyrage.x25519.Identity.generate()
FIELDS = {
    "version": 5,
    "letter_id": "8a9ff0ce-45b5-4f7a-9f0b-0c52b1f2a001",
    "address": ["Mme Inès MARTIN", "69003 LYON"],
    "name": "Madame Martin",
    "secret_code": "482915",
    "letter_number": "7KQ4M2XDR9TB",
    "issued_on": "2026-03-01",
    "occasion": "first",
    "phone": "01 99 00 12 34",
    "portal": "espace.banque.example",
    "large_print": False,
    "bank": "Banque des Lilas",
    "lock_code": "M2XDR9TB7KQV",
}
NEW_IN_VERSION_5 = {"lock_code"}
NEW_IN_VERSION_4 = {"bank"}
NEW_IN_VERSION_3 = {"phone", "portal", "large_print"}
FIELDS_OF_VERSION_4 = {key: value for key, value in FIELDS.items() if key not in NEW_IN_VERSION_5} | {"version": 4}
FIELDS_OF_VERSION_3 = {key: value for key, value in FIELDS_OF_VERSION_4.items() if key not in NEW_IN_VERSION_4} | {
    "version": 3
}
FIELDS_OF_VERSION_2 = {key: value for key, value in FIELDS_OF_VERSION_3.items() if key not in NEW_IN_VERSION_3} | {
    "version": 2
}
FIELDS_OF_VERSION_1 = {key: value for key, value in FIELDS_OF_VERSION_2.items() if key != "occasion"} | {"version": 1}


def sealed(payload) -> bytes:
    """What anybody who has the workshop's public key can make."""
    content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return pyrage.encrypt(content, [pyrage.x25519.Recipient.from_str(WORKSHOP_RECIPIENT)])


@pytest.fixture
def two_workshop_keys(settings):
    """The workshop changes its key: letters are sealed to the next one and to the present one."""
    settings.LETTER_RECIPIENTS = (str(NEXT_WORKSHOP.to_public()), WORKSHOP_RECIPIENT)


def letter_of(client):
    return SealedLetter.objects.get(owner=client.user)


def test_payload_is_exactly_the_versioned_json(new_client):
    letter = letter_of(new_client)
    payload = json.loads(pyrage.decrypt(bytes(letter.ciphertext), [WORKSHOP]))
    assert payload == {
        "version": 5,
        "letter_id": str(letter.id),
        "address": ["Mme Inès Léa MARTIN", "12 rue des Lilas", "69003 LYON"],
        "name": "Madame Martin",
        "secret_code": makers.default_code(new_client),
        "letter_number": makers.open_letter(new_client).letter_number,
        "issued_on": timezone.localdate(letter.issued_at).isoformat(),
        "occasion": "first",
        "phone": "01 99 00 12 34",
        "portal": "testserver",
        "large_print": False,
        "bank": "Votre banque",
        "lock_code": makers.open_letter(new_client).lock_code,
    }


def test_letter_names_the_bank_as_it_was_when_issued(new_client, settings):
    settings.BANK_PHONE, settings.PORTAL_ADDRESS = "36 39", "autre.banque.example"
    assert makers.open_letter(new_client).phone == "01 99 00 12 34"
    letter = issuing.sealed_letter(new_client.user, makers.CODE, timezone.now())
    opened = envelopes.open_at_workshop(letter.ciphertext, WORKSHOP)
    assert (opened.phone, opened.portal) == ("36 39", "autre.banque.example")


def test_large_print_of_the_sheet_travels_with_the_letter(new_client):
    new_client.large_print = True
    new_client.save(update_fields=["large_print"])
    prepared = issuing.prepare(type(new_client.user).objects.get(pk=new_client.user_id))
    assert envelopes.open_at_workshop(prepared.letter.ciphertext, WORKSHOP).large_print is True


@pytest.mark.parametrize("occasion", [occasion for occasion in SealedLetter.Occasion if occasion != "list"])
def test_letter_tells_its_occasion_to_the_bank_and_to_the_workshop(new_client, occasion):
    letter = issuing.sealed_letter(new_client.user, makers.CODE, timezone.now(), occasion=occasion)
    assert letter.occasion == occasion
    assert envelopes.open_at_workshop(letter.ciphertext, WORKSHOP).occasion == occasion.value


if shutil.which("age"):

    def test_standard_age_tool_opens_a_letter(new_client, tmp_path):
        (tmp_path / "identity").write_text(f"# created: 2026\n{WORKSHOP_IDENTITY}\n")
        (tmp_path / "letter.age").write_bytes(letter_of(new_client).ciphertext)
        command = ["age", "-d", "-i", tmp_path / "identity", tmp_path / "letter.age"]
        opened = subprocess.run(command, capture_output=True, check=True).stdout
        assert json.loads(opened)["secret_code"] == makers.default_code(new_client)

    @pytest.mark.parametrize("identity", [WORKSHOP, NEXT_WORKSHOP], ids=["present", "next"])
    def test_standard_age_tool_opens_a_letter_sealed_to_two_keys_with_either(
        two_workshop_keys, advisor, tmp_path, identity
    ):
        new_client = makers.make_new_client(advisor)
        (tmp_path / "identity").write_text(f"{identity}\n")
        (tmp_path / "letter.age").write_bytes(letter_of(new_client).ciphertext)
        command = ["age", "-d", "-i", tmp_path / "identity", tmp_path / "letter.age"]
        opened = subprocess.run(command, capture_output=True, check=True).stdout
        assert json.loads(opened)["letter_id"] == str(letter_of(new_client).id)


@pytest.mark.proves("RTS 23", "RTS 25(2)(c)")
def test_code_client_is_neither_in_the_letter_nor_on_its_page(new_client):
    contents = makers.open_letter(new_client)
    payload = pyrage.decrypt(bytes(letter_of(new_client).ciphertext), [WORKSHOP]).decode()
    assert new_client.client_code not in payload
    assert new_client.client_code not in "".join(
        c for c in json.dumps(letter_pdf._letter_data(contents)) if c.isdigit()
    )


def test_code_in_the_letter_is_six_digits_and_not_weak_for_its_reader(new_client):
    assert why_weak(makers.default_code(new_client), new_client.user.personal_data()) is None


@pytest.mark.proves("RTS 22(2)(b)", "RTS 23")
def test_bank_keeps_neither_the_code_nor_the_letters_number(new_client):
    contents = makers.open_letter(new_client)
    stored = repr([vars(row) for row in (*SealedLetter.objects.all(), *SecretCode.objects.all())])
    assert contents.secret_code not in stored
    assert contents.letter_number not in stored
    assert contents.lock_code not in stored


@pytest.mark.proves("RTS 24", "ASVS 6.4.1")
def test_two_letters_share_neither_code_nor_number(advisor):
    clients = [makers.make_new_client(advisor, email=f"{n}@example.org") for n in range(5)]
    contents = [makers.open_letter(client) for client in clients]
    assert len({letter.letter_number for letter in contents}) == len({letter.secret_code for letter in contents}) == 5


def test_what_is_prepared_shows_neither_code_nor_number(person):
    makers.open_account(person, kind=makers.BankAccount.Kind.CURRENT, by=Actor(person.advisor))
    person.user = makers.User(username=person.client_code)
    prepared = issuing.prepare(person.user)
    contents = envelopes.open_at_workshop(prepared.letter.ciphertext, WORKSHOP)
    shown = f"{prepared!r} {prepared.letter!r} {vars(prepared.letter)}"
    assert contents.secret_code.encode() not in prepared.hashed.hashed
    assert contents.letter_number not in shown


def test_contents_show_no_code_in_an_error_report():
    contents = CodeLetterContents(**FIELDS)
    assert "482915" not in f"{contents!r} {contents}"
    assert "7KQ4M2XDR9TB" not in f"{contents!r}"
    assert "M2XDR9TB7KQV" not in f"{contents!r}"


@pytest.mark.proves("RTS 25(2)(a)")
def test_another_key_does_not_open_a_letter_and_the_reason_says_so(new_client):
    with pytest.raises(UnreadableLetter, match="aucune clé de ce fichier n’ouvre ce pli"):
        envelopes.open_at_workshop(bytes(letter_of(new_client).ciphertext), pyrage.x25519.Identity.generate())


@pytest.mark.parametrize("identity", [WORKSHOP, NEXT_WORKSHOP], ids=["present", "next"])
def test_letter_sealed_to_two_keys_is_opened_by_either(two_workshop_keys, advisor, identity):
    new_client = makers.make_new_client(advisor)
    contents = envelopes.open_at_workshop(bytes(letter_of(new_client).ciphertext), identity)
    assert contents.letter_id == str(letter_of(new_client).id)


def test_letter_issued_before_the_change_of_key_is_opened_by_the_old_one_alone(new_client, settings):
    settings.LETTER_RECIPIENTS = (str(NEXT_WORKSHOP.to_public()),)
    ciphertext = bytes(letter_of(new_client).ciphertext)
    assert envelopes.open_at_workshop(ciphertext, NEXT_WORKSHOP, WORKSHOP)
    with pytest.raises(UnreadableLetter, match="peut-être l’ancienne"):
        envelopes.open_at_workshop(ciphertext, NEXT_WORKSHOP)


@pytest.mark.parametrize("kept", [0, 20, 150, 300, -1])
def test_truncated_letter_is_refused_as_such(new_client, kept):
    with pytest.raises(UnreadableLetter, match="tronqué ou abîmé"):
        envelopes.open_at_workshop(bytes(letter_of(new_client).ciphertext)[:kept], WORKSHOP)


@pytest.mark.parametrize("place", [0, 50, -1])
def test_damaged_letter_is_refused(new_client, place):
    content = bytearray(letter_of(new_client).ciphertext)
    content[place] ^= 1
    with pytest.raises(UnreadableLetter):
        envelopes.open_at_workshop(bytes(content), WORKSHOP)


def test_contents_are_read_back_as_they_were_sealed():
    assert envelopes.open_at_workshop(sealed(FIELDS), WORKSHOP) == CodeLetterContents(
        **FIELDS | {"address": tuple(FIELDS["address"])}
    )


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"\xff\xfe", b"[]", b"null", b"7", b'{"version": 2}', b'{"version": 1}', b"[" * 100_000,
        b'{"version": 4}', b'{"version": 5}', FIELDS | {"version": 4}, FIELDS_OF_VERSION_4 | {"version": 5},
        FIELDS | {"lock_code": 7}, FIELDS | {"lock_code": "7KQ4"}, FIELDS | {"lock_code": "7KQ4M2XDR9TU"},
        FIELDS | {"lock_code": None}, FIELDS | {"version": 3}, FIELDS_OF_VERSION_3 | {"version": 4},
        FIELDS | {"bank": 7}, FIELDS | {"bank": ""}, FIELDS | {"bank": "x" * 41}, FIELDS_OF_VERSION_3 | {"version": 2},
        b'{"version": 3}', FIELDS | {"version": 2}, FIELDS_OF_VERSION_2 | {"version": 1},
        FIELDS_OF_VERSION_2 | {"version": 3}, FIELDS_OF_VERSION_2 | {"large_print": True},
        FIELDS | {"phone": None}, FIELDS | {"portal": 7}, FIELDS | {"large_print": "yes"}, FIELDS | {"large_print": 1},
        FIELDS | {"extra": 1}, FIELDS | {"version": 1}, FIELDS_OF_VERSION_1 | {"version": 2},
        FIELDS | {"letter_id": "../../etc/passwd"}, FIELDS | {"letter_id": None}, FIELDS | {"letter_id": ["a"]},
        FIELDS | {"issued_on": "demain"}, FIELDS | {"issued_on": 7}, FIELDS | {"address": 7}, FIELDS | {"address": [7]},
        FIELDS | {"name": None}, FIELDS | {"secret_code": 482915}, FIELDS | {"letter_number": 7},
        FIELDS | {"issued_on": "2026-02-30"}, FIELDS | {"letter_id": 7}, FIELDS | {"address": {"a": {}}, "x": 1},
        FIELDS_OF_VERSION_1 | {"occasion": "first"}, {key: FIELDS[key] for key in FIELDS if key != "version"},
        FIELDS | {"name": float("nan")}, FIELDS | {"name": [[]]}, FIELDS | {"name": True},
        FIELDS | {"address": [["x"]]},
        json.dumps(FIELDS)[:-1].encode() + b', "x": ' + b"[" * 100_000, json.dumps(FIELDS).encode() + b"x",
        json.dumps(FIELDS).encode("latin-1", "replace").replace(b"Madame", b"\xe9"),
    ],
)  # fmt: skip
def test_content_of_another_form_is_refused_whoever_sealed_it(payload):
    with pytest.raises(UnreadableLetter, match="n’a pas la forme attendue"):
        envelopes.open_at_workshop(sealed(payload), WORKSHOP)


@pytest.mark.parametrize("name", FIELDS)
def test_content_without_one_of_its_fields_is_refused(name):
    with pytest.raises(UnreadableLetter):
        envelopes.open_at_workshop(sealed({key: FIELDS[key] for key in FIELDS if key != name}), WORKSHOP)


def test_of_a_key_written_twice_the_last_counts():
    opened = envelopes.open_at_workshop(sealed(b'{"name": "X", ' + json.dumps(FIELDS).encode()[1:]), WORKSHOP)
    assert opened.name == "Madame Martin"


@pytest.mark.parametrize("payload", [FIELDS | {"version": 7}, {"version": 7, "quite": "different"}])
def test_later_version_is_refused_by_its_number(payload):
    with pytest.raises(UnreadableLetter, match="version 7"):
        envelopes.open_at_workshop(sealed(payload), WORKSHOP)


def test_letter_of_version_4_brings_no_lock_code():
    contents = envelopes.open_at_workshop(sealed(FIELDS_OF_VERSION_4), WORKSHOP)
    assert (contents.version, contents.bank, contents.lock_code) == (4, "Banque des Lilas", "")


def test_letter_of_version_1_is_a_first_letter():
    contents = envelopes.open_at_workshop(sealed(FIELDS_OF_VERSION_1), WORKSHOP)
    assert (contents.version, contents.occasion) == (1, "first")


def test_letter_of_version_2_names_nobody_to_call_and_is_in_usual_print():
    contents = envelopes.open_at_workshop(sealed(FIELDS_OF_VERSION_2), WORKSHOP)
    assert (contents.version, contents.occasion) == (2, "first")
    assert (contents.phone, contents.portal, contents.large_print) == ("", "", False)


@pytest.mark.parametrize(
    "changed",
    [
        {"phone": "appelez-moi"}, {"phone": "0" * 40}, {"phone": "0\u0661"}, {"phone": "01\n02"},
        {"portal": "https://banque.example"}, {"portal": "x" * 46}, {"portal": "b\u00e4nque.example"},
        {"portal": "banque.example\n"},
    ],
)  # fmt: skip
def test_letter_that_names_no_number_or_address_is_refused(changed):
    with pytest.raises(UnreadableLetter, match="n’est pas un"):
        envelopes.open_at_workshop(sealed(FIELDS | changed), WORKSHOP)


@pytest.mark.parametrize("version", [FIELDS_OF_VERSION_1, FIELDS_OF_VERSION_2, FIELDS])
def test_letter_is_sealed_again_in_the_version_it_came_in(version):
    opened = envelopes.open_at_workshop(sealed(version), WORKSHOP)
    assert json.loads(pyrage.decrypt(envelopes.encrypt_for_workshop(opened), [WORKSHOP])) == version


@pytest.mark.parametrize("occasion", ["theft", "", None, ["first"]])
def test_occasion_without_a_text_is_refused_by_its_name(occasion):
    with pytest.raises(UnreadableLetter, match="inconnu de cet atelier") as refused:
        envelopes.open_at_workshop(sealed(FIELDS | {"occasion": occasion}), WORKSHOP)
    assert repr(occasion) in str(refused.value)


def test_letter_id_is_a_plain_uuid_once_read():
    assert (
        envelopes.open_at_workshop(
            sealed(FIELDS | {"letter_id": "{8A9FF0CE45B54F7A9F0B0C52B1F2A001}"}), WORKSHOP
        ).letter_id
        == FIELDS["letter_id"]
    )


@pytest.mark.parametrize("text", [WORKSHOP_IDENTITY, f"# a comment\n\n  {WORKSHOP_IDENTITY}\r\n"])
def test_identity_is_read_as_age_keygen_writes_it(text):
    assert [str(identity) for identity in envelopes.identities_from(text)] == [WORKSHOP_IDENTITY]


def test_several_identities_are_read_from_one_file():
    text = f"# new\n{NEXT_WORKSHOP}\n# old\n{WORKSHOP_IDENTITY}\n"
    assert [str(identity) for identity in envelopes.identities_from(text)] == [str(NEXT_WORKSHOP), WORKSHOP_IDENTITY]


def test_damaged_identity_beside_a_good_one_is_refused_by_its_place_and_not_repeated():
    with pytest.raises(UnreadableLetter, match="clé privée age numéro 2") as refused:
        envelopes.identities_from(f"{WORKSHOP_IDENTITY}\n{NEXT_WORKSHOP}Q\n")
    assert str(NEXT_WORKSHOP) not in str(refused.value)


@pytest.mark.parametrize("text", ["", "# nothing", WORKSHOP_RECIPIENT, WORKSHOP_IDENTITY[:-1], "AGE-SECRET-KEY-1"])
def test_what_is_no_identity_is_refused(text):
    with pytest.raises(UnreadableLetter, match="clé privée age"):
        envelopes.identities_from(text)
