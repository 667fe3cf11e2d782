"""Representatives: who acts for whom, begun by two advisors, over by itself on a birthday, bound by a key."""

import json
import uuid
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from io import StringIO

import pytest
from dateutil.relativedelta import relativedelta
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.bank_accounts import client_ends, opening, representation_requests, representations, undoing
from accounts.clients import client_journal, erasing, living, own_journal
from accounts.clients.online_space import TooYoung, create_online_space
from accounts.kinds import Event, Mail
from accounts.models import BankAccount, Capacity, Client, Holding, PostalItem, Representation, RepresentationRequest
from accounts.transfers import eligibility, ordering
from accounts.transfers.refusals import TransferRefused
from auth_codes import dual_control
from auth_codes.actor import Actor
from auth_codes.codes import bound_rows
from auth_codes.models import Notice
from tests import makers
from tests.standing import made_once

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ANOTHER_KEY = "another key, of more than fifty signs, made for the tests alone"
ADULT = (Capacity.CURATOR, Capacity.FUTURE, Capacity.FAMILY)


@made_once
def child(advisor):
    return makers.make_child(advisor)


@made_once
def ward(advisor):
    """Somebody of age, with a space of her own."""
    return makers.make_personalised_client(advisor, given_names="Rose", family_name="Petit", email="rose@example.org")


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


def ask(represented, representative, by, **terms):
    said = {"capacity": Capacity.PARENT, "may_transfer": True, "paper": "livret de famille", "token": uuid.uuid4()}
    fields = {**said, "paper_date": timezone.localdate(), **terms}
    return representation_requests.start(represented, representative, by=Actor(by), **fields)


def seen_by(client, today=None):
    return set(BankAccount.objects.seen_by(client, today or timezone.localdate()))


def end(client, by, why):
    client_ends.end_client(client, why=why, by=Actor(by))
    client.refresh_from_db()


# It begins.


def test_it_gives_nothing_before_a_second_advisor_approves(child, client_, advisor, colleague):
    asked = ask(child, client_, advisor)
    assert seen_by(client_) == set(client_.bank_accounts.all())
    with pytest.raises(dual_control.SameAdvisor):
        representation_requests.approve(asked, by=Actor(advisor))
    representation_requests.approve(asked, by=Actor(colleague))
    assert seen_by(client_) == {*client_.bank_accounts.all(), *child.bank_accounts.all()}


def test_accounts_opened_later_are_seen_without_anything_more(child, client_, advisor):
    makers.make_representation(child, client_)
    later = makers.make_savings(child)
    assert later in seen_by(client_)
    assert seen_by(child) == set(child.bank_accounts.all())  # and not the other way round


def test_both_are_told_by_mail_and_by_post_and_read_it_in_their_journals(child, client_, advisor, colleague):
    Notice.objects.all().delete()
    PostalItem.objects.all().delete()
    representation_requests.approve(ask(child, client_, advisor), by=Actor(colleague))
    assert Notice.objects.filter(kind=Mail.REPRESENTED).count() == 2
    assert set(PostalItem.objects.values_list("client", flat=True)) == {child.pk, client_.pk}
    for client, side in ((child, "comme personne représentée"), (client_, "comme représentant")):
        [line] = own_journal.in_words(client_journal.lines_about(client).filter(kind=Event.REPRESENTED), client)
        assert line.details.lower() == f"{side}, administrateur légal (parent)"


@pytest.mark.parametrize("same", [True, False])
def test_double_click_asks_once_and_another_request_waits(child, client_, advisor, same):
    token = uuid.uuid4()
    first = ask(child, client_, advisor, token=token)
    if same:
        assert ask(child, client_, advisor, token=token) == first
    else:
        with pytest.raises(dual_control.AlreadyStarted):
            ask(child, client_, advisor)
    assert RepresentationRequest.objects.count() == 1


def test_refused_it_gives_nothing(child, client_, advisor, colleague):
    asked = ask(child, client_, advisor)
    representation_requests.refuse(asked, by=Actor(colleague))
    assert not Representation.objects.exists()
    assert client_journal.lines_about(child).filter(kind=Event.REPRESENT_DECLINED).exists()


# Who may act for whom.


@pytest.mark.parametrize("capacity", ADULT)
def test_child_has_parents_or_a_guardian(child, client_, capacity):
    with pytest.raises(representations.DoesNotFit):
        makers.make_representation(child, client_, capacity=capacity, may_transfer=False)
    makers.make_representation(child, client_, capacity=Capacity.GUARDIAN)


