"""« Mon journal de sécurité »: what a client reads of himself, in his own words."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from accounts.clients import client_journal, code_reveals, looks, own_journal
from accounts.desk import roles
from accounts.kinds import Event
from accounts.models import (
    AccessRequest,
    Capacity,
    Client,
    ClosingAgreement,
    ClosingRequest,
    Representation,
    ServiceContract,
    StaffRequest,
    Undoing,
)
from auth_codes import journal, kinds
from auth_codes.actor import Actor
from auth_codes.factors import tokens
from auth_codes.journal import subjects
from auth_codes.models import AccessLock, DualControlAct, Factor, SecurityEvent, TicketRequest
from auth_codes.renewals import by_advisors, code_life
from tests import makers
from tests.accounts.clients.test_client_journal import text
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

Kind = SecurityEvent.Kind
OWN_JOURNAL = "/mon-profil/journal/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def lines(browser, page=""):
    return browser.get(OWN_JOURNAL + page).context["lines"]


def first(browser):
    return lines(browser)[0]


def write(kind, client, **fields):
    line = SecurityEvent.objects.create(kind=kind, owner=client.user, **fields)
    subjects.write(line, client.pk)
    return line


def test_client_reads_what_was_done_before_his_online_space_existed_and_after(client_browser):
    events = {line.event for line in lines(client_browser)}
    before = {"Votre code client vous a été attribué", "Un compte a été ouvert à votre nom"}
    assert before | {"Votre Espace Client a été créé", "Votre code secret a été modifié"} <= events


def test_login_tells_when_in_paris_with_what_and_from_where(client_browser, client_):
    at = datetime(2026, 7, 1, 22, 5, tzinfo=UTC)
    write(Kind.LOGGED_IN, client_, by=client_.user, at=at, address="2001:db8::7", user_agent=FIREFOX)
    page = " ".join(text(client_browser.get(OWN_JOURNAL)).replace("<span>", "").replace("</span>", "").split())
    assert "2 juillet 2026 à 00 h 05" in page
    [line] = [line for line in lines(client_browser) if line.at == at]
    assert line[1:] == ("Connexion à votre Espace Client", "", "Vous", "Firefox sur Linux", "2001:db8::7")


def test_look_up_by_an_advisor_is_shown_with_its_reason_and_names_nobody(client_browser, client_, advisor):
    details = {"client": client_.pk, "reason": "appel du client"}
    write(Event.CLIENT_CONSULTED, client_, by=advisor, address="10.0.0.7", user_agent=FIREFOX, details=details)
    assert first(client_browser)[1:] == (
        "Votre fiche client a été consultée", "Appel du client", "Un conseiller de la banque", "", "",
    )  # fmt: skip
    page = text(client_browser.get(OWN_JOURNAL))
    assert "Dubois" not in page
    assert "10.0.0.7" not in page


def test_advisor_who_opens_the_sheet_is_seen(client_browser, advisor_browser, client_):
    advisor_browser.get(f"/admin/accounts/client/{client_.pk}/change/")
    assert first(client_browser).event == "Votre fiche client a été consultée"


def test_refused_login_is_by_somebody_who_is_not_known(client_browser, client_):
    makers.log_in(StrictBrowser(), client_.client_code, makers.WRONG_CODE)
    refused = first(client_browser)
    assert (refused.event, refused.details, refused.by, refused.address) == (
        "Connexion refusée", "Appareil inconnu", "Une personne non identifiée", "127.0.0.1",
    )  # fmt: skip


def test_request_made_online_is_by_somebody_who_is_not_known_and_names_his_network(client_browser, client_):
    details = {"requested_at": "2026-11-24T09:05:00+00:00", "network": "192.0.2.7"}
    write(Kind.RENEWAL_REQUESTED, client_, details=details)
    asked = first(client_browser)
    assert (asked.by, asked.address) == ("Une personne non identifiée", "192.0.2.7")
    assert asked.details == "Demandé le 24/11/2026 à 10:05"


def test_what_a_timer_did_is_the_bank_s(client_browser, client_):
    write(Kind.LETTER_DELIVERED, client_, details={"batch": "20261124-ABCDEF"})
    assert first(client_browser)[2:] == ("", "La banque", "", "")


@pytest.mark.parametrize(
    ("answer", "words"), [("it_was_me", "« C’était moi »"), ("only_tried", "« Personne n’est entré »")]
)
def test_answer_to_failures_is_told_in_both_journals(client_browser, client_, answer, words):
    line = write(Kind.BLOCK_LIFTED, client_, by=client_.user, details={"answer": answer})
    assert first(client_browser)[1:3] == ("Vous avez répondu à l’avertissement sur des codes erronés", words)
    assert client_journal.in_words(line.details) == words


def test_block_tells_after_how_many_codes_and_the_desk_counts_devices(client_browser, client_):
    write(Kind.LOGIN_BLOCKED, client_, details={"failures": 5})
    assert first(client_browser).details == "5 codes erronés"
    line = write(Kind.DEVICES_REMOVED, client_, by=client_.user, details={"count": 4})
    assert client_journal.in_words(line.details) == "4 appareils"
    assert first(client_browser).event == "Des appareils connus ont été oubliés"


def test_one_login_from_a_new_device_does_not_read_like_two(client_browser, client_):
    makers.log_in(StrictBrowser(), client_.client_code, makers.CODE)
    events = [line.event for line in lines(client_browser)][:2]
    assert sorted(events) == [
        "Connexion à votre Espace Client",
        "Une connexion est venue d’un appareil inconnu jusque-là",
    ]


def test_how_identity_was_checked_is_told(client_browser, client_, advisor):
    by_advisors.start(
        client_.user, by=Actor(advisor), identity_check="branch", token="6b0d5a2e-8f0a-4f0e-9d43-0d0b6d4f3a10"
    )
    assert first(client_browser).details.startswith("Pièce d’identité vue en agence")


def test_journal_is_this_client_s_alone(client_browser, advisor):
    other = makers.make_personalised_client(advisor, family_name="Autre")
    journal.record(
        Event.CLIENT_CHANGED, by=Actor(advisor), subject=other.pk, details={"client": other.pk, "fields": "email"}
    )
    write(Kind.LOGIN_FAILED, other)
    assert not {"Votre fiche client a été modifiée", "Connexion refusée"} & {
        line.event for line in lines(client_browser)
    }


def test_newest_line_comes_first_and_a_page_holds_twenty_five(client_browser, client_):
    journal.record_many(Kind.LOGGED_IN, [client_.user.pk] * 40)
    journal.record(Kind.LOGGED_OUT, owner=client_.user, by=Actor(client_.user))
    assert (first(client_browser).event, len(lines(client_browser))) == ("Déconnexion", 25)
    page = text(client_browser.get(OWN_JOURNAL))
    assert "Lignes plus anciennes" in page
    assert "Opérations" not in page
    assert lines(client_browser, "?page=2")[-1].event == "Votre code client vous a été attribué"


def test_pages_cost_as_many_queries_as_a_few_lines(client_browser, client_, django_assert_max_num_queries):
    journal.record_many(Kind.LOGGED_IN, [client_.user.pk] * 500)
    with django_assert_max_num_queries(9):
        client_browser.get(OWN_JOURNAL + "?page=7")


def test_profile_leads_to_it(client_browser):
    assert f'href="{OWN_JOURNAL}"' in text(client_browser.get("/mon-profil/"))


def test_default_code_opens_only_the_page_that_replaces_it(new_client):
    answer = StrictBrowser.logged_in(new_client.user).get(OWN_JOURNAL)
    assert (answer.status_code, answer["Location"]) == (302, "/mon-profil/code-secret/")


def look(client, by, minutes, **details):
    """Younger than all that the client's journal holds already."""
    at = datetime(2031, 7, 1, 9, tzinfo=UTC) + timedelta(minutes=minutes)
    return write(Event.CLIENT_CONSULTED, client, by=by, at=at, details={"client": client.pk, **details})


