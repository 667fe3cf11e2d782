"""« J’ai perdu mon code client »: masked at the desk, shown on one page after a reason and checks, or sent by post."""

import re
import uuid
from contextlib import suppress
from pathlib import Path

import pytest

from accounts import client_codes
from accounts.documents import issuing, letters
from accounts.kinds import Event
from accounts.models import PostalItem
from auth_codes.actor import Actor
from auth_codes.models import SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import say_why, text_of

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[3]
CLIENTS = "/admin/accounts/client/"
PHONE = {"pour": "phone", "checks": ["identity", "address", "owned"]}
BRANCH = {"pour": "branch", "checks": ["document", "face"]}
MAIL = {"pour": "mail", "checks": ["signature", "sender"]}


def page_of(client, ending="code-client/"):
    return f"{CLIENTS}{client.pk}/{ending}"


def whole(client):
    return client_codes.display(client.client_code).replace("\u00a0", " ")


def masked(client):
    return f"•••• ••• {client.client_code[-3:]}"


def lines(kind=Event.CODE_SHOWN):
    return SecurityEvent.objects.filter(kind=kind).order_by("pk")


def token_of(browser, client):
    return browser.get(page_of(client)).context["letter"]["token"].value()


def send(browser, client, token=None):
    token = token or token_of(browser, client)
    return browser.post(page_of(client, "code-client/courrier/"), {"token": token}, follow=True)


@pytest.fixture
def without_space(person, advisor):
    makers.open_account(person, kind="current", by=Actor(advisor))
    PostalItem.objects.all().delete()
    person.refresh_from_db()
    return person


# Masked.


@pytest.mark.parametrize(
    "ending", ["change/", "ouvrir/contrat/", "renouveler/", "fermer/", "courrier/", "code-client/"]
)
def test_pages_about_a_client_show_the_last_digits_alone(advisor_browser, client_, ending):
    page = text_of(advisor_browser.get(page_of(client_, ending)))
    assert whole(client_) not in page
    assert client_.client_code not in page


def test_list_shows_the_last_digits_alone(advisor_browser, client_):
    page = text_of(advisor_browser.post(CLIENTS, {"said": "martin"}, follow=True))
    assert masked(client_) in page
    assert whole(client_) not in page


def test_last_digits_are_heard_one_by_one(advisor_browser, client_):
    page = advisor_browser.get(page_of(client_, "change/")).content.decode()
    assert f">se terminant par {' '.join(client_.client_code[-3:])}<" in page


def test_twin_is_named_with_the_last_digits_alone(advisor_browser, advisor, client_):
    typed = makers.person_fields(birth_date="25/07/1988", mobile_phone="06 12 34 56 78", country="France")
    page = text_of(advisor_browser.post(f"{CLIENTS}add/", typed | {"advisor": advisor.pk, "token": uuid.uuid4()}))
    assert f"code client : {masked(client_)}" in page
    assert whole(client_) not in page


# Where a number stands whole: where it is shown with a reason, and on the page that attributes it; the administrators
# of the staff compare that of a colleague's own sheet with his papers.
TEMPLATES = {"code_client.html"}
MODULES = {"acts.py", "staff.py", "staff_requests.py"}


def test_no_other_source_of_the_desk_shows_it_whole():
    pages = {path.name for path in (ROOT / "templates/admin").rglob("*.html") if "|client_code" in path.read_text()}
    assert pages == TEMPLATES
    rooms = (path for room in ("admin", "desk") for path in (ROOT / "accounts" / room).glob("*.py"))
    assert {
        path.name for path in rooms if re.search(r"client_codes\.display\((?!.*masked)", path.read_text())
    } == MODULES


# Shown.


@pytest.mark.parametrize("sent", [PHONE, BRANCH, MAIL], ids=["phone", "branch", "mail"])
def test_code_client_is_shown_after_a_reason_and_checks(advisor_browser, client_, sent):
    assert whole(client_) in text_of(advisor_browser.post(page_of(client_), sent))


