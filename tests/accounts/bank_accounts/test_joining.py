"""Two sheets that turn out one person are joined by two advisors: what moves, what ends, what is told."""

import re
import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from msgspec.structs import replace

from accounts.bank_accounts import access_requests, client_ends, joining, mandates, opening, parting, undoing
from accounts.clients import client_journal, identity_changes, living, own_journal
from accounts.clients.online_space import ContactsUnconfirmed, create_online_space
from accounts.documents import issuing, letters, statements
from accounts.kinds import Mail
from accounts.models import (
    AccessRequest,
    BankAccount,
    Capacity,
    Client,
    IdentityChange,
    Joining,
    Mandate,
    PostalItem,
    ServiceContract,
    Statement,
    Transfer,
    User,
)
from accounts.transfers import ordering
from auth_codes import dual_control, notices
from auth_codes.actor import Actor
from auth_codes.codes import put_back
from auth_codes.models import KnownDevice, Notice, Renewal, SealedLetter, SecurityEvent
from auth_codes.renewals import by_advisors
from tests import makers
from tests.accounts.papers.contents import FOR_CLIENT
from tests.auth_codes.login.test_no_oracle import UNKNOWN, seen
from tests.conftest import StrictBrowser
from tests.standing import made_once

pytestmark = pytest.mark.django_db

WHY = "Même carte d’identité, présentée en agence"
CARD, CREDIT = ServiceContract.Kind.CARD, ServiceContract.Kind.CREDIT


@made_once
def twin(advisor):
    """The same person, under her maiden name and another address."""
    return makers.make_personalised_client(
        advisor,
        family_name="Durand",
        email="ines.durand@example.org",
        mobile_phone="+33711111111",
        street="3 quai Rose",
    )


@made_once
def other(advisor):
    return makers.make_personalised_client(advisor, given_names="Paul", family_name="Petit", email="paul@example.org")


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


def ask(kept, closed, by, **fields):
    said = {"advisor": kept.advisor, "why": WHY, "token": uuid.uuid4(), **fields}
    return joining.start(kept, closed, by=Actor(by), **said)


def join(kept, closed, by, second, **fields):
    asked = ask(kept, closed, by, **fields)
    joining.approve(asked, by=Actor(second))
    asked.refresh_from_db()
    for sheet in (kept, closed):
        sheet.refresh_from_db()
    return asked


# What moves.


def test_accounts_and_contracts_move_with_their_days(client_, twin, advisor, colleague):
    by, account = Actor(advisor), twin.bank_accounts.get()
    contracts = {opening.open_service_contract(twin, kind=kind, by=by) for kind in (CARD, CREDIT)}
    account.holdings.update(since=date(2020, 2, 3))
    join(client_, twin, advisor, colleague)
    assert client_.holdings.get(account=account).since == date(2020, 2, 3)
    assert set(client_.service_contracts.all()) == contracts
    assert not twin.holdings.exists()
    assert not twin.service_contracts.exists()


def test_account_that_both_held_is_held_once_since_the_earlier_day(client_, twin, other, advisor, colleague):
    account = client_.bank_accounts.get()
    account.holdings.create(client=twin, since=date(2019, 5, 6))
    account.holdings.create(client=other)
    join(client_, twin, advisor, colleague)
    assert set(account.holders.all()) == {client_, other}
    assert client_.holdings.get(account=account).since == date(2019, 5, 6)


def test_mandates_between_the_two_disappear(client_, twin, advisor, colleague):
    given = makers.make_mandate(client_.bank_accounts.get(), twin)
    received = makers.make_mandate(twin.bank_accounts.get(), client_)
    join(client_, twin, advisor, colleague)
    assert not Mandate.objects.filter(pk__in=[given.pk, received.pk], revoked_at=None).exists()


def test_mandates_of_and_to_others_go_on(client_, twin, other, advisor, colleague):
    given = makers.make_mandate(twin.bank_accounts.get(), other)
    received = makers.make_mandate(other.bank_accounts.get(), twin)
    join(client_, twin, advisor, colleague)
    assert Mandate.objects.in_force(timezone.localdate()).given_by(client_).get() == given
    assert client_.mandates.get() == received


