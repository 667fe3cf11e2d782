"""Whoever works at the bank and is its client too: by his account nothing of his own is read, begun or approved."""

import uuid

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.bank_accounts import (
    access_requests,
    client_ends,
    contract_ends,
    cosigning,
    holders,
    joining,
    mandates,
    opening,
    representation_requests,
    representations,
    undoing,
)
from accounts.clients import confirmation, identity_changes
from accounts.clients.online_space import create_online_space
from accounts.documents import letters
from accounts.models import (
    AccessRequest,
    BankAccount,
    Capacity,
    Client,
    ClosingRequest,
    IdentityChange,
    Representation,
    RepresentationRequest,
    ServiceContract,
    User,
)
from auth_codes.actor import SYSTEM, Actor
from auth_codes.factors import by_advisors as factors_by_advisors
from auth_codes.factors import tickets_by_advisors
from auth_codes.journal import ActsForHimself
from auth_codes.locking import locks, unlocking
from auth_codes.lockout import counters
from auth_codes.models import DualControlAct, Renewal, SecurityEvent
from auth_codes.renewals import by_advisors, code_life, unblocking
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import text_of
from tests.portal.test_access_sweep import read
from tests.portal.test_desk_looks import HOW, addresses, bank, shown
from tests.standing import made_once

pytestmark = pytest.mark.django_db

__all__ = ["bank"]
OWN = "Vos propres données se lisent dans votre Espace Client"


@made_once
def own(advisor):
    """The advisor's own sheet, declared."""
    sheet = makers.make_personalised_client(advisor)
    makers.change_address(sheet, makers.make_advisor("luc.morin"))
    User.objects.filter(pk=advisor.pk).update(own_client=sheet)
    return sheet


@pytest.fixture
def himself(own, advisor):
    return User.objects.get(pk=advisor.pk)


@made_once
def other(advisor):
    return makers.make_personalised_client(advisor, given_names="Paul", family_name="Durand", email="paul@example.org")


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


def asks(account, person):
    agreement, right = AccessRequest.Agreement.AT_BRANCH, AccessRequest.Right.SEE
    return {"account": account, "person": person, "agreement": agreement, "right": right, "token": uuid.uuid4()}


def ask_access(own, other, by):
    return access_requests.start(**asks(own.bank_accounts.get(), other), by=by)


def ask_access_for_himself(own, other, by):
    return access_requests.start(**asks(other.bank_accounts.get(), own), by=by)


def represent(own, other, by):
    said = {"capacity": Capacity.FUTURE, "may_transfer": False, "paper": "mandat", "paper_date": timezone.localdate()}
    return representation_requests.start(own, other, by=by, token=uuid.uuid4(), **said)


def represent_another(own, other, by):
    return represent(other, own, by)


def end_representation(own, other, by):
    made = makers.make_representation(own, other, capacity=Capacity.FUTURE)
    return representations.end(made, why=Representation.End.DOUBT, by=by)


def ask_renewal(own, other, by):
    return by_advisors.start(own.user, by=by, identity_check="branch", token=uuid.uuid4())


def ask_unblocking(own, other, by):
    for _ in range(counters.FAILURES_BEFORE_BLOCK):
        makers.fail(counters.client_counter(own.client_code))
    return unblocking.start(own.user, by=by, identity_check="branch", token=uuid.uuid4())


def ask_factors_ending(own, other, by):
    makers.make_app(own)
    return factors_by_advisors.start(own.user, by=by, identity_check="branch", token=uuid.uuid4())


def ask_ticket(own, other, by):
    said = {"reason": "add", "identity_check": "branch", "token": uuid.uuid4()}
    return tickets_by_advisors.start(own.user, by=by, **said)


def ask_unlocking(own, other, by):
    locks.lock(own.user, way="lock_code", by=SYSTEM)
    return unlocking.start(own.user, by=by, identity_check="branch", token=uuid.uuid4())


def end_contract(own, other, by):
    card = ServiceContract.Kind.CARD
    contract = own.service_contracts.first() or opening.open_service_contract(own, kind=card, by=SYSTEM)
    return contract_ends.end_contract(contract, why=ServiceContract.End.TERM, by=by)


def ask_undoing(own, other, by):
    card = opening.open_service_contract(own, kind=ServiceContract.Kind.CARD, by=SYSTEM)
    fields = {"act": "opening", "number": card.number, "why": "Ouvert deux fois", "token": uuid.uuid4()}
    return undoing.start(own, by=by, **fields)


