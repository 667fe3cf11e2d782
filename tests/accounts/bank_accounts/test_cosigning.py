"""A closing that holders confirm in their online spaces: who is asked, who has agreed, and when it comes to nothing."""

import uuid
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.bank_accounts import client_ends, closing, closing_requests, cosigning, holders, joining, mandates
from accounts.bank_accounts import representations as acting
from accounts.bank_accounts.cosigning import OPEN_FOR
from accounts.models import BankAccount, Capacity, Client, ClosingAgreement, ClosingRequest, PostalItem, Representation
from auth_codes.actor import SYSTEM, Actor
from auth_codes.codes import owners
from auth_codes.locking import locks
from auth_codes.models import AccessLock, Notice, SecurityEvent
from auth_codes.renewals import code_life
from tests import makers
from tests.standing import made_once

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
Outcome = ClosingRequest.Outcome


@made_once
def other(advisor):
    return makers.make_personalised_client(
        advisor, title="M.", given_names="Paul", family_name="Durand", email="paul@example.org"
    )


@made_once
def third(advisor):
    """Who has no online space."""
    return makers.make_person(advisor, given_names="Zoé", family_name="Roy", email="zoe@example.org")


@made_once
def joint(client_, other, advisor):
    """The account of both."""
    account = client_.bank_accounts.get()
    holders.add_holder(account, other, by=Actor(advisor))
    return account


@pytest.fixture
def asked(joint, client_, other, advisor):
    request = makers.ask_closing(joint, client_, other, by=advisor)
    Notice.objects.all().delete()
    return request


def agree(request, signer):
    cosigning.agree(request, signer, by=Actor(signer.user))


def close(account, advisor, *signed):
    return closing.close_account(account, agreed=[holder.pk for holder in signed], by=Actor(advisor))


def outcome(request):
    return ClosingRequest.objects.get(pk=request.pk).outcome


def lines(kind, client):
    of_client = SecurityEvent.objects.filter(kind=kind, details__client=client.pk).order_by("id")
    return [{name: value for name, value in line.details.items() if name != "client"} for line in of_client]


# Asking.


def test_holders_are_asked_and_told_until_when(joint, client_, other, advisor):
    Notice.objects.all().delete()
    request = makers.ask_closing(joint, client_, other, by=advisor)
    assert (request.last_day, request.outcome) == (TODAY + OPEN_FOR, "")
    told = Notice.objects.filter(kind="closing_asked").order_by("id")
    assert [notice.recipient for notice in told] == [client_.email, other.email]
    assert lines("closing_asked", other) == [{"number": joint.number}]
    joint.refresh_from_db()
    assert not joint.is_closed


def test_who_has_no_email_is_told_by_post(joint, client_, other, advisor):
    Client.objects.filter(pk=other.pk).update(email="")
    makers.ask_closing(joint, client_, other, by=advisor)
    assert PostalItem.objects.filter(client=other, notice_kind="closing_asked").count() == 1
    assert not PostalItem.objects.filter(client=client_, notice_kind="closing_asked").exists()


def test_one_request_at_a_time_waits_for_an_account(asked, joint, client_, advisor):
    with pytest.raises(cosigning.AlreadyAsked):
        makers.ask_closing(joint, client_, by=advisor)
    with pytest.raises(IntegrityError), transaction.atomic():
        ClosingRequest.objects.create(account=joint, last_day=TODAY)


def test_after_one_that_is_over_another_is_asked(asked, joint, client_, advisor):
    ClosingRequest.objects.update(last_day=TODAY - timedelta(days=1))
    makers.ask_closing(joint, client_, by=advisor)
    assert outcome(asked) == Outcome.LAPSED


@pytest.mark.parametrize(("online", "signed"), [("none", "client_"), ("client_", "client_"), ("stranger", "client_")])
def test_only_holders_are_asked_each_in_one_way(joint, client_, third, advisor, online, signed):
    people = {"none": [], "client_": [client_.pk], "stranger": [third.pk]}
    with pytest.raises(closing.NotAgreed):
        cosigning.ask(joint, online=people[online], signed=people[signed], by=Actor(advisor))


def test_who_has_no_space_signs_on_paper(joint, third, advisor):
    holders.add_holder(joint, third, by=Actor(advisor))
    with pytest.raises(cosigning.NoOpenSpace):
        makers.ask_closing(joint, third, by=advisor)