@pytest.mark.parametrize("wider", ["kept", "closed"])
def test_of_two_mandates_on_one_account_the_wider_one_goes_on(client_, twin, other, advisor, colleague, wider):
    account = other.bank_accounts.get()
    both = {
        "kept": makers.make_mandate(account, client_, may_transfer=wider == "kept"),
        "closed": makers.make_mandate(account, twin, may_transfer=wider == "closed"),
    }
    join(client_, twin, advisor, colleague)
    assert Mandate.objects.get(account=account, revoked_at=None) == both[wider]
    assert client_.mandates.get(revoked_at=None) == both[wider]


def test_mandate_of_long_ago_does_not_stand_in_the_way(client_, twin, other, advisor, colleague):
    account = other.bank_accounts.get()
    over = Mandate.objects.create(
        account=account, proxy=client_, granted_on=date(2025, 1, 1), ends_on=date(2025, 2, 1), may_transfer=True
    )
    running = makers.make_mandate(account, twin)
    join(client_, twin, advisor, colleague)
    over.refresh_from_db()
    assert over.revoked_at
    assert client_.mandates.get(revoked_at=None) == running


def test_advisor_whom_the_first_one_named_serves_both_sheets(client_, twin, advisor, colleague):
    third = makers.make_advisor("luc.petit")
    Client.objects.filter(pk=twin.pk).update(advisor=third)
    join(client_, twin, advisor, colleague, advisor=third)
    assert client_.advisor == twin.advisor == third


def test_sheet_joined_before_follows(client_, twin, other, advisor, colleague):
    Client.objects.filter(pk=other.pk).update(birth_date=twin.birth_date)
    other.refresh_from_db()
    join(twin, other, advisor, colleague)
    join(client_, twin, advisor, colleague)
    assert set(client_.joined_sheets.all()) == {twin, other}
    assert client_.bank_accounts.count() == 3


# What ends.


def test_codes_devices_sessions_and_letters_of_the_closed_one_end(client_, twin, advisor, colleague, browser):
    makers.log_in(browser, twin.client_code, makers.CODE)
    makers.make_pending_code(twin)
    assert KnownDevice.objects.filter(owner=twin.user).exists()
    join(client_, twin, advisor, colleague)
    assert browser.get("/espace-client/")["Location"].startswith("/connexion/")
    assert not twin.user.secret_codes.exclude(role="past").exists()
    assert not KnownDevice.objects.filter(owner=twin.user).exists()
    assert not SealedLetter.objects.filter(owner=twin.user, ciphertext__isnull=False).exists()
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.CODE)["Location"] == "/espace-client/"


@pytest.mark.slow
def test_number_of_the_closed_one_answers_as_one_that_nobody_holds(client_, twin, advisor, colleague):
    join(client_, twin, advisor, colleague)
    held, free = (seen(StrictBrowser(), number, makers.CODE) for number in (twin.client_code, UNKNOWN))
    assert held == free
    assert Client.objects.get(client_code=twin.client_code) == twin


def test_owners_stay_bound(client_, twin, advisor, colleague):
    asked, found = join(client_, twin, advisor, colleague), []
    put_back.check(found.append, lambda owners: None)
    take_back(asked, client_, advisor, colleague)
    put_back.check(found.append, lambda owners: None)
    assert found == []


def test_what_waits_about_either_lapses_and_who_asked_is_told(client_, twin, other, advisor, colleague):
    by, asked = Actor(advisor), {"right": "see", "agreement": "branch"}
    User.objects.filter(pk=advisor.pk).update(email="claire.dubois@bank.example")
    for sheet in (client_, twin):
        by_advisors.start(sheet.user, by=by, identity_check="branch", token=uuid.uuid4())
        identity_changes.start(sheet, {"family_name": "Martin-Durand"}, by=by)
        access_requests.start(sheet.bank_accounts.get(), other, by=by, token=uuid.uuid4(), **asked)
    access_requests.start(other.bank_accounts.get(), twin, by=by, token=uuid.uuid4(), **asked)
    third = makers.make_person(advisor)
    access_requests.start(other.bank_accounts.get(), third, by=by, token=uuid.uuid4(), **asked)
    join(client_, twin, advisor, colleague)
    for kind in (Renewal, IdentityChange):
        assert set(kind.objects.values_list("decision", flat=True)) == {"lapsed"}
    assert AccessRequest.objects.get(decision="").person == third
    told = notices.message_of(Notice.objects.filter(kind="request_lapsed").first()).body
    assert "réunie avec une autre fiche" in told


