"""The manufacturer's file: all of it or nothing, only encrypted, only what the bank can ask for."""

import io
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha1

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pskc import PSKC

from auth_codes.actor import SYSTEM
from auth_codes.factors import token_import, tokens, totp
from auth_codes.factors.seed_files import TOTP, RefusedFile, Seed, SeedFault, SeedFile
from auth_codes.models import SecurityEvent, Token
from tests import makers

PASSWORD = "orage et tilleul"
SHARED = "00112233445566778899aabbccddeeff"
NOW = datetime(2026, 3, 1, 8, 5, tzinfo=UTC)
SEEDS = [Seed("TK0001", totp.draw()), Seed("TK0002", totp.draw())]


def file_of(seeds=SEEDS, *, password=PASSWORD, shared="", cipher=None, **fields):
    """As a manufacturer writes it."""
    file = PSKC()
    for seed in seeds:
        said = {"algorithm": TOTP, "response_length": 6, "response_encoding": "DECIMAL", "time_interval": 30}
        file.add_key(id=seed.serial, serial=seed.serial, secret=seed.secret, **{**said, **fields})
    if shared:
        file.encryption.setup_preshared_key(key=bytes.fromhex(shared), algorithm=cipher)
    elif password:
        file.encryption.setup_pbkdf2(password, iterations=1000, algorithm=cipher)
    written = io.BytesIO()
    file.write(written)
    return written.getvalue()


# Without the line that names its encoding.
BODY = file_of().partition(b"?>")[2].replace(b"+", b"+-")


def seeds_of(content, key=PASSWORD):
    return list(SeedFile(content).seeds(key, NOW))


def refusal(content, key=PASSWORD):
    with pytest.raises(RefusedFile) as refused:
        seeds_of(content, key)
    return refused.value.why, refused.value.device


def test_file_under_a_password_is_read():
    file = SeedFile(file_of())
    assert (file.asks_for_password, len(file)) == (True, 2)
    assert list(file.seeds(PASSWORD, NOW)) == SEEDS


def test_file_under_a_shared_key_is_read():
    file = SeedFile(file_of(shared=SHARED))
    assert not file.asks_for_password
    assert list(file.seeds(SHARED, NOW)) == SEEDS


@pytest.mark.parametrize("cipher", ["aes256-cbc", "kw-aes128", "kw-aes256"])
def test_other_kinds_of_aes_are_read(cipher):
    # Wrapping takes whole blocks alone: of the lengths that are accepted, 24 bytes.
    seeds = [Seed("TK0001", totp.draw() + b"abcd")]
    shared = SHARED * 2 if "256" in cipher else SHARED
    assert seeds_of(file_of(seeds, shared=shared, cipher=cipher), shared) == seeds


def test_serial_is_kept_without_spaces_and_dashes():
    assert seeds_of(file_of([Seed(" tk-00 01", SEEDS[0].secret)]))[0].serial == "TK0001"


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"algorithm": "urn:ietf:params:xml:ns:keyprov:pskc:hotp"}, SeedFault.ALGORITHM),
        ({"algorithm_suite": "HMAC-SHA256"}, SeedFault.ALGORITHM),
        ({"algorithm": None}, SeedFault.ALGORITHM),
        ({"response_length": 8}, SeedFault.DIGITS),
        ({"response_encoding": "HEXADECIMAL"}, SeedFault.DIGITS),
        ({"response_check": True}, SeedFault.DIGITS),
        ({"time_interval": 60}, SeedFault.STEP),
        ({"policy.expiry_date": NOW - timedelta(days=1)}, SeedFault.NOT_ALLOWED),
        ({"policy.key_usage": ["CR"]}, SeedFault.NOT_ALLOWED),
    ],
)
def test_device_that_the_bank_cannot_ask_is_named(fields, why):
    assert refusal(file_of(SEEDS[:1], **fields)) == (why, "TK0001")


