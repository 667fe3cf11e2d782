"""The desk lends a token and takes it back; it sees the serial number alone."""

import pytest
from django.utils import timezone

from accounts.admin import factor_acts
from auth_codes.actor import SYSTEM
from auth_codes.factors import ending, tokens, totp
from auth_codes.models import Factor, SecurityEvent, Token
from tests import makers
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def page(client):
    return f"/admin/accounts/client/{client.pk}/boitier/"


def sheet(client):
    return f"/admin/accounts/client/{client.pk}/change/"


def lend(browser, client, serial="TK0001"):
    return browser.post(page(client), {"serial": serial}, follow=True)


def take_back(browser, client, how="returned"):
    return browser.post(page(client), {"how": how, "seen": seen(browser, client)}, follow=True)


def seen(browser, client):
    """Which loan the page is about, if any."""
    return browser.get(page(client)).context.get("seen", "")


def test_advisor_lends_a_token_and_the_sheet_names_it(advisor_browser, client_, advisor):
    secret = makers.make_stock("TK0001")["TK0001"]
    assert "Prêter un boîtier" in text_of(advisor_browser.get(page(client_)))
    assert "Boîtier n° TK0001 prêté" in text_of(lend(advisor_browser, client_, " tk-0001 "))
    shown = advisor_browser.get(sheet(client_))
    assert "TK0001" in text_of(shown)
    assert totp.written(secret)[:9] not in shown.content.decode()
    line = SecurityEvent.objects.get(kind=SecurityEvent.Kind.TOKEN_LENT)
    assert (line.owner, line.by) == (client_.user, advisor)


@pytest.mark.parametrize(
    ("serial", "said"),
    [
        ("", "Recopiez le numéro"),
        ("TK\0", "Le caractère"),
        ("TK/1", "Ce n’est pas un numéro"),
        ("É", "Ce n’est pas un numéro"),
        ("TK0009", "La banque n’a pas de boîtier n° TK0009"),
    ],
)
def test_serial_that_is_none_of_ours_is_told_beside_its_field(advisor_browser, client_, serial, said):
    makers.make_stock("TK0001")
    answer = advisor_browser.post(page(client_), {"serial": serial})
    assert answer.status_code == 200
    assert said in text_of(answer) or "null" in text_of(answer).lower()
    assert Token.objects.get().lent_to is None


def test_token_of_another_client_is_not_lent(advisor_browser, client_, advisor):
    makers.lend_token(makers.make_personalised_client(advisor, family_name="Durand"))
    assert "prêté à quelqu’un d’autre" in text_of(advisor_browser.post(page(client_), {"serial": "TK0001"}))


def test_row_that_somebody_changed_is_not_lent(advisor_browser, client_):
    makers.make_stock("TK0001")
    Token.objects.update(nonce=bytes(12))
    assert "prévenez l’exploitant" in text_of(advisor_browser.post(page(client_), {"serial": "TK0001"}))


def test_second_click_lends_once_and_a_second_token_is_refused(advisor_browser, client_):
    makers.make_stock("TK0001", "TK0002")
    lend(advisor_browser, client_)
    assert "prêté" in text_of(lend(advisor_browser, client_))
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.TOKEN_LENT).count() == 1
    assert "reprenez-le d’abord" in text_of(lend(advisor_browser, client_, "TK0002"))


@pytest.mark.parametrize(("how", "state"), [("returned", "stock"), ("lost", "withdrawn"), ("broken", "withdrawn")])
def test_advisor_takes_it_back(advisor_browser, client_, how, state):
    makers.lend_token(client_)
    assert "TK0001" in text_of(advisor_browser.get(page(client_)))
    assert "Prêt terminé" in text_of(take_back(advisor_browser, client_, how))
    assert Token.objects.get().state == state
    assert "était déjà terminé" in text_of(take_back(advisor_browser, client_, how))
    assert SecurityEvent.objects.get(kind=SecurityEvent.Kind.TOKEN_BACK).details["back"] == how


def test_loan_that_a_colleague_ends_meanwhile_ends_once(advisor_browser, client_, monkeypatch):
    makers.lend_token(client_)
    end = tokens.take_back

    def end_twice(*loan, **by):
        end(*loan, **by)
        end(*loan, **by)

    monkeypatch.setattr(tokens, "take_back", end_twice)
    assert "était déjà terminé" in text_of(take_back(advisor_browser, client_))
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.TOKEN_BACK).count() == 1


def test_lent_row_that_somebody_changed_is_not_put_back_in_stock(advisor_browser, client_):
    makers.lend_token(client_)
    Token.objects.update(nonce=bytes(12))
    assert "Mettez-le de côté et prévenez l’exploitant" in text_of(take_back(advisor_browser, client_))
    assert Token.objects.get().state == Token.State.LENT


def test_page_about_one_loan_ends_no_other(advisor_browser, client_):
    """Gone back to, and sent again once another token was lent."""
    makers.make_stock("TK0001", "TK0002")
    lend(advisor_browser, client_)
    sent = {"how": "lost", "seen": seen(advisor_browser, client_)}
    advisor_browser.post(page(client_), sent)
    lend(advisor_browser, client_, "TK0002")
    assert "était déjà terminé" in text_of(advisor_browser.post(page(client_), sent, follow=True))
    assert Token.objects.get(serial="TK0002").state == Token.State.LENT


@pytest.mark.parametrize("how", ["", "kept", "lost\0"])
def test_state_in_which_it_comes_back_is_to_be_said(advisor_browser, client_, how):
    makers.lend_token(client_)
    answer = advisor_browser.post(page(client_), {"how": how, "seen": seen(advisor_browser, client_)})
    assert answer.status_code == 200
    assert Token.objects.get().state == Token.State.LENT


def test_one_advisor_alone_ends_no_moyen(advisor_browser, client_):
    factor, _ = makers.make_token(client_)
    assert "encore un second moyen" in text_of(advisor_browser.get(page(client_)))
    take_back(advisor_browser, client_)
    assert Factor.objects.active().exists()
    assert Token.objects.get().state == Token.State.IN_USE
    ending.end(factor, Factor.Why.ADVISORS, by=SYSTEM, now=timezone.now())
    assert "Prêt terminé" in text_of(take_back(advisor_browser, client_))


def test_whoever_has_no_space_borrows_none(advisor_browser, person):
    assert "pas encore d’espace en ligne" in text_of(advisor_browser.get(page(person)))
    assert advisor_browser.post(page(person), {"serial": "TK0001"}).status_code == 200


def test_end_of_moyens_names_the_serial(advisor_browser, client_):
    makers.make_token(client_)
    assert factor_acts.in_words(client_) == ["boîtier de la banque n° TK0001"]