def test_who_has_locked_his_access_signs_on_paper(joint, other, advisor):
    locks.lock(other.user, way=AccessLock.Way.SESSION, by=Actor(other.user))
    with pytest.raises(cosigning.NoOpenSpace):
        makers.ask_closing(joint, other, by=advisor)


def test_whose_access_is_closed_signs_on_paper(joint, other, advisor):
    code_life.end_all(other.user, by=Actor(advisor))
    with pytest.raises(cosigning.NoOpenSpace):
        makers.ask_closing(joint, other, by=advisor)


def test_account_that_is_not_empty_is_not_asked_about(joint, client_, advisor):
    makers.make_operations(joint, "5", day=TODAY)
    with pytest.raises(closing.NotEmpty):
        makers.ask_closing(joint, client_, by=advisor)


# Agreeing and closing.


def test_account_closes_once_all_have_agreed_online(asked, joint, client_, other, advisor):
    agree(asked, client_)
    with pytest.raises(closing.NotAgreed):
        close(joint, advisor)
    agree(asked, other)
    assert close(joint, advisor).is_closed
    assert outcome(asked) == Outcome.CLOSED
    for holder in (client_, other):
        [line] = lines("account_closed", holder)
        assert line == {"number": joint.number, "closing_agreement": "online"}


def test_paper_and_online_agreements_count_together(joint, client_, other, third, advisor):
    holders.add_holder(joint, third, by=Actor(advisor))
    request = makers.ask_closing(joint, other, signed=[client_], by=advisor)
    agree(request, other)
    with pytest.raises(closing.NotAgreed):
        close(joint, advisor)
    assert close(joint, advisor, third).is_closed
    kept = ClosingAgreement.objects.filter(request=request).order_by("pk")
    assert [(row.holder_id, row.signer_id, row.answer) for row in kept] == [
        (other.pk, other.pk, "agreed"), (client_.pk, None, "agreed"), (third.pk, None, "agreed"),
    ]  # fmt: skip
    assert {row.confirmed_by_id for row in kept} == {other.user_id, advisor.pk}
    assert lines("closing_signed", client_) == [{"number": joint.number}]


def test_who_does_not_answer_may_sign_on_paper(asked, joint, client_, other, advisor):
    agree(asked, client_)
    assert close(joint, advisor, other).is_closed
    assert lines("account_closed", other)[0]["closing_agreement"] == "paper"


def test_all_on_paper_is_kept_with_the_account_too(joint, client_, other, advisor):
    close(joint, advisor, client_, other)
    kept = joint.closing_requests.get()
    assert kept.outcome == Outcome.CLOSED
    assert {row.holder_id for row in kept.agreements.all()} == {client_.pk, other.pk}


def test_agreement_is_no_closing_facts_are_judged_anew(asked, joint, client_, other, advisor):
    agree(asked, client_)
    agree(asked, other)
    makers.make_operations(joint, "5", day=TODAY)
    with pytest.raises(closing.NotEmpty):
        close(joint, advisor)
    assert outcome(asked) == ""


def test_answer_stands_in_his_journal_and_in_that_of_the_others(asked, joint, client_, other):
    agree(asked, client_)
    said = {"number": joint.number, "closing_answer": "agreed"}
    assert (lines("closing_answered", client_), lines("closing_by_another", other)) == ([said], [said])
    assert (lines("closing_answered", other), lines("closing_by_another", client_)) == ([], [])


def test_second_click_changes_nothing(asked, client_):
    agree(asked, client_)
    before = ClosingAgreement.objects.get(signer=client_).answered_at
    agree(asked, client_)
    assert ClosingAgreement.objects.get(signer=client_).answered_at == before
    assert len(lines("closing_answered", client_)) == 1


def test_nobody_agrees_for_another_holder(asked, client_, other, third, advisor):
    stranger = makers.make_personalised_client(advisor, given_names="Ève", email="eve@example.org")
    for answer in (cosigning.agree, cosigning.refuse):
        with pytest.raises(cosigning.Over):
            answer(asked, stranger, by=Actor(stranger.user))
    agree(asked, client_)
    assert ClosingAgreement.objects.get(signer=other).answer == ""
    assert outcome(asked) == ""


def test_session_that_was_ended_meanwhile_agrees_to_nothing(asked, client_):
    user = type(client_.user).objects.get(pk=client_.user_id)
    owners.end_sessions(client_.user)
    with pytest.raises(owners.SessionEnded):
        cosigning.agree(asked, client_, by=Actor(user))
    assert ClosingAgreement.objects.get(signer=client_).answer == ""


# Refusing, taking back, lapsing.


