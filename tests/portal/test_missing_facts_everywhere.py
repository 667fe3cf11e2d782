"""Whatever a person lacks, each page, paper, mail and letter of his reads well: all combinations, none by chance."""

import re
import uuid
from datetime import date
from functools import reduce
from html import unescape
from itertools import compress, product
from operator import or_

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.bank_accounts.opening import open_service_contract
from accounts.clients import identity_changes, twins
from accounts.documents import letters
from accounts.documents.issuing import pdf_of
from accounts.models import Client, PostalItem, ServiceContract
from accounts.notation import addresses
from accounts.papers.contents import render
from accounts.papers.postal_notice import NoticeContents
from auth_codes import notices
from auth_codes.actor import Actor
from auth_codes.renewals import by_advisors
from tests import makers, pdfs
from tests.auth_codes.test_notices import CLIENTS_MAIL
from tests.conftest import StrictBrowser
from tests.pages import say_why

LACKING = {
    "one name": {"given_names": ""},
    "a year alone": {"birth_date": None, "birth_year": 1961},
    "no e-mail": {"email": ""},
    "no telephone": {"mobile_phone": "", "home_phone": ""},
    "a name of birth": {"birth_name": "N’Diaye"},
}
CHOICES = [compress(LACKING, chosen) for chosen in product((False, True), repeat=len(LACKING))]
EVERY = {" + ".join(names) or "nothing": names for names in map(tuple, CHOICES)}
each_lack = pytest.mark.parametrize(
    "lacks", [reduce(or_, map(LACKING.get, names), {}) for names in EVERY.values()], ids=EVERY
)
OWN = (
    "/espace-client/",
    "/mon-profil/",
    "/mon-profil/journal/",
    "/espace-client/documents/",
    "/espace-client/virements/",
    "/mon-profil/code-secret/",
)
# What a fact that is missing leaves behind where nobody thought of it.
LEFT_BEHIND = re.compile(r"\bNone\b|\bnull\b|<dd>\s*</dd>|M\. {2}|Mme {2}|\(\)|, ,| , ")


SHEET = (
    "change/", "modifier/", "code-client/?pour=phone", "code-client/?pour=branch", "code-client/?pour=mail",
    "renouveler/", "ouvrir/compte/", "deconnecter/", "fermer/", "courrier/", "history/", "fin-de-la-relation/",
    "lever-la-suspension/", "documents/", "adresse/",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.django_db
@each_lack
def test_desk_and_space_of_whoever_lacks_something_read_well(advisor, lacks):
    colleague = makers.make_advisor("marc.lefevre")
    client = makers.make_personalised_client(advisor, **lacks)
    desk, own = StrictBrowser.logged_in(advisor), StrictBrowser.logged_in(client.user)
    say_why(desk, client)
    change = identity_changes.start(client, {"family_name": "Durand"}, by=Actor(colleague))
    renewal = by_advisors.start(client.user, by=Actor(colleague), identity_check="branch", token=uuid.uuid4())
    proxy = makers.make_person(advisor, given_names="", birth_date=None, birth_year=1950)
    makers.make_mandate(client.bank_accounts.get(), proxy)
    at_the_desk = [
        *(f"/admin/accounts/client/{client.pk}/{page}" for page in SHEET),
        f"/admin/accounts/identitychange/{change.pk}/change/",
        f"/admin/auth_codes/renewal/{renewal.pk}/change/",
    ]
    for browser, address in [(desk, address) for address in at_the_desk] + [(own, page) for page in OWN]:
        answer = browser.get(address, follow=True)
        assert answer.status_code == 200, address
        page = unescape(answer.content.decode())
        assert not LEFT_BEHIND.search(page), (address, LEFT_BEHIND.search(page))
    found = desk.post("/admin/accounts/client/", {"said": "martin"}, follow=True)
    assert str(client) in re.sub("</?mark>", "", unescape(found.content.decode()))


@pytest.mark.slow
@pytest.mark.django_db
@each_lack
def test_papers_of_whoever_lacks_something_are_addressed_well(advisor, lacks):
    client = makers.make_personalised_client(advisor, **lacks)
    open_service_contract(client, kind=ServiceContract.Kind.CARD, by=Actor(advisor))
    letters.write(client, subject="Objet", body="Texte", by=Actor(advisor), token=uuid.uuid4())
    letters.send_code_client(client, by=Actor(advisor), token=uuid.uuid4())
    name = "Mme MARTIN" if lacks.get("given_names") == "" else "Mme Inès Léa MARTIN"
    for document in client.documents.all():
        text = " ".join(page.extract_text() for page in pdfs.read(pdf_of(document)).pages)
        assert name in " ".join(text.split()), document.title
        assert "None" not in text
    assert makers.open_letter(client).address[0] == name


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "facts"), CLIENTS_MAIL)
def test_every_mail_leaves_by_post_in_the_same_words_for_who_has_one_name(advisor, kind, facts):
    client = makers.make_person(advisor, given_names="", email="", family_name="Sukarno")
    subject, body = notices.worded(kind, salutation=client.salutation, at=timezone.now(), **facts, by_post="yes")
    contents = NoticeContents(
        address=tuple(client.address_lines), written_on=date(2026, 3, 1), subject=subject, body=body, bank_phone="3639"
    )
    assert "Bonjour Madame Sukarno," in body
    assert render(contents)[:5] == b"%PDF-"
    assert not PostalItem.objects.exists()


NAME = st.text(st.characters(categories=["L"]), min_size=1, max_size=12)


@given(
    family=NAME,
    given_names=st.just("") | NAME,
    birth_name=st.just("") | NAME,
    born=st.dates(date(1900, 1, 1), date(2026, 1, 1)) | st.integers(1900, 2026),
)
def test_whatever_is_missing_a_person_is_called_addressed_found_and_compared(family, given_names, birth_name, born):
    day, year = (None, born) if isinstance(born, int) else (born, None)
    person = Client(
        title="Mme", family_name=family, given_names=given_names, birth_name=birth_name, birth_date=day,
        birth_year=year, street="1 rue Neuve", postcode="69003", city="Lyon",
    )  # fmt: skip
    assert str(person) == " ".join(str(person).split())
    assert person.salutation == f"Madame {family}"
    assert len(person.address_lines[0]) <= addresses.WIDTH
    assert str(year or day.year) in person.birth_in_words
    words = {word for kind, word in person.said_to_find_by() if kind == "d"}
    assert words == {str(year) if year else f"{day:%Y%m%d}"}
    assert twins._Names.of(person).are_like_those_of(person)