def test_it_is_heard_digit_by_digit(advisor_browser, client_):
    page = advisor_browser.post(page_of(client_), PHONE).content.decode()
    groups = client_codes.display(client_.client_code).split("\u00a0")
    assert f">{', '.join(' '.join(group) for group in groups)}<" in page


def test_it_is_shown_by_that_answer_alone(advisor_browser, client_):
    answer = advisor_browser.post(page_of(client_), PHONE)
    assert "no-store" in answer["Cache-Control"]
    for ending in ("code-client/", "change/", "code-client/?pour=phone&checks=identity&checks=address&checks=owned"):
        assert whole(client_) not in text_of(advisor_browser.get(page_of(client_, ending)))
    assert client_.client_code not in str(dict(advisor_browser.session))


@pytest.mark.parametrize(
    "checks", [[], ["identity"], ["identity", "address"], ["rung_back"], ["document", "face"], ["\x00"], ["٣"]]
)
def test_what_was_not_checked_shows_nothing_and_keeps_what_was_ticked(advisor_browser, client_, checks):
    answer = advisor_browser.post(page_of(client_), PHONE | {"checks": checks})
    assert whole(client_) not in text_of(answer)
    assert answer.context["form"].errors["checks"]
    assert answer.context["form"]["checks"].value() == checks
    assert not lines().exists()


def test_refusal_says_what_is_missing_and_what_to_do(advisor_browser, client_):
    page = text_of(advisor_browser.post(page_of(client_), PHONE | {"checks": ["identity", "owned"]}))
    assert "Vérifiez d’abord : adresse postale, dite sans aide." in page
    assert "envoyez le code client par courrier" in page


@pytest.mark.parametrize("occasion", ["", "x", "\x00", "phone "])
def test_occasion_that_is_none_asks_for_what_the_telephone_asks(advisor_browser, client_, occasion):
    assert advisor_browser.get(page_of(client_), {"pour": occasion}).context["occasion"] == "phone"
    assert not advisor_browser.post(page_of(client_), BRANCH | {"pour": occasion}).context["is_shown"]


TAPPED = [("phone", "phone"), ("branch", "branch"), ("message", "mail"), ("file", "phone")]


@pytest.mark.parametrize(("tapped", "occasion"), TAPPED)
def test_reason_of_the_sheet_is_not_asked_twice(client_, tapped, occasion):
    colleague = makers.make_advisor("paul.durand")
    browser = StrictBrowser.logged_in(colleague)
    say_why(browser, client_, reason=tapped)
    assert browser.get(page_of(client_)).context["occasion"] == occasion


def test_nothing_that_opens_the_space_is_asked_of_the_caller(advisor_browser, client_):
    for occasion in ("phone", "branch", "mail"):
        page = advisor_browser.get(page_of(client_), {"pour": occasion}).content.decode()
        asked = " ".join(re.findall(r"<label[^>]*>(.*?)</label>", page, re.DOTALL))
        assert asked
        assert not re.search(r"secret|mot de passe|lettre|numéro d|code", asked)


def test_each_showing_is_a_line_with_its_reason_and_its_checks(advisor_browser, advisor, client_):
    for _ in range(2):
        advisor_browser.post(page_of(client_), PHONE | {"checks": [*PHONE["checks"], "rung_back"]})
    said = [(line.by, line.details["occasion_of_code"], line.details["checks"]) for line in lines()]
    assert said == [(advisor, "phone", "identity address owned rung_back")] * 2
    assert client_.client_code not in str(list(lines().values("details")))


def test_client_reads_who_looked_when_and_why(advisor_browser, client_browser, client_):
    advisor_browser.post(page_of(client_), BRANCH)
    shown, looked = client_browser.get("/mon-profil/journal/").context["lines"][:2]
    assert (shown.event, shown.by) == (
        "Votre code client a été montré à un conseiller, pour vous le redonner", "Un conseiller de la banque",
    )  # fmt: skip
    assert {"en agence", "pièce d’identité en cours de validité"} <= set(shown.details.lower().split(", "))
    assert looked.event == "Votre fiche client a été consultée"


