"""Code client, account numbers, IBAN and telephone numbers: grouped alike on every page, and heard sign by sign."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.urls import reverse

from accounts import bank
from accounts.clients import contact_changes
from accounts.models import BankAccount, Client, ServiceContract
from accounts.notation import ibans, phones
from auth_codes import wording
from auth_codes.actor import Actor
from banking_portal import typography
from tests.conftest import StrictBrowser
from tests.pages import say_why
from tests.portal.test_access_sweep import pages_of, world  # noqa: F401 - a fixture

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"
# Where no tag may stand, and none is needed: a screen reader goes through what is typed sign by sign.
PLAIN = {"title", "script", "option", "textarea"}
CODE = "1234\u00a0567\u00a0890"


class Numbers(HTMLParser):
    """The texts of a page outside of spelled numbers, and the spelled ones as seen and as heard."""

    def __init__(self, page: str):
        super().__init__()
        self.texts, self.seen, self.heard, self.attributes, self.open = "", [], [], "", []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.attributes += " ".join(value or "" for value in values.values())
        if tag not in {"meta", "link", "input", "img", "br", "wbr", "hr", "use"}:
            self.open.append((tag, values.get("class") or ""))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        tags, classes = ([one[place] for one in self.open] for place in (0, 1))
        if "spelled__heard" in classes:
            self.heard.append(data)
        elif "spelled" in classes:
            self.seen.append(data)
        elif not PLAIN & set(tags) and "original" not in classes:  # the admin's name of a row, which nobody is shown
            self.texts += data


def numbers() -> set[str]:
    """Every number of somebody, in digits, as the database keeps it and as it is dialled."""
    kept = {bank.PHONE.replace(" ", "")}
    for client in Client.objects.all():
        kept |= {client.client_code, client.mobile_phone, phones.national(client.mobile_phone)} - {"", None}
    for account in BankAccount.objects.all():
        kept |= {account.number, account.iban}
    return kept | set(ServiceContract.objects.values_list("number", flat=True))


def plain_ones(page: str) -> list[str]:
    """The numbers that stand on a page outside of their markup, in any spelling."""
    parsed = Numbers(page)
    assert "<span" not in parsed.attributes
    return sorted(number for number in numbers() if number in re.sub(r"[\s.\u2011-]", "", parsed.texts))


def test_number_is_heard_sign_by_sign_and_seen_in_groups():
    parsed = Numbers(typography.client_code("1234567890"))
    assert (parsed.seen, parsed.heard, parsed.texts) == ([CODE], ["1 2 3 4, 5 6 7, 8 9 0"], "")


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        (typography.account_number("12345678901"), "1 2 3, 4 5 6 7, 8 9 0 1"),
        (typography.iban("FR7699999000011234567890141"), "F R 7 6, 9 9 9 9, 9 0 0 0, 0 1 1 2, 3 4 5 6, 7 8 9 0, 1 4 1"),
        (typography.rib(ibans.rib_parts("12345678901")), "9 9 9 9 9, 0 0 0 0 1, 1 2 3 4 5 6 7 8 9 0 1, 5 2"),
        (typography.phone("+33612345678"), "0 6, 1 2, 3 4, 5 6, 7 8"),
        (typography.phone("+262692123456"), "+ 2 6 2, 6 9 2, 1 2, 3 4, 5 6"),
        (typography.phone("+14155552671"), "+ 1, 4 1 5, 5 5 5, 2 6 7 1"),
    ],
)
def test_each_kind_is_heard_in_the_groups_in_which_it_is_seen(written, heard):
    assert Numbers(written).heard == [heard]


def test_number_that_is_not_there_is_nothing():
    assert typography.client_code(None) == typography.client_code("") == typography.phone("") == ""


@pytest.mark.parametrize(
    "text",
    [
        "−1\u202f234,56\u00a0€",
        "le 12\u00a0mars\u00a02026 à 08\u00a0h\u00a005",
        "1er\u00a0juin\u00a02026",
        "n°\u00a07",
        "Facture 12345678901",
        "« 12\u00a0» et 3\u00a0: oui",
        "du 01/03/2026 au 02/03/2026",
    ],
)
def test_amounts_dates_and_what_is_not_grouped_stay_text(text):
    assert wording.spelled(text) == text


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("Compte courant n°\u00a0123\u00a04567\u00a08901, compte joint", ["1 2 3, 4 5 6 7, 8 9 0 1"]),
        (
            "123\u00a04567\u00a08901 vers 223\u00a04567\u00a08901",
            ["1 2 3, 4 5 6 7, 8 9 0 1", "2 2 3, 4 5 6 7, 8 9 0 1"],
        ),
        ("IBAN FR76 9999 9000 0112 3456 7890 141.", ["F R 7 6, 9 9 9 9, 9 0 0 0, 0 1 1 2, 3 4 5 6, 7 8 9 0, 1 4 1"]),
        ("Appelez-nous au 01 99 00 12 34.", ["0 1, 9 9, 0 0, 1 2, 3 4"]),
    ],
)
def test_numbers_within_a_sentence_are_found(text, heard):
    parsed = Numbers(wording.spelled(text))
    assert parsed.heard == heard
    assert not any(seen in parsed.texts for seen in parsed.seen)


def test_what_stands_around_a_number_is_escaped_once():
    assert wording.spelled("<b>&</b>") == "&lt;b&gt;&amp;&lt;/b&gt;"
    assert wording.spelled(wording.spelled("<b>l'autre")) == "&lt;b&gt;l&#x27;autre"


@pytest.mark.slow
@pytest.mark.django_db
def test_no_page_of_a_client_shows_a_number_that_is_not_spelled(world):  # noqa: F811
    bare, heard = {}, []
    for address, page in pages_of(world, "A"):
        bare |= {address: found} if (found := plain_ones(page)) else {}
        heard += Numbers(page).heard
    assert bare == {}
    assert len(set(heard)) > 8


@pytest.mark.django_db
def test_journal_of_a_client_says_numbers_as_all_pages_do(client_, client_browser):
    account = client_.bank_accounts.get()
    said = Numbers(client_browser.get(reverse("own_journal")).content.decode())
    assert ibans.display_number(account.number) in said.seen
    assert plain_ones(client_browser.get(reverse("own_journal")).content.decode()) == []


@pytest.mark.django_db
def test_changed_telephone_is_spelled_where_it_is_confirmed(client_, client_browser, advisor):
    client_.mobile_phone = "+33698765432"
    contact_changes.note(client_, ["mobile_phone"], by=Actor(advisor))
    Client.objects.filter(pk=client_.pk).update(mobile_phone=client_.mobile_phone)
    said = Numbers(client_browser.get(reverse("confirm_contacts")).content.decode())
    assert {"06\u00a098\u00a076\u00a054\u00a032", "06\u00a012\u00a034\u00a056\u00a078"} <= set(said.seen)


@pytest.mark.slow
@pytest.mark.django_db
def test_no_page_of_the_desk_shows_a_number_that_is_not_spelled(world, advisor):  # noqa: F811
    browser, client = StrictBrowser.logged_in(advisor), world.clients[0]
    say_why(browser, client)
    sheet = f"/admin/accounts/client/{client.pk}/"
    places = ["change/", "historique/", "documents/", "courrier/", "compte/"]
    bare = {place: plain_ones(browser.get(sheet + place).content.decode()) for place in places}
    assert bare == {place: [] for place in places}


# The last name of an expression that holds such a number, and the filters that show one.
HOLDS_ONE = {
    "client_code",
    "iban",
    "rib_parts",
    "mobile_phone",
    "bank_phone",
    "phone",
    "account",
    "source",
    "destination",
}
SHOWS_ONE = {"client_code", "masked_code", "account_number", "iban", "rib", "phone", "spelled"}
EXPRESSION = re.compile(r'(=")?\{\{ ([\w.]+)((?:\|[^}]+)?) \}\}')
TRANSLATED = re.compile(r"\{% blocktranslate(.*?) %\}(.*?)\{% endblocktranslate %\}", re.DOTALL)
TAKEN = re.compile(r'\b(\w+)=([\w.]+)((?:\|[\w:"]+)*)')
CALLED = re.compile(r"\{% call_\w+ as (\w+) %\}")  # spelled by the tag


def expressions(source):
    """What a template shows; of a sentence that is translated, what it takes under another name, not that name."""
    yield from EXPRESSION.findall(TRANSLATED.sub("", source))
    for head, sentence in TRANSLATED.findall(source):
        taken = TAKEN.findall(head)
        yield from (("", name, filters) for _, name, filters in taken)
        own = {name for name, _, _ in taken} | set(CALLED.findall(source))
        yield from (found for found in EXPRESSION.findall(sentence) if found[1] not in own)


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_template_shows_a_number_by_a_filter_that_spells_it(path):
    for attribute, name, filters in expressions(path.read_text()):
        last = name.rsplit(".", 1)[-1]
        holds_one = last in HOLDS_ONE or (last == "number" and name != "page.number")
        is_shown = not attribute and "stringformat" not in filters and name != "item.destination"  # a postal address
        if holds_one and is_shown:
            assert SHOWS_ONE & set(re.findall(r"\|(\w+)", filters)), f"{{{{ {name}{filters} }}}}"


def test_sentence_that_takes_a_number_as_it_is_kept_is_found():
    taken = "{% blocktranslate with n=account.number day=at|day %}N° {{ n }}, {{ day }}{% endblocktranslate %}"
    assert list(expressions(taken)) == [("", "account.number", ""), ("", "at", "|day")]


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.txt")), ids=lambda path: path.stem)
def test_no_mail_holds_the_markup_of_a_page(path):
    assert not re.search(r"\|(spelled|client_code|account_number|iban|rib|phone)\b", path.read_text())