def visits(client):
    shown = own_journal.in_words(own_journal.lines_of(client), client)
    return [(line.at.minute, line.details) for line in shown if line.event == "Votre fiche client a été consultée"]


def test_looks_of_one_visit_are_one_line_where_it_began_with_all_that_was_opened(client_, advisor):
    look(client_, advisor, 0, look="phone")
    look(client_, advisor, 5, look="phone", page="history")
    look(client_, advisor, 34, look="phone", page="document", document="Relevé")
    [(minute, details)] = visits(client_)
    # In the order in which the database keeps them.
    assert minute == 0
    assert sorted(details.lower().split(", ")) == ["appel du client", "document ouvert", "historique", "« relevé »"]


def test_look_half_an_hour_later_or_of_another_person_is_another_visit(client_, advisor):
    look(client_, advisor, 0, look="phone")
    look(client_, makers.make_advisor("paul.durand"), 1, look="branch")
    look(client_, advisor, 31, look="file")
    assert visits(client_) == [
        (31, "Suivi d’un dossier"), (1, "Visite du client en agence"), (0, "Appel du client"),
    ]  # fmt: skip


def crossing(client_, advisor, *minutes):
    """Twenty-four lines between the looks of one visit, so that it crosses from a page to the next."""
    look(client_, advisor, minutes[0], look="phone")
    at = datetime(2031, 7, 1, 9, minutes[0], tzinfo=UTC)
    for second in range(1, 25):
        write(Kind.LOGGED_OUT, client_, by=client_.user, at=at + timedelta(seconds=second))
    for minute in minutes[1:]:
        look(client_, advisor, minute, look="phone", page="history")


