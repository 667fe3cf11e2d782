"""The workshop's command; once as the workshop runs it: a process of its own, no key of the bank, no database."""

import json
import os
import subprocess
import sys
from collections import Counter
from io import BytesIO, StringIO
from pathlib import Path

import pyrage
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pypdf import PdfReader

from auth_codes.handover import manifest
from tests import makers
from tests.auth_codes.letters.test_letters import FIELDS, sealed
from tests.settings import WORKSHOP_IDENTITY

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent.parent.parent


class Workshop:
    """A folder with the private key, the batch that came, and where the letters go."""

    def __init__(self, folder):
        self.folder, self.identity, self.batch, self.pdfs = folder, folder / "key", folder / "in", folder / "out"
        self.identity.write_text(f"# public key: age1...\n{WORKSHOP_IDENTITY}\n")

    def receive(self, **content):
        """A batch made by whoever has the public key: file name -> sealed content."""
        self.batch.mkdir(exist_ok=True)
        for name, sealed_content in content.items():
            (self.batch / f"{name}.age").write_bytes(sealed_content)
        letters = [manifest.listed(f"{name}.age", sealed_content) for name, sealed_content in content.items()]
        written = manifest.compose("20260301-ABCDEF", timezone.now(), letters, Counter(first=len(letters)))
        (self.batch / "manifest.json").write_bytes(written)
        (self.batch / "manifest.sha256").write_bytes(manifest.checksums(written, letters))

    def command(self, changed):
        places = {"--identity": self.identity, "--from": self.batch, "--to": self.pdfs} | changed
        return ["open_sealed_letters", *(str(part) for pair in places.items() for part in pair)]

    def run(self, **changed):
        command, said, complained = self.command(changed), StringIO(), StringIO()
        try:
            call_command(*command, stdout=said, stderr=complained)
        except CommandError as error:
            complained.write(str(error))
            return subprocess.CompletedProcess(command, error.returncode, said.getvalue(), complained.getvalue())
        return subprocess.CompletedProcess(command, 0, said.getvalue(), complained.getvalue())

    def start(self):
        """In a process of its own, without the bank's settings."""
        environment = {"PATH": os.environ["PATH"], "VAR_DIR": str(self.folder / "var")}
        command = [sys.executable, ROOT / "manage.py", *self.command({})]
        return subprocess.run(command, env=environment, cwd=self.folder, capture_output=True, text=True)

    def written(self):
        return sorted(path.name for path in self.pdfs.rglob("*")) if self.pdfs.exists() else []


@pytest.fixture
def workshop(tmp_path):
    return Workshop(tmp_path)


def text_of(pdf: Path) -> str:
    return PdfReader(BytesIO(pdf.read_bytes())).pages[0].extract_text()


@pytest.mark.slow
@pytest.mark.django_db
def test_workshop_gets_one_pdf_a_letter_without_keys_or_database_of_the_bank(workshop, new_client):
    call_command("export_sealed_letters", "--to", str(workshop.batch))
    done = workshop.start()
    letter = makers.open_letter(new_client)
    assert done.returncode == 0, done.stderr
    assert workshop.written() == [f"{letter.letter_id}.pdf"]
    assert letter.secret_code in text_of(workshop.pdfs / f"{letter.letter_id}.pdf")
    assert not list((workshop.folder / "var").rglob("*.sqlite3"))


@pytest.mark.django_db
def test_page_shows_the_letters_number_but_never_the_code_client(workshop, new_client):
    call_command("export_sealed_letters", "--to", str(workshop.batch))
    workshop.run()
    digits = text_of(next(workshop.pdfs.iterdir())).replace("-", "").replace(" ", "").replace("\u00a0", "")
    assert makers.open_letter(new_client).letter_number in digits
    assert new_client.client_code not in digits


def test_pdfs_are_readable_by_their_owner_alone_even_over_an_older_file(workshop):
    workshop.receive(one=sealed(FIELDS))
    workshop.pdfs.mkdir()
    path = workshop.pdfs / f"{FIELDS['letter_id']}.pdf"
    path.write_text("older")
    path.chmod(0o644)
    assert workshop.run().returncode == 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes().startswith(b"%PDF")
    assert workshop.written() == [path.name]


def test_output_says_how_many_and_neither_name_nor_code(workshop):
    workshop.receive(one=sealed(FIELDS))
    done = workshop.run()
    assert "1 lettre(s)" in done.stdout
    assert not [word for word in ("482915", "Martin", "MARTIN", "7KQ4") if word in done.stdout + done.stderr]


def assert_refused(done, workshop, *sentence):
    assert done.returncode == 1
    assert all(part in done.stderr for part in sentence), done.stderr
    assert "Traceback" not in done.stderr
    assert workshop.written() == []


def test_another_identity_opens_nothing_and_writes_nothing(workshop):
    workshop.receive(one=sealed(FIELDS))
    workshop.identity.write_text(str(pyrage.x25519.Identity.generate()))
    assert_refused(workshop.run(), workshop, "one.age : aucune clé de ce fichier n’ouvre ce pli")


def test_two_identities_in_one_file_open_letters_of_before_and_after_a_change_of_key(workshop):
    other = FIELDS | {"letter_id": "8a9ff0ce-45b5-4f7a-9f0b-0c52b1f2a002"}
    new = pyrage.x25519.Identity.generate()
    workshop.receive(before=sealed(FIELDS), after=pyrage.encrypt(json.dumps(other).encode(), [new.to_public()]))
    workshop.identity.write_text(f"# new\n{new}\n# old\n{WORKSHOP_IDENTITY}\n")
    assert workshop.run().returncode == 0
    assert workshop.written() == [f"{FIELDS['letter_id']}.pdf", f"{other['letter_id']}.pdf"]


