"""What a process keeps between two pages is nobody's: two customers, two languages, in turn, and together."""

import re

import pytest

from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import matter_of

PAGES = [
    "/espace-client/", "/espace-client/comptes/{account}/", "/espace-client/comptes/{account}/?search=librairie",
    "/espace-client/comptes/{account}/operations/1/", "/espace-client/virements/", "/espace-client/virements/nouveau/",
    "/espace-client/documents/", "/mon-profil/", "/mon-profil/journal/", "/mon-profil/code-secret/",
    "/code-secret-oublie/", "/",
]  # fmt: skip
VARYING = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|data-seconds-[a-z-]+="\d+"|value="[0-9a-f-]{36}"')


def customer(advisor, family_name, label, amount, language):
    client = makers.make_personalised_client(
        advisor, family_name=family_name, email=f"{family_name.lower()}@example.org", street=f"7 rue {family_name}"
    )
    account = client.bank_accounts.get()
    makers.make_operation(account, label, amount)
    makers.make_savings(client, amount)
    browser = StrictBrowser.logged_in(client.user, headers={"accept-language": language})
    return client, account, browser


@pytest.fixture
def both(advisor):
    """Each with what stands on his pages and on nobody else's."""
    return {
        "Quetzal": customer(advisor, "Quetzal", "Librairie Zibeline", "4321.07", "fr"),
        "Xanthippe": customer(advisor, "Xanthippe", "Librairie Wombat", "8765.03", "en"),
    }


def page_of(customer, page):
    _client, account, browser = customer
    answer = browser.get(page.format(account=account.pk))
    assert answer.status_code == 200, page
    return VARYING.sub("", matter_of(answer)), answer


def traces(customer):
    client, *_ = customer
    digits = r"[\s\u00a0\u202f,.]?"
    numbers = [client.client_code, *(held.number for held in client.bank_accounts.all())]
    spaced = [digits.join(number) for number in numbers]
    amounts = {"Quetzal": "4.?321.07", "Xanthippe": "8.?765.03"}[client.family_name]
    labels = {"Quetzal": "Zibeline", "Xanthippe": "Wombat"}[client.family_name]
    return re.compile("|".join([client.family_name, client.email, amounts, labels, *spaced]), re.IGNORECASE)


@pytest.mark.slow
def test_pages_of_two_customers_in_two_languages_asked_for_in_turn(both):
    first, second = both.values()
    alone = {page: [page_of(one, page)[0] for one in (first, second)] for page in PAGES}
    for page in PAGES:
        for _ in range(2):
            for one, other, expected in ((first, second, 0), (second, first, 1)):
                told, answer = page_of(one, page)
                assert told == alone[page][expected] or page in ("/mon-profil/", "/mon-profil/journal/"), page
                assert not traces(other).search(answer.content.decode()), page
                assert answer["Content-Language"] == ("fr", "en")[expected]


@pytest.mark.slow
def test_each_finds_what_is_his(both):
    for one in both.values():
        _, overview = page_of(one, "/espace-client/")
        assert len(set(traces(one).findall(overview.content.decode()))) >= 3


@pytest.mark.slow
def test_nobody_reaches_the_account_of_the_other_after_him(both):
    (_, of_first, first), (_, of_second, second) = both.values()
    for _ in range(2):
        for browser, own, others in ((first, of_first, of_second), (second, of_second, of_first)):
            asked = [browser.get(f"/espace-client/comptes/{account.pk}/").status_code for account in (own, others)]
            assert asked == [200, 404]


def test_pages_asked_for_at_once_are_each_his_own(race, advisor):
    people = [customer(advisor, name, f"Librairie {name}", "12.00", "fr") for name in ("Quetzal", "Xanthippe")]
    pages = race(lambda one: page_of(one, "/espace-client/")[1].content.decode(), people * 3)
    for page, (client, *_) in zip(pages, people * 3, strict=True):
        names = {name for name in ("Quetzal", "Xanthippe") if name in page}
        assert names == {client.family_name}