@pytest.mark.parametrize("capacity", ADULT)
def test_somebody_of_age_has_none_of_a_child(ward, client_, capacity):
    for wrong in (Capacity.PARENT, Capacity.GUARDIAN):
        with pytest.raises(representations.DoesNotFit):
            makers.make_representation(ward, client_, capacity=wrong)
    assert makers.make_representation(ward, client_, capacity=capacity, may_transfer=False).is_in_force(
        timezone.localdate()
    )


def test_guardian_of_somebody_of_age_comes_after_the_guardianship_was_noted(ward, client_, advisor):
    end(ward, advisor, Client.End.GUARDIANSHIP)
    makers.make_representation(ward, client_, capacity=Capacity.GUARDIAN)
    assert ward.bank_accounts.get() in seen_by(client_)


@pytest.mark.parametrize("why", [Client.End.DEATH, Client.End.GUARDIANSHIP])
def test_nobody_else_acts_for_who_has_ended(ward, client_, advisor, why):
    end(ward, advisor, why)
    with pytest.raises(representations.DoesNotFit):
        makers.make_representation(ward, client_, capacity=Capacity.FAMILY)


def test_curator_only_sees(ward, client_, colleague):
    terms = {"represented": ward, "representative": client_, "capacity": Capacity.CURATOR, "may_transfer": True}
    unsaved = RepresentationRequest(**terms, paper="jugement", paper_date=timezone.localdate())
    with pytest.raises(representations.OnlySees):
        representations.judge(unsaved, timezone.localdate())
    with pytest.raises(IntegrityError), transaction.atomic():
        RepresentationRequest.objects.create(
            **terms, paper="jugement", paper_date=timezone.localdate(), started_by=colleague
        )


def test_nobody_represents_himself(child):
    unsaved = RepresentationRequest(represented=child, representative=child, capacity=Capacity.PARENT)
    with pytest.raises(representations.SamePerson):
        representations.judge(unsaved, timezone.localdate())


def test_minor_represents_nobody(child, advisor):
    with pytest.raises(representations.UnfitToRepresent):
        makers.make_representation(child, makers.make_child(advisor, 17, given_names="Zoé"))


def test_nor_does_who_has_ended(child, ward, advisor):
    end(ward, advisor, Client.End.DEATH)
    with pytest.raises(representations.UnfitToRepresent):
        makers.make_representation(child, ward)


def test_nor_does_who_is_represented(child, ward, client_):
    makers.make_representation(ward, client_, capacity=Capacity.CURATOR, may_transfer=False)
    with pytest.raises(representations.UnfitToRepresent):
        makers.make_representation(child, ward)


def test_who_becomes_represented_acts_for_nobody_any_more(child, ward, client_):
    own = makers.make_representation(child, ward)
    makers.make_representation(ward, client_, capacity=Capacity.CURATOR, may_transfer=False)
    own.refresh_from_db()
    assert own.end_reason == Representation.End.REPRESENTED
    assert child.bank_accounts.get() not in seen_by(ward)


def test_two_parents_and_no_third(child, ward, client_, advisor):
    makers.make_representation(child, client_)
    makers.make_representation(child, ward)
    with pytest.raises(representations.TwoParents):
        makers.make_representation(child, makers.make_person(advisor, given_names="Luc"))


def test_once_for_the_same_two(child, client_):
    makers.make_representation(child, client_)
    with pytest.raises(representations.AlreadyRepresents):
        makers.make_representation(child, client_)


def test_day_that_is_over_is_refused_and_today_is_not(child, client_):
    today = timezone.localdate()
    with pytest.raises(representations.LastDayOver):
        makers.make_representation(child, client_, ends_on=today - DAY)
    assert makers.make_representation(child, client_, ends_on=today).is_in_force(today)


def test_what_changed_while_it_waited_is_judged_again(child, client_, advisor, colleague):
    asked = ask(child, client_, advisor)
    Client.objects.filter(pk=child.pk).update(birth_date=date(1990, 1, 1))
    with pytest.raises(representations.DoesNotFit):
        representation_requests.approve(asked, by=Actor(colleague))
    asked.refresh_from_db()
    assert not asked.decision


# It ends.


@pytest.mark.parametrize(
    ("born", "last_minor_day"),
    [
        (date(2008, 7, 25), date(2026, 7, 24)),
        (date(2008, 2, 29), date(2026, 2, 28)),
        (date(2008, 3, 1), date(2026, 2, 28)),
    ],
)
def test_minor_until_the_eve_of_the_eighteenth_birthday(born, last_minor_day):
    child = Client(birth_date=born)
    assert (child.is_minor(last_minor_day), child.is_minor(last_minor_day + DAY)) == (True, False)