def test_letter_of_before_a_change_of_key_is_named_when_the_old_key_is_gone(workshop):
    new = pyrage.x25519.Identity.generate()
    workshop.receive(before=sealed(FIELDS), after=pyrage.encrypt(json.dumps(FIELDS).encode(), [new.to_public()]))
    workshop.identity.write_text(str(new))
    done = workshop.run()
    assert done.returncode == 1
    assert "before.age : aucune clé de ce fichier n’ouvre ce pli" in done.stderr
    assert "after.age" not in done.stderr
    assert workshop.written() == [f"{FIELDS['letter_id']}.pdf"]


def test_truncated_letter_is_named_with_its_reason(workshop):
    workshop.receive(one=sealed(FIELDS)[:-20])
    assert_refused(workshop.run(), workshop, "one.age : ce pli est tronqué ou abîmé")


def test_file_damaged_on_its_way_stops_the_whole_batch(workshop):
    workshop.receive(one=sealed(FIELDS), two=sealed(FIELDS))
    (workshop.batch / "two.age").write_bytes(b"damaged")
    assert_refused(workshop.run(), workshop, "Rien n’a été ouvert", "two.age est abîmé (7 octets au lieu de")


def test_missing_file_stops_the_whole_batch(workshop):
    workshop.receive(one=sealed(FIELDS), two=sealed(FIELDS))
    (workshop.batch / "two.age").unlink()
    assert_refused(workshop.run(), workshop, "Rien n’a été ouvert", "il manque le fichier two.age")


def test_all_that_is_wrong_with_a_batch_is_named_at_once(workshop):
    workshop.receive(one=sealed(FIELDS), two=sealed(FIELDS), three=sealed(FIELDS))
    (workshop.batch / "one.age").unlink()
    (workshop.batch / "two.age").write_bytes(b"damaged")
    (workshop.batch / "four.age").write_bytes(sealed(FIELDS))
    done = workshop.run()
    assert_refused(done, workshop, "il manque le fichier one.age", "two.age est abîmé", "'four.age' est en trop")
    assert "three.age" not in done.stderr


def test_missing_manifest_is_said(workshop):
    workshop.receive(one=sealed(FIELDS))
    (workshop.batch / "manifest.json").unlink()
    assert_refused(workshop.run(), workshop, "il manque le fichier manifest.json")


def test_folder_without_any_batch_is_said(workshop):
    workshop.batch.mkdir()
    assert_refused(workshop.run(), workshop, "aucun lot de plis scellés")


def test_unreadable_manifest_is_said(workshop):
    workshop.receive(one=sealed(FIELDS))
    (workshop.batch / "manifest.json").write_text("{")
    assert_refused(workshop.run(), workshop, "le manifeste de", "est illisible")


def test_complete_batch_is_said_with_the_checksum_that_the_bank_told(workshop):
    workshop.receive(one=sealed(FIELDS))
    told = manifest.checksum((workshop.batch / "manifest.json").read_bytes())
    assert f"in : 1 pli(s), lot complet ; manifeste {told}" in workshop.run().stderr


@pytest.mark.parametrize(("option", "name"), [("--identity", "no key"), ("--from", "no batch")])
def test_missing_path_is_said_in_french(workshop, option, name):
    workshop.receive(one=sealed(FIELDS))
    assert_refused(workshop.run(**{option: workshop.folder / name}), workshop, "Rien n’a été ouvert", name)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"nothing"])
def test_identity_file_without_key_is_said(workshop, content):
    workshop.receive(one=sealed(FIELDS))
    workshop.identity.write_bytes(content)
    assert_refused(workshop.run(), workshop, "Rien n’a été ouvert", "clé privée age")


def test_target_that_is_a_file_is_said(workshop):
    workshop.receive(one=sealed(FIELDS))
    assert_refused(workshop.run(**{"--to": workshop.identity}), workshop, "Rien n’a été ouvert", "key")


def test_one_unreadable_letter_is_named_and_the_others_are_printed(workshop):
    workshop.receive(good=sealed(FIELDS), bad=sealed(FIELDS | {"version": 9}))
    done = workshop.run()
    assert done.returncode == 1
    assert "bad.age : ce pli est de la version 9" in done.stderr
    assert workshop.written() == [f"{FIELDS['letter_id']}.pdf"]


@pytest.mark.parametrize("letter_id", ["../escaped", "/escaped", "a/b"])
def test_letter_sealed_by_a_stranger_cannot_choose_where_it_is_written(workshop, letter_id):
    workshop.receive(one=sealed(FIELDS | {"letter_id": letter_id}))
    assert_refused(workshop.run(), workshop, "n’a pas la forme attendue")
    assert not list(workshop.folder.rglob("*escaped*"))


def test_manifest_cannot_point_outside_its_batch(workshop):
    workshop.receive(one=sealed(FIELDS))
    outside = manifest.listed("../key", workshop.identity.read_bytes())
    (workshop.batch / "manifest.json").write_bytes(manifest.compose("x", timezone.now(), [outside], Counter()))
    assert_refused(workshop.run(), workshop, "le manifeste nomme '../key', qui n’est pas le nom d’un pli")


def test_letter_that_does_not_fit_its_page_is_named_without_its_content(workshop):
    workshop.receive(one=sealed(FIELDS | {"address": ["12 rue des Lilas " * 100]}))
    done = workshop.run()
    assert_refused(done, workshop, "one.age : la lettre ne tient pas sur sa page")
    assert "Lilas" not in done.stderr