def test_one_refusal_ends_it_and_all_are_told(asked, joint, client_, other, advisor):
    agree(asked, client_)
    cosigning.refuse(asked, other, by=Actor(other.user))
    assert outcome(asked) == Outcome.REFUSED
    told = Notice.objects.filter(kind="closing_off").order_by("id")
    assert [notice.recipient for notice in told] == [client_.email, other.email]
    assert lines("closing_off", client_) == [{"number": joint.number, "closing_end": "refused"}]
    with pytest.raises(closing.NotAgreed):
        close(joint, advisor)


def test_who_has_agreed_may_change_his_mind_until_it_is_closed(asked, joint, client_, other, advisor):
    agree(asked, client_)
    cosigning.refuse(asked, client_, by=Actor(client_.user))
    assert outcome(asked) == Outcome.REFUSED
    close(joint, advisor, client_, other)
    with pytest.raises(cosigning.Over):
        cosigning.refuse(asked, other, by=Actor(other.user))


def test_refusing_again_changes_nothing(asked, client_):
    for _ in range(2):
        cosigning.refuse(asked, client_, by=Actor(client_.user))
    assert len(lines("closing_off", client_)) == 1


def test_advisor_takes_it_back(asked, client_, advisor):
    cosigning.withdraw(asked, by=Actor(advisor))
    stored = ClosingRequest.objects.get()
    assert (stored.outcome, stored.ended_by) == (Outcome.WITHDRAWN, advisor)
    for late in (lambda: cosigning.withdraw(asked, by=Actor(advisor)), lambda: agree(asked, client_)):
        with pytest.raises(cosigning.Over):
            late()


def test_last_day_counts_and_the_day_after_does_not(asked, client_, other):
    ClosingRequest.objects.update(last_day=TODAY)
    agree(asked, client_)
    ClosingRequest.objects.update(last_day=TODAY - timedelta(days=1))
    with pytest.raises(cosigning.Over):
        agree(asked, other)


def test_agreements_of_one_that_has_lapsed_close_nothing(asked, joint, client_, other, advisor):
    for holder in (client_, other):
        agree(asked, holder)
    ClosingRequest.objects.update(last_day=TODAY - timedelta(days=1))
    with pytest.raises(closing.NotAgreed):
        close(joint, advisor)
    assert close(joint, advisor, client_, other).is_closed
    assert outcome(asked) == Outcome.LAPSED


def test_timer_writes_down_what_is_over_and_tells_once(asked, joint, client_):
    ClosingRequest.objects.update(last_day=TODAY - timedelta(days=1))
    printed = [StringIO(), StringIO()]
    for said in printed:
        call_command("lapse_closings", stdout=said)
    assert [said.getvalue().strip() for said in printed] == ['{"lapsed": 1}', '{"lapsed": 0}']
    assert lines("closing_off", client_) == [{"number": joint.number, "closing_end": "lapsed"}]


def test_timer_leaves_what_waits(asked):
    said = StringIO()
    call_command("lapse_closings", stdout=said)
    assert (said.getvalue().strip(), outcome(asked)) == ('{"lapsed": 0}', "")


# What changes meanwhile.


def add_holder(joint, client_, other, third, advisor):
    holders.add_holder(joint, third, by=Actor(advisor))


def grant(joint, client_, other, third, advisor):
    makers.make_mandate(joint, third)


def end_holder(joint, client_, other, third, advisor):
    client_ends.end_client(other, why=Client.End.DEATH, by=Actor(advisor))


def put_under_guardianship(joint, client_, other, third, advisor):
    client_ends.end_client(other, why=Client.End.GUARDIANSHIP, by=Actor(advisor))


def appoint_curator(joint, client_, other, third, advisor):
    makers.make_representation(other, third, capacity=Capacity.CURATOR, may_transfer=False)


def join_sheets(joint, client_, other, third, advisor):
    twin = makers.make_person(advisor, family_name="Martin")
    said = {"advisor": advisor, "why": "Même carte d’identité", "token": uuid.uuid4()}
    joined = joining.start(client_, twin, by=Actor(advisor), **said)
    joining.approve(joined, by=Actor(makers.make_advisor("marc.lefevre")))


@pytest.mark.parametrize(
    "change", [add_holder, grant, end_holder, put_under_guardianship, appoint_curator, join_sheets]
)
def test_what_changes_the_account_or_its_people_ends_it(asked, joint, client_, other, third, advisor, change):
    agree(asked, client_)
    change(joint, client_, other, third, advisor)
    assert outcome(asked) == Outcome.CHANGED
    assert {"number": joint.number, "closing_end": "changed"} in lines("closing_off", client_)


