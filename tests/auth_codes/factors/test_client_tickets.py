"""A client in branch adds a moyen by a ticket of two advisors: at once, once, in his own session alone."""

import json
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from auth_codes import dual_control
from auth_codes.actor import SYSTEM, Actor
from auth_codes.factors import by_advisors, client_tickets, tickets, tickets_by_advisors, totp
from auth_codes.letters import letter_numbers
from auth_codes.models import Challenge, ClientTicket, Factor, KnownDevice, Notice, SecurityEvent, TicketRequest
from auth_codes.renewals import code_life
from tests import makers
from tests.accounts.clients.test_former_values import change
from tests.conftest import StrictBrowser
from tests.pages import text_of
from tests.standing import made_once

pytestmark = pytest.mark.django_db

Kind = SecurityEvent.Kind
PAGE = "/mon-profil/moyens/ticket/"
STEP = "/connexion/second/ticket/"
CONFIRM = "/mon-profil/moyens/application/confirmer/"
DESK = "/admin/auth_codes/ticketrequest/"


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


@made_once
def other_client(advisor):
    return makers.make_personalised_client(advisor, email="autre@example.org")


def ask(client, by, reason="add", **fields):
    given = {"identity_check": "branch", "token": uuid.uuid4(), "reason": reason} | fields
    return tickets_by_advisors.start(client.user, by=Actor(by), **given)


def hand(client, advisor, colleague, reason="add"):
    return tickets_by_advisors.approve(ask(client, advisor, reason), by=Actor(colleague))


def typed(ticket, **fields):
    return {"ticket": ticket, "factor": "totp", "password": makers.CODE} | fields


def numbers(secret, now=None):
    step = int((now or timezone.now()).timestamp()) // totp.STEP_SECONDS
    return {"code": totp.code_at(secret, step), "code2": totp.code_at(secret, step + 1)}


def another(ticket):
    return next(number for number in iter(letter_numbers.draw, "") if number != ticket)


def confirm(browser):
    """What the app of the page that is open shows, posted."""
    return browser.post(CONFIRM, numbers(Factor.objects.get(state="pending").unseal()), follow=True)


def kinds_of(owner):
    return list(
        owner.security_events.filter(kind__startswith="client_ticket").order_by("pk").values_list("kind", flat=True)
    )


def test_request_of_yesterday_is_approved_by_nobody(client_, advisor, colleague):
    """He has left the branch, and one advisor alone would keep the ticket."""
    asked = ask(client_, advisor)
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    TicketRequest.objects.update(started_at=midnight)
    asked.refresh_from_db()
    assert asked.is_open_at(timezone.now())
    TicketRequest.objects.update(started_at=midnight - timedelta(seconds=1))
    asked.refresh_from_db()
    with pytest.raises(dual_control.AlreadyDecided):
        tickets_by_advisors.approve(asked, by=Actor(colleague))
    assert not ClientTicket.objects.exists()
    assert TicketRequest.objects.lapsed_at(timezone.now()).exists()


def test_moyen_that_a_ticket_adds_counts_at_once_for_payments_too(client_, advisor, colleague, client_browser):
    ticket = hand(client_, advisor, colleague)
    answer = client_browser.post(PAGE, typed(tickets.in_fours(ticket).lower()))
    assert answer["Location"] == CONFIRM
    assert "C’est fait" in text_of(confirm(client_browser))
    factor = Factor.objects.get()
    assert factor.state == "active"
    assert factor.asked_from <= timezone.now()
    assert factor.payments_from <= timezone.now()
    assert ClientTicket.objects.get().used_at
    assert kinds_of(client_.user) == ["client_ticket_asked", "client_ticket_issued", "client_ticket_used"]


def test_without_a_ticket_it_rests_as_ever(client_, client_browser):
    KnownDevice.objects.update(first_seen_at=timezone.now())
    client_browser.post("/mon-profil/moyens/application/", {"name": "Mon téléphone", "password": makers.CODE})
    factor = Factor.objects.get()
    assert factor.asked_from > timezone.now() + timedelta(days=1)
    assert factor.payments_from > timezone.now() + timedelta(days=1)


