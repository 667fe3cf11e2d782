"""« Demandes à confirmer »: what a holder reads of a closing, confirms by his code or refuses."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.bank_accounts import closing, cosigning, holders, representations
from accounts.models import Capacity, ClosingAgreement, ClosingRequest, Representation
from auth_codes.actor import SYSTEM, Actor
from auth_codes.codes import owners
from auth_codes.locking import locks
from auth_codes.lockout import counters
from auth_codes.models import AccessLock, SecurityEvent
from auth_codes.renewals import code_life
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import queries_of, text_of, words_of
from tests.standing import made_once

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
OVERVIEW = "/espace-client/"


@made_once
def other(advisor):
    return makers.make_personalised_client(
        advisor, title="M.", given_names="Paul", family_name="Durand", email="paul@example.org"
    )


@made_once
def joint(client_, other, advisor):
    account = client_.bank_accounts.get()
    holders.add_holder(account, other, by=Actor(advisor))
    return account


@pytest.fixture
def asked(joint, client_, other, advisor):
    return makers.ask_closing(joint, client_, other, by=advisor)


@pytest.fixture
def paul(other):
    return StrictBrowser.logged_in(other.user)


def confirm(browser, asked, code=makers.CODE, **options):
    return browser.post(asked.get_absolute_url(), {"password": code}, **options)


def answers(asked):
    return list(asked.agreements.order_by("pk").values_list("answer", flat=True))


def test_overview_names_it_with_its_last_day_until_it_is_answered(client_browser, asked):
    shown = text_of(client_browser.get(OVERVIEW))
    assert "Demandes à confirmer" in shown
    assert asked.get_absolute_url() in shown
    confirm(client_browser, asked)
    assert "Demandes à confirmer" not in text_of(client_browser.get(OVERVIEW))


def test_overview_asks_nothing_more_where_nothing_waits(client_browser, joint, client_, advisor):
    before = queries_of(client_browser, OVERVIEW)
    asked = makers.ask_closing(joint, client_, by=advisor)
    assert queries_of(client_browser, OVERVIEW) > before
    cosigning.agree(asked, client_, by=Actor(client_.user))
    assert queries_of(client_browser, OVERVIEW) == before


def test_page_tells_what_is_closed_by_whom_until_when_and_who_has_agreed(client_browser, paul, asked, joint, advisor):
    confirm(paul, asked)
    shown = words_of(client_browser.get(asked.get_absolute_url()))
    assert "Claire Dubois, votre conseiller à la banque" in shown
    assert "Nulle part : le compte est à zéro" in shown
    assert str(asked.last_day.year) in shown
    assert "M. Paul DURAND accord donné en ligne le" in shown
    assert "réponse attendue" in shown


def test_money_that_came_since_is_told(client_browser, asked, joint):
    makers.make_operations(joint, "12.50", day=TODAY)
    shown = words_of(client_browser.get(asked.get_absolute_url()))
    assert "Le solde est de 12,50 €" in shown.replace("\u202f", " ")
    assert "une fois ramené à zéro" in shown


def test_mandates_that_end_with_it_are_named(client_browser, joint, client_, advisor):
    makers.make_mandate(joint, makers.make_person(advisor, given_names="Zoé", family_name="Roy"))
    asked = makers.ask_closing(joint, client_, by=advisor)
    assert "Mme Zoé ROY" in words_of(client_browser.get(asked.get_absolute_url()))


def test_right_code_confirms_and_the_page_becomes_its_receipt(client_browser, asked):
    answer = confirm(client_browser, asked)
    assert (answer.status_code, answer["Location"]) == (302, asked.get_absolute_url())
    assert answers(asked) == ["agreed", ""]
    assert "Votre accord est enregistré" in text_of(client_browser.get(asked.get_absolute_url()))


def test_double_click_finds_the_receipt_and_counts_no_code(client_browser, asked, client_):
    confirm(client_browser, asked)
    for code in (makers.CODE, makers.WRONG_CODE, ""):
        assert confirm(client_browser, asked, code)["Location"] == asked.get_absolute_url()
    assert not SecurityEvent.objects.filter(kind="closing_code_failed").exists()
    assert SecurityEvent.objects.filter(kind="closing_answered").count() == 1


def test_wrong_code_confirms_nothing_and_is_noted(client_browser, asked):
    answer = confirm(client_browser, asked, makers.WRONG_CODE)
    assert "Ce n’est pas votre code secret. Rien n’est confirmé." in text_of(answer)
    assert answers(asked) == ["", ""]
    assert SecurityEvent.objects.filter(kind="closing_code_failed").count() == 1


@pytest.mark.parametrize("typed", ["", "12345", "١٢٣٤٥٦", "73914\x00", "abcdef"])
def test_what_is_no_code_is_refused_before_it_is_counted(client_browser, asked, typed):
    assert confirm(client_browser, asked, typed).status_code == 200
    assert answers(asked) == ["", ""]
    assert not SecurityEvent.objects.filter(kind="closing_code_failed").exists()


def test_fifth_wrong_code_shuts_this_door_as_the_others(client_browser, asked):
    codes = [confirm(client_browser, asked, makers.WRONG_CODE).status_code for _ in range(5)]
    assert codes == [200, 200, 200, 200, 429]
    assert confirm(client_browser, asked).status_code == 429
    assert answers(asked) == ["", ""]


def test_code_blocked_elsewhere_confirms_nothing(client_browser, asked, client_):
    for _ in range(counters.FAILURES_BEFORE_BLOCK):
        makers.fail(counters.client_counter(client_.client_code))
    assert confirm(client_browser, asked).status_code == 429
    assert answers(asked) == ["", ""]


def test_whose_access_was_closed_meanwhile_confirms_nothing(client_browser, asked, client_, advisor):
    code_life.end_all(client_.user, by=Actor(advisor))
    assert confirm(client_browser, asked)["Location"].startswith("/connexion/")
    assert answers(asked) == ["", ""]


def test_who_has_locked_his_access_meanwhile_confirms_nothing(client_browser, asked, client_):
    locks.lock(client_.user, way=AccessLock.Way.SESSION, by=Actor(client_.user))
    assert confirm(client_browser, asked)["Location"].startswith("/connexion/")
    assert answers(asked) == ["", ""]


def test_session_ended_while_the_code_was_checked_confirms_nothing(client_browser, asked, monkeypatch):
    def ended(owner):
        raise owners.SessionEnded

    monkeypatch.setattr(owners, "lock_in_session", ended)
    answer = confirm(client_browser, asked, follow=True)
    assert "ont changé pendant la confirmation. Rien n’est confirmé." in text_of(answer)
    assert answers(asked) == ["", ""]


def test_refusing_asks_first_and_no_code(client_browser, asked):
    page = reverse("refuse_closing", args=[asked.pk])
    assert "Refuser cette clôture ?" in text_of(client_browser.get(page))
    assert answers(asked) == ["", ""]
    assert client_browser.post(page)["Location"] == asked.get_absolute_url()
    assert "Vous avez refusé la clôture" in text_of(client_browser.get(asked.get_absolute_url()))
    assert ClosingRequest.objects.get().outcome == "refused"
    assert client_browser.get(page)["Location"] == asked.get_absolute_url()


def test_other_tab_that_confirms_after_a_refusal_finds_the_refusal(client_browser, paul, asked):
    paul.post(reverse("refuse_closing", args=[asked.pk]))
    assert confirm(client_browser, asked)["Location"] == asked.get_absolute_url()
    assert "l’a refusée : le compte reste ouvert" in text_of(client_browser.get(asked.get_absolute_url()))
    assert answers(asked) == ["", "refused"]


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (lambda asked, advisor: cosigning.withdraw(asked, by=Actor(advisor)), "Votre banque a retiré la demande"),
        (lambda asked, advisor: late(), "Son dernier jour est passé"),
        (lambda asked, advisor: shut(asked), "Le compte est clôturé"),
    ],
    ids=["withdrawn", "lapsed", "closed"],
)
def test_what_is_over_says_so_and_takes_no_answer(client_browser, asked, advisor, end, words):
    end(asked, advisor)
    assert confirm(client_browser, asked)["Location"] == asked.get_absolute_url()
    client_browser.post(reverse("refuse_closing", args=[asked.pk]))
    assert words in text_of(client_browser.get(asked.get_absolute_url()))
    assert answers(asked)[0] == ""
    assert "Demandes à confirmer" not in text_of(client_browser.get(OVERVIEW))


def late():
    ClosingRequest.objects.update(last_day=TODAY - timedelta(days=1))


def shut(asked):
    closing.close_account(asked.account, agreed=asked.account.holders.values_list("pk", flat=True), by=SYSTEM)


def test_nobody_else_s_request_exists(asked, advisor, client_, joint):
    stranger = makers.make_personalised_client(advisor, given_names="Ève", email="eve@example.org")
    makers.make_mandate(joint, makers.make_person(advisor, given_names="Zoé"))
    browser = StrictBrowser.logged_in(stranger.user)
    for page in (asked.get_absolute_url(), reverse("refuse_closing", args=[asked.pk])):
        assert (browser.get(page).status_code, browser.post(page).status_code) == (404, 404)
    assert "Demandes à confirmer" not in text_of(browser.get(OVERVIEW))


def test_holder_who_signed_on_paper_has_nothing_to_answer(client_browser, joint, client_, other, advisor):
    asked = makers.ask_closing(joint, other, signed=[client_], by=advisor)
    assert client_browser.get(asked.get_absolute_url()).status_code == 404
    assert "Demandes à confirmer" not in text_of(client_browser.get(OVERVIEW))


# Of whoever acts for another.


@made_once
def child(advisor):
    return makers.make_child(advisor, given_names="Léa")


def test_parent_confirms_for_his_child_by_his_own_code(client_browser, child, client_, advisor):
    makers.make_representation(child, client_)
    asked = makers.ask_closing(child.bank_accounts.get(), child, by=advisor)
    assert asked.get_absolute_url() in text_of(client_browser.get(OVERVIEW))
    assert "Votre accord est demandé pour Mme Léa MARTIN." in text_of(client_browser.get(asked.get_absolute_url()))
    confirm(client_browser, asked)
    assert answers(asked) == ["agreed"]


def test_parent_and_holder_is_told_that_he_answers_for_both(client_browser, child, client_, advisor):
    makers.make_representation(child, client_)
    account = child.bank_accounts.get()
    holders.add_holder(account, client_, by=Actor(advisor))
    asked = makers.ask_closing(account, child, client_, by=advisor)
    shown = text_of(client_browser.get(asked.get_absolute_url()))
    assert "en votre nom et pour Mme Léa MARTIN" in shown
    assert text_of(client_browser.get(OVERVIEW)).count(asked.get_absolute_url()) == 1


def test_former_representative_reads_nothing_of_it_any_more(client_browser, child, client_, advisor):
    made = makers.make_representation(child, client_)
    asked = makers.ask_closing(child.bank_accounts.get(), child, by=advisor)
    representations.end(made, why=Representation.End.DOUBT, by=Actor(advisor))
    assert client_browser.get(asked.get_absolute_url()).status_code == 404
    assert confirm(client_browser, asked).status_code == 404
    assert answers(asked) == [""]


def test_curator_confirms_beside_the_holder(paul, client_browser, client_, other, advisor):
    makers.make_representation(client_, other, capacity=Capacity.CURATOR, may_transfer=False)
    asked = makers.ask_closing(client_.bank_accounts.get(), client_, by=advisor)
    for browser in (paul, client_browser):
        confirm(browser, asked)
    assert answers(asked) == ["agreed", "agreed"]


# At the same moment.


@pytest.mark.django_db(transaction=True)
def test_two_tabs_confirm_once(race, advisor):
    client = makers.make_personalised_client(advisor)
    asked = makers.ask_closing(client.bank_accounts.get(), client, by=advisor)
    answered = race(lambda tab: confirm(tab, asked).status_code, StrictBrowser.tabs(client.user, 2))
    assert answered == [302, 302]
    assert answers(asked) == ["agreed"]
    assert SecurityEvent.objects.filter(kind="closing_answered").count() == 1


@pytest.mark.django_db(transaction=True)
def test_refusal_taking_back_and_closing_at_once_end_it_in_one_way(race, advisor):
    client = makers.make_personalised_client(advisor)
    account = client.bank_accounts.get()
    asked = makers.ask_closing(account, client, by=advisor)
    cosigning.agree(asked, client, by=Actor(client.user))

    def attempt(act):
        with suppress(cosigning.Over, closing.NotAgreed):
            act()

    acts = [
        lambda: cosigning.refuse(asked, client, by=Actor(client.user)),
        lambda: cosigning.withdraw(asked, by=Actor(advisor)),
        lambda: closing.close_account(account, agreed=[], by=Actor(advisor)),
    ]
    race(attempt, acts)
    account.refresh_from_db()
    assert account.is_closed is (ClosingRequest.objects.get().outcome == "closed")
    assert SecurityEvent.objects.filter(kind__in=["closing_off", "account_closed"]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_answer_beside_a_new_holder_never_counts_for_him(race, advisor):
    client = makers.make_personalised_client(advisor)
    other = makers.make_person(advisor, given_names="Paul", email="paul@example.org")
    account = client.bank_accounts.get()
    asked = makers.ask_closing(account, client, by=advisor)

    def attempt(act):
        with suppress(cosigning.Over):
            act()

    acts = [
        lambda: cosigning.agree(asked, client, by=Actor(client.user)),
        lambda: holders.add_holder(account, other, by=Actor(advisor)),
    ]
    race(attempt, acts)
    assert ClosingRequest.objects.get().outcome == "changed"
    with pytest.raises(closing.NotAgreed):
        closing.close_account(account, agreed=[], by=Actor(advisor))
    assert ClosingAgreement.objects.count() == 1