@pytest.mark.parametrize(("day", "is_minor"), [(date(2026, 12, 30), True), (date(2026, 12, 31), False)])
def test_of_whom_a_year_alone_is_known_is_minor_as_long_as_he_may_be(child, day, is_minor):
    Client.objects.filter(pk=child.pk).update(birth_date=None, birth_year=2008)
    child.refresh_from_db()
    assert child.is_minor(day) is is_minor
    assert Client.objects.filter(Client.of_age(day), pk=child.pk).exists() is not is_minor


def test_parents_access_ends_on_the_birthday_whether_or_not_a_timer_runs(child, client_):
    makers.make_representation(child, client_)
    birthday = child.birth_date + relativedelta(years=18)
    [account] = child.bank_accounts.all()
    assert account in seen_by(client_, birthday - DAY)
    assert account not in seen_by(client_, birthday)


def test_timer_writes_it_down_once_and_tells_both_and_how_to_get_codes(child, client_):
    made = makers.make_representation(child, client_)
    birthday = child.birth_date + relativedelta(years=18)
    Notice.objects.all().delete()
    assert representations.end_those_over(birthday - DAY) == 0
    assert [representations.end_those_over(birthday) for _ in range(2)] == [1, 0]
    made.refresh_from_db()
    assert (made.ended_on, made.end_reason, made.is_bound) == (birthday, "majority", True)
    assert Notice.objects.filter(kind=Mail.REPRESENT_ENDED, facts__of_age="yes").count() == 2


@pytest.mark.parametrize("capacity", ADULT)
def test_last_day_ends_it(ward, client_, capacity):
    today = timezone.localdate()
    made = makers.make_representation(ward, client_, capacity=capacity, may_transfer=False, ends_on=today)
    assert (made.is_in_force(today), made.is_in_force(today + DAY)) == (True, False)
    representations.end_those_over(today + DAY)
    made.refresh_from_db()
    assert made.end_reason == Representation.End.TERM


@pytest.mark.parametrize("who", ["child", "parent"])
def test_end_of_a_client_ends_it_on_both_sides(child, ward, advisor, who):
    made = makers.make_representation(child, ward)
    end(child if who == "child" else ward, advisor, Client.End.DEATH)
    made.refresh_from_db()
    assert made.end_reason == Representation.End.CLIENT


def test_guardianship_ends_the_curator_and_not_the_guardian(ward, client_, child, advisor):
    curator = makers.make_representation(ward, client_, capacity=Capacity.CURATOR, may_transfer=False)
    guardian = makers.make_representation(child, client_, capacity=Capacity.GUARDIAN)
    for client in (ward, child):
        end(client, advisor, Client.End.GUARDIANSHIP)
    curator.refresh_from_db()
    guardian.refresh_from_db()
    assert (curator.end_reason, guardian.end_reason) == ("client", "")


def test_guardian_sees_nothing_once_the_guardianship_was_taken_back(ward, client_, advisor, colleague):
    end(ward, advisor, Client.End.GUARDIANSHIP)
    made = makers.make_representation(ward, client_, capacity=Capacity.GUARDIAN)
    said = {"act": "client", "number": ward.client_code, "why": "Erreur de fiche", "token": uuid.uuid4()}
    undoing.approve(undoing.start(ward, by=Actor(advisor), **said), by=Actor(colleague))
    assert ward.bank_accounts.get() not in seen_by(client_)
    assert representations.end_those_over(timezone.localdate()) == 1
    made.refresh_from_db()
    assert made.end_reason == Representation.End.MEASURE


def test_advisor_ends_it_at_once_and_once(child, client_, advisor):
    made = makers.make_representation(child, client_)
    end_it = partial(representations.end, made, why=Representation.End.DOUBT, by=Actor(advisor))
    end_it()
    assert child.bank_accounts.get() not in seen_by(client_)
    with pytest.raises(representations.RepresentationOver):
        end_it()
    makers.make_representation(child, client_)  # and may begin anew


def test_command_says_how_many(child, client_):
    made = makers.make_representation(child, client_)
    Client.objects.filter(pk=child.pk).update(birth_date=date(1990, 1, 1))
    said = StringIO()
    call_command("end_representations", stdout=said)
    assert json.loads(said.getvalue()) == {"ended": 1}
    made.refresh_from_db()
    assert made.ended_on == timezone.localdate()