def test_ticket_leads_to_a_passkey_too(client_, advisor, colleague, client_browser):
    ticket = hand(client_, advisor, colleague)
    answer = client_browser.post(PAGE, typed(ticket, factor="passkey"))
    assert answer["Location"] == "/mon-profil/moyens/cle/confirmer/"
    assert Factor.objects.get().payments_from <= timezone.now()


@pytest.mark.parametrize(("reason", "kept"), [("add", 1), ("lost", 0)])
def test_authenticator_whose_passkey_ends_makes_the_new_one(client_, advisor, colleague, client_browser, reason, kept):
    makers.make_passkey(client_)
    client_browser.post(PAGE, typed(hand(client_, advisor, colleague, reason), factor="passkey"))
    options = json.loads(client_browser.get("/mon-profil/moyens/cle/confirmer/").context["options"])
    assert len(options.get("excludeCredentials") or []) == kept


def test_key_drawn_again_takes_the_place_of_the_first_and_the_ticket_adds_one(
    client_, advisor, colleague, client_browser
):
    ticket = hand(client_, advisor, colleague)
    client_browser.post(PAGE, typed(ticket))
    client_browser.post(PAGE, typed(ticket))
    confirm(client_browser)
    refused = client_browser.post(PAGE, typed(ticket, factor="passkey"))
    assert "Ce ticket a déjà servi" in text_of(refused)
    assert Factor.objects.count() == 1


def test_key_drawn_by_no_ticket_does_not_use_the_one_that_waits(client_, advisor, colleague, client_browser):
    ticket = hand(client_, advisor, colleague)
    client_browser.post(PAGE, typed(ticket))
    client_browser.post("/mon-profil/moyens/application/", {"name": "Mon téléphone", "password": makers.CODE})
    confirm(client_browser)
    assert ClientTicket.objects.get().used_at is None
    assert Factor.objects.get().payments_from > timezone.now()


def test_what_was_begun_in_time_is_finished_after_it(client_, advisor, colleague, client_browser):
    client_browser.post(PAGE, typed(hand(client_, advisor, colleague)))
    ClientTicket.objects.update(expires_at=timezone.now())
    assert "C’est fait" in text_of(confirm(client_browser))
    assert ClientTicket.objects.get().used_at


def test_expired_ticket_is_said_and_not_counted(client_, advisor, colleague, client_browser):
    ticket = hand(client_, advisor, colleague)
    row = ClientTicket.objects.get()
    assert row.expires_at - row.issued_at == timedelta(minutes=15)
    ClientTicket.objects.update(expires_at=timezone.now())
    assert "minutes sont passées" in text_of(client_browser.post(PAGE, typed(ticket)))
    assert ClientTicket.objects.get().tries == 0
    assert not Factor.objects.exists()


def test_nobody_without_a_ticket_is_counted_anything(client_, client_browser):
    said = text_of(client_browser.post(PAGE, typed(letter_numbers.draw(), password="000000")))
    assert "Aucun ticket ne vous attend" in said
    assert not client_.user.security_events.filter(kind=Kind.FACTOR_REMOVAL_FAILED).exists()


def test_five_wrong_ones_void_it_and_its_owner_is_told_once(client_, advisor, colleague, client_browser):
    ticket = hand(client_, advisor, colleague)
    said = [text_of(client_browser.post(PAGE, typed(another(ticket)))) for _ in range(5)]
    assert "Essais restants : 4" in said[0]
    assert "C’était le cinquième essai" in said[4]
    assert "essayé cinq fois" in text_of(client_browser.post(PAGE, typed(ticket)))
    assert not Factor.objects.exists()
    assert Notice.objects.filter(kind=Notice.Kind.TICKET_VOID).count() == 1
    assert kinds_of(client_.user).count("client_ticket_failed") == 5
    assert kinds_of(client_.user).count("client_ticket_ended") == 1


def test_wrong_code_secret_leaves_the_tries_of_the_ticket_alone(client_, advisor, colleague, client_browser):
    ticket = hand(client_, advisor, colleague)
    client_browser.post(PAGE, typed(another(ticket), password="000000"))
    assert ClientTicket.objects.get().tries == 0


