"""Many at the same instant: one ticket of a client adds one moyen, and five wrong ones are compared."""

import uuid

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from auth_codes.actor import Actor
from auth_codes.factors import client_tickets, enrolling, tickets, tickets_by_advisors, totp
from auth_codes.models import ClientTicket, Factor, Notice, SecurityEvent
from tests import makers
from tests.auth_codes.factors.test_factor_races import MANY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

Kind = SecurityEvent.Kind


def ask(client, advisor, reason="add"):
    said = {"reason": reason, "identity_check": "branch", "token": uuid.uuid4()}
    return tickets_by_advisors.start(client.user, by=Actor(advisor), **said)


def hand(client, advisor, reason="add"):
    return tickets_by_advisors.approve(ask(client, advisor, reason), by=Actor(makers.make_advisor("marc.lefevre")))


def typing(client, ticket):
    """Somebody types the ticket in a session of his own, and proves the key that it has drawn: the moyen, or None."""

    def type_it(_):
        now, session, owner = timezone.now(), SessionStore(), type(client.user).objects.get(pk=client.user.pk)
        by = Actor(owner)
        try:
            row = client_tickets.check(owner, ticket, by=by, now=now)
            enrolling.begin_by_ticket(owner, Factor.Kind.TOTP, "Mon téléphone", row, session=session, now=now)
            pending = enrolling.waiting(owner, session, now)
            step = totp.step_at(now)
            shown = totp.code_at(pending.secret, step - 1), totp.code_at(pending.secret, step)
            return enrolling.confirm(pending, *shown, by=by, now=now).pk
        except (tickets.NoTicket, enrolling.NothingPending, enrolling.OneAlready):
            return None

    return type_it


@pytest.mark.parametrize("reason", ["add", "lost"])
def test_one_ticket_fifty_times_at_once_adds_one_moyen(client_, advisor, race, reason):
    if reason == "lost":
        makers.make_app(client_)
    type_it = typing(client_, hand(client_, advisor, reason))
    added = {pk for pk in race(type_it, range(MANY)) if pk}
    added |= {pk for pk in [type_it(0)] if pk}  # where each of the fifty had the key of another drawn over its own
    assert set(Factor.objects.active().values_list("pk", flat=True)) == added
    assert len(added) == 1
    assert SecurityEvent.objects.filter(kind=Kind.CLIENT_TICKET_USED).count() == 1
    assert SecurityEvent.objects.filter(kind=Kind.FACTOR_ADDED).count() == 1
    assert ClientTicket.objects.get().used_at


def test_of_fifty_wrong_tickets_at_once_five_are_compared(client_, advisor, race, monkeypatch):
    right, now = hand(client_, advisor), timezone.now()
    compared, compare = [], tickets._is_it
    monkeypatch.setattr(tickets, "_is_it", lambda *args: (compared.append(args), compare(*args))[1])

    def check(typed):
        try:
            return client_tickets.check(client_.user, typed, by=Actor(client_.user), now=now)
        except (tickets.WrongTicket, tickets.NoTicket) as refusal:
            return type(refusal)

    answers = race(check, ["0" * 12] * MANY)
    assert (len(compared), answers.count(tickets.WrongTicket)) == (5, 5)
    assert check(right) is client_tickets.TicketVoid
    assert SecurityEvent.objects.filter(kind=Kind.CLIENT_TICKET_ENDED).count() == 1
    assert Notice.objects.filter(kind=Notice.Kind.TICKET_VOID).count() == 1


def test_approved_eight_times_at_once_makes_one_ticket(client_, advisor, race):
    asked, second = ask(client_, advisor), makers.make_advisor("marc.lefevre")

    def approve(_):
        try:
            return tickets_by_advisors.approve(type(asked).objects.get(pk=asked.pk), by=Actor(second))
        except tickets_by_advisors.dual_control.AlreadyDecided:
            return None

    assert len([ticket for ticket in race(approve, range(8)) if ticket]) == 1
    assert ClientTicket.objects.count() == 1