def test_transfer_under_way_on_the_closed_sheet_is_none_any_more(client_, twin, advisor, colleague):
    savings = makers.make_savings(twin, "100")
    current = twin.bank_accounts.get(kind="current")
    order = ordering.prepare(twin, savings, current, Decimal(10))
    join(client_, twin, advisor, colleague)
    assert not Transfer.objects.filter(pk=order.pk).exists()
    makers_order = ordering.prepare(client_, savings, current, Decimal(10))
    assert makers_order.client == client_


def test_what_was_transferred_that_day_under_either_number_counts(client_, twin, advisor, colleague):
    savings, current = makers.make_savings(twin, "30000"), twin.bank_accounts.get(kind="current")
    order = ordering.prepare(twin, savings, current, ordering.AMOUNT_PER_DAY)
    ordering.confirm(order, by=Actor(twin.user), seen=ordering.fingerprint(order))
    join(client_, twin, advisor, colleague)
    with pytest.raises(ordering.LimitReached):
        ordering.prepare(client_, savings, current, Decimal(10))


def test_letters_that_would_tell_the_dead_number_are_not_printed(client_, twin, advisor, colleague):
    by = Actor(advisor)
    letters.send_code_client(twin, by=by, token=uuid.uuid4())
    document = letters.write(twin, subject="Objet", body="Texte", by=by, token=uuid.uuid4())
    makers.change_address(twin, advisor)
    told = set(PostalItem.objects.waiting().filter(client=twin, document=None))
    join(client_, twin, advisor, colleague)
    waiting = PostalItem.objects.waiting().filter(client=twin)
    assert not waiting.filter(document__isnull=False).exists()
    assert told <= set(waiting)
    assert "retiré le" in PostalItem.objects.filter(client=twin, document__isnull=False).first().state
    assert document in twin.documents.all()


# Who may be joined.


def test_one_sheet_is_not_two(client_, advisor):
    with pytest.raises(joining.SameSheet):
        ask(client_, client_, advisor)


def test_two_birth_dates_are_corrected_first(client_, twin, advisor):
    Client.objects.filter(pk=twin.pk).update(birth_date=date(1988, 7, 26))
    with pytest.raises(joining.OtherBirthDate):
        ask(client_, twin, advisor)


@pytest.mark.parametrize("which", ["kept", "closed"])
def test_who_has_ended_is_not_joined(client_, twin, advisor, which):
    ended = client_ if which == "kept" else twin
    Client.objects.filter(pk=ended.pk).update(ended_on=timezone.localdate(), end_reason="death")
    with pytest.raises(living.ClientEnded):
        ask(client_, twin, advisor)


def test_sheet_with_a_code_client_is_the_one_that_stays(client_, person, advisor, colleague):
    with pytest.raises(joining.NumberLost):
        ask(person, client_, advisor)
    join(client_, person, advisor, colleague)
    assert person.joined_into == client_


def test_sheet_of_a_member_of_the_staff_is_the_one_that_stays(client_, twin, advisor, colleague):
    User.objects.filter(pk=colleague.pk).update(own_client=twin)
    with pytest.raises(joining.OfTheStaff):
        ask(client_, twin, advisor)


@pytest.mark.parametrize("side", ["represented", "representative"])
@pytest.mark.parametrize("sheet", ["kept", "closed"])
def test_sheet_in_a_representation_that_runs_is_not_joined(client_, twin, other, advisor, side, sheet):
    one = {"kept": client_, "closed": twin}[sheet]
    sides = {"represented": (one, other), "representative": (other, one)}[side]
    makers.make_representation(*sides, capacity=Capacity.FUTURE, may_transfer=False)
    with pytest.raises(joining.Represented):
        ask(client_, twin, advisor)


def test_contacts_of_the_kept_sheet_are_confirmed_first(client_, twin, advisor):
    makers.change_address(client_, advisor)
    with pytest.raises(ContactsUnconfirmed):
        ask(client_, twin, advisor)


def test_what_changed_meanwhile_is_judged_again(client_, twin, advisor, colleague):
    asked = ask(client_, twin, advisor)
    makers.change_address(client_, advisor)
    with pytest.raises(ContactsUnconfirmed):
        joining.approve(asked, by=Actor(colleague))
    asked.refresh_from_db()
    assert not asked.decision


def test_nothing_moves_before_the_second_advisor_nor_after_a_refusal(client_, twin, advisor, colleague):
    asked = ask(client_, twin, advisor)
    joining.refuse(asked, by=Actor(colleague))
    twin.refresh_from_db()
    assert (twin.bank_accounts.count(), twin.ended_on) == (1, None)


