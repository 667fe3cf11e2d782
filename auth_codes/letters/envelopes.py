"""The content of a sealed letter, encrypting it to the print workshop, and opening it there."""

import json
import re
from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec
import pyrage
from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from auth_codes import strict_json
from auth_codes.letters import letter_numbers, list_codes
from auth_codes.letters.list_codes import CODES_ON_A_LIST
from auth_codes.models import SealedLetter

# Of letters with a printed list; those with a code stay as they are, so that a workshop of before opens them.
VERSION_OF_LISTS = 6
PAYLOAD_VERSION = 5
VERSION_WITHOUT_A_LOCK_CODE = 4
VERSION_WITHOUT_A_NAMED_BANK = 3
VERSION_WITHOUT_ANYBODY_TO_CALL = 2
VERSION_OF_FIRST_LETTERS_ALONE = 1
UNNAMED_BANK = "Votre banque"
LONGEST_BANK_NAME = 40
NO_KEY_OPENS = (
    "aucune clé de ce fichier n’ouvre ce pli : il est scellé à une autre clé de l’atelier, peut-être l’ancienne, "
    "ou n’est pas un pli"
)
DAMAGED = "ce pli est tronqué ou abîmé"


class UnreadableLetter(Exception):
    """A sealed letter cannot be opened: another key, a damaged file, or a version of the content not known here."""