@pytest.mark.parametrize("slip", ["", "ABCD", "\x00" * 12, "١٢٣٤٥٦٧٨٩٠١٢", "U" * 12, "A" * 500])
def test_what_is_no_ticket_costs_no_try(client_, advisor, colleague, client_browser, slip):
    hand(client_, advisor, colleague)
    answer = client_browser.post(PAGE, typed(slip))
    assert answer.status_code == 200
    assert answer.context["form"].errors["ticket"]
    assert ClientTicket.objects.get().tries == 0


def test_ticket_with_pasted_spaces_is_taken(client_, advisor, colleague, client_browser):
    ticket = hand(client_, advisor, colleague)
    answer = client_browser.post(PAGE, typed("\u00a0 " + "\u202f".join(tickets.in_fours(ticket).split("-")) + "\t"))
    assert answer.status_code == 302


def test_ticket_of_another_client_is_a_wrong_one(client_, other_client, advisor, colleague, client_browser):
    hand(client_, advisor, colleague)
    others = hand(other_client, advisor, colleague)
    assert "Ce n’est pas le ticket fait pour vous" in text_of(client_browser.post(PAGE, typed(others)))
    assert ClientTicket.objects.get(owner=other_client.user).tries == 0


def test_moved_prolonged_or_raised_row_is_no_ticket(client_, advisor, colleague):
    ticket = hand(client_, advisor, colleague)
    row = ClientTicket.objects.get()
    now = timezone.now()
    for written in ({"expires_at": now + timedelta(days=9)}, {"replaces": True}):
        ClientTicket.objects.update(**written)
        with pytest.raises(tickets.WrongTicket):
            client_tickets.check(client_.user, ticket, by=SYSTEM, now=now)
        ClientTicket.objects.update(expires_at=row.expires_at, replaces=row.replaces)


def test_new_ticket_voids_the_one_before_and_what_it_had_drawn(client_, advisor, colleague, client_browser):
    first = hand(client_, advisor, colleague)
    client_browser.post(PAGE, typed(first))
    second = hand(client_, advisor, colleague)
    assert not Factor.objects.exists()
    assert "Ce n’est pas le ticket" in text_of(client_browser.post(PAGE, typed(first)))
    assert client_browser.post(PAGE, typed(second)).status_code == 302


def test_closed_access_leaves_no_ticket(client_, advisor, colleague):
    hand(client_, advisor, colleague)
    code_life.void_all(client_.user, why=code_life.Why.FRAUD, by=Actor(advisor))
    assert not ClientTicket.objects.exists()


def test_timer_forgets_it_a_day_later(client_, advisor, colleague):
    hand(client_, advisor, colleague)
    over = ClientTicket.objects.get().expires_at
    assert client_tickets.forget_old(over + timedelta(hours=23)) == 0
    assert client_tickets.forget_old(over + timedelta(days=1)) == 1


def test_database_takes_three_different_people(client_, advisor, colleague):
    hand(client_, advisor, colleague)
    for column, person in (("approved_by", advisor), ("issued_by", client_.user), ("approved_by", client_.user)):
        with pytest.raises(IntegrityError), transaction.atomic():
            ClientTicket.objects.update(**{column: person})


@pytest.mark.proves("RTS 24", "ASVS 6.4.4")
def test_who_asks_does_not_approve_and_nothing_is_handed_over(client_, advisor):
    with pytest.raises(dual_control.SameAdvisor):
        tickets_by_advisors.approve(ask(client_, advisor), by=Actor(advisor))
    assert not ClientTicket.objects.exists()


def test_owner_is_told_at_each_of_his_addresses(client_, advisor, colleague):
    former = client_.email
    change(client_, advisor, email="new@example.org")
    hand(client_, advisor, colleague)
    told = Notice.objects.filter(kind=Notice.Kind.CLIENT_TICKET).values_list("recipient", flat=True)
    assert set(told) == {former, "new@example.org"}


def test_nothing_is_asked_for_whom_no_code_opens_anything(client_, advisor):
    code_life.void_all(client_.user, why=code_life.Why.FRAUD, by=Actor(advisor))
    with pytest.raises(tickets_by_advisors.NoCode):
        ask(client_, advisor)


def test_who_has_lost_none_replaces_none(client_, advisor):
    with pytest.raises(by_advisors.NoFactor):
        ask(client_, advisor, "lost")