@pytest.mark.django_db(transaction=True)
def test_timers_and_an_advisor_at_once_end_it_in_one_way(race):
    advisor = makers.make_advisor()
    child, parent = makers.make_child(advisor), makers.make_person(advisor)
    made, birthday = makers.make_representation(child, parent), child.birth_date + relativedelta(years=18)

    def by_hand():
        with suppress(representations.RepresentationOver):
            representations.end(made, why=Representation.End.DOUBT, by=Actor(advisor))

    timer = partial(representations.end_those_over, birthday)
    race(lambda act: act(), [timer, timer, by_hand])
    assert client_journal.lines_about(child).filter(kind=Event.REPRESENTATION_ENDED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_are_to_act_for_each_other_at_once_do_not_both(race):
    advisor, second = makers.make_advisor(), makers.make_advisor("marc.lefevre")
    one, other = (makers.make_person(advisor, given_names=name) for name in ("Rose", "Luc"))
    terms = {"capacity": Capacity.FUTURE, "may_transfer": False}
    both = [ask(one, other, advisor, **terms), ask(other, one, advisor, **terms)]

    def approve(asked):
        with suppress(representations.UnfitToRepresent):
            representation_requests.approve(asked, by=Actor(second))

    race(approve, both)
    # The later one has ended the earlier: who is represented acts for nobody.
    assert Representation.objects.filter(ended_on=None).count() == 1


def test_representative_is_not_forgotten_while_he_acts(child, advisor):
    parent, today = makers.make_person(advisor, given_names="Luc"), timezone.localdate()
    Client.objects.filter(pk=parent.pk).update(registered_at=timezone.now() - timedelta(days=4000))
    parent.refresh_from_db()
    assert erasing.is_due(parent, today)
    made = makers.make_representation(child, parent)
    assert not erasing.is_due(parent, today)
    representations.end(made, why=Representation.End.REPLACED, by=Actor(advisor))
    assert not erasing.is_due(parent, today)  # five years after that


# Codes of one's own.


@pytest.mark.parametrize(("years", "is_given"), [(15, False), (16, True), (17, True), (18, True)])
def test_codes_of_his_own_from_the_age_that_the_bank_has_set(advisor, years, is_given):
    child = makers.make_child(advisor, years)
    with suppress(TooYoung):
        create_online_space(child, by=Actor(advisor))
    child.refresh_from_db()
    assert bool(child.user_id) is is_given


def test_bank_may_give_none_to_any_minor(advisor, settings):
    settings.MINORS_ONLINE_FROM = 18
    with pytest.raises(TooYoung):
        create_online_space(makers.make_child(advisor, 17), by=Actor(advisor))


def test_command_says_that_he_is_too_young(child):
    with pytest.raises(CommandError, match="trop jeune"):
        call_command("create_online_space", child.client_code)


# Who writes in the database but has no key.


def forged(represented, representative, **fields):
    asked = RepresentationRequest.objects.create(
        represented=represented, representative=representative, capacity=Capacity.FAMILY, paper="x",
        paper_date=timezone.localdate(), started_by=represented.advisor, decision="lapsed",
    )  # fmt: skip
    said = {"capacity": Capacity.FAMILY, "may_transfer": True, **fields}
    return Representation.objects.create(represented=represented, representative=representative, request=asked, **said)


def test_row_written_without_the_key_shows_nothing_and_is_named(ward, client_, child):
    copied = makers.make_representation(child, client_).binding
    for binding in ("", "x" * 60, copied):
        row = forged(ward, client_, binding=binding)
        assert ward.bank_accounts.get() not in seen_by(client_)
        assert list(bound_rows.loose(lambda rows: None)) == [f"représentation n° {row.pk}"]
        row.delete()


def test_command_names_it_and_says_what_to_do(ward, client_):
    row, said = forged(ward, client_), StringIO()
    with pytest.raises(CommandError):
        call_command("check_owners", stdout=StringIO(), stderr=said)
    assert f"Représentation n° {row.pk} : cette ligne, qui donne accès aux comptes d’un autre" in said.getvalue()
    assert "qu’un conseiller y mette fin" in said.getvalue()


@pytest.mark.parametrize(
    "written", [{"may_transfer": True}, {"ended_on": None, "end_reason": ""}, {"capacity": "family"}, {"ends_on": None}]
)
def test_row_that_was_written_in_shows_nothing(ward, client_, written):
    today = timezone.localdate()
    made = makers.make_representation(ward, client_, capacity=Capacity.CURATOR, may_transfer=False, ends_on=today)
    if "ended_on" in written:
        representations.end(made, why=Representation.End.DOUBT, by=Actor(ward.advisor))
    changed = written | ({"capacity": "future"} if "may_transfer" in written else {})
    Representation.objects.filter(pk=made.pk).update(**changed)
    assert ward.bank_accounts.get() not in seen_by(client_)


def test_such_a_row_keeps_nobody_from_being_registered(ward, client_):
    row = forged(ward, client_)
    made = makers.make_representation(ward, client_, capacity=Capacity.FUTURE)
    row.refresh_from_db()
    assert (row.is_bound, row.end_reason, made.is_bound) == (False, "doubt", True)


def test_new_key_binds_what_the_old_one_bound_and_nothing_else(ward, child, client_, settings):
    made, row = makers.make_representation(child, client_), forged(ward, client_)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = (
        [settings.SECRET_KEY],
        "another key of fifty signs, made for a test",
    )
    assert bound_rows.make_anew(lambda rows: None) == 1
    settings.SECRET_KEY_FALLBACKS = []
    made.refresh_from_db()
    row.refresh_from_db()
    assert (made.is_bound, row.is_bound) == (True, False)


def test_lost_key_is_said(child, client_, settings):
    makers.make_representation(child, client_)
    settings.SECRET_KEY = ANOTHER_KEY
    assert bound_rows.under_missing_keys() == 1
    assert child.bank_accounts.get() not in seen_by(client_)


def test_nothing_is_opened_for_him_by_this(child, client_):
    """Opening an account stays an act of an advisor."""
    makers.make_representation(child, client_)
    opening.open_account(child, kind=BankAccount.Kind.SAVINGS, by=Actor(child.advisor))
    assert len(seen_by(client_)) == 3


def test_guardian_of_a_child_is_none_of_the_adult_whatever_one_advisor_notes(client_, advisor):
    """At majority a guardianship ends, and one of an adult asks for a judgment of its own (Code civil, art. 393)."""
    child = makers.make_child(advisor, years=17)
    makers.make_representation(child, client_, capacity=Capacity.GUARDIAN, may_transfer=True)
    end(child, advisor, Client.End.GUARDIANSHIP)
    assert set(child.bank_accounts.all()) <= seen_by(client_)
    later = timezone.localdate() + relativedelta(years=2)
    assert not set(child.bank_accounts.all()) & seen_by(client_, later)


def test_money_of_a_child_alone_does_not_go_by_a_mandate_to_an_account_of_two(child, client_, advisor):
    alone, joint = child.bank_accounts.get(), makers.make_savings(child)
    makers.make_operations(alone, "500")
    Holding.objects.create(account=joint, client=makers.make_person(advisor, email="aieul@example.org"))
    makers.make_mandate(joint, client_, may_transfer=True)
    makers.make_representation(child, client_)
    today = timezone.localdate()
    offered = {usable.account.pk for usable in eligibility.usable_accounts(client_, today) if usable.is_offered}
    acting = Representation.objects.acting(client_, today)
    assert not {alone.pk, joint.pk} & (offered | eligibility.offered_to(client_, today, acting))
    with pytest.raises(TransferRefused):
        ordering.prepare(client_, alone, joint, Decimal(100))


def test_death_of_a_ward_ends_what_his_guardian_may_do_and_is_taken_back_to_the_guardianship(ward, client_, advisor):
    end(ward, advisor, Client.End.GUARDIANSHIP)
    since = Client.objects.get(pk=ward.pk).ended_on
    makers.make_representation(ward, client_, capacity=Capacity.GUARDIAN, may_transfer=True)
    for why in (Client.End.DEPARTURE, Client.End.GUARDIANSHIP):
        with pytest.raises(living.ClientEnded):
            end(ward, advisor, why)
    end(ward, advisor, Client.End.DEATH)
    assert not set(ward.bank_accounts.all()) & seen_by(client_)
    colleague = makers.make_advisor("denis.faure")
    asked = undoing.start(
        ward,
        act="client",
        number=ward.client_code,
        why="Homonyme, dit la mairie",
        token=uuid.uuid4(),
        by=Actor(advisor),
    )
    undoing.approve(asked, by=Actor(colleague))
    ward.refresh_from_db()
    assert (ward.end_reason, ward.ended_on, ward.user and ward.user.is_active) == ("guardianship", since, False)
    with pytest.raises(living.ClientEnded):
        end(ward, advisor, Client.End.GUARDIANSHIP)