def test_one_advisor_alone_joins_nothing(client_, twin, advisor):
    asked = ask(client_, twin, advisor)
    with pytest.raises(dual_control.SameAdvisor):
        joining.approve(asked, by=Actor(advisor))
    with pytest.raises(IntegrityError), transaction.atomic():
        Joining.objects.filter(pk=asked.pk).update(decision="approved", decided_by=advisor)


def test_double_click_asks_once_and_each_sheet_stands_in_one_request(client_, twin, other, advisor):
    Client.objects.filter(pk=other.pk).update(birth_date=twin.birth_date)
    other.refresh_from_db()
    token = uuid.uuid4()
    first = ask(client_, twin, advisor, token=token)
    assert ask(client_, twin, advisor, token=token) == first
    for kept, closed in ((client_, twin), (twin, client_), (other, twin), (client_, other), (other, client_)):
        with pytest.raises(dual_control.AlreadyStarted):
            ask(kept, closed, advisor)


def test_database_knows_no_sheet_that_is_joined_without_the_other(client_, twin):
    wrong = (
        {"joined_into": client_},
        {"ended_on": timezone.localdate(), "end_reason": "joined"},
        {"ended_on": timezone.localdate(), "end_reason": "joined", "joined_into": twin},
    )
    for fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Client.objects.filter(pk=twin.pk).update(**fields)


# Who is told.


def test_she_is_told_at_every_address_once_and_by_post_at_that_of_the_closed_sheet(client_, twin, advisor, colleague):
    PostalItem.objects.all().delete()
    join(client_, twin, advisor, colleague)
    told = Notice.objects.filter(kind=Mail.SHEETS_JOINED)
    assert sorted(told.values_list("recipient", flat=True)) == ["ines.durand@example.org", "ines@example.org"]
    body = notices.message_of(told.first()).body
    assert f"se termine par {client_.client_code[-3:]}" in body
    assert client_.client_code not in body
    # No other ending is named; by chance the two numbers may end alike.
    assert re.findall(r"\b\d{3}\b", body) == [client_.client_code[-3:]]
    assert twin.client_code not in body
    letter = PostalItem.objects.get(title="Vos deux fiches client sont réunies")
    assert "3 quai Rose" in letter.destination


def test_one_address_on_both_sheets_gets_one_mail_and_none_at_all_a_letter(client_, twin, advisor, colleague):
    Client.objects.filter(pk=client_.pk).update(email="")
    Client.objects.filter(pk=twin.pk).update(email="INES@example.org")
    PostalItem.objects.all().delete()
    join(client_, twin, advisor, colleague)
    assert [one.recipient for one in Notice.objects.filter(kind=Mail.SHEETS_JOINED)] == ["INES@example.org"]
    assert PostalItem.objects.filter(title="Vos deux fiches client sont réunies").count() == 2


def test_own_journal_of_both_sheets_says_so_and_the_co_holder_reads_it_too(client_, twin, other, advisor, colleague):
    twin.bank_accounts.get().holdings.create(client=other)
    join(client_, twin, advisor, colleague)
    for sheet, side, another in ((client_, "gardée", twin), (twin, "fermée", client_)):
        [read] = own_journal.in_words(client_journal.lines_about(sheet).filter(kind="sheets_joined"), sheet)
        assert f"iche {side}" in read.details
        assert another.client_code[-3:] in read.details
        assert another.client_code not in read.details
    [read] = own_journal.in_words(own_journal.lines_of(other).filter(kind="holder_joined"), other)
    assert "cotitulaire" in read.event


# Taken back.


def take_back(asked, kept, advisor, colleague):
    said = {"act": "joining", "number": str(asked.pk), "why": "Deux sœurs jumelles", "token": uuid.uuid4()}
    undoing.approve(undoing.start(kept, by=Actor(advisor), **said), by=Actor(colleague))


def everything():
    rows = (
        BankAccount.holders.through.objects.order_by("pk"),
        Mandate.objects.order_by("pk"),
        ServiceContract.objects.order_by("pk"),
        Client.objects.order_by("pk"),
        PostalItem.objects.filter(document__isnull=False).order_by("pk"),
    )
    return [list(row.values()) for row in rows]


