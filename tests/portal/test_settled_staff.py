"""One person with two accounts: the second one, made or raised a few days ago, is no second advisor for anything."""

import html
import uuid
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.bank_accounts import access_requests, joining, opening, representation_requests, undoing
from accounts.clients import confirmation, identity_changes
from accounts.models import AccessRequest, Capacity, ServiceContract, User
from accounts.models.people import NAME_TAKEN, SETTLING, STAFF_NAME_IN_ASCII
from auth_codes import dual_control
from auth_codes.actor import Actor
from auth_codes.factors import by_advisors as factors_by_advisors
from auth_codes.factors import tickets_by_advisors
from auth_codes.locking import locks, unlocking
from auth_codes.lockout import counters
from auth_codes.models import DualControlAct
from auth_codes.renewals import by_advisors, unblocking
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import say_why

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def ask_access(client, other, advisor):
    agreement, right = AccessRequest.Agreement.AT_BRANCH, AccessRequest.Right.SEE
    account = client.bank_accounts.get()
    by, token = Actor(advisor), uuid.uuid4()
    return access_requests.start(account, other, right=right, agreement=agreement, token=token, by=by)


def ask_renewal(client, other, advisor):
    return by_advisors.start(client.user, by=Actor(advisor), identity_check="branch", token=uuid.uuid4())


def ask_identity(client, other, advisor):
    return identity_changes.start(client, {"family_name": "Durand"}, by=Actor(advisor))


def ask_unblocking(client, other, advisor):
    counter, now = counters.client_counter(client.client_code), timezone.now()
    for days in reversed(range(5)):
        makers.fail(counter, now - timedelta(days=days))
    return unblocking.start(client.user, by=Actor(advisor), identity_check="branch", token=uuid.uuid4())


def ask_unlocking(client, other, advisor):
    locks.lock(client.user, way="session", by=Actor(client.user))
    return unlocking.start(client.user, by=Actor(advisor), identity_check="branch", token=uuid.uuid4())


def ask_undoing(client, other, advisor):
    card = opening.open_service_contract(client, kind=ServiceContract.Kind.CARD, by=Actor(advisor))
    said = {"act": "opening", "number": card.number, "why": "Contrat d’un autre client du même nom"}
    return undoing.start(client, by=Actor(advisor), token=uuid.uuid4(), **said)


def ask_joining(client, other, advisor):
    closed = makers.make_person(advisor, birth_date=client.birth_date)
    said = {"advisor": advisor, "why": "Même carte d’identité", "token": uuid.uuid4()}
    return joining.start(client, closed, by=Actor(advisor), **said)


def ask_representation(client, other, advisor):
    said = {"capacity": Capacity.FUTURE, "may_transfer": False, "paper": "mandat", "paper_date": timezone.localdate()}
    return representation_requests.start(client, other, by=Actor(advisor), token=uuid.uuid4(), **said)


def ask_factors_ending(client, other, advisor):
    makers.make_app(client)
    return factors_by_advisors.start(client.user, by=Actor(advisor), identity_check="branch", token=uuid.uuid4())


def ask_ticket(client, other, advisor):
    said = {"reason": "add", "identity_check": "branch", "token": uuid.uuid4()}
    return tickets_by_advisors.start(client.user, by=Actor(advisor), **said)


ACTS = {
    "TicketRequest": (ask_ticket, tickets_by_advisors.approve),
    "FactorsEnding": (ask_factors_ending, factors_by_advisors.approve),
    "AccessRequest": (ask_access, access_requests.approve),
    "IdentityChange": (ask_identity, identity_changes.approve),
    "Joining": (ask_joining, joining.approve),
    "Renewal": (ask_renewal, by_advisors.approve),
    "RepresentationRequest": (ask_representation, representation_requests.approve),
    "Unblocking": (ask_unblocking, unblocking.approve),
    "Unlocking": (ask_unlocking, unlocking.approve),
    "Undoing": (ask_undoing, undoing.approve),
}


@pytest.fixture
def second(advisor):
    """The other account of the same person, made a minute ago."""
    return makers.make_advisor("claire.bis", raised_at=timezone.now() - timedelta(minutes=1))


@pytest.fixture
def other(advisor):
    return makers.make_personalised_client(advisor, given_names="Paul", family_name="Durand", email="paul@example.org")


def age(user, **past):
    user.raised_at = timezone.now() - timedelta(**past)
    user.save(update_fields=["raised_at"])