def looks_on(client_browser, page):
    return [line for line in lines(client_browser, f"?page={page}") if "consultée" in line.event]


def test_visit_that_crosses_a_page_is_one_line_on_the_page_where_it_began(client_browser, client_, advisor):
    crossing(client_, advisor, 0, 5, 9)
    assert looks_on(client_browser, 1) == []
    [line] = looks_on(client_browser, 2)
    assert (line.at.minute, "historique" in line.details.lower()) == (0, True)


def test_page_that_a_visit_fills_says_where_it_is_shown(client_browser, client_, advisor):
    for minute in range(30):
        look(client_, advisor, minute, look="phone")
    assert lines(client_browser) == []
    assert "montrent les lignes plus anciennes" in text(client_browser.get(OWN_JOURNAL))
    assert len(looks_on(client_browser, 2)) == 1


def test_looks_after_a_pause_are_another_visit_on_whatever_page(client_browser, client_, advisor):
    crossing(client_, advisor, 0, 45, 50)
    assert [line.at.minute for page in (1, 2) for line in looks_on(client_browser, page)] == [45, 0]


def test_look_of_the_control_is_told_as_the_control_s(client_, advisor):
    auditor = makers.make_staff("ines.audit", roles.AUDITORS)
    for by, reason in ((advisor, "control"), (auditor, "audit")):
        look(client_, by, 0, look=reason)
    shown = own_journal.in_words(own_journal.lines_of(client_), client_)
    told = [(line.by, line.details) for line in shown if "consultée" in line.event]
    assert sorted(told) == [
        ("Le contrôle de la banque", "Contrôle interne"), ("Un conseiller de la banque", "Contrôle interne"),
    ]  # fmt: skip


def test_act_during_a_visit_stands_apart_and_does_not_end_it(client_, advisor):
    look(client_, advisor, 0, look="phone")
    at = datetime(2031, 7, 1, 9, 3, tzinfo=UTC)
    write(Event.LETTER_WRITTEN, client_, by=advisor, at=at, details={"client": client_.pk})
    look(client_, advisor, 5, look="phone")
    assert visits(client_) == [(0, "Appel du client")]
    lines = own_journal.in_words(own_journal.lines_of(client_), client_)
    assert "Votre conseiller vous a écrit un courrier" in [line.event for line in lines]


