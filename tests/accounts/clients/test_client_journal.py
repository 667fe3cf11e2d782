"""« Historique » on a client's sheet: the journal of this client, in words, for those who may see him."""

import html
import re
import uuid

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from accounts.clients import client_journal
from accounts.desk.roles import AUDITORS
from accounts.kinds import Event
from accounts.models import User
from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.codes import reminders
from auth_codes.models import SecurityEvent
from auth_codes.renewals import by_advisors
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import say_why

pytestmark = pytest.mark.django_db

Kind = SecurityEvent.Kind


WORDS = "Réclamation du client au sujet d’une connexion"


def history(client, page=""):
    return f"/admin/accounts/client/{client.pk}/history/{page}"


def text(answer):
    return html.unescape(answer.content.decode())


def line(**details):
    return client_journal.in_words({"client": 3, **details})


def test_history_shows_what_was_done_before_the_online_space_existed_and_after(advisor_browser, client_):
    page = text(advisor_browser.get(history(client_)))
    for kind in (Event.CLIENT_CODE_ISSUED, Event.ACCOUNT_OPENED, Event.ONLINE_SPACE_CREATED, Kind.CODE_CHANGED):
        assert kind.label in page


def test_history_says_who_acted(advisor_browser, advisor, client_):
    lines = advisor_browser.get(history(client_)).context["lines"]
    assert {shown["event"]: shown["by"] for shown in lines}[Event.ACCOUNT_OPENED.label] == str(advisor)
    assert {shown["event"]: shown["by"] for shown in lines}[Kind.CODE_CHANGED.label] == "le client"


def test_act_of_another_client_does_not_tell_his_code_client(advisor_browser, advisor, client_):
    other = makers.make_new_client(advisor, given_names="Zoé")
    details = {"client": client_.pk}
    journal.record(
        Event.TRANSFER_BY_ANOTHER, owner=client_.user, by=Actor(other.user), subject=client_.pk, details=details
    )
    answer = advisor_browser.get(history(client_))
    by = {shown["event"]: shown["by"] for shown in answer.context["lines"]}
    assert by[Event.TRANSFER_BY_ANOTHER.label] == "un autre client"
    assert other.client_code not in text(answer)


def test_act_of_nobody_has_no_name_and_keeps_its_network(browser, advisor_browser, client_):
    makers.log_in(browser, client_.client_code, makers.WRONG_CODE)
    [shown] = [
        at for at in advisor_browser.get(history(client_)).context["lines"] if at["event"] == "Connexion refusée"
    ]
    assert (shown["by"], shown["address"]) == ("—", "127.0.0.x")


def test_history_is_this_clients_alone(advisor, advisor_browser, client_, person):
    details = {"client": person.pk, "fields": "email"}
    journal.record(Event.CLIENT_CHANGED, by=Actor(advisor), subject=person.pk, details=details)
    assert Event.CLIENT_CHANGED.label not in text(advisor_browser.get(history(client_)))
    assert Event.CLIENT_CHANGED.label in text(advisor_browser.get(history(person)))
    assert Kind.CODE_CHANGED.label not in text(advisor_browser.get(history(person)))


def test_newest_line_comes_first_and_a_page_holds_fifty(advisor_browser, client_):
    journal.record_many(Kind.LOGGED_IN, [client_.user.pk] * 60)
    journal.record(Kind.LOGGED_OUT, owner=client_.user)
    first, second = (advisor_browser.get(history(client_, page)).context["lines"] for page in ("", "?page=2"))
    # This very look comes first.
    assert [line["event"] for line in first[:2]] == [Event.CLIENT_CONSULTED.label, "Déconnexion"]
    assert len(first) == 50
    assert second[-1]["event"] == Event.CLIENT_CODE_ISSUED.label


def test_details_are_told_in_words(advisor_browser, advisor, client_):
    by_advisors.start(client_.user, by=Actor(advisor), identity_check="branch", token=uuid.uuid4())
    assert "Pièce d’identité vue en agence" in text(advisor_browser.get(history(client_)))


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({}, ""),
        ({"fields": "mobile_phone city gone"}, "Téléphone mobile, ville, gone"),
        ({"fields": "family_name is_another_person"}, "Nom, c’est une autre personne : garder deux fiches"),
        ({"occasion": "renewal"}, "Renouvellement par un conseiller"),
        ({"reason": "too_soon"}, "Un courrier récent est en route"),
        ({"answer": reminders.Answer.LATER.value}, "« Plus tard »"),
        ({"number": "00012345678"}, "N°\u00a0000\u00a01234\u00a05678"),
        ({"batch": "20261124-ABCDEF"}, "Lot 20261124-ABCDEF"),
        ({"requested_at": "2026-11-24T09:05:00+00:00"}, "Demandé le 24/11/2026 à 10:05"),
        ({"batch": "x", "network": "192.0.2.0"}, "Lot x, réseau 192.0.2.0"),
        ({"unheard_of": 7}, "Unheard_of : 7"),
    ],
)  # fmt: skip
def test_each_kind_of_detail_has_its_words(details, words):
    assert line(**details) == words


def test_history_shows_no_browser(advisor_browser, client_, browser):
    makers.log_in(StrictBrowser(headers={"user-agent": "Netscape/4.7"}), client_.client_code, makers.CODE)
    assert client_.user.security_events.filter(user_agent="Netscape/4.7").exists()
    assert "Netscape" not in text(advisor_browser.get(history(client_)))


