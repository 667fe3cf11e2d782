"""The content of a sealed letter, sealing it to the print workshop, and opening it there."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

import pyrage
from django.conf import settings
from django.views.decorators.debug import sensitive_variables

PAYLOAD_VERSION = 1


class UnreadableLetter(Exception):
    """A sealed letter cannot be opened: another key, a damaged file, or a version of the content not known here."""


@dataclass(frozen=True)
class LetterContents:
    """All that is printed on one letter; filled when the code is issued and never read again by the bank."""

    version: int
    letter_id: str
    address: tuple[str, ...]
    name: str
    secret_code: str
    letter_number: str
    issued_on: str

    def __repr__(self):
        return f"<LetterContents {self.letter_id}>"


@sensitive_variables("contents", "payload")
def seal_for_workshop(contents: LetterContents) -> bytes:
    """The contents as JSON in the age format, to the workshop's public key: the bank itself cannot open it again."""
    payload = json.dumps(asdict(contents), ensure_ascii=False).encode()
    return pyrage.encrypt(payload, [pyrage.x25519.Recipient.from_str(settings.LETTER_RECIPIENT)])


@sensitive_variables("payload", "fields")
def open_at_workshop(ciphertext: bytes, identity: pyrage.x25519.Identity) -> LetterContents:
    """The contents of one sealed letter. Raises UnreadableLetter."""
    try:
        payload = pyrage.decrypt(ciphertext, [identity])
    except pyrage.DecryptError:
        raise UnreadableLetter("cette clé n’ouvre pas ce pli, ou le fichier est abîmé") from None
    try:
        fields = json.loads(payload)
        if fields["version"] != PAYLOAD_VERSION:
            raise UnreadableLetter(f"ce pli est de la version {fields['version']!r}, inconnue de cet atelier")
        return _contents_from(fields)
    except (ValueError, TypeError, KeyError):
        raise UnreadableLetter("le contenu de ce pli n’a pas la forme attendue") from None


@sensitive_variables()
def _contents_from(fields: dict) -> LetterContents:
    """The contents that version 1 of the payload gives. Raises ValueError, TypeError or KeyError for anything else.

    Anybody who has the public key can seal a file: what becomes a file's name is judged here.
    """
    letter_id, address = str(UUID(str(fields["letter_id"]))), tuple(fields["address"])
    contents = LetterContents(**fields | {"letter_id": letter_id, "address": address})
    date.fromisoformat(contents.issued_on)
    if not all(
        isinstance(text, str) for text in (*address, contents.name, contents.secret_code, contents.letter_number)
    ):
        raise TypeError("not text")
    return contents


def identity_from(text: str) -> pyrage.x25519.Identity:
    """The workshop's private key from the text of an age identity file. Raises UnreadableLetter."""
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith("AGE-SECRET-KEY-")]
    try:
        return pyrage.x25519.Identity.from_str(lines[0])
    except (IndexError, pyrage.IdentityError):
        raise UnreadableLetter("ce fichier ne contient pas de clé privée age (AGE-SECRET-KEY-…)") from None
