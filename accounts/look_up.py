"""Finding a client from what he says at the counter or on the telephone."""

import re
from datetime import date, datetime

from django.db.models import Q, QuerySet

from accounts import client_codes, ibans, names, phones
from accounts.models import Client

BIRTH_DATE = re.compile(r"\b(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})\b")


def search(clients: QuerySet[Client], text: str) -> QuerySet[Client]:
    """Those who match: a code client, an account number or IBAN, a telephone number, or names and birth date.

    Names may be incomplete and in any order, with or without accents; a birth date, JJ/MM/AAAA, narrows them down.
    Numbers and birth dates are found by an index.
    """
    text = text.replace("\x00", "")
    by_number = _by_number(text)
    if by_number is not None:
        return clients.filter(by_number)
    return _by_names(clients, text)


def _by_number(text: str) -> Q | None:
    if re.search(r"[^\W\d_]{3}", text) or BIRTH_DATE.search(text):
        return None
    account_number = ibans.number_in(text)
    if account_number:
        return Q(bank_accounts__number=account_number)
    if client_codes.is_well_formed(text):
        return Q(client_code=client_codes.normalise(text))
    try:
        phone = phones.normalise(text)
    except phones.NotAPhoneNumber:
        return None
    return Q(mobile_phone=phone) | Q(home_phone=phone)


def _by_names(clients: QuerySet[Client], text: str) -> QuerySet[Client]:
    written = BIRTH_DATE.search(text)
    # A key has an end, and so has the number of conditions: databases refuse thousands of them.
    words = names.key(BIRTH_DATE.sub(" ", text)).split()
    if written:
        clients = clients.filter(birth_date=_date(written))
    elif not words:
        return clients.none()
    for word in words:
        clients = clients.filter(_starts_a_name(word))
    return clients


def _date(written: re.Match) -> date | None:
    """The date; None, on which nobody is born, when there is no such day."""
    try:
        return datetime.strptime("/".join(written.groups()), "%d/%m/%Y").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


def _starts_a_name(word: str) -> Q:
    key = Q(family_key__startswith=word) | Q(given_key__startswith=word)
    return key | Q(family_key__contains=f" {word}") | Q(given_key__contains=f" {word}")