def test_what_moved_goes_back_exactly(client_, twin, other, advisor, colleague):
    by, third = Actor(advisor), makers.make_advisor("luc.petit")
    Client.objects.filter(pk=twin.pk).update(advisor=third)
    Client.objects.filter(pk=other.pk).update(birth_date=twin.birth_date)
    twin.refresh_from_db()
    older = makers.make_new_client(advisor, given_names="Léa", email="lea@example.org", mobile_phone="+33722222222")
    join(twin, older, advisor, colleague)
    for sheet in (client_, twin):
        opening.open_service_contract(sheet, kind=CARD, by=by)
    shared = client_.bank_accounts.get()
    shared.holdings.create(client=twin, since=date(2019, 5, 6))
    makers.make_mandate(twin.bank_accounts.exclude(pk=shared.pk).first(), client_)
    makers.make_mandate(other.bank_accounts.get(), client_)
    makers.make_mandate(other.bank_accounts.get(), twin, may_transfer=True)
    letters.send_code_client(twin, by=by, token=uuid.uuid4())
    before = everything()
    asked = join(client_, twin, advisor, colleague, advisor=third)
    assert everything() != before
    take_back(asked, client_, advisor, colleague)
    assert everything() == before


def test_space_of_the_closed_one_waits_for_a_renewal_then(client_, twin, advisor, colleague):
    take_back(join(client_, twin, advisor, colleague), client_, advisor, colleague)
    twin = Client.objects.get(pk=twin.pk)
    assert makers.log_in(StrictBrowser(), twin.client_code, makers.CODE).status_code == 200
    renewal = by_advisors.start(twin.user, by=Actor(advisor), identity_check="branch", token=uuid.uuid4())
    by_advisors.approve(renewal, by=Actor(colleague))
    entered = makers.log_in(StrictBrowser(), twin.client_code, makers.default_code(twin))
    assert entered["Location"] == "/mon-profil/code-secret/"


def close(account, client, advisor):
    from_now = timezone.localdate()
    BankAccount.objects.filter(pk=account.pk).update(closed_on=from_now)


def end_contract(account, client, advisor):
    ServiceContract.objects.filter(client=client).update(ended_on=timezone.localdate(), end_reason="term")


def give_mandate(account, client, advisor):
    makers.make_mandate(account, makers.make_person(advisor, given_names="Zoé"))


def join_another(account, client, advisor):
    third = makers.make_person(advisor, given_names="Zoé")
    join(client, third, advisor, User.objects.get(username="marc.lefevre"))


def end_client(account, client, advisor):
    Client.objects.filter(pk=client.pk).update(ended_on=timezone.localdate(), end_reason="death")


@pytest.mark.parametrize(
    ("since", "refusal"),
    [
        (close, undoing.parting.AccountClosedSince),
        (end_contract, undoing.parting.ContractEndedSince),
        (give_mandate, undoing.parting.MandateGivenSince),
        (join_another, undoing.parting.JoinedLater),
        (end_client, living.ClientEnded),
    ],
)
def test_what_has_changed_since_comes_first(client_, twin, advisor, colleague, since, refusal):
    account = twin.bank_accounts.get()
    opening.open_service_contract(twin, kind=CARD, by=Actor(advisor))
    asked = join(client_, twin, advisor, colleague)
    since(account, client_, advisor)
    with pytest.raises(refusal):
        take_back(asked, client_, advisor, colleague)


def test_account_closed_before_goes_and_comes_back_closed(client_, twin, advisor, colleague):
    account = twin.bank_accounts.get()
    close(account, twin, advisor)
    take_back(join(client_, twin, advisor, colleague), client_, advisor, colleague)
    assert twin.bank_accounts.get() == account


@pytest.mark.parametrize("days", [30, 31])
def test_thirty_days_are_enough_and_no_more(client_, twin, advisor, colleague, days):
    asked = join(client_, twin, advisor, colleague)
    # By the clock on the wall: thirty days may hold an hour more or less than thirty times twenty-four.
    Joining.objects.filter(pk=asked.pk).update(decided_at=timezone.localtime() - timedelta(days=days))
    if days == 30:
        take_back(asked, client_, advisor, colleague)
        return
    with pytest.raises(undoing.NothingToUndo):
        take_back(asked, client_, advisor, colleague)


def test_joining_is_no_end_of_the_person(client_, twin, advisor, colleague):
    asked = join(client_, twin, advisor, colleague)
    for client, act, number in (
        (twin, "client", twin.client_code),
        (twin, "joining", str(asked.pk)),
        (client_, "joining", str(asked.pk + 1)),
        (client_, "joining", "\x00"),
    ):
        with pytest.raises((undoing.NothingToUndo, living.ClientEnded)):
            undoing.judge(act, client, number, timezone.localdate())


