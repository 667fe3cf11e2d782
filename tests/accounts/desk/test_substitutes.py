"""Who stands in for an absent advisor: his clients open without a reason, between two days and not a day longer."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.admin.substitutes import state_of
from accounts.desk import roles, substitutes
from accounts.kinds import Event, Mail
from accounts.models import Branch, Substitution, User
from auth_codes import notices
from auth_codes.actor import Actor
from auth_codes.models import Notice, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import say_why, text_of, words_of
from tests.standing import made_once

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PAGES = "/admin/accounts/substitution/"
ASKED = "Pourquoi ouvrez-vous cette fiche ?"


@made_once
def marc(advisor):
    return makers.make_advisor("marc.lefevre")


@made_once
def nadia(advisor):
    return makers.make_staff("nadia.benali", roles.BRANCH_MANAGERS, branch=advisor.branch)


@made_once
def elsewhere(advisor):
    """An advisor of another branch."""
    return makers.make_advisor("sonia.blanc", branch=Branch.objects.create(name="Nantes"))


def sheet(client):
    return f"/admin/accounts/client/{client.pk}/change/"


def is_asked(user, client) -> bool:
    return ASKED in words_of(StrictBrowser.logged_in(user).get(sheet(client)))


def day(number):
    return timezone.localdate() + timedelta(number)


def declare(absent, substitute, by, *, starts=0, ends=7, token=None):
    days = {"starts_on": day(starts), "ends_on": day(ends)}
    return substitutes.declare(absent, substitute, token=token or uuid.uuid4(), by=Actor(by), **days)


def typed(absent, substitute, *, starts=0, ends=7, **changed):
    days = {"starts_on": f"{day(starts):%d/%m/%Y}", "ends_on": f"{day(ends):%d/%m/%Y}"}
    return {"absent": absent.pk, "substitute": substitute.pk, "token": uuid.uuid4(), **days, **changed}


# What it gives.


def test_substitute_opens_the_absent_one_s_clients_without_a_reason_and_they_read_why(
    advisor, marc, client_, client_browser
):
    assert is_asked(marc, client_)
    makers.make_substitution(advisor, marc)
    assert "MARTIN" in text_of(StrictBrowser.logged_in(marc).get(sheet(client_)))
    line = marc.acts.get(kind=Event.CLIENT_CONSULTED)
    assert line.details == {"client": client_.pk, "look": "substitute"}
    read = " ".join(words_of(client_browser.get("/mon-profil/journal/")).split())
    assert "Votre fiche client a été consultée Remplaçant de son conseiller" in read


@pytest.mark.parametrize(
    ("starts", "ends", "holds"), [(0, 0, True), (-3, 0, True), (0, 3, True), (1, 3, False), (-3, -1, False)]
)
def test_it_holds_from_the_first_day_to_the_last_both_included(advisor, marc, client_, starts, ends, holds):
    makers.make_substitution(advisor, marc, starts=starts, ends=ends)
    assert is_asked(marc, client_) is not holds


def test_the_clock_of_the_database_ends_it_whatever_a_server_s_own_says(advisor, marc, client_, monkeypatch):
    makers.make_substitution(advisor, marc, starts=-30, ends=-1)
    a_week_ago = timezone.now() - timedelta(days=7)
    monkeypatch.setattr(timezone, "now", lambda: a_week_ago)
    assert timezone.localdate() < Substitution.objects.get().ends_on
    assert not Substitution.objects.in_force().exists()
    monkeypatch.undo()
    assert is_asked(marc, client_)


def test_one_that_ends_in_the_middle_of_a_session_gives_nothing_more(advisor, marc, client_):
    substitution, browser = makers.make_substitution(advisor, marc), StrictBrowser.logged_in(marc)
    assert "MARTIN" in text_of(browser.get(sheet(client_)))
    Substitution.objects.filter(pk=substitution.pk).update(starts_on=day(-9), ends_on=day(-1))
    assert ASKED in words_of(browser.get(sheet(client_)))


def test_words_given_as_a_substitute_are_those_of_nobody_afterwards(advisor, marc, client_):
    substitution, browser = makers.make_substitution(advisor, marc), StrictBrowser.logged_in(marc)
    fields = {"look-in_words": "True", "look-words": "Je remplace ma collègue."}
    say_why(browser, client_, reason="own_advisor", **fields)
    browser.get(sheet(client_))
    assert marc.acts.get(kind=Event.CLIENT_CONSULTED).details["look"] == "substitute"
    substitutes.end(substitution, by=Actor(advisor))
    assert ASKED in words_of(browser.get(sheet(client_)))


@pytest.mark.parametrize("who", ["advisor", "marc"])
def test_whoever_is_moved_to_another_branch_is_colleague_no_more(request, advisor, marc, elsewhere, client_, who):
    makers.make_substitution(advisor, marc)
    assert not is_asked(marc, client_)
    User.objects.filter(pk=request.getfixturevalue(who).pk).update(branch=elsewhere.branch)
    assert is_asked(marc, client_)


def test_it_follows_the_client_who_gets_another_advisor(advisor, marc, elsewhere, client_):
    makers.make_substitution(advisor, marc)
    type(client_).objects.update(advisor=elsewhere)
    assert is_asked(marc, client_)


def test_substitute_of_a_substitute_is_nobody(advisor, marc, client_):
    third = makers.make_advisor("luc.petit")
    makers.make_substitution(advisor, marc)
    makers.make_substitution(marc, third)
    assert is_asked(third, client_)


def test_who_serves_clients_no_more_gives_a_reason_even_of_those_he_advised(advisor, client_):
    advisor.groups.set(roles.Group.objects.filter(name=roles.AUDITORS))
    page = StrictBrowser.logged_in(advisor).get(f"/admin/accounts/client/{client_.pk}/history/")
    assert ASKED in words_of(page)


# Who declares it.


def test_absent_one_declares_and_the_journal_says_whom(advisor, marc):
    declare(advisor, marc, advisor)
    line = SecurityEvent.objects.get(kind=Event.SUBSTITUTE_DECLARED)
    assert (line.by, line.owner) == (advisor, advisor)
    assert line.details["substitute"] == "marc.lefevre"


def test_manager_of_his_branch_declares(advisor, marc, nadia):
    assert declare(advisor, marc, nadia).declared_by == nadia


def test_absent_one_is_told_when_it_was_not_he(advisor, marc, nadia):
    advisor.email = "claire@banque.example"
    advisor.save(update_fields=["email"])
    substitutes.end(declare(advisor, marc, advisor), by=Actor(advisor))
    assert not Notice.objects.filter(kind=Mail.STAND_IN).exists()
    declare(advisor, marc, nadia)
    notice = Notice.objects.get(kind=Mail.STAND_IN)
    assert notice.recipient == "claire@banque.example"
    assert "nadia.benali a déclaré" in notices.message_of(notice).body


@pytest.mark.parametrize("who", ["marc", "third", "manager_elsewhere"])
def test_nobody_else_declares_least_of_all_the_substitute(advisor, marc, elsewhere, who):
    by = {
        "marc": lambda: marc,
        "third": lambda: makers.make_advisor("luc.petit"),
        "manager_elsewhere": lambda: makers.make_staff("olga", roles.BRANCH_MANAGERS, branch=elsewhere.branch),
    }[who]()
    with pytest.raises(substitutes.NotHisToSay):
        declare(advisor, marc, by)
    assert not Substitution.objects.exists()


def test_manager_does_not_name_himself(advisor, nadia):
    with pytest.raises(substitutes.NotHisToSay):
        declare(advisor, nadia, nadia)
    with pytest.raises(IntegrityError), transaction.atomic():
        makers.make_substitution(advisor, nadia, declared_by=nadia)


def test_database_takes_nobody_for_himself_and_no_end_before_the_start(advisor, marc):
    for wrong in ({"substitute": advisor, "declared_by": marc}, {"substitute": marc, "starts": 3, "ends": 2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            makers.make_substitution(advisor, **wrong)


def test_substitute_is_an_advisor_of_the_same_branch_who_may_log_in(advisor, marc, elsewhere):
    operator = makers.make_staff("lucie", roles.OPERATORS, branch=advisor.branch)
    gone = makers.make_advisor("parti", is_active=False)
    for other in (elsewhere, operator, gone):
        with pytest.raises(substitutes.NotColleagues):
            declare(advisor, other, advisor)
    User.objects.update(branch=None)
    with pytest.raises(substitutes.NotColleagues):
        declare(advisor, marc, advisor)


@pytest.mark.parametrize(("starts", "ends"), [(-1, 3), (3, 2), (0, 93), (366, 367)])
def test_days_that_are_past_reversed_too_many_or_too_far_are_refused(advisor, marc, starts, ends):
    with pytest.raises(substitutes.WrongDays):
        declare(advisor, marc, advisor, starts=starts, ends=ends)


def test_one_at_a_time_stands_in_and_the_next_one_after_him(advisor, marc):
    third = makers.make_advisor("luc.petit")
    first = declare(advisor, marc, advisor, starts=1, ends=5)
    with pytest.raises(substitutes.Overlaps):
        declare(advisor, third, advisor, starts=5, ends=8)
    declare(advisor, third, advisor, starts=6, ends=8)
    substitutes.end(first, by=Actor(advisor))
    declare(advisor, third, advisor, starts=1, ends=5)


def test_same_token_declares_once(advisor, marc):
    token = uuid.uuid4()
    assert declare(advisor, marc, advisor, token=token) == declare(advisor, marc, advisor, token=token)
    assert Substitution.objects.count() == 1


@pytest.mark.parametrize("who", ["advisor", "marc", "nadia"])
def test_absent_substitute_and_manager_end_it_at_once(request, advisor, marc, nadia, client_, who):
    substitution = makers.make_substitution(advisor, marc)
    substitutes.end(substitution, by=Actor(request.getfixturevalue(who)))
    assert is_asked(marc, client_)
    with pytest.raises(substitutes.AlreadyOver):
        substitutes.end(substitution, by=Actor(advisor))
    assert SecurityEvent.objects.filter(kind=Event.SUBSTITUTE_ENDED).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_declared_at_once_for_the_same_days_one_stands(race):
    advisor = makers.make_advisor()
    others = [makers.make_advisor(f"colleague.{number}") for number in range(4)]

    def try_one(other):
        try:
            return declare(User.objects.get(pk=advisor.pk), other, User.objects.get(pk=advisor.pk)).pk
        except substitutes.Overlaps:
            return None

    assert len(list(filter(None, race(try_one, others)))) == Substitution.objects.count() == 1


# The pages.


def test_advisor_declares_by_the_page_and_reads_it_in_the_list(advisor_browser, advisor, marc):
    page = text_of(advisor_browser.get(PAGES + "add/"))
    assert "Déclarer un remplaçant" in page
    answer = advisor_browser.post(PAGES + "add/", typed(advisor, marc), follow=True)
    assert "Remplacement enregistré : " in text_of(answer)
    assert "en cours" in text_of(answer)


def test_lists_are_headed_in_plain_french(advisor_browser, advisor):
    boss = StrictBrowser.logged_in(User.objects.create_superuser("directrice"))
    for page, title, new in (
        ("substitution", "Remplacements", "Déclarer un remplaçant"),
        ("branch", "Agences", "Ouvrir une agence"),
        ("commandrun", "Résultats des commandes", ""),
    ):
        shown = text_of(boss.get(f"/admin/accounts/{page}/"))
        assert f"<h1>{title}</h1>" in shown
        assert new in shown
        assert "objet" not in shown
    assert "<h1>Renommer une agence</h1>" in text_of(boss.get(f"/admin/accounts/branch/{advisor.branch_id}/change/"))


def test_page_offers_an_advisor_himself_alone_as_absent_and_a_manager_his_branch(advisor, marc, nadia, elsewhere):
    def offered(user, field):
        form = StrictBrowser.logged_in(user).get(PAGES + "add/").context["form"]
        return set(form.fields[field].queryset)

    assert (offered(advisor, "absent"), offered(advisor, "substitute")) == ({advisor}, {marc, nadia})
    assert (offered(nadia, "absent"), offered(nadia, "substitute")) == ({advisor, marc, nadia}, {advisor, marc})


def test_posted_numbers_of_others_are_refused_and_what_was_typed_stays(advisor_browser, advisor, marc, elsewhere):
    for absent, substitute in ((marc, advisor), (elsewhere, marc), (advisor, elsewhere)):
        answer = advisor_browser.post(PAGES + "add/", typed(absent, substitute))
        assert answer.status_code == 200
        assert f"{day(7):%d/%m/%Y}" in text_of(answer)
    assert not Substitution.objects.exists()


@pytest.mark.parametrize("wrong", ["", "x", "\x00", "31/02/2026", "٣١/١٢/٢٠٢٦", "9" * 40])
def test_what_is_no_day_or_nobody_is_told(advisor_browser, advisor, marc, wrong):
    assert "Écrivez la date ainsi" in text_of(advisor_browser.post(PAGES + "add/", typed(advisor, marc, ends_on=wrong)))
    answer = advisor_browser.post(PAGES + "add/", typed(advisor, marc) | {"substitute": wrong, "token": wrong})
    assert (answer.status_code, Substitution.objects.count()) == (200, 0)


def test_page_says_what_overlaps(advisor_browser, advisor, marc):
    makers.make_substitution(advisor, marc)
    answer = advisor_browser.post(PAGES + "add/", typed(advisor, marc))
    assert "Quelqu’un remplace déjà ce conseiller" in text_of(answer)


def test_one_page_ends_it_once(advisor_browser, advisor, marc):
    page = f"{PAGES}{makers.make_substitution(advisor, marc).pk}/change/"
    assert "Terminer aujourd’hui" in text_of(advisor_browser.get(page))
    assert "Remplacement terminé" in text_of(advisor_browser.post(page, follow=True))
    assert "Ce remplacement est déjà fini." in text_of(advisor_browser.post(page, follow=True))
    assert "Terminer aujourd’hui" not in text_of(advisor_browser.get(page))


def test_list_says_what_holds_of_each_today(advisor, marc):
    past = makers.make_substitution(advisor, marc)
    Substitution.objects.filter(pk=past.pk).update(starts_on=day(-9), ends_on=day(-1))
    past.refresh_from_db()
    present = declare(marc, advisor, marc)
    said = [state_of(one) for one in (past, present, declare(advisor, marc, advisor, starts=3))]
    assert said == ["fini", "en cours", "à venir"]
    substitutes.end(present, by=Actor(marc))
    present.refresh_from_db()
    assert state_of(present) == "terminé avant la date"


def test_nobody_else_ends_it(advisor, marc, elsewhere):
    substitution = makers.make_substitution(advisor, marc)
    with pytest.raises(substitutes.NotHisToSay):
        substitutes.end(substitution, by=Actor(elsewhere))
    assert Substitution.objects.in_force().exists()


def test_superuser_declares_somebody_for_an_advisor_of_each_branch_and_for_nobody_without_one(
    advisor, marc, elsewhere, nadia
):
    boss = User.objects.create_superuser("directrice")
    assert set(substitutes.may_be_absent(boss)) == {advisor, marc, nadia, elsewhere}
    assert set(substitutes.may_be_absent(nadia)) == {advisor, marc, nadia}
    assert set(substitutes.may_be_absent(marc)) == {marc}
    User.objects.filter(pk=elsewhere.pk).update(branch=None)
    assert set(substitutes.may_be_absent(boss)) == {advisor, marc, nadia}


def test_those_of_others_are_found_by_nobody(advisor, marc, elsewhere):
    page = f"{PAGES}{makers.make_substitution(advisor, marc).pk}/change/"
    third = makers.make_advisor("luc.petit")
    manager = makers.make_staff("olga", roles.BRANCH_MANAGERS, branch=elsewhere.branch)
    for other in (third, elsewhere, manager):
        browser = StrictBrowser.logged_in(other)
        assert browser.get(page).status_code == browser.post(page).status_code == 404
        assert "Marc" not in text_of(browser.get(PAGES))
    assert Substitution.objects.get().ended_at is None


@pytest.mark.parametrize("number", ["x", "9" * 30, "0", "\u0663", "1_00"])
def test_number_that_is_none_is_not_found(advisor_browser, number):
    assert advisor_browser.get(f"{PAGES}{number}/change/").status_code == 404