@pytest.mark.parametrize("name", sorted(ACTS))
def test_account_of_a_few_days_approves_nothing_and_then_may(name, client_, other, advisor, second):
    start, approve = ACTS[name]
    asked = start(client_, other, advisor)
    for past in ({"minutes": 1}, {"days": 6, "hours": 23}):
        age(second, **past)
        with pytest.raises(dual_control.NotSettled):
            approve(asked, by=Actor(second))
        asked.refresh_from_db()
        assert not asked.decision
    age(second, days=7)
    approve(asked, by=Actor(second))
    asked.refresh_from_db()
    assert asked.decided_by == second


def test_every_kind_of_act_is_tried_here_or_with_those_of_the_staff():
    kinds = {model.__name__ for model in apps.get_models() if issubclass(model, DualControlAct)}
    assert kinds - {"StaffRequest"} == set(ACTS)


def test_it_confirms_no_address(client_, advisor, second):
    makers.change_address(client_, advisor)
    seen = confirmation.fingerprint(confirmation.waiting(client_))
    with pytest.raises(dual_control.NotSettled):
        confirmation.confirm(client_, seen=seen, by=Actor(second))
    assert client_.address_awaits_confirmation


def test_it_may_refuse(client_, other, advisor, second):
    asked = ask_renewal(client_, other, advisor)
    by_advisors.refuse(asked, by=Actor(second))
    asked.refresh_from_db()
    assert asked.decided_by == second


def test_pages_say_why_and_what_to_do(client_, other, advisor, second):
    asked, browser = ask_access(client_, other, advisor), StrictBrowser.logged_in(second)
    page = f"/admin/accounts/accessrequest/{asked.pk}/change/"
    said = html.unescape(browser.post(page, {"answer": "approve"}, follow=True).content.decode())
    assert "a moins de 7 jours : demandez à un autre collègue" in said
    makers.change_address(client_, advisor)
    say_why(browser, client_)
    page = f"/admin/accounts/client/{client_.pk}/adresse/"
    assert "a moins de 7 jours" in html.unescape(browser.get(page).content.decode())
    seen = confirmation.fingerprint(confirmation.waiting(client_))
    assert "a moins de 7 jours" in html.unescape(browser.post(page, {"seen": seen}, follow=True).content.decode())


def test_staff_of_old_are_settled_and_a_new_superuser_is_not(advisor):
    now = timezone.now()
    superuser = User.objects.create_superuser("directrice")
    assert (advisor.is_settled_at(now), superuser.is_settled_at(now)) == (True, False)
    assert superuser.is_settled_at(superuser.raised_at + SETTLING)


# Names.


@pytest.mark.parametrize("name", ["hélène", "cl\u0430ire.dubois"])
def test_createsuperuser_takes_no_look_alike(name):
    with pytest.raises(CommandError, match="sans accent ni autre alphabet"):
        call_command("createsuperuser", "--noinput", username=name, email="chef@banque.example")
    with pytest.raises(ValidationError, match=STAFF_NAME_IN_ASCII):
        User.objects.create_superuser(name)
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["Claire.Dubois", "CLAIRE.DUBOIS"])
def test_name_in_other_capitals_is_taken(advisor, name):
    with pytest.raises(CommandError, match="déjà pris"):
        call_command("createsuperuser", "--noinput", username=name, email="chef@banque.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(name)


def test_of_many_who_take_a_name_at_once_one_has_it(race):
    def take(name):
        try:
            User.objects.create_superuser(name)
        except ValidationError as refusal:
            return " ".join(refusal.messages)
        return "made"

    answers = race(take, ["directrice", "Directrice"] * 4)
    assert (answers.count("made"), User.objects.count()) == (1, 1)
    assert all(NAME_TAKEN in one or "existe déjà" in one for one in answers if one != "made")


@pytest.mark.parametrize("name", sorted(ACTS))
def test_account_of_a_few_days_begins_nothing_that_the_old_one_approves(name, client_, other, advisor, second):
    start, approve = ACTS[name]
    asked = start(client_, other, second)
    with pytest.raises(dual_control.BegunByNotSettled):
        approve(asked, by=Actor(advisor))
    asked.refresh_from_db()
    assert not asked.decision


def test_approver_of_such_a_request_reads_that_it_is_to_be_asked_for_anew(client_, other, advisor, second):
    asked = ask_access(client_, other, second)
    page = f"/admin/accounts/accessrequest/{asked.pk}/change/"
    answer = StrictBrowser.logged_in(advisor).post(page, {"answer": "approve"}, follow=True)
    said = html.unescape(answer.content.decode())
    assert "Le compte de qui l’a demandé" in said
    assert "Votre compte, ou l’un de vos droits" not in said
