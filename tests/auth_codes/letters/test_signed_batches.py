"""Whose batches the workshop opens: those that the bank signed, and nothing that a stranger made or changed."""

import base64
import json
from datetime import date

import pytest
from django.core.management import call_command

from auth_codes.handover import manifest, signing
from auth_codes.letters import batches, envelopes
from auth_codes.models import LetterBatch
from tests import makers
from tests.auth_codes.letters.test_letters import FIELDS, WORKSHOP, sealed
from tests.auth_codes.letters.test_open_sealed_letters import Workshop, assert_refused

pytestmark = pytest.mark.django_db

FOREIGN = signing.PREFIX + base64.b64encode(bytes(range(32))).decode()
NOBODY = "Personne n’a vérifié l’expéditeur"
NOT_OURS = "la signature n’est pas celle de la banque"


@pytest.fixture
def workshop(tmp_path):
    return Workshop(tmp_path)


@pytest.fixture
def trusting(workshop):
    """A workshop that was told who signs."""
    trust(workshop, signing.signer())
    return workshop


def trust(workshop, *signers):
    lines = [f"# signer: {signer}\n" for signer in signers]
    workshop.identity.write_text(workshop.identity.read_text() + "".join(lines))


def export(workshop):
    call_command("export_sealed_letters", "--to", str(workshop.batch))
    return next(workshop.batch.iterdir())


def forge(workshop, **changed):
    workshop.receive(one=sealed(FIELDS | changed))


def test_batch_of_the_bank_is_opened_where_its_signer_is_known(trusting, new_client):
    export(trusting)
    done = trusting.run()
    assert done.returncode == 0, done.stderr
    assert NOBODY not in done.stderr
    assert trusting.written() == [f"{makers.open_letter(new_client).letter_id}.pdf"]


def test_letter_forged_with_the_public_key_alone_is_not_printed(trusting):
    forge(trusting, address=["Mme Inès MARTIN", "Appelez le 09 99 99 99 99"])
    assert_refused(trusting.run(), trusting, "Rien n’a été ouvert", "il manque la signature de la banque")


def test_letter_slipped_into_a_signed_batch_is_not_printed(trusting, new_client):
    folder = export(trusting)
    listed = json.loads((folder / "manifest.json").read_bytes())
    content = sealed(FIELDS)
    (folder / listed["letters"][0]["file"]).write_bytes(content)
    letters = [manifest.listed(listed["letters"][0]["file"], content)]
    batch = LetterBatch.objects.get()
    forged = manifest.compose(batch.id, batch.exported_at, letters, listed["occasions"])
    (folder / "manifest.json").write_bytes(forged)
    (folder / "manifest.sha256").write_bytes(manifest.checksums(forged, letters))
    assert_refused(trusting.run(), trusting, NOT_OURS)


@pytest.mark.parametrize("signature", [b"", b"\xff", b"signer: x\nsignature: y\n", b"a" * 200])
def test_signature_of_another_form_is_refused(trusting, new_client, signature):
    (export(trusting) / signing.SIGNATURE).write_bytes(signature)
    assert_refused(trusting.run(), trusting, NOT_OURS)


def test_batch_that_somebody_else_signed_is_refused_even_while_earlier_ones_pass(trusting, new_client, settings):
    settings.LETTER_SIGNING_KEY = b"k" * 32
    export(trusting)
    assert_refused(trusting.run(**{"--unsigned-until": "2999-01-01"}), trusting, NOT_OURS)


def test_unsigned_batch_passes_until_the_day_that_is_said(trusting):
    forge(trusting)
    assert_refused(trusting.run(**{"--unsigned-until": "2026-03-01"}), trusting, "il manque la signature")
    assert trusting.run(**{"--unsigned-until": "2026-03-02"}).returncode == 0


def test_day_of_another_form_is_refused_in_french(trusting):
    forge(trusting)
    assert_refused(trusting.run(**{"--unsigned-until": "demain"}), trusting, "de la forme AAAA-MM-JJ")


@pytest.mark.parametrize("batch_id", ["x", "20261399-ABCDEF", "20260301", "", "20260301-ABCDEF\n"])
def test_unsigned_batch_without_a_day_in_its_name_never_passes(trusting, batch_id):
    senders = signing.Senders((signing.signer(),), date(2999, 1, 1))
    assert "il manque la signature" in senders.problem_of(b"{}", None, batch_id)


def test_without_a_signer_the_workshop_opens_and_says_that_nobody_checked(workshop):
    forge(workshop)
    done = workshop.run()
    assert done.returncode == 0
    assert NOBODY in done.stderr


def test_signer_may_come_from_the_environment(workshop, settings):
    settings.LETTER_SIGNERS = (FOREIGN,)
    forge(workshop)
    assert_refused(workshop.run(), workshop, "il manque la signature")


def test_one_of_several_signers_is_enough(workshop, new_client):
    trust(workshop, FOREIGN, signing.signer())
    export(workshop)
    assert workshop.run().returncode == 0


@pytest.mark.parametrize("signer", ["", "ed25519:", "ed25519:AAAA", FOREIGN[:-4], FOREIGN.removeprefix("ed25519:")])
def test_damaged_line_of_a_signer_is_no_reason_to_trust_anybody(workshop, signer):
    trust(workshop, signer)
    forge(workshop)
    assert_refused(workshop.run(), workshop, "une ligne « # signer: » de ce fichier est abîmée")


def test_command_prints_the_signer_as_the_workshop_takes_it(capsys):
    call_command("letter_signer")
    printed = capsys.readouterr().out.strip()
    assert signing.signers_in(f"#signer:{printed}") == (printed,)


def test_signing_key_of_its_own_goes_before_the_derived_one(settings):
    derived = signing.signer()
    settings.LETTER_SIGNING_KEY = b"k" * 32
    assert signing.signer() != derived
    settings.LETTER_SIGNING_KEY = None
    settings.SECRET_KEY = "another"
    assert signing.signer() != derived


def test_batch_of_before_signing_is_written_again_and_confirmed(workshop, new_client):
    folder = export(workshop)
    (folder / signing.SIGNATURE).unlink()
    batch = LetterBatch.objects.get()
    batches.write_again(batch, workshop.batch)
    assert (folder / signing.SIGNATURE).exists()
    assert batches.confirm(batch) == 1


@pytest.mark.parametrize("code", ["48291", "4829155", "48 2915", "48291a", "٤٨٢٩١٥", "", "482915\n"])
def test_code_that_is_not_six_digits_is_never_printed(code):
    with pytest.raises(envelopes.UnreadableLetter, match="n’a pas six chiffres"):
        envelopes.open_at_workshop(sealed(FIELDS | {"secret_code": code}), WORKSHOP)


@pytest.mark.parametrize(
    "number", ["", "7KQ4M2XDR9T", "7KQ4-M2XD-R9TA", "7KQ4M2XDR9TU", "7kq4m2xdr9ta", "0999999999999"]
)
def test_malformed_letter_number_is_never_printed(number):
    with pytest.raises(envelopes.UnreadableLetter, match="le numéro de courrier de ce pli"):
        envelopes.open_at_workshop(sealed(FIELDS | {"letter_number": number}), WORKSHOP)