def ask_joining(own, other, by):
    """His sheet is kept, since that of a member of the staff is not closed."""
    said = {"advisor": own.advisor, "why": "Même carte d’identité", "token": uuid.uuid4()}
    return joining.start(own, makers.make_person(other.advisor, given_names="Léa"), by=by, **said)


def ask_identity(own, other, by):
    return identity_changes.start(own, {"family_name": "Durand"}, by=by)


def make_online_space(own, other, by):
    person = makers.make_person(other.advisor, given_names="Zoé")
    opening.open_account(person, kind=BankAccount.Kind.CURRENT, by=Actor(other.advisor))
    by.user.own_client = person
    return create_online_space(person, by=by)


def confirm(own, other, by):
    waiting = confirmation.waiting(own)
    return confirmation.confirm(own, seen=confirmation.fingerprint(waiting), by=by)


# What an advisor begins or does alone, each from another room.
ACTS = {
    "account": lambda own, other, by: opening.open_account(own, kind=BankAccount.Kind.SAVINGS, by=by),
    "contract": lambda own, other, by: opening.open_service_contract(own, kind=ServiceContract.Kind.CARD, by=by),
    "online space": make_online_space,
    "renewal": ask_renewal,
    "access": ask_access,
    "access for himself": ask_access_for_himself,
    "representation": represent,
    "representation by him": represent_another,
    "end of a representation": end_representation,
    "identity": ask_identity,
    "contacts": confirm,
    "closing of the access": lambda own, other, by: code_life.void_all(own.user, why=code_life.Why.FRAUD, by=by),
    "end of a contract": end_contract,
    "undoing": ask_undoing,
    "joining": ask_joining,
    "end of a client": lambda own, other, by: client_ends.end_client(own, why=Client.End.DEATH, by=by),
    "end of sessions": lambda own, other, by: code_life.end_sessions(own.user, why=code_life.Why.LOST, by=by),
    "end of a block": ask_unblocking,
    "end of moyens": ask_factors_ending,
    "ticket": ask_ticket,
    "end of a lock": ask_unlocking,
    "letter": lambda own, other, by: letters.write(own, subject="Objet", body="Texte", token=uuid.uuid4(), by=by),
    "closing of an account": lambda own, other, by: makers.close_account(own.bank_accounts.get(), by=by),
    "closing asked online": lambda own, other, by: makers.ask_closing(own.bank_accounts.get(), own, by=by.user),
}
# What a colleague has begun and he would answer.
ANSWERS = {
    "renewal": (ask_renewal, by_advisors),
    "access": (ask_access, access_requests),
    "access for himself": (ask_access_for_himself, access_requests),
    "representation": (represent, representation_requests),
    "representation by him": (represent_another, representation_requests),
    "identity": (ask_identity, identity_changes),
    "undoing": (ask_undoing, undoing),
    "joining": (ask_joining, joining),
    "end of a block": (ask_unblocking, unblocking),
    "end of moyens": (ask_factors_ending, factors_by_advisors),
    "ticket": (ask_ticket, tickets_by_advisors),
    "end of a lock": (ask_unlocking, unlocking),
}


def everything():
    acts = (AccessRequest, IdentityChange, RepresentationRequest, Renewal)
    rows = (Client, BankAccount, ClosingRequest, Representation, *acts, SecurityEvent)
    return [list(model.objects.order_by("pk").values()) for model in rows]


def settle_address(own, colleague):
    """A code goes to a confirmed address alone: what is refused below is refused for another reason."""
    confirm(own, None, Actor(colleague))


@pytest.mark.parametrize("name", sorted(ACTS))
def test_he_does_nothing_on_his_own_sheet_by_whatever_way(name, himself, own, other, colleague):
    if name != "contacts":
        settle_address(own, colleague)
    before = everything()
    with pytest.raises(ActsForHimself), transaction.atomic():
        ACTS[name](own, other, Actor(himself))
    assert everything() == before


@pytest.mark.parametrize("name", sorted(set(ACTS) - {"online space"}))
def test_a_colleague_does_each_of_them(name, own, other, colleague):
    if name != "contacts":
        settle_address(own, colleague)
    ACTS[name](own, other, Actor(colleague))


