"""The pages of the accounts for who reads English: no French is left but what the bank has issued or booked."""

import re
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser

import pytest
from django.urls import reverse

from accounts.clients import contact_changes
from accounts.ledger import corrections
from accounts.models import BankAccount, Booking, Client, Transfer
from accounts.transfers import ordering
from auth_codes.actor import SYSTEM, Actor
from docs.catalogs import HOLDERS
from tests import makers
from tests.conftest import StrictBrowser
from tests.portal.test_access_sweep import world  # noqa: F401 - a fixture
from tests.portal.test_html import Checker

pytestmark = pytest.mark.django_db

ENGLISH = {"Accept-Language": "en-GB"}
PLACES = re.compile(r"%\(\w+\)[sd]|\{\w*\}|<[^>]*>|&\w+;|&#\d+;")
SPOKEN = {"alt", "title", "placeholder", "aria-label", "data-said", "data-refused", "data-label"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "use", "wbr"}


class Heard(HTMLParser):
    """What a page says, its attributes too, outside of what is marked as French.

    In the title of a window nothing can be marked: that of a page whose own title is French is left out.
    """

    def __init__(self, page: str):
        super().__init__()
        self.said, self.open = [], []
        self.feed(re.sub(r"<title>.*?</title>", "", page) if '<h1 lang="fr"' in page else page)

    def handle_starttag(self, tag, attrs):
        is_french = dict(attrs).get("lang") == "fr"
        if tag not in VOID:
            self.open.append((tag, is_french))
        if not is_french:
            self.hear(*(value or "" for name, value in attrs if name in SPOKEN))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        self.hear(data)

    def hear(self, *texts):
        if not any(is_french for _tag, is_french in self.open):
            self.said += texts


def parts_of(message_id) -> set[str]:
    """The words of a text between what is filled in, which stand on a page as they are."""
    forms = message_id if isinstance(message_id, tuple | list) else [message_id]
    parts = (part for form in forms for part in PLACES.split(form))
    return {plain(part) for part in parts if re.search(r"[^\W\d_]{3}", part)}


def plain(text: str) -> str:
    return " ".join(text.split()).strip(" ,.:;?!")


@cache
def french() -> set[str]:
    """All that the catalogs translate, but for what English says in the same words."""
    messages = [message for holder in HOLDERS for message in holder.catalog() if message.id]
    english = "\n".join(part for message in messages for part in parts_of(message.string))
    said = {part for message in messages for part in parts_of(message.id)}
    return {part for part in said if not stands_in(english, part)}


def french_on(page: str) -> set[str]:
    said = plain(" ".join(Heard(page).said))
    return {part for part in french() if stands_in(said, part)}


def stands_in(text: str, part: str) -> bool:
    """Whether `part` is said in `text` as whole words."""
    return part in text and bool(re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text))


def pages_of(world, visitor):  # noqa: F811
    """Each page of the accounts that `visitor` of the sweep sees, by its address."""
    browser = StrictBrowser.logged_in(world.visitors[visitor], headers=ENGLISH)
    alone, joint = world.alone.pk, world.joint.pk
    addresses = [
        reverse("overview"),
        *(reverse("account", args=[pk]) for pk in (alone, joint, world.entrusted.pk)),
        reverse("account", args=[alone]) + "?search=1,234.56&direction=out",
        reverse("account", args=[alone]) + "?period=no&direction=up",
        *(reverse("operation", args=[alone, position]) for position in (1, 2)),
        reverse("documents"),
        reverse("documents") + "?annee=1999",
        *(reverse("read_document", args=[document.pk]) for document in (world.letter, world.statement)),
        reverse("transfers"),
        reverse("new_transfer"),
        reverse("transfer", args=[world.transfer.pk]),
        reverse("profile"),
        reverse("own_journal"),
    ]
    answers = {address: browser.get(address) for address in addresses}
    return {address: answer.content.decode() for address, answer in answers.items() if answer.status_code == 200}


@pytest.mark.slow
@pytest.mark.parametrize(("visitor", "least"), [("A", 16), ("J", 8), ("T", 6)])
def test_no_page_of_the_accounts_says_in_french_what_the_catalogs_say_in_english(world, visitor, least):  # noqa: F811
    makers.make_pending(world.alone, "Loyer", "-12")
    pages = pages_of(world, visitor)
    assert len(pages) >= least
    found = {address: french_on(page) for address, page in pages.items()}
    assert {address: words for address, words in found.items() if words} == {}
    assert all('<html lang="en">' in page for page in pages.values())
    assert {address: Checker(page).faults for address, page in pages.items() if Checker(page).faults} == {}


def orders(client, source, destination):
    """One that waits, one that has expired, one made, and one that the bank has taken back."""
    waiting, *others = (ordering.prepare(client, source, destination, Decimal(each)) for each in (10, 11, 12, 13))
    for order in others[1:]:
        ordering.confirm(order, by=Actor(client.user), seen=ordering.fingerprint(order))
    corrections.correct_booking(Transfer.objects.get(pk=others[2].pk).booking, reason="Doublon", by=SYSTEM)
    again = ordering.prepare(client, source, destination, Decimal(12))
    ordering.void(others[0])
    Transfer.objects.filter(pk=waiting.pk).update(amount=2000)  # more than there is
    return [waiting, *others, again]


@pytest.mark.slow
def test_nor_does_any_state_of_a_page(client_, advisor):
    current, savings = client_.bank_accounts.get(), makers.make_savings(client_, "1000")
    closed = makers.make_savings(client_)
    makers.close_account(closed, by=Actor(advisor))
    for kind in Booking.Kind:
        if kind not in (Booking.Kind.CORRECTION, Booking.Kind.CARRIED_OVER):
            makers.make_operation(current, "", "-12.50", kind=kind)
            makers.make_operation(current, "", "999", kind=kind)
    makers.make_pending(current, "", "-12")
    BankAccount.objects.filter(pk=current.pk).update(overdraft=500)
    made = orders(client_, current, savings)
    client_.mobile_phone = "+33698765432"
    contact_changes.note(client_, ["mobile_phone"], by=Actor(advisor))
    Client.objects.filter(pk=client_.pk).update(mobile_phone=client_.mobile_phone)
    browser = StrictBrowser.logged_in(client_.user, headers=ENGLISH)
    addresses = [
        *(reverse(name) for name in ("overview", "transfers", "own_journal", "profile", "confirm_contacts")),
        *(account.get_absolute_url() for account in (current, savings, closed)),
        current.get_absolute_url() + "?search=nothing",
        *(entry.get_absolute_url() for entry in current.entries.all()),
        *(order.get_absolute_url() for order in made),
    ]
    pages = {address: browser.get(address) for address in addresses}
    assert {answer.status_code for answer in pages.values()} == {200}
    read = {address: answer.content.decode() for address, answer in pages.items()}
    assert {address: words for address, page in read.items() if (words := french_on(page))} == {}
    assert {address: faults for address, page in read.items() if (faults := Checker(page).faults)} == {}


def test_the_search_for_french_finds_it():
    assert french_on("<p>Solde après</p>") == {"Solde après", "Solde"}
    assert french_on('<p><span lang="fr">Solde après</span> Balance</p>') == set()
    assert french_on('<a aria-label="Tous mes comptes"></a>') >= {"Tous mes comptes"}