def test_look_at_the_history_is_in_the_journal(advisor_browser, advisor, client_):
    advisor_browser.get(history(client_))
    seen = client_.user.security_events.get(kind=Event.CLIENT_CONSULTED)
    # In the order in which the database keeps them.
    said = client_journal.in_words(seen.details).lower().split(", ")
    assert (seen.by, sorted(said)) == (advisor, ["historique", "son conseiller"])


def test_who_may_only_view_clients_reads_it_and_who_may_not_does_not(client_):
    reader = User.objects.create_user("lecteur", password=makers.PASSWORD, is_staff=True)
    assert StrictBrowser.logged_in(reader).get(history(client_)).status_code == 403
    reader.user_permissions.add(Permission.objects.get(codename="view_client"))
    browser = StrictBrowser.logged_in(reader)
    say_why(browser, client_)
    assert Event.CLIENT_CODE_ISSUED.label in text(browser.get(history(client_)))


@pytest.mark.parametrize("key", ["999999", "x"])
def test_history_of_nobody_is_not_found(advisor_browser, key):
    assert advisor_browser.get(f"/admin/accounts/client/{key}/history/").status_code == 404


def test_block_says_how_many_codes_were_wrong_and_whether_it_is_a_letters_alone():
    assert line(failures=15) == "15 codes erronés"
    assert line(failures=5, letter="number") == "5 codes erronés, sous le numéro d’un courrier"


def addresses_in(answer):
    return {shown["address"] for shown in answer.context["lines"]} - {""}


@pytest.fixture
def auditor_browser(client_):
    auditor = User.objects.create_user("controle", password=makers.PASSWORD, is_staff=True)
    auditor.groups.add(Group.objects.get_or_create(name=AUDITORS)[0])
    browser = StrictBrowser.logged_in(auditor)
    browser.post(history(client_), {"look-client": client_.pk, "look-reason": "audit"})
    return browser


def test_addresses_are_masked_also_to_an_auditor_who_has_not_asked(browser, auditor_browser, client_):
    makers.log_in(browser, client_.client_code, makers.WRONG_CODE)
    details = {"network": "2001:db8:1:42::/64"}
    journal.record(Kind.RENEWAL_REQUESTED, owner=client_.user, details=details)
    page = auditor_browser.get(history(client_))
    assert addresses_in(page) == {"127.0.0.x"}
    assert "Réseau 2001:db8:1:x" in text(page)
    assert "2001:db8:1:42" not in text(page)


def test_auditor_who_asks_sees_the_addresses_and_the_journal_says_so(browser, auditor_browser, client_):
    makers.log_in(browser, client_.client_code, makers.WRONG_CODE)
    assert "127.0.0.1" in addresses_in(auditor_browser.post(history(client_), {"words": WORDS}))
    line = client_.user.security_events.get(kind="addresses_shown")
    assert (line.by.username, line.details) == ("controle", {"client": client_.pk, "words": WORDS})
    assert addresses_in(auditor_browser.get(history(client_))) == {"127.0.0.x"}


@pytest.mark.parametrize("words", ["", "court", "x" * 301, "a\0bcdefghijk", "raison \u202e invisible"])
def test_without_a_reason_no_address_is_shown_and_nothing_is_lost(browser, auditor_browser, client_, words):
    makers.log_in(browser, client_.client_code, makers.WRONG_CODE)
    page = auditor_browser.post(history(client_), {"words": words})
    assert (page.status_code, addresses_in(page)) == (200, {"127.0.0.x"})
    assert "errorlist" in text(page)
    assert not client_.user.security_events.filter(kind="addresses_shown").exists()


def test_client_is_told_that_addresses_were_shown_and_not_the_words(auditor_browser, client_, client_browser):
    auditor_browser.post(history(client_), {"words": WORDS})
    page = text(client_browser.get(reverse("own_journal")))
    assert str(Event.ADDRESSES_SHOWN.told.words) in page
    assert WORDS not in page


def test_auditor_reads_a_history_for_a_reason_and_is_led_to_no_page_that_is_closed_to_him(client_):
    auditor = User.objects.create_user("controle", password=makers.PASSWORD, is_staff=True)
    auditor.groups.add(Group.objects.get_or_create(name=AUDITORS)[0])
    browser = StrictBrowser.logged_in(auditor)
    page = text(browser.get(history(client_)))
    assert "Pourquoi ouvrez-vous cette fiche" in page
    assert str(client_) not in page
    assert "Contrôle interne" in page
    assert "Au téléphone avec le client" not in page
    browser.post(history(client_), {"look-client": client_.pk, "look-reason": "audit"})
    page += text(browser.get(history(client_)))
    assert "Espace en ligne créé" in page
    links = set(re.findall(r'href="(/admin/[^"?]*)"', page))
    assert {browser.get(link).status_code for link in links - {"/admin/logout/"}} <= {200}
    looks = auditor.acts.filter(kind=Event.CLIENT_CONSULTED).values_list("details", flat=True)
    assert list(looks) == [{"client": client_.pk, "page": "history", "look": "audit"}]
    assert browser.get(f"/admin/accounts/client/{client_.pk}/change/").status_code == 403


def test_advisor_may_not_ask_for_the_addresses(advisor_browser, client_):
    assert "Montrer les adresses" not in text(advisor_browser.get(history(client_)))
    assert advisor_browser.post(history(client_)).status_code == 403
    assert not client_.user.security_events.filter(kind="addresses_shown").exists()