def test_full_kind_is_said_and_nothing_counted(client_, advisor, colleague, client_browser):
    makers.make_app(client_)
    ticket = hand(client_, advisor, colleague)
    answer = client_browser.post(PAGE, typed(ticket))
    assert "Vous avez déjà une application" in text_of(answer)
    assert ClientTicket.objects.get().tries == 0


def test_who_has_lost_everything_logs_in_by_the_ticket_and_has_one_moyen_anew(client_, advisor, colleague, browser):
    lost, _ = makers.make_app(client_)
    ticket = hand(client_, advisor, colleague, "lost")
    assert makers.log_in(browser, client_.client_code, makers.CODE)["Location"] == "/connexion/second/"
    challenge = browser.get(STEP).context["challenge"].pk
    answer = browser.post(STEP, {"ticket": ticket, "factor": "totp", "challenge": challenge})
    assert answer["Location"] == CONFIRM
    lost.refresh_from_db()
    assert lost.state == "active"
    confirm(browser)
    lost.refresh_from_db()
    assert (lost.state, lost.ended_why) == ("ended", "replaced")
    assert Factor.objects.active().count() == 1
    assert "client_ticket_login" in kinds_of(client_.user)
    assert not client_.user.security_events.filter(kind=Kind.FACTOR_PASSED).exists()
    assert Challenge.objects.filter(purpose="login", spent_at=None).count() == 0


def test_ticket_that_only_adds_opens_no_login(client_, advisor, colleague, browser):
    makers.make_app(client_)
    ticket = hand(client_, advisor, colleague)
    makers.log_in(browser, client_.client_code, makers.CODE)
    challenge = browser.get(STEP).context["challenge"].pk
    answer = browser.post(STEP, {"ticket": ticket, "factor": "passkey", "challenge": challenge})
    assert "il ne remplace pas les vôtres" in text_of(answer)
    assert ClientTicket.objects.get().tries == 0
    assert browser.get("/espace-client/").status_code == 302


def test_five_wrong_tickets_at_a_login_void_it_and_the_moyen_still_serves(client_, advisor, colleague, browser):
    _, secret = makers.make_app(client_)
    ticket = hand(client_, advisor, colleague, "lost")
    makers.log_in(browser, client_.client_code, makers.CODE)
    challenge = browser.get(STEP).context["challenge"].pk
    for _ in range(5):
        browser.post(STEP, {"ticket": another(ticket), "factor": "totp", "challenge": challenge})
    shown = browser.post(STEP, {"ticket": ticket, "factor": "totp", "challenge": challenge})
    assert "essayé cinq fois" in text_of(shown)
    code = numbers(secret)["code"]
    assert browser.post("/connexion/second/", {"code": code, "challenge": challenge})["Location"] == "/espace-client/"


def test_page_of_tickets_at_the_login_is_for_who_has_shown_his_codes(browser):
    assert browser.get(STEP)["Location"] == "/connexion/"


def test_desk_asks_a_colleague_approves_and_the_ticket_is_shown_once(client_, advisor_browser, colleague):
    page = f"/admin/accounts/client/{client_.pk}/ticket/"
    form = advisor_browser.get(page).context["form"]
    asked = {"identity_check": "branch", "reason": "add", "token": form["token"].value()}
    answer = advisor_browser.post(page, asked, follow=True)
    assert "à approuver par un second conseiller" in text_of(answer)
    advisor_browser.post(page, asked)
    request = TicketRequest.objects.get()
    judging = StrictBrowser.logged_in(colleague)
    decide = f"{DESK}{request.pk}/change/"
    seen = judging.get(decide).context["seen"]
    done = judging.post(decide, {"answer": "approve", "seen": seen})
    ticket = done.context["ticket"]
    assert ticket in text_of(done)
    again = judging.post(decide, {"answer": "approve", "seen": seen}, follow=True)
    assert ticket not in text_of(again)
    assert ticket not in text_of(judging.get(decide))
    assert client_tickets.waiting(client_.user, timezone.now())


def test_desk_takes_no_check_by_telephone(client_, advisor_browser):
    page = f"/admin/accounts/client/{client_.pk}/ticket/"
    token = advisor_browser.get(page).context["form"]["token"].value()
    advisor_browser.post(page, {"identity_check": "phone", "reason": "add", "token": token})
    assert not TicketRequest.objects.exists()