@pytest.mark.parametrize("suite", [None, "HMAC-SHA1", "SHA1"])
def test_suite_that_means_sha_1_is_read(suite):
    assert seeds_of(file_of(algorithm_suite=suite)) == SEEDS


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        (b"", SeedFault.LENGTH),
        (bytes.fromhex("a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3"), SeedFault.LENGTH),
        (bytes.fromhex("a1b2c3d4e5f60718") * 9, SeedFault.LENGTH),
        (bytes(20), SeedFault.WEAK),
        (b"12345678901234567890", SeedFault.WEAK),
        (bytes(range(20)), SeedFault.WEAK),
        (bytes.fromhex("a1b2c3d4") * 5, SeedFault.WEAK),
    ],
)
def test_short_or_made_up_key_is_refused(secret, why):
    assert refusal(file_of([Seed("TK0001", secret)])) == (why, "TK0001")


def test_drawn_key_is_never_taken_for_a_made_up_one():
    seeds = [Seed(f"TK{number:04}", sha1(b"%d" % number).digest()) for number in range(300)]
    assert seeds_of(file_of(seeds)) == seeds


@pytest.mark.parametrize("serial", [None, "É", "A" * 33, "A/1"])
def test_device_without_a_serial_is_named_by_its_place(serial):
    assert refusal(file_of([SEEDS[0], Seed(serial, SEEDS[1].secret)])) == (SeedFault.SERIAL, "2")


def test_serial_twice_is_refused():
    assert refusal(file_of([SEEDS[0], Seed("tk-0001", SEEDS[1].secret)])) == (SeedFault.TWICE, "TK0001")


def test_key_twice_is_refused():
    assert refusal(file_of([SEEDS[0], Seed("TK0002", SEEDS[0].secret)])) == (SeedFault.SAME_KEY, "TK0002")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", SeedFault.UNREADABLE),
        (b"\xff\xfe", SeedFault.UNREADABLE),
        (b"<a/>", SeedFault.UNREADABLE),
        (b"TK0001;00112233", SeedFault.UNREADABLE),
        (b'<!DOCTYPE a [<!ENTITY b "c">]>' + file_of(), SeedFault.UNREADABLE),
        (b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a>' + BODY, SeedFault.UNREADABLE),
        (b"<?xml version='1.0' encoding='no-such'?>" + BODY, SeedFault.UNREADABLE),
        (file_of()[:-40], SeedFault.UNREADABLE),
        (file_of([]), SeedFault.EMPTY),
        (file_of(password=""), SeedFault.IN_CLEAR),
        (file_of().replace(b"#aes128-cbc", b"#tripledes-cbc"), SeedFault.CIPHER),
        (file_of().replace(b"#aes128-cbc", b"#aes128-gcm"), SeedFault.CIPHER),
        (file_of().replace(b"<IterationCount>1000<", b"<IterationCount>99999999999<"), SeedFault.CIPHER),
        (b" " * 50_000_001, SeedFault.TOO_LARGE),
    ],
)
def test_file_that_is_none_of_ours_is_refused_before_a_key_is_asked_for(content, why):
    with pytest.raises(RefusedFile) as refused:
        SeedFile(content)
    assert refused.value.why == why


def test_file_in_which_a_key_lost_its_proof_is_refused():
    content = file_of().decode()
    start = content.index("<pskc:ValueMAC>")
    end = content.index("</pskc:ValueMAC>") + len("</pskc:ValueMAC>")
    assert refusal((content[:start] + content[end:]).encode())[0] == SeedFault.UNPROVED


@pytest.mark.parametrize("key", ["", "autre", PASSWORD.upper()])
def test_wrong_password_is_said(key):
    assert refusal(file_of(), key)[0] == SeedFault.WRONG_KEY


@pytest.mark.parametrize("key", ["", "00", "no hexadecimal", SHARED[:-1] + "0", "\0"])
def test_wrong_shared_key_is_said(key):
    assert refusal(file_of(shared=SHARED), key)[0] == SeedFault.WRONG_KEY


def test_key_that_somebody_changed_on_the_way_is_refused():
    content = file_of(shared=SHARED).decode()
    at = content.rindex("<xenc:CipherValue>") + len("<xenc:CipherValue>")
    changed = content[:at] + ("B" if content[at] == "A" else "A") + content[at + 1 :]
    assert refusal(changed.encode(), SHARED) == (SeedFault.WRONG_KEY, "TK0002")


@given(st.data())
def test_damaged_file_is_refused_in_words_or_read(data):
    content = bytearray(file_of(shared=SHARED))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(RefusedFile):
        seeds_of(bytes(content), SHARED)


