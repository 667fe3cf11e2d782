"""Who wrote a batch: the bank signs its manifest, which names every file with its checksum, and the workshop verifies.

Anybody can encrypt a letter to the workshop's public key; only who has the signing key can have it printed. Ed25519
(RFC 8032), over the manifest's bytes behind a text of its own, so that no other signature can stand for one.
"""

import base64
import binascii
import hmac
import re
from datetime import date, datetime
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

SIGNATURE = "manifest.sig"
CONTEXT = b"auth_codes.handover.signing batch 1\n"
PREFIX = "ed25519:"
SIGNER_LINE = re.compile(r"\s*#\s*signer\s*:(.*)", re.IGNORECASE)
SIGNATURE_FILE = re.compile(rf"signer: {PREFIX}[A-Za-z0-9+/=]{{44}}\nsignature: ([A-Za-z0-9+/=]{{88}})\n")
DAY_OF_BATCH = re.compile(r"([0-9]{8})-[0-9A-Z]{6}")


class NoSigner(Exception):
    """A text names no public key of a signer."""


class Senders(NamedTuple):
    """Whose batches the workshop opens: any when `signers` is empty.

    One without a signature is let through when it was made before `unsigned_until`.
    """

    signers: tuple[str, ...] = ()
    unsigned_until: date | None = None

    def problem_of(self, manifest: bytes, signature: bytes | None, batch_id: str) -> str | None:
        """Why the batch is not opened, or None. An unsigned one is dated by its name, which anybody can write."""
        if not self.signers:
            return None
        if signature is not None:
            is_ours = any(_is_signed_by(signer, manifest, signature) for signer in self.signers)
            return None if is_ours else "la signature n’est pas celle de la banque : ne l’imprimez pas, prévenez-la"
        made_on = _day_of(batch_id)
        if self.unsigned_until and made_on and made_on < self.unsigned_until:
            return None
        return f"il manque la signature de la banque ({SIGNATURE}) : ne l’imprimez pas, prévenez-la"


ANYBODY = Senders()


def signer() -> str:
    """The public part of the key that signs: what the workshop is given."""
    return PREFIX + base64.b64encode(_key().public_key().public_bytes_raw()).decode()


def signature_of(manifest: bytes) -> bytes:
    """The content of the file that stands beside a manifest; the same bytes for the same manifest and key."""
    signature = base64.b64encode(_key().sign(CONTEXT + manifest)).decode()
    return f"signer: {signer()}\nsignature: {signature}\n".encode()


def signer_from(text: str) -> str:
    """The signer as `signer` writes it. Raises NoSigner."""
    try:
        content = base64.b64decode(text.strip().removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise NoSigner from None
    if len(content) != 32 or not text.strip().startswith(PREFIX):
        raise NoSigner
    return PREFIX + base64.b64encode(content).decode()


def signers_in(identity_file: str) -> tuple[str, ...]:
    """The signers that lines `# signer: …` of the workshop's identity file name. Raises NoSigner for a damaged one."""
    lines = (SIGNER_LINE.fullmatch(line) for line in identity_file.splitlines())
    return tuple(signer_from(line[1]) for line in lines if line)


def _key() -> Ed25519PrivateKey:
    derived = hmac.digest(settings.SECRET_KEY.encode(), b"auth_codes.handover.signing key", "sha256")
    return Ed25519PrivateKey.from_private_bytes(settings.LETTER_SIGNING_KEY or derived)


def _is_signed_by(signer: str, manifest: bytes, signature: bytes) -> bool:
    found = SIGNATURE_FILE.fullmatch(signature.decode(errors="replace"))
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(signer.removeprefix(PREFIX)))
    try:
        public.verify(base64.b64decode(found[1]) if found else b"", CONTEXT + manifest)
    except (InvalidSignature, binascii.Error):
        return False
    return True


def _day_of(batch_id: str) -> date | None:
    found = DAY_OF_BATCH.fullmatch(batch_id)
    try:
        return datetime.strptime(found[1], "%Y%m%d").date() if found else None  # noqa: DTZ007 - a day, no moment
    except ValueError:
        return None
