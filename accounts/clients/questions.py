"""What an advisor types to find somebody, read: numbers, a birth date or a part of it, a postcode, and names."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection
from django.db.models import CharField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Upper
from django.utils import timezone

from accounts import client_codes
from accounts.models import EARLIEST_BIRTH, BankAccount, Client, Holding, ServiceContract
from accounts.notation import birth_dates, ibans, phones, postcodes
from accounts.notation.birth_dates import BirthDate

CIVILITIES = {"m", "mr", "mme", "mlle", "monsieur", "madame", "mademoiselle"}
# What is said around a number, and is then no name.
LABELS = {
    "a", "au", "bancaire", "c", "carte", "client", "cliente", "code", "compte", "contrat", "courriel", "du", "email",
    "est", "fixe", "iban", "le", "mail", "mobile", "mon", "n", "no", "num", "numero", "portable", "rib", "son", "tel",
    "telephone", "votre",
}  # fmt: skip
# Signs that stand beside a number and are no part of it.
BESIDE = re.compile(r"[,;:#°\"«»<>!?=]|(?<=[^\W\d_])\.")
E_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]+")
OWN_IBAN = re.compile(r"\bFR[0-9]{2}(?:\s?[0-9A-Z]){20,25}\b", re.IGNORECASE)
LONGEST_NUMBER = 12  # pieces that one is written in
# Nobody says more; each piece of a number is tried in several ways.
MOST_SIGNS = 200


class ByNumber(NamedTuple):
    """A number or address that says who is meant: what it is, and the condition."""

    way: str
    matching: Q


class Description(NamedTuple):
    """All that was typed.

    `month` begins with a year, `year` may mean the last four digits of an account as well, and `words` are of names,
    and perhaps of a town.
    """

    numbers: tuple[ByNumber, ...] = ()
    born: BirthDate | None = None
    month: str = ""
    year: str = ""
    last_four: str = ""
    postcode: str = ""
    words: tuple[str, ...] = ()

    @property
    def says_a_day(self) -> bool:
        """A whole birth date, with its century."""
        return self.born is not None and len(self.born.days()) == 1

    @property
    def longest_word(self) -> int:
        return max(map(len, self.words), default=0)

    def ways(self) -> list[str]:
        """By what somebody is looked for, for a line that does not keep the text."""
        said = {
            "name": self.words,
            "birth_date": self.born or self.month or self.year,
            "last_four": self.last_four,
            "postcode": self.postcode,
        }
        return [*(number.way for number in self.numbers), *(way for way, what in said.items() if what)] or ["nothing"]


def read(text: str) -> Description:
    """What the beginning of `text` asks for; whatever it holds, something is understood or nobody is meant."""
    text = text.replace("\x00", "")[:MOST_SIGNS]
    numbers, rest = _numbers_in(text)
    born, key = birth_dates.take_from(" ".join(rest))
    month, key = ("", key) if born else _month_in(key)
    year = last_four = ""
    postcode, said = postcodes.take_from(key.split())
    words = []
    for word in said:
        if re.fullmatch("[0-9]{4}", word) and not (year or last_four):
            is_year = not (born or month) and EARLIEST_BIRTH.year <= int(word) <= timezone.localdate().year
            year, last_four = (word, "") if is_year else ("", word)
        else:
            words.append(word)
    is_said = bool(numbers or born or month or year or last_four or postcode)
    return Description(
        numbers, born, month, year, last_four, postcode, tuple(_of_names(words, numbers, is_said=is_said))
    )


def readings(text: str) -> Iterator[Description]:
    """What `text` asks for, then what else it may mean: four digits are a year, an account's end, or a postcode."""
    asked = read(text)
    yield asked
    if asked.year:
        yield asked._replace(year="", last_four=asked.year)
    if asked.year or asked.last_four:
        if not asked.postcode:
            yield asked._replace(year="", last_four="", postcode=asked.year or asked.last_four)
        yield read(postcodes.close_up(text))
    for whole in postcodes.LONG_ZIP.finditer(text):
        yield read(text.replace(whole[0], " "))._replace(postcode="".join(whole.groups()))