class ContentsOfFirstLetters(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What version 1 said: all but the occasion."""

    version: int
    letter_id: str
    address: tuple[str, ...]
    name: str
    secret_code: str
    letter_number: str
    issued_on: str

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.letter_id}>"


class CodeLetterContents(ContentsOfFirstLetters, frozen=True, kw_only=True):
    """All that is printed on one letter; filled when the code is issued and never read again by the bank.

    `occasion`, one of SealedLetter.Occasion, chooses the letter's text. `phone` is whom to call, `portal` the address
    to type; letters of before version 3 say neither. `large_print`: in 20 points, for whom smaller print is too small.
    `bank` stands at the head; letters of before version 4 do not name it. `lock_code` locks the access and opens
    nothing; letters of before version 5 bring none. `codes` are those of a printed list, from number 1 on, with which
    comes no code secret.
    """

    occasion: str
    phone: str = ""
    portal: str = ""
    large_print: bool = False
    bank: str = UNNAMED_BANK
    lock_code: str = ""
    codes: tuple[str, ...] = ()


class ReceivedInVersion2(ContentsOfFirstLetters, frozen=True, kw_only=True):
    """What version 2 said as it came, whatever it names as its occasion."""

    occasion: object


class ReceivedInVersion3(ReceivedInVersion2, frozen=True, kw_only=True):
    """The same of version 3."""

    phone: str
    portal: str
    large_print: bool


class ReceivedInVersion4(ReceivedInVersion3, frozen=True, kw_only=True):
    """The same of version 4."""

    bank: str


class ReceivedContents(ReceivedInVersion4, frozen=True, kw_only=True):
    """The same of version 5."""

    lock_code: str


class ReceivedList(ReceivedContents, frozen=True, kw_only=True):
    """What version 6 says: a printed list."""

    codes: tuple[str, ...]


FORMS: dict[int, type[ContentsOfFirstLetters]] = {
    VERSION_OF_FIRST_LETTERS_ALONE: ContentsOfFirstLetters,
    VERSION_WITHOUT_ANYBODY_TO_CALL: ReceivedInVersion2,
    VERSION_WITHOUT_A_NAMED_BANK: ReceivedInVersion3,
    VERSION_WITHOUT_A_LOCK_CODE: ReceivedInVersion4,
    PAYLOAD_VERSION: ReceivedContents,
    VERSION_OF_LISTS: ReceivedList,
}


@sensitive_variables("contents", "payload")
def encrypt_for_workshop(contents: CodeLetterContents) -> bytes:
    """The contents as JSON in the age format, to the workshop's public keys: the bank itself cannot open it again.

    While the workshop changes its key there are two, and the private half of either opens the letter.
    """
    said = {name: getattr(contents, name) for name in FORMS[contents.version].__struct_fields__}
    payload = json.dumps(said, ensure_ascii=False).encode()
    return bytes(pyrage.encrypt(payload, [pyrage.x25519.Recipient.from_str(key) for key in settings.LETTER_RECIPIENTS]))


@sensitive_variables("payload")
def open_at_workshop(ciphertext: bytes, *identities: pyrage.x25519.Identity) -> CodeLetterContents:
    """The contents of one sealed letter, opened by whichever identity it was encrypted to. Raises UnreadableLetter."""
    payload = _decrypted(ciphertext, identities)
    try:
        return _contents_from(payload)
    except ValueError:
        raise UnreadableLetter("le contenu de ce pli n’a pas la forme attendue") from None


def _decrypted(ciphertext: bytes, identities: Sequence[pyrage.x25519.Identity]) -> bytes:
    try:
        return bytes(pyrage.decrypt(ciphertext, list(identities)))
    except pyrage.DecryptError as error:
        # pyrage has one exception for all; these are the words of the age library under it.
        raise UnreadableLetter(NO_KEY_OPENS if "No matching keys" in str(error) else DAMAGED) from None


@sensitive_variables()
def _contents_from(payload: bytes) -> CodeLetterContents:
    """The contents, with the occasion that version 1 left unsaid. Raises ValueError for what is no letter.

    Raises UnreadableLetter for a version not known here, or an occasion that the workshop has no text for. Anybody
    who has the public key can encrypt a file: what becomes a file's name is judged here.
    """
    version = strict_json.version_of(payload)
    if version not in FORMS:
        raise UnreadableLetter(f"ce pli est de la version {version!r}, inconnue de cet atelier")
    said = msgspec.structs.asdict(strict_json.read(FORMS[version], payload))
    said.setdefault("occasion", SealedLetter.Occasion.FIRST.value)
    letter_id = str(UUID(said["letter_id"]))
    date.fromisoformat(said["issued_on"])
    _judge_secrets(version, said["occasion"], said["secret_code"], said.get("codes", ()))
    if not letter_numbers.is_written_like_one(said["letter_number"]):
        raise UnreadableLetter("le numéro de courrier de ce pli n’a pas la forme attendue")
    if not re.fullmatch(r"\+?[0-9 ]{0,30}", said.get("phone", "")):
        raise UnreadableLetter("le numéro à appeler de ce pli n’est pas un numéro de téléphone")
    if not re.fullmatch(r"[a-z0-9.:-]{0,45}", said.get("portal", "")):
        raise UnreadableLetter("l’adresse du portail de ce pli n’est pas une adresse")
    if not 0 < len(said.get("bank", UNNAMED_BANK)) <= LONGEST_BANK_NAME:
        raise UnreadableLetter("le nom de la banque de ce pli n’a pas la forme attendue")
    if said.get("lock_code") and not letter_numbers.is_written_like_one(said["lock_code"]):
        raise UnreadableLetter("le code de verrouillage de ce pli n’a pas la forme attendue")
    if said["occasion"] not in SealedLetter.Occasion.values:
        raise UnreadableLetter(f"ce pli est émis au motif {said['occasion']!r}, inconnu de cet atelier")
    return CodeLetterContents(**said | {"letter_id": letter_id})


@sensitive_variables()
def _judge_secrets(version: int, occasion: str, secret_code: str, codes: Sequence[str]) -> None:
    """Of a printed list its codes, of every other letter the code secret. Raises UnreadableLetter."""
    is_list = version == VERSION_OF_LISTS
    if is_list != (occasion == SealedLetter.Occasion.LIST):
        raise UnreadableLetter("le motif de ce pli n’est pas celui de sa version")
    if is_list and secret_code:
        raise UnreadableLetter("ce pli porte une liste de codes et un code secret")
    if not is_list and not re.fullmatch(r"[0-9]{6}", secret_code):
        raise UnreadableLetter("le code secret de ce pli n’a pas six chiffres")
    if is_list and not (len(codes) == CODES_ON_A_LIST and all(map(list_codes.is_well_formed, codes))):
        raise UnreadableLetter("la liste de ce pli n’a pas quarante codes de huit chiffres")


def identities_from(text: str) -> tuple[pyrage.x25519.Identity, ...]:
    """The workshop's private keys from the text of an age identity file, one or several. Raises UnreadableLetter."""
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith("AGE-SECRET-KEY-")]
    if not lines:
        raise UnreadableLetter("ce fichier ne contient pas de clé privée age (AGE-SECRET-KEY-…)")
    return tuple(_identity(place, line) for place, line in enumerate(lines, start=1))


def _identity(place: int, line: str) -> pyrage.x25519.Identity:
    try:
        return pyrage.x25519.Identity.from_str(line)
    except pyrage.IdentityError:
        raise UnreadableLetter(f"la clé privée age numéro {place} de ce fichier est abîmée") from None