def test_mandate_that_is_revoked_ends_it_too(joint, client_, other, third, advisor):
    mandate = makers.make_mandate(joint, third)
    request = makers.ask_closing(joint, client_, other, by=advisor)
    mandates.revoke(mandate, by=Actor(advisor))
    assert outcome(request) == Outcome.CHANGED


def test_mandate_that_ends_with_the_account_does_not(joint, client_, other, third, advisor):
    makers.make_mandate(joint, third)
    request = makers.ask_closing(joint, client_, other, by=advisor)
    for holder in (client_, other):
        agree(request, holder)
    close(joint, advisor)
    assert outcome(request) == Outcome.CLOSED


def test_change_that_nobody_has_said_is_found_by_who_answers(asked, client_, third, advisor):
    """As a server of the version before, or a birthday, leaves it."""
    made = makers.make_representation(third, client_, capacity=Capacity.CURATOR, may_transfer=False)
    made.represented, made.representative = client_, third
    made.bind()
    made.save(update_fields=["represented", "representative", "binding"])
    with pytest.raises(cosigning.Over):
        agree(asked, client_)
    assert closing_requests.outcome_of(ClosingRequest.objects.get(), TODAY) == Outcome.CHANGED
    assert closing_requests.end_those_over(TODAY) == 1


# Who signs for another.


@made_once
def child(advisor):
    return makers.make_child(advisor, given_names="Léa")


def test_both_parents_sign_for_a_minor_by_their_own_codes(child, client_, other, advisor):
    for parent in (client_, other):
        makers.make_representation(child, parent)
    account = child.bank_accounts.get()
    request = makers.ask_closing(account, child, by=advisor)
    agree(request, client_)
    with pytest.raises(closing.NotAgreed):
        close(account, advisor)
    agree(request, other)
    assert close(account, advisor).is_closed
    assert lines("closing_by_another", child) == [{"number": account.number, "closing_answer": "agreed"}] * 2


def test_parent_who_holds_it_too_answers_once_for_both(child, client_, advisor):
    makers.make_representation(child, client_)
    account = child.bank_accounts.get()
    holders.add_holder(account, client_, by=Actor(advisor))
    request = makers.ask_closing(account, child, client_, by=advisor)
    assert Notice.objects.filter(kind="closing_asked").count() == 1
    agree(request, client_)
    assert close(account, advisor).is_closed


def test_guardian_signs_for_a_ward_and_his_end_ends_it(joint, client_, other, third, advisor):
    client_ends.end_client(other, why=Client.End.GUARDIANSHIP, by=Actor(advisor))
    other.refresh_from_db()
    guardian = makers.make_personalised_client(advisor, given_names="Ève", email="eve@example.org")
    made = makers.make_representation(other, guardian, capacity=Capacity.GUARDIAN)
    request = makers.ask_closing(joint, client_, other, by=advisor)
    assert ClosingAgreement.objects.get(holder=other).signer == guardian
    acting.end(made, why=Representation.End.REPLACED, by=SYSTEM)
    assert outcome(request) == Outcome.CHANGED
    with pytest.raises(cosigning.Over):
        agree(request, guardian)


def test_somebody_under_curatorship_and_his_curator_both_sign(client_, other, advisor):
    makers.make_representation(client_, other, capacity=Capacity.CURATOR, may_transfer=False)
    account = client_.bank_accounts.get()
    request = makers.ask_closing(account, client_, by=advisor)
    agree(request, other)
    with pytest.raises(closing.NotAgreed):
        close(account, advisor)
    agree(request, client_)
    assert close(account, advisor).is_closed


def test_minor_whose_parent_has_no_space_is_signed_for_on_paper(child, third, advisor):
    makers.make_representation(child, third)
    with pytest.raises(cosigning.NoOpenSpace):
        makers.ask_closing(child.bank_accounts.get(), child, by=advisor)


def test_account_reopened_after_a_mistake_can_be_asked_about_again(asked, joint, client_, other, advisor):
    for holder in (client_, other):
        agree(asked, holder)
    close(joint, advisor)
    BankAccount.objects.filter(pk=joint.pk).update(closed_on=None)
    again = makers.ask_closing(joint, client_, other, by=advisor)
    assert closing_requests.agreed_on(joint, ()) == {}
    assert again.pk != asked.pk