def test_nobody_without_a_code_is_shown_one(advisor_browser, person):
    for answer in (advisor_browser.get(page_of(person)), advisor_browser.post(page_of(person), PHONE)):
        assert "Ouvrez d’abord un compte ou un contrat" in text_of(answer)
    assert not lines().exists()


def test_own_code_client_is_not_shown_at_the_desk(advisor, advisor_browser, client_):
    type(advisor).objects.filter(pk=advisor.pk).update(own_client=client_)
    for ending in ("code-client/", "code-client/courrier/"):
        assert advisor_browser.post(page_of(client_, ending), PHONE).status_code == 403
    assert not lines().exists()


def test_many_shown_are_told_to_the_auditors(advisor_browser, advisor, client_):
    SecurityEvent.objects.bulk_create(SecurityEvent(kind=Event.CODE_SHOWN, by=advisor) for _ in range(20))
    advisor_browser.post(page_of(client_), PHONE)
    assert SecurityEvent.objects.get(kind=Event.BULK_ALARM).details["acts"] == Event.CODE_SHOWN


# By post.


@pytest.mark.parametrize("who", ["without_space", "new_client", "client_"])
def test_letter_leaves_by_post_whatever_he_reads_online(advisor_browser, request, who):
    client = request.getfixturevalue(who)
    PostalItem.objects.all().delete()
    assert "Le code client part par courrier à l’adresse de la fiche." in text_of(send(advisor_browser, client))
    item = client.postal_items.get()
    assert item.address.split("\n") == list(client.address_lines)
    assert item.document.client == client


def test_letter_tells_the_code_client_and_nothing_secret(advisor, client_):
    said = issuing.contents_of(letters.send_code_client(client_, by=Actor(advisor), token=uuid.uuid4()))
    assert client_codes.display(client_.client_code) in said.body
    assert not re.search(r"(?<!\d)\d{6}(?!\d)", said.body)


def test_letter_is_a_line_that_the_client_reads(advisor_browser, client_browser, advisor, client_):
    send(advisor_browser, client_)
    assert lines(Event.CODE_SENT).get().by == advisor
    told = {line.event for line in client_browser.get("/mon-profil/journal/").context["lines"]}
    assert "Votre code client vous a été envoyé par courrier" in told


def test_second_click_sends_no_second_letter(advisor_browser, client_):
    PostalItem.objects.all().delete()
    token = token_of(advisor_browser, client_)
    for _ in range(2):
        send(advisor_browser, client_, token)
    assert client_.postal_items.count() == lines(Event.CODE_SENT).count() == 1


def test_second_tab_is_told_that_a_letter_is_on_its_way(advisor_browser, client_):
    send(advisor_browser, client_)
    assert "attend déjà l’impression" in text_of(send(advisor_browser, client_))
    assert lines(Event.CODE_SENT).count() == 1


def test_no_letter_goes_to_an_address_that_nobody_has_confirmed(advisor_browser, advisor, client_):
    PostalItem.objects.all().delete()
    token = token_of(advisor_browser, client_)
    makers.change_address(client_, advisor)
    before = PostalItem.objects.count()
    page = text_of(advisor_browser.get(page_of(client_)))
    assert "L’envoyer par courrier" not in page
    assert "L’adresse postale a été modifiée" in text_of(send(advisor_browser, client_, token))
    assert PostalItem.objects.count() == before


@pytest.mark.parametrize("token", ["", "x", "\x00"])
def test_letter_without_a_token_is_asked_for_again(advisor_browser, client_, token):
    answer = advisor_browser.post(page_of(client_, "code-client/courrier/"), {"token": token})
    assert (answer.status_code, answer["Location"]) == (302, page_of(client_))
    assert not lines(Event.CODE_SENT).exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_advisors_at_once_send_one_letter(race, advisor, client_):
    PostalItem.objects.all().delete()

    def press(token):
        with suppress(letters.AlreadyOnItsWay):
            letters.send_code_client(client_, by=Actor(advisor), token=token)

    race(press, [uuid.uuid4() for _ in range(4)])
    assert client_.postal_items.count() == 1
