"""Above a number of acts in a day the manager of the branch approves, and he alone."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.bank_accounts import access_requests
from accounts.clients import confirmation, daily_number, identity_changes
from accounts.desk import roles, staff_requests
from accounts.models import AccessRequest, Branch, ContactChange, IdentityChange, User
from auth_codes import dual_control
from auth_codes.actor import Actor
from auth_codes.factors import by_advisors as by_advisors_of_factors
from auth_codes.factors import tickets_by_advisors
from auth_codes.locking import locks, unlocking
from auth_codes.lockout import counters
from auth_codes.renewals import by_advisors, unblocking
from tests import makers
from tests.accounts.desk.test_staff_requests import Kind, administrator, ask
from tests.conftest import StrictBrowser
from tests.pages import say_why, text_of
from tests.standing import made_once

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SAID = "le directeur de l’agence de qui l’a demandé approuve celle-ci, et lui seul"


@made_once
def marc(advisor):
    return makers.make_advisor("marc.lefevre")


@made_once
def nadia(advisor):
    return makers.make_staff("nadia.benali", roles.BRANCH_MANAGERS, branch=advisor.branch)


@made_once
def olga(advisor):
    """The manager of another branch."""
    return makers.make_staff("olga.renard", roles.BRANCH_MANAGERS, branch=Branch.objects.create(name="Nantes"))


@made_once
def other(advisor):
    return makers.make_new_client(advisor, given_names="Paul", family_name="Durand", email="paul@example.org")


def approved(client, count, *, of, by, ago=timedelta(hours=1)):
    """Changes of identity that one has begun and the other approved, all about this client."""
    now = timezone.now()
    fields = {"client": client, "started_by": of, "decided_by": by, "decision": "approved", "title_asked": "Mme"}
    fields |= {"old_title": "Mme", "old_given_names": "A", "old_family_name": "B", "old_birth_date": client.birth_date}
    fields |= {"given_names": "A", "family_name": "C", "birth_date": client.birth_date}
    IdentityChange.objects.bulk_create(
        IdentityChange(**fields, started_at=now - ago - timedelta(hours=1), decided_at=now - ago) for _ in range(count)
    )


def ask_renewal(client, by):
    return by_advisors.start(client.user, by=Actor(by), identity_check="branch", token=uuid.uuid4())


def ask_identity(client, by):
    return identity_changes.start(client, {"family_name": "Durand"}, by=Actor(by))


def ask_access(client, by):
    person = makers.make_person(by, given_names="Luc", family_name="Petit")
    asked = {"right": "see", "agreement": AccessRequest.Agreement.AT_BRANCH, "token": uuid.uuid4()}
    return access_requests.start(client.bank_accounts.get(), person, by=Actor(by), **asked)


def ask_unblocking(client, by):
    for _ in range(5):
        makers.fail(counters.client_counter(client.client_code))
    return unblocking.start(client.user, by=Actor(by), identity_check="phone", token=uuid.uuid4())


def ask_factors_ending(client, by):
    makers.make_app(client)
    return by_advisors_of_factors.start(client.user, by=Actor(by), identity_check="phone", token=uuid.uuid4())


def ask_unlocking(client, by):
    locks.lock(client.user, way="session", by=Actor(client.user))
    return unlocking.start(client.user, by=Actor(by), identity_check="phone", token=uuid.uuid4())


def ask_ticket(client, by):
    said = {"reason": "add", "identity_check": "branch", "token": uuid.uuid4()}
    return tickets_by_advisors.start(client.user, by=Actor(by), **said)


ACTS = {
    "ticket": (ask_ticket, tickets_by_advisors.approve),
    "factors ending": (ask_factors_ending, by_advisors_of_factors.approve),
    "unlocking": (ask_unlocking, unlocking.approve),
    "unblocking": (ask_unblocking, unblocking.approve),
    "renewal": (ask_renewal, by_advisors.approve),
    "identity": (ask_identity, identity_changes.approve),
    "access": (ask_access, access_requests.approve),
}


def change_address_and_confirm(client, of, by):
    makers.change_address(client, of)
    seen = confirmation.fingerprint(confirmation.may_confirm(client, by))
    confirmation.confirm(client, seen=seen, by=Actor(by))


@pytest.mark.parametrize("name", sorted(ACTS))
def test_last_one_within_the_number_is_any_colleague_s(name, client_, other, advisor, marc):
    start, approve = ACTS[name]
    approved(other, daily_number.A_DAY - 1, of=advisor, by=marc)
    approve(start(client_, advisor), by=Actor(marc))


@pytest.mark.parametrize("name", sorted(ACTS))
@pytest.mark.parametrize("whose", ["begun", "approved"])
def test_one_more_is_the_manager_s_alone(name, whose, client_, other, advisor, marc, nadia, olga):
    """Whoever began too many needs him, and so does who approved too many."""
    third = makers.make_advisor("luc.petit")
    pair = {"of": advisor, "by": third} if whose == "begun" else {"of": third, "by": marc}
    approved(other, daily_number.A_DAY, **pair)
    start, approve = ACTS[name]
    asked = start(client_, advisor)
    for colleague in (marc, olga):
        if whose == "approved" and colleague == olga:
            continue  # he has approved nothing today
        with pytest.raises(dual_control.AboveDailyNumber):
            approve(asked, by=Actor(colleague))
        asked.refresh_from_db()
        assert not asked.decision
    approve(asked, by=Actor(nadia))
    asked.refresh_from_db()
    assert asked.decided_by == nadia


def test_manager_never_approves_his_own_and_another_one_of_the_branch_does(client_, other, advisor, nadia):
    approved(other, daily_number.A_DAY, of=nadia, by=advisor)
    asked = ask_renewal(client_, nadia)
    with pytest.raises(dual_control.SameAdvisor):
        by_advisors.approve(asked, by=Actor(nadia))
    with pytest.raises(dual_control.AboveDailyNumber):
        by_advisors.approve(asked, by=Actor(advisor))
    by_advisors.approve(asked, by=Actor(makers.make_staff("bis", roles.BRANCH_MANAGERS, branch=nadia.branch)))


def test_manager_of_a_few_days_approves_nothing(client_, other, advisor, marc, nadia):
    approved(other, daily_number.A_DAY, of=advisor, by=marc)
    nadia.raised_at = timezone.now() - timedelta(days=6)
    with pytest.raises(dual_control.NotSettled):
        by_advisors.approve(ask_renewal(client_, advisor), by=Actor(nadia))


def test_advisor_moved_to_another_branch_has_the_manager_of_that_one(client_, other, advisor, marc, nadia, olga):
    approved(other, daily_number.A_DAY, of=advisor, by=marc)
    asked = ask_renewal(client_, advisor)
    User.objects.filter(pk=advisor.pk).update(branch=olga.branch)
    asked.refresh_from_db()
    with pytest.raises(dual_control.AboveDailyNumber):
        by_advisors.approve(asked, by=Actor(nadia))
    by_advisors.approve(asked, by=Actor(olga))


def test_who_works_in_no_branch_has_no_manager_but_a_superuser(client_, other, advisor, marc, nadia):
    approved(other, daily_number.A_DAY, of=advisor, by=marc)
    User.objects.filter(pk__in=(advisor.pk, nadia.pk)).update(branch=None)
    asked = ask_renewal(client_, advisor)
    with pytest.raises(dual_control.AboveDailyNumber):
        by_advisors.approve(asked, by=Actor(User.objects.get(pk=nadia.pk)))
    boss = User.objects.create_superuser("directrice", raised_at=timezone.now() - timedelta(days=8))
    by_advisors.approve(asked, by=Actor(boss))


def test_day_before_counts_no_more_and_what_was_refused_never(client_, other, advisor, marc):
    approved(other, daily_number.A_DAY, of=advisor, by=marc, ago=timedelta(hours=24, minutes=1))
    approved(other, daily_number.A_DAY, of=advisor, by=marc)
    IdentityChange.objects.filter(decided_at__gt=timezone.now() - timedelta(hours=2)).update(decision="refused")
    by_advisors.approve(ask_renewal(client_, advisor), by=Actor(marc))


def test_client_moved_to_another_advisor_while_it_waits_changes_nobody_s_number(client_, other, advisor, marc, nadia):
    approved(other, daily_number.A_DAY, of=advisor, by=marc)
    asked = ask_renewal(client_, advisor)
    type(client_).objects.update(advisor=marc)
    with pytest.raises(dual_control.AboveDailyNumber):
        by_advisors.approve(asked, by=Actor(marc))
    by_advisors.approve(asked, by=Actor(nadia))


def test_contacts_are_confirmed_within_the_same_number(client_, other, advisor, marc, nadia, olga):
    approved(other, daily_number.A_DAY - 1, of=advisor, by=marc)
    change_address_and_confirm(other, advisor, marc)
    for colleague in (marc, olga):
        with pytest.raises(dual_control.AboveDailyNumber):
            change_address_and_confirm(client_, advisor, colleague)
    with pytest.raises(dual_control.AboveDailyNumber):
        identity_changes.approve(ask_identity(other, advisor), by=Actor(marc))
    change_address_and_confirm(client_, advisor, nadia)


def test_client_confirms_his_own_contacts_whatever_the_bank_did_today(client_, other, advisor, marc):
    approved(other, daily_number.A_DAY, of=advisor, by=marc)
    change_address_and_confirm(client_, advisor, client_.user)
    assert not ContactChange.objects.filter(confirmed_at=None).exists()


def test_administrators_of_the_staff_have_no_number(other, advisor, marc):
    anne, basile = administrator("anne.roux"), administrator("basile.noir")
    approved(other, daily_number.A_DAY, of=anne, by=basile)
    staff_requests.approve(ask(anne, Kind.DEACTIVATE, marc), by=Actor(basile))


# On the pages.


def test_page_says_whom_to_wait_for_and_offers_no_approval(client_, other, advisor, marc, nadia):
    approved(other, daily_number.A_DAY, of=advisor, by=marc)
    page = f"/admin/auth_codes/renewal/{ask_renewal(client_, advisor).pk}/change/"
    answer = StrictBrowser.logged_in(marc).get(page)
    shown, approval = text_of(answer), {"answer": "approve", "seen": answer.context["seen"]}
    assert SAID in shown
    assert 'value="approve"' not in shown
    assert 'value="refuse"' in shown
    assert SAID in text_of(StrictBrowser.logged_in(marc).post(page, approval, follow=True))
    managers = StrictBrowser.logged_in(nadia)
    assert 'value="approve"' in text_of(managers.get(page))
    assert "Renouvellement approuvé" in text_of(managers.post(page, approval, follow=True))


def test_page_of_contacts_says_it_too(client_, other, advisor, marc):
    approved(other, daily_number.A_DAY, of=advisor, by=marc)
    makers.change_address(client_, advisor)
    browser = StrictBrowser.logged_in(marc)
    say_why(browser, client_)
    page = f"/admin/accounts/client/{client_.pk}/adresse/"
    seen = browser.get(page).context["seen"]
    said = text_of(browser.post(page, {"seen": seen}, follow=True))
    assert "directeur de l’agence de qui a modifié ces coordonnées les confirme" in said
    assert client_.address_awaits_confirmation


# At once.


def approve_if_may(asked_and_by) -> bool:
    asked, by = asked_and_by
    try:
        identity_changes.approve(asked, by=Actor(User.objects.get(pk=by.pk)))
    except dual_control.AboveDailyNumber:
        return False
    return True


@pytest.mark.django_db(transaction=True)
def test_of_many_approved_at_once_no_one_passes_the_number(race):
    """By several second advisors, and by one of several first ones: each counts those before it."""
    first, seconds = makers.make_advisor(), [makers.make_advisor(f"colleague.{number}") for number in range(3)]
    people = [makers.make_person(first) for _ in range(7)]
    approved(people.pop(), daily_number.A_DAY - 2, of=first, by=seconds[0])
    acts = [(ask_identity(client, first), seconds[place % 3]) for place, client in enumerate(people)]
    assert race(approve_if_may, acts).count(True) == 2
    assert IdentityChange.objects.filter(decision="approved").count() == daily_number.A_DAY


@pytest.mark.django_db(transaction=True)
def test_of_one_second_advisor_s_many_at_once_no_one_passes_it_either(race):
    firsts, second = [makers.make_advisor(f"colleague.{number}") for number in range(3)], makers.make_advisor()
    people = [makers.make_person(second) for _ in range(7)]
    approved(people.pop(), daily_number.A_DAY - 2, of=firsts[0], by=second)
    acts = [(ask_identity(client, firsts[place % 3]), second) for place, client in enumerate(people)]
    assert race(approve_if_may, acts).count(True) == 2


@pytest.mark.django_db(transaction=True)
def test_manager_and_colleague_at_once_decide_each_act_once(race):
    first, colleague = makers.make_advisor(), makers.make_advisor("marc.lefevre")
    manager = makers.make_staff("nadia.benali", roles.BRANCH_MANAGERS, branch=first.branch)
    people = [makers.make_person(first) for _ in range(4)]
    approved(people.pop(), daily_number.A_DAY - 1, of=first, by=colleague)
    asked = [ask_identity(client, first) for client in people]

    def answer(asked_and_by):
        try:
            return approve_if_may(asked_and_by)
        except dual_control.AlreadyDecided:
            return False

    answers = race(answer, [(one, by) for one in asked for by in (colleague, manager)])
    assert answers.count(True) == len(asked)
    by_colleague = IdentityChange.objects.filter(decision="approved", decided_by=colleague).count()
    assert by_colleague <= daily_number.A_DAY


# What is said before anybody answers.

FIRST_PAGE = "/admin/"


def page_of(user, address=FIRST_PAGE) -> str:
    return text_of(StrictBrowser.logged_in(user).get(address))


def test_first_page_counts_what_may_be_approved_and_says_whose_the_rest_is(client_, other, advisor, marc, nadia):
    asked = ask_renewal(other, advisor)
    assert "1 renouvellement" in page_of(marc)
    approved(client_, daily_number.A_DAY, of=advisor, by=makers.make_advisor("zoe.petit"))
    page = page_of(marc)
    assert "1 renouvellement" not in page
    assert asked.title in page
    assert "à approuver par le directeur de l’agence « Agence principale »" in page
    assert "1 renouvellement" in page_of(nadia)
    assert "à approuver par le directeur" not in page_of(nadia)


def test_list_of_a_kind_says_whose_each_act_is(client_, other, advisor, marc, nadia):
    ask_renewal(other, advisor)
    approved(client_, daily_number.A_DAY, of=advisor, by=makers.make_advisor("zoe.petit"))
    for user, number, said in ((marc, 0, True), (nadia, 1, False)):
        page = page_of(user, "/admin/auth_codes/renewal/")
        assert f"({number} à approuver)" in page
        assert ("à approuver par le directeur de l’agence" in page) == said


def test_who_has_approved_too_many_himself_is_shown_none_as_his(client_, other, advisor, marc):
    ask_renewal(other, advisor)
    approved(client_, daily_number.A_DAY, of=makers.make_advisor("zoe.petit"), by=marc)
    assert "1 renouvellement" not in page_of(marc)
    assert "à approuver par le directeur" in page_of(marc)


def test_acts_of_the_day_that_can_be_approved_come_before_those_that_cannot(client_, other, advisor, marc):
    ask_renewal(other, advisor)
    ask_identity(client_, makers.make_advisor("paul.durand"))
    approved(other, daily_number.A_DAY, of=advisor, by=makers.make_advisor("zoe.petit"))
    shown = [act.manager != "" for act in StrictBrowser.logged_in(marc).get(FIRST_PAGE).context["to_approve"]]
    assert shown == [False, True]


def test_requests_about_the_staff_are_neither_counted_nor_stopped(client_, advisor, marc):
    first, second = administrator("ada.un"), administrator("ada.deux")
    approved(client_, daily_number.A_DAY, of=first, by=advisor)
    ask(first, Kind.DEACTIVATE, marc)
    assert "1 demande" in page_of(second)
    assert "à approuver par le directeur" not in page_of(second)