@pytest.fixture
def seed_file(tmp_path):
    """Writes one with its key, and gives what the command is called with."""

    def written(content, key=PASSWORD):
        (tmp_path / "seeds.xml").write_bytes(content)
        (tmp_path / "key").write_text(f"{key}\n")
        return str(tmp_path / "seeds.xml"), f"--key-file={tmp_path / 'key'}"

    return written


def taken(capsys, *arguments):
    call_command("import_tokens", *arguments)
    return json.loads(capsys.readouterr().out)


@pytest.mark.django_db
def test_command_takes_tokens_into_stock_sealed_and_once(seed_file, capsys):
    assert taken(capsys, *seed_file(file_of())) == {"new": 2, "known": 0}
    assert {token.serial: token.unseal() for token in Token.objects.all()} == dict(SEEDS)
    assert {token.state for token in Token.objects.all()} == {"stock"}
    assert all(secret not in bytes(Token.objects.get(serial=serial).ciphertext) for serial, secret in SEEDS)
    assert taken(capsys, *seed_file(file_of())) == {"new": 0, "known": 2}
    line = SecurityEvent.objects.get(kind=SecurityEvent.Kind.TOKENS_IMPORTED)
    assert line.details == {"tokens": 2}


@pytest.mark.django_db
def test_lent_token_stays_lent_and_a_withdrawn_one_withdrawn(seed_file, capsys, client_):
    taken(capsys, *seed_file(file_of()))
    tokens.lend(client_.user, "TK0001", by=SYSTEM, now=timezone.now())
    Token.objects.filter(serial="TK0002").update(state="withdrawn", ciphertext=None)
    assert taken(capsys, *seed_file(file_of())) == {"new": 0, "known": 2}
    assert tokens.of(client_.user).state == "lent"
    assert Token.objects.get(serial="TK0002").ciphertext is None


@pytest.mark.django_db
def test_serial_known_with_another_key_refuses_the_whole_file(seed_file):
    makers.make_stock("TK0002")
    with pytest.raises(CommandError, match="TK0002 est déjà connu, avec une autre clé"):
        call_command("import_tokens", *seed_file(file_of()))
    assert Token.objects.count() == 1


@pytest.mark.django_db
def test_nothing_of_a_file_is_kept_when_its_last_device_is_refused(seed_file):
    content = file_of([*SEEDS, Seed("TK0003", bytes(20))])
    with pytest.raises(CommandError, match="Rien n’a été importé : la clé du boîtier TK0003"):
        call_command("import_tokens", *seed_file(content))
    assert not Token.objects.exists()
    assert not SecurityEvent.objects.filter(kind=SecurityEvent.Kind.TOKENS_IMPORTED).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("fault", SeedFault)
def test_each_refusal_is_a_sentence(fault, seed_file, monkeypatch):
    def refused(self, key, now):
        raise RefusedFile(fault, "TK0001")

    monkeypatch.setattr(SeedFile, "seeds", refused)
    with pytest.raises(CommandError, match=r"^Rien n’a été importé : .*[.]$"):
        call_command("import_tokens", *seed_file(file_of()))


@pytest.mark.django_db
def test_key_is_asked_for_and_never_taken_from_the_command_line(seed_file, monkeypatch, capsys):
    path, _ = seed_file(file_of())
    asked = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: asked.append(prompt) or PASSWORD)
    assert taken(capsys, path) == {"new": 2, "known": 0}
    assert asked == ["Mot de passe du fichier : "]
    with pytest.raises(CommandError, match="unrecognized arguments"):
        call_command("import_tokens", path, "--key=secret")


@pytest.mark.django_db
def test_nobody_to_ask_is_said(seed_file, monkeypatch):
    path, _ = seed_file(file_of())
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(CommandError, match="--key-file"):
        call_command("import_tokens", path)


@pytest.mark.django_db
def test_missing_file_is_said(tmp_path, seed_file):
    with pytest.raises(CommandError, match="introuvable ou inaccessible"):
        call_command("import_tokens", str(tmp_path / "none.xml"))
    path, _ = seed_file(file_of())
    with pytest.raises(CommandError, match="fichier de la clé est introuvable"):
        call_command("import_tokens", path, f"--key-file={tmp_path / 'none'}")


@pytest.mark.django_db
def test_progress_is_told_for_each_device():
    told = []
    token_import.take(SEEDS, told.append)
    assert told == [1, 1]