@pytest.mark.parametrize("answer", ["approve", "refuse"])
@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_he_answers_nothing_that_a_colleague_began(name, answer, himself, own, other, colleague):
    settle_address(own, colleague)
    (start, room), browser = ANSWERS[name], StrictBrowser.logged_in(himself)
    asked, before = start(own, other, Actor(colleague)), everything()
    with pytest.raises(ActsForHimself):
        getattr(room, answer)(asked, by=Actor(himself))
    assert everything() == before
    page = reverse(f"admin:{asked._meta.app_label}_{asked._meta.model_name}_change", args=[asked.pk])
    said = browser.post(page, {"answer": answer})
    assert (said.status_code, OWN in text_of(said)) == (403, True)
    assert everything() == before


def test_every_kind_of_act_is_tried_here():
    kinds = {model.__name__ for model in apps.get_models() if issubclass(model, DualControlAct)}
    assert kinds - {"StaffRequest"} == {
        "Renewal", "AccessRequest", "IdentityChange", "RepresentationRequest", "Unblocking", "Unlocking", "Undoing",
        "Joining", "FactorsEnding", "TicketRequest",
    }  # fmt: skip


def test_account_that_he_holds_with_another_is_his_own_too(himself, own, other, colleague):
    joint = other.bank_accounts.get()
    holders.add_holder(joint, own, by=Actor(colleague))
    mandate = makers.make_mandate(joint, makers.make_person(colleague, given_names="Zoé"))
    asked = makers.ask_closing(joint, other, by=colleague)
    for act in (
        lambda: makers.close_account(joint, by=Actor(himself)),
        lambda: cosigning.withdraw(asked, by=Actor(himself)),
        lambda: mandates.revoke(mandate, by=Actor(himself)),
        lambda: access_requests.start(**asks(joint, makers.make_person(colleague)), by=Actor(himself)),
    ):
        with pytest.raises(ActsForHimself), transaction.atomic():
            act()
    joint.refresh_from_db()
    assert not joint.is_closed
    page = f"/admin/accounts/client/{other.pk}/comptes/{joint.pk}/cloturer/"
    browser = StrictBrowser.logged_in(himself)
    said = browser.post(page, {"agreed": [own.pk, other.pk]})
    assert (said.status_code, OWN in text_of(said)) == (403, True)


@pytest.mark.slow
def test_no_page_of_the_desk_shows_him_to_himself(bank, advisor):
    """Each address of the desk, filled with everything there is, read and sent."""
    own = bank.clients[0]
    User.objects.filter(pk=advisor.pk).update(own_client=own)
    himself = User.objects.get(pk=advisor.pk)
    about = SecurityEvent.objects.filter(by=himself, subject_row__subject=own.pk)
    known, refused = about.count(), []
    for address in addresses(bank):
        for method, fields in HOW:
            answer = getattr(StrictBrowser.logged_in(himself), method)(address, fields)
            assert own.pk not in shown(bank, answer), address
            if answer.status_code == 403 and OWN in read(answer).replace("\u00a0", " "):
                refused.append(address)
    assert about.count() == known
    assert len({address for address in refused if f"/client/{own.pk}/" in address}) >= 14
    assert any("/renewal/" in address for address in refused)


def test_sheet_says_where_to_read_and_whom_to_ask(himself, own):
    answer = StrictBrowser.logged_in(himself).get(f"/admin/accounts/client/{own.pk}/change/")
    assert (answer.status_code, OWN in text_of(answer)) == (403, True)
    assert own.email not in text_of(answer)


def test_no_search_lists_him(himself, own, other):
    browser = StrictBrowser.logged_in(himself)
    found = text_of(browser.post("/admin/accounts/client/", {"said": own.client_code}, follow=True))
    assert own.family_name.upper() not in found
    found = text_of(browser.post("/admin/accounts/client/", {"said": other.client_code}, follow=True))
    assert other.family_name.upper() in found


def test_superuser_is_no_exception(own, other):
    boss = User.objects.create_superuser("directrice", own_client=other)
    assert StrictBrowser.logged_in(boss).get(f"/admin/accounts/client/{other.pk}/change/").status_code == 403


def test_as_a_client_he_does_all_that_a_client_does(himself, own):
    browser = StrictBrowser.logged_in(own.user)
    assert browser.get(reverse("overview")).status_code == 200
    confirm(own, None, Actor(own.user))
    assert not confirmation.waiting(own)


def test_two_accounts_never_declare_one_sheet(himself, own, colleague):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=colleague.pk).update(own_client=own)


def test_a_client_s_user_declares_none(own, other):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=other.user_id).update(own_client=own)
