"""The workshop prints what the bank signed, whole, and nothing else."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from auth_codes.handover import manifest, signing
from auth_codes.letters import batches as sealed
from tests.accounts.print_stream.queued import export, make_items
from tests.processes import ROOT

pytestmark = pytest.mark.django_db

FOREIGN = signing.PREFIX + base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def folder(person, tmp_path):
    make_items(person, 3)
    [written] = export(tmp_path / "lots")
    return written.folder


def check(folder, *signers):
    named = [part for signer in signers or [signing.signer()] for part in ("--signer", signer)]
    call_command("check_post", str(folder), *named)


def refusal(folder, *signers):
    with pytest.raises(CommandError) as refused:
        check(folder, *signers)
    return str(refused.value)


def a_letter(folder):
    return next(folder.glob("*.pdf"))


def test_whole_batch_of_the_bank_passes(folder, capsys):
    check(folder, FOREIGN, signing.signer())
    assert json.loads(capsys.readouterr().out) == {"batch": folder.name, "letters": 3, "pages": 3}


def test_workshop_has_neither_keys_nor_database_of_the_bank(folder, tmp_path):
    environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path / "var"), "LETTER_SIGNER": signing.signer()}
    command = [sys.executable, ROOT / "manage.py", "check_post", folder]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, json.loads(done.stdout or "{}").get("letters")) == (0, 3), done.stderr


def test_nothing_passes_where_nobody_is_known_to_sign(folder):
    with pytest.raises(CommandError, match="Qui signe"):
        call_command("check_post", str(folder))


def test_batch_of_another_signer_is_not_printed(folder):
    assert "la signature n’est pas celle de la banque" in refusal(folder, FOREIGN)


def damage(folder):
    a_letter(folder).write_bytes(b"%PDF-1.7 forged")


def add(folder):
    shutil.copy(a_letter(folder), folder / "other.pdf")


def replace_list(folder):
    lines = (folder / "letters.csv").read_bytes()
    (folder / "letters.csv").write_bytes(lines.replace(b";1;", b";2;"))


def replace_manifest(folder):
    said = json.loads((folder / "manifest.json").read_bytes())
    (folder / "manifest.json").write_text(json.dumps(said | {"count": 2}))


@pytest.mark.parametrize(
    ("attack", "said"),
    [
        (damage, "est abîmé"),
        (add, "1 fichier(s) en trop"),
        (lambda folder: a_letter(folder).unlink(), "il manque le fichier"),
        (replace_list, "letters.csv est abîmé"),
        (replace_manifest, "la signature n’est pas"),
        (lambda folder: (folder / "letters.csv").unlink(), "il manque le fichier letters.csv"),
        (lambda folder: (folder / "manifest.sig").unlink(), "il manque la signature"),
        (lambda folder: (folder / "manifest.json").unlink(), "il manque le fichier manifest.json"),
        (lambda folder: (folder / "manifest.json").write_bytes(b"\x00{"), "illisible"),
        (lambda folder: shutil.rmtree(folder), "il manque"),
    ],
)
def test_batch_that_somebody_touched_is_not_printed(folder, attack, said):
    attack(folder)
    assert said in refusal(folder)


def sign_anew(folder, **said):
    """As the bank would, by mistake."""
    content = json.dumps(json.loads((folder / "manifest.json").read_bytes()) | said).encode()
    (folder / "manifest.json").write_bytes(content)
    (folder / "manifest.sig").write_bytes(signing.signature_of(content))


def sign_list(folder, listed):
    (folder / "letters.csv").write_bytes(listed)
    sign_anew(folder, list_sha256=hashlib.sha256(listed).hexdigest())


@pytest.mark.parametrize("line", ["../../etc/passwd;1;1;" + "0" * 64, "a;b", "\x1b[2J;1;1;x", "x" * 5000])
def test_list_that_the_bank_signed_by_mistake_reaches_no_other_file(folder, line):
    sign_list(folder, b"file;pages;bytes;sha256\n" + line.encode() + b"\n")
    assert "letters.csv est illisible" in refusal(folder)


def test_list_that_begins_otherwise_is_not_read(folder):
    sign_list(folder, (folder / "letters.csv").read_bytes().replace(b"sha256\n", b"sha512\n", 1))
    assert "letters.csv est illisible" in refusal(folder)


def test_letter_that_the_list_names_twice_is_not_printed_twice(folder):
    header, first, *_ = (folder / "letters.csv").read_bytes().splitlines(keepends=True)
    sign_list(folder, header + first + first)
    assert "letters.csv est illisible" in refusal(folder)


@pytest.mark.parametrize("name", ["count", "pages", "bytes"])
def test_manifest_whose_numbers_are_not_those_of_its_list_is_refused(folder, name):
    sign_anew(folder, **{name: json.loads((folder / "manifest.json").read_bytes())[name] + 1})
    assert "le manifeste annonce d’autres nombres" in refusal(folder)


def test_batch_of_a_version_to_come_is_refused(folder):
    sign_anew(folder, version=json.loads((folder / "manifest.json").read_bytes())["version"] + 1)
    assert "version inconnue" in refusal(folder)


def test_folder_that_cannot_be_read_is_named(folder):
    letter = a_letter(folder)
    letter.unlink()
    letter.mkdir()
    assert f"{letter} est inaccessible" in refusal(folder)


def test_signer_that_is_no_key_is_told_apart(folder):
    with pytest.raises(CommandError, match="ce n’est pas une clé de letter_signer"):
        call_command("check_post", str(folder), "--signer", "letter:abc")


def test_batch_of_sealed_letters_is_no_ordinary_one_nor_the_other_way(new_client, folder, tmp_path):
    [written] = sealed.export(tmp_path / "sealed")
    assert "n’est pas celui d’un lot de courrier ordinaire" in refusal(written.folder)
    with pytest.raises(manifest.DamagedBatch, match="illisible"):
        manifest.letters_in(folder)