def _month_in(key: str) -> tuple[str, str]:
    month, rest = birth_dates.take_month_from(key)
    return month or "", rest


def _numbers_in(text: str) -> tuple[tuple[ByNumber, ...], list[str]]:
    """Those that say who is meant, and the pieces of the text that are left."""
    found = [ByNumber("email", _has_email(address)) for address in E_MAIL.findall(text)]
    text = E_MAIL.sub(" ", text)
    for iban in OWN_IBAN.findall(text):
        account_number = ibans.number_in(iban)
        if account_number:
            found.append(ByNumber("account", _has_number(account_number)))
            text = text.replace(iban, " ")
    pieces, rest = BESIDE.sub(" ", text).split(), []
    while pieces:
        number, length = _number_at_the_start(pieces)
        if number:
            found.append(number)
        else:
            rest.append(pieces[0])
        pieces = pieces[length:]
    return tuple(found), rest


def _number_at_the_start(pieces: list[str]) -> tuple[ByNumber | None, int]:
    """The longest number that the first pieces make, and of how many of them."""
    if any(sign.isalpha() for sign in pieces[0]):
        return None, 1
    for length in range(min(len(pieces), LONGEST_NUMBER), 0, -1):
        number = _number(" ".join(pieces[:length]))
        if number:
            return number, length
    return None, 1


def _number(text: str) -> ByNumber | None:
    account_number = ibans.number_in(text)
    if account_number:
        return ByNumber("account", _has_number(account_number))
    if client_codes.is_well_formed(text):
        return ByNumber("client_code", Q(client_code=client_codes.normalise(text)))
    phone = phones.as_kept(text)
    return ByNumber("phone", _has_phone(phone)) if phone else None


def _has_number(number: str) -> Q:
    """Of an account or of a contract: both have eleven digits."""
    holders = Holding.objects.filter(account__number=number).order_by().values("client")
    subscribers = ServiceContract.objects.filter(number=number).order_by().values("client")
    # One set: of two, of which either will do, PostgreSQL would ask every client.
    return Q(pk__in=holders.union(subscribers))


def _has_phone(number: str) -> Q:
    by_mobile, by_home = (Client.objects.filter(**{kind: number}).order_by() for kind in ("mobile_phone", "home_phone"))
    return Q(pk__in=by_mobile.values("pk").union(by_home.values("pk")))


def _has_email(address: str) -> Q:
    alike = Client.objects.alias(same=Upper("email")).filter(same=Upper(Value(address)))
    return Q(pk__in=alike.order_by().values("pk"))


def _last_four(field: str) -> Func:
    """Written as the index says it: SQLite takes no index for an expression whose figures are filled in."""
    said = "SUBSTR(%(expressions)s, (4 * -1), 4)" if connection.vendor == "sqlite" else "RIGHT(%(expressions)s, 4)"
    return Func(F(field), template=said, output_field=CharField())


def narrowed(clients: QuerySet[Client], asked: Description) -> QuerySet[Client]:
    """Those who have the numbers that were said, and an account that ends with the last four digits."""
    for number in asked.numbers:
        clients = clients.filter(number.matching)
    if asked.last_four:
        ending = BankAccount.objects.alias(last=_last_four("number")).filter(last=asked.last_four)
        clients = clients.filter(pk__in=ending.order_by().values("holders"))
    return clients


def _of_names(words: list[str], numbers: tuple[ByNumber, ...], *, is_said: bool) -> Iterator[str]:
    """Without « M. », which is a name where nothing else was said, and without what is said around a number."""
    said = [word for word in words if word not in CIVILITIES]
    if not said and not is_said:
        yield from words
        return
    for word in said:
        if not (numbers and word in LABELS):
            yield word