def test_joined_again_the_first_time_is_over(client_, twin, advisor, colleague):
    first = join(client_, twin, advisor, colleague)
    take_back(first, client_, advisor, colleague)
    twin.refresh_from_db()
    second = join(client_, twin, advisor, colleague)
    with pytest.raises(undoing.NothingToUndo):
        take_back(first, client_, advisor, colleague)
    take_back(second, client_, advisor, colleague)


def test_advisor_named_since_stays(client_, twin, advisor, colleague):
    third = makers.make_advisor("luc.petit")
    asked = join(client_, twin, advisor, colleague)
    Client.objects.filter(pk=client_.pk).update(advisor=third)
    take_back(asked, client_, advisor, colleague)
    client_.refresh_from_db()
    assert client_.advisor == third


# Statements, and who has no space.


def test_month_that_the_closed_sheet_was_stated_is_not_stated_again(client_, twin, advisor, colleague):
    account, month = twin.bank_accounts.get(), date(2026, 10, 1)
    for holder in (twin, client_):
        holder.bank_accounts.update(opened_on=date(2026, 1, 1))
        holder.holdings.update(since=date(2026, 1, 1))
    paper = replace(FOR_CLIENT["statement"], client_code=twin.client_code)
    document = issuing.issue(twin, paper, title="Relevé d’octobre 2026")
    Statement.objects.create(document=document, account=account, client=twin, month=month, last_position=0, balance=0)
    join(client_, twin, advisor, colleague)
    assert account not in statements.waiting(month)
    assert client_.bank_accounts.exclude(pk=account.pk).get() in statements.waiting(month)


def test_space_is_made_for_the_kept_sheet_afterwards(client_, person, advisor, colleague):
    opening.open_account(person, kind=BankAccount.Kind.CURRENT, by=Actor(advisor))
    person.refresh_from_db()
    person.contact_changes.all().delete()
    join(person, client_, advisor, colleague)
    assert create_online_space(person, by=Actor(advisor)).username == person.client_code


def test_representation_since_ends_before_the_joining_is_taken_back(client_, twin, other, advisor, colleague):
    done = join(client_, twin, advisor, colleague)
    makers.make_representation(client_, other, capacity=Capacity.CURATOR, may_transfer=False)
    with pytest.raises(parting.RepresentedSince):
        take_back(done, client_, advisor, colleague)


def test_what_waits_about_either_lapses_when_a_joining_is_taken_back(client_, twin, other, advisor, colleague):
    done = join(client_, twin, advisor, colleague)
    asked = identity_changes.start(client_, {"family_name": "Martin-Durand"}, by=Actor(advisor))
    take_back(done, client_, advisor, colleague)
    asked.refresh_from_db()
    assert asked.decision == "lapsed"


def two_mandates(other, client_, twin):
    """Of which the wider one stays."""
    account = other.bank_accounts.get()
    makers.make_mandate(account, client_, may_transfer=True)
    makers.make_mandate(account, twin)
    return account


def test_mandate_that_a_holder_has_revoked_since_does_not_come_back(client_, twin, other, advisor, colleague):
    account = two_mandates(other, client_, twin)
    done = join(client_, twin, advisor, colleague)
    mandates.revoke(Mandate.objects.get(account=account, proxy=client_, revoked_at=None), by=Actor(advisor))
    take_back(done, client_, advisor, colleague)
    assert not Mandate.objects.in_force(timezone.localdate()).filter(account=account).exists()


def test_nor_does_one_on_the_account_of_somebody_dead_since(client_, twin, other, advisor, colleague):
    account = two_mandates(other, client_, twin)
    done = join(client_, twin, advisor, colleague)
    client_ends.end_client(other, why=Client.End.DEATH, by=Actor(advisor))
    take_back(done, client_, advisor, colleague)
    assert not Mandate.objects.in_force(timezone.localdate()).filter(account=account).exists()


def test_holder_of_an_account_hears_who_sees_it_by_a_mandate_that_moved_and_moved_back(
    client_, twin, other, advisor, colleague
):
    makers.make_mandate(other.bank_accounts.get(), twin)
    told = SecurityEvent.objects.filter(kind="mandate_granted", owner=other.user)
    before = told.count()
    done = join(client_, twin, advisor, colleague)
    assert told.count() == before + 1
    take_back(done, client_, advisor, colleague)
    assert told.count() == before + 2
