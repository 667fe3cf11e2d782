"""Two advisors end the moyens of who has lost his telephone: the way out that nobody is ever without."""

import uuid

import pytest

from auth_codes import dual_control
from auth_codes.actor import Actor
from auth_codes.factors import by_advisors
from auth_codes.models import Factor, FactorsEnding, Notice, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import text_of
from tests.standing import made_once

pytestmark = pytest.mark.django_db

PAGES = "/admin/auth_codes/factorsending/"


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


def start(client, by, **fields):
    return by_advisors.start(client.user, by=Actor(by), **{"identity_check": "phone", "token": uuid.uuid4()} | fields)


def page(client):
    return f"/admin/accounts/client/{client.pk}/fin-des-moyens/"


def test_codes_are_enough_again_once_the_second_advisor_approves_and_not_before(client_, advisor, colleague, browser):
    makers.make_app(client_)
    asked = start(client_, advisor)
    assert makers.log_in(browser, client_.client_code, makers.CODE)["Location"] == "/connexion/second/"
    by_advisors.approve(asked, by=Actor(colleague))
    assert Factor.objects.get().ended_why == Factor.Why.ADVISORS
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.CODE)["Location"] == "/espace-client/"


def test_owner_is_told_by_mail_and_in_his_journal(client_, advisor, colleague):
    makers.make_app(client_)
    by_advisors.approve(start(client_, advisor), by=Actor(colleague))
    assert Notice.objects.get(kind=Notice.Kind.FACTOR_REMOVED).facts["why"] == "advisors"
    kinds = [SecurityEvent.Kind.FACTORS_END_ASKED, SecurityEvent.Kind.FACTORS_END_APPROVED]
    kinds.append(SecurityEvent.Kind.FACTOR_REMOVED)
    assert (
        list(client_.user.security_events.filter(kind__in=kinds).order_by("pk").values_list("kind", flat=True)) == kinds
    )


def test_who_asks_does_not_approve(client_, advisor):
    makers.make_app(client_)
    with pytest.raises(dual_control.SameAdvisor):
        by_advisors.approve(start(client_, advisor), by=Actor(advisor))
    assert Factor.objects.active().exists()


def test_without_a_moyen_there_is_nothing_to_ask_for(client_, advisor):
    with pytest.raises(by_advisors.NoFactor):
        start(client_, advisor)


def test_refusal_leaves_everything(client_, advisor, colleague):
    makers.make_app(client_)
    by_advisors.refuse(start(client_, advisor), by=Actor(colleague))
    assert Factor.objects.active().exists()
    assert client_.user.security_events.filter(kind=SecurityEvent.Kind.FACTORS_END_REFUSED).exists()


def test_second_click_asks_once_and_another_request_is_one_too_many(client_, advisor):
    makers.make_app(client_)
    token = uuid.uuid4()
    assert start(client_, advisor, token=token) == start(client_, advisor, token=token)
    with pytest.raises(dual_control.AlreadyStarted):
        start(client_, advisor)


def test_desk_asks_and_a_colleague_approves(client_, advisor_browser, colleague):
    makers.make_app(client_)
    form = advisor_browser.get(page(client_)).context["form"]
    token = form["token"].value()
    answer = advisor_browser.post(page(client_), {"identity_check": "branch", "token": token}, follow=True)
    assert "à approuver par un second conseiller" in text_of(answer)
    asked = FactorsEnding.objects.get()
    judging = StrictBrowser.logged_in(colleague)
    decide = f"{PAGES}{asked.pk}/change/"
    shown = judging.get(decide)
    assert "application d’authentification" in text_of(shown)
    assert "Mon téléphone" not in text_of(shown)
    done = judging.post(decide, {"answer": "approve", "seen": shown.context["seen"]}, follow=True)
    assert "Seconds moyens terminés" in text_of(done)
    assert not Factor.objects.active().exists()


def test_desk_says_that_there_is_none(client_, advisor_browser):
    assert "n’a pas de second moyen" in text_of(advisor_browser.get(page(client_)))


def test_desk_says_that_one_waits_already(client_, advisor, advisor_browser):
    makers.make_app(client_)
    start(client_, advisor)
    assert "attend déjà" in text_of(advisor_browser.get(page(client_)))
