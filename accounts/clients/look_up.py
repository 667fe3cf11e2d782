"""Finding a client from what he says at the counter or on the telephone."""

from typing import NamedTuple

from django.db.models import Q, QuerySet

from accounts import client_codes
from accounts.models import Client
from accounts.notation import birth_dates, ibans, phones
from accounts.notation.birth_dates import BirthDate

CIVILITIES = {"m", "mr", "mme", "mlle", "monsieur", "madame", "mademoiselle"}
FEWEST_LETTERS = 3
TOO_SHORT = (
    f"Tapez au moins {FEWEST_LETTERS} lettres d’un nom ou d’un prénom, ou ajoutez la date de naissance : une recherche "
    "plus courte montrerait trop de personnes."
)
MISTYPED = "Ce numéro comporte une erreur de saisie : un chiffre faux, ou deux chiffres inversés. Faites-le répéter."


class ByNumber(NamedTuple):
    """A number that says who is meant: what kind of number it is, and the condition."""

    way: str
    matching: Q


def search(clients: QuerySet[Client], text: str) -> QuerySet[Client]:
    """Those who match: a code client, an account number or IBAN, a telephone number, or names and birth date.

    Names may be incomplete and in any order, with or without accents and « M. »; a birth date narrows them down.
    Numbers and birth dates are found by an index.
    """
    text = text.replace("\x00", "")
    by_number = _by_number(text)
    if by_number:
        return clients.filter(by_number.matching)
    return _by_names(clients, text)


def ways(text: str) -> list[str]:
    """By what `search` looks for `text`, for a line that does not keep the text."""
    by_number = _by_number(text)
    if by_number:
        return [by_number.way]
    born, key = birth_dates.take_from(text)
    return [*(["name"] if key.strip() else []), *(["birth_date"] if born else [])] or ["nothing"]


def why_nobody(text: str) -> str | None:
    """Why nobody can be found by `text`, as a French sentence for the advisor; None when somebody could."""
    if _by_number(text):
        return None
    if is_too_short(text):
        return TOO_SHORT
    number = client_codes.normalise(text)
    if len(number) == client_codes.LENGTH and number.isdigit():
        return MISTYPED
    born, _ = birth_dates.take_from(text)
    return birth_dates.NO_SUCH_DAY.format(born) if born and not born.days() else None


def is_too_short(text: str) -> bool:
    """Whether `text` begins the names of half the clientele, and says nothing else."""
    born, key = birth_dates.take_from(text)
    words = _said_of_names(key, born)
    return bool(words) and not born and not _by_number(text) and max(map(len, words)) < FEWEST_LETTERS


def is_vague(text: str) -> bool:
    """Whether `text` may find many: all but a number, or a whole birth date with three letters of a name at least."""
    if _by_number(text):
        return False
    born, key = birth_dates.take_from(text)
    is_named = any(len(word) >= FEWEST_LETTERS and word not in CIVILITIES for word in key.split())
    return not (born and len(list(born.days())) == 1 and is_named)


def _by_number(text: str) -> ByNumber | None:
    account_number = ibans.number_in(text)
    if account_number:
        return ByNumber("account", Q(bank_accounts__number=account_number))
    if client_codes.is_well_formed(text):
        return ByNumber("client_code", Q(client_code=client_codes.normalise(text)))
    phone = phones.as_kept(text)
    return ByNumber("phone", Q(mobile_phone=phone) | Q(home_phone=phone)) if phone else None


def _by_names(clients: QuerySet[Client], text: str) -> QuerySet[Client]:
    # A key has an end, and so has the number of conditions: databases refuse thousands of them.
    born, key = birth_dates.take_from(text)
    words = _said_of_names(key, born)
    if born:
        clients = clients.filter(birth_date__in=born.days())
    elif not words or is_too_short(text):
        return clients.none()
    for word in words:
        clients = clients.filter(_starts_a_name(word))
    return clients


def _said_of_names(key: str, born: BirthDate | None) -> list[str]:
    """The words that may begin a name; « M. » among them when nothing else was said."""
    words = key.split()
    said = [word for word in words if word not in CIVILITIES]
    return said if said or born else words


def _starts_a_name(word: str) -> Q:
    key = Q(family_key__startswith=word) | Q(given_key__startswith=word)
    return key | Q(family_key__contains=f" {word}") | Q(given_key__contains=f" {word}")