# Each value that a line of his own may hold, but for numbers, dates and titles, which are data.
VALUES = {
    "fields": ["title given_names family_name birth_date email mobile_phone home_phone", "street address_complement",
               "postcode city country", "large_print advisor is_another_person", "birth_name birth_year region"],
    "identity_check": ["branch", "phone", "video"],
    "occasion": ["first", "request", "renewal", "alarm"],
    "reason": ["issued", "unknown", "too_soon", "lapsed", "closed", "joined"],
    "answer": ["later", "never", "again", "it_was_me", "only_tried"],
    "page": ["history", "journal", "documents", "document"],
    "look": looks.Reason.values,
    "ticket_reason": TicketRequest.Reason.values,
    "side": ["given", "received", "joined"],
    "right": AccessRequest.Right.values,
    "device": ["known", "unknown"],
    "failures": [5],
    "refused": [1, 2],
    "occasion_of_code": code_reveals.Occasion.values,
    "checks": [" ".join(code_reveals.Check.values)],
    "why": code_life.Why.values,
    "contract_end": ServiceContract.End.values,
    "client_end": Client.End.values,
    "acting": ["represented", "representative"],
    "capacity": Capacity.values,
    "closing_agreement": ["paper", "online"],
    "closing_answer": ClosingAgreement.Answer.values,
    "closing_end": ClosingRequest.Outcome.values,
    "representation_end": Representation.End.values,
    "way": AccessLock.Way.values,
    "reference": ["7KQ4M2XD"],
    "factor": Factor.Kind.values,
    "serial": ["TK0001"],
    "back": [how.value for how in tokens.Back],
    # But for what ends those of the staff.
    "ended": [why for why in Factor.Why.values if why not in {Factor.Why.REPLACED, Factor.Why.LEFT}],
    "sheet": ["kept", "closed"],
    "other_sheet": ["572"],
    "undone": Undoing.Act.values,
    # All that two people decide, but for what administrators ask about the staff.
    "act": [one._meta.label_lower for one in DualControlAct.__subclasses__() if one is not StaffRequest],
}  # fmt: skip
DATA = {"number", "document", "papers", "requested_at"}
CASES = [(name, value) for name, values in VALUES.items() for value in values]


@pytest.mark.parametrize(("name", "value"), CASES)
def test_detail_is_told_in_the_language_of_the_page(name, value):
    french = client_journal.in_words({name: value})
    with translation.override("en"):
        english = client_journal.in_words({name: value})
    words = [set(said.lower().split(", ")) for said in (french, english)]
    assert not words[0] & words[1]
    assert value not in {french, english}


def test_each_detail_that_a_client_is_told_has_its_values_here():
    told = {name for each in kinds.told().values() for name in each.details}
    assert told | set(own_journal.DETAILS) == set(VALUES) | DATA


def test_line_is_told_in_english_from_who_to_where(client_, other):
    write(Kind.LOGGED_IN, client_, by=client_.user, address="192.0.2.7", user_agent=FIREFOX)
    told = {"number": "12345678901 et 22345678901", "right": "see"}
    write(Event.MANDATE_GRANTED, client_, by=other.advisor, details=told)
    browser = StrictBrowser.logged_in(client_.user, headers={"Accept-Language": "en"})
    [own] = [line for line in lines(browser) if line.address == "192.0.2.7"]
    [by_bank] = [line for line in lines(browser) if line.event == "A power of attorney was registered"]
    assert (own.event, own.by, own.device) == ("Login to your Espace Client", "You", "Firefox on Linux")
    assert by_bank.by == "An adviser of the bank"
    numbers = "no. 123\u00a04567\u00a08901 and 223\u00a04567\u00a08901"
    assert sorted(by_bank.details.lower().split(", ")) == [numbers, "view the account"]
