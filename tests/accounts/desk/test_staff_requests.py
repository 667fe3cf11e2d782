"""Two administrators for all about the staff: who comes, who goes, who may what, whose password is made anew."""

import html
import io
import logging
import re
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import client_codes
from accounts.clients import client_journal
from accounts.desk import first_access, roles, staff_requests
from accounts.kinds import Event, Mail
from accounts.models import FIRST_BRANCH, FirstAccess, StaffRequest, User
from auth_codes import dual_control
from auth_codes.actor import Actor
from auth_codes.crypto import slots
from auth_codes.crypto.slots import Slots
from auth_codes.models import Notice, SecurityEvent
from banking_portal.logs import HideLinks
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import text_of
from tests.standing import made_once

pytestmark = pytest.mark.django_db

Kind = StaffRequest.Kind
REQUESTS = "/admin/accounts/staffrequest/"
LINK = re.compile(r"/admin/premier-acces/[\w-]+/")
CHOSEN = "lampe tigre ruisseau comptoir"
NEW = {"username": "paul.martin", "first_name": "Paul", "last_name": "Martin", "email": "paul@banque.example"}


def administrator(name, **fields):
    made = User.objects.create_user(name, password=makers.PASSWORD, is_staff=True, **fields)
    made.groups.add(Group.objects.get(name=roles.STAFF_ADMINISTRATORS))
    return made


@made_once
def anne(advisor):
    return administrator("anne.roux")


@made_once
def basile(advisor):
    return administrator("basile.noir")


def group(name):
    return Group.objects.get(name=name)


def ask(by, kind, member=None, groups=(), **fields):
    named = NEW if member is None else {"username": member.username}
    asked = StaffRequest(kind=kind, member=member, token=fields.pop("token", None) or uuid.uuid4(), **named | fields)
    return staff_requests.start(asked, groups, by=Actor(by))


def text(answer):
    return html.unescape(answer.content.decode())


def page_of(asked):
    return f"{REQUESTS}{asked.pk}/change/"


def test_nothing_changes_before_another_administrator_approves(anne):
    ask(anne, Kind.NEW, groups=[group(roles.ADVISORS)])
    assert not User.objects.filter(username="paul.martin").exists()


@pytest.mark.proves("ASVS 6.3.2", "ASVS 6.4.6")
def test_somebody_new_has_his_groups_no_password_and_no_second_voice_for_a_week(anne, basile):
    asked = ask(anne, Kind.NEW, groups=[group(roles.ADVISORS)])
    assert staff_requests.approve(asked, by=Actor(basile))
    made = User.objects.get(username="paul.martin")
    assert (made.is_staff, made.is_superuser, made.has_usable_password()) == (True, False, False)
    assert [one.name for one in made.groups.all()] == [roles.ADVISORS]
    assert not made.is_settled_at(timezone.now() + timedelta(days=6))


def test_who_asked_cannot_approve_and_the_database_keeps_it(anne):
    asked = ask(anne, Kind.NEW)
    with pytest.raises(dual_control.SameAdvisor):
        staff_requests.approve(asked, by=Actor(anne))
    with pytest.raises(IntegrityError), transaction.atomic():
        StaffRequest.objects.filter(pk=asked.pk).update(decision="approved", decided_by=anne)


def test_pages_say_administrator_and_not_advisor(anne, basile):
    asked, browser = ask(anne, Kind.NEW), StrictBrowser.logged_in(anne)
    said = text(browser.get(page_of(asked))) + text(browser.post(page_of(asked), {"answer": "approve"}, follow=True))
    assert said.count("un autre administrateur doit l’approuver") == 2
    assert "conseiller doit" not in said


def test_administrator_of_a_few_days_approves_nothing(anne, basile):
    basile.raised_at = timezone.now() - timedelta(days=6)
    with pytest.raises(dual_control.NotSettled):
        staff_requests.approve(ask(anne, Kind.NEW), by=Actor(basile))
    assert not User.objects.filter(username="paul.martin").exists()


@pytest.mark.parametrize("kind", [Kind.GROUPS, Kind.OWN_CLIENT, Kind.RESET, Kind.DEACTIVATE])
def test_nobody_acts_on_his_own_account(anne, basile, kind):
    with pytest.raises(staff_requests.OwnAccount):
        ask(anne, kind, anne)
    asked = ask(anne, kind, basile)
    with pytest.raises(staff_requests.OwnAccount):
        staff_requests.approve(asked, by=Actor(basile))
    with pytest.raises(IntegrityError), transaction.atomic():
        StaffRequest.objects.filter(pk=asked.pk).update(decision="approved", decided_by=basile)


def test_who_is_no_administrator_neither_asks_nor_approves(anne, basile, advisor):
    with pytest.raises(PermissionDenied):
        ask(advisor, Kind.NEW)
    with pytest.raises(PermissionDenied):
        staff_requests.approve(ask(anne, Kind.NEW), by=Actor(advisor))


def test_administrators_touch_no_superuser(anne):
    boss = User.objects.create_superuser("directrice")
    with pytest.raises(PermissionDenied):
        ask(anne, Kind.RESET, boss)


def test_more_rights_begin_a_week_and_fewer_do_not(anne, basile, advisor):
    asked = ask(anne, Kind.GROUPS, advisor, [group(roles.ADVISORS), group(roles.BRANCH_MANAGERS)])
    staff_requests.approve(asked, by=Actor(basile))
    advisor.refresh_from_db()
    assert not advisor.is_settled_at(timezone.now())
    assert {one.name for one in advisor.groups.all()} == {roles.ADVISORS, roles.BRANCH_MANAGERS}
    User.objects.update(raised_at=None)
    staff_requests.approve(ask(anne, Kind.GROUPS, advisor, [group(roles.ADVISORS)]), by=Actor(basile))
    advisor.refresh_from_db()
    assert advisor.is_settled_at(timezone.now())
    assert [one.name for one in advisor.groups.all()] == [roles.ADVISORS]


@pytest.mark.proves("ASVS 7.4.2", "ASVS 7.4.5")
def test_who_leaves_is_logged_out_and_may_come_back(anne, basile, advisor, advisor_browser):
    staff_requests.approve(ask(anne, Kind.DEACTIVATE, advisor), by=Actor(basile))
    assert advisor_browser.get("/admin/").status_code == 302
    with pytest.raises(staff_requests.NotPossible):
        ask(anne, Kind.RESET, advisor)
    staff_requests.approve(ask(anne, Kind.REACTIVATE, advisor), by=Actor(basile))
    advisor.refresh_from_db()
    assert advisor.is_active
    assert not advisor.is_settled_at(timezone.now())
    assert advisor_browser.get("/admin/").status_code == 302


def test_who_comes_back_chooses_a_new_password_by_a_link(anne, basile, advisor):
    staff_requests.approve(ask(anne, Kind.DEACTIVATE, advisor), by=Actor(basile))
    asked = ask(anne, Kind.REACTIVATE, advisor)
    answer = StrictBrowser.logged_in(basile).post(page_of(asked), {"answer": "approve"})
    link, browser = LINK.search(text(answer)).group(), StrictBrowser()
    browser.post("/admin/login/", {"username": advisor.username, "password": makers.PASSWORD})
    assert browser.get("/admin/").status_code == 302
    chosen = {"username": advisor.username, "new_password1": CHOSEN, "new_password2": CHOSEN}
    assert browser.post(link, chosen).status_code == 302
    browser.post("/admin/login/", {"username": advisor.username, "password": CHOSEN})
    assert browser.get("/admin/").status_code == 200


def test_reset_ends_password_and_sessions_at_once(anne, basile, advisor, advisor_browser):
    assert staff_requests.approve(ask(anne, Kind.RESET, advisor), by=Actor(basile))
    advisor.refresh_from_db()
    assert not advisor.has_usable_password()
    assert advisor_browser.get("/admin/").status_code == 302


def test_second_click_makes_no_second_request_and_a_second_request_waits(anne, basile):
    token = uuid.uuid4()
    assert ask(anne, Kind.NEW, token=token) == ask(anne, Kind.NEW, token=token)
    with pytest.raises(dual_control.AlreadyStarted):
        ask(basile, Kind.NEW)


def test_name_taken_since_is_said(anne, basile):
    asked = ask(anne, Kind.NEW)
    User.objects.create_user("Paul.Martin", is_staff=True)
    said = text(StrictBrowser.logged_in(basile).post(page_of(asked), {"answer": "approve"}, follow=True))
    assert "a été pris entre-temps" in said


def test_each_step_is_journalled_without_the_link(anne, basile):
    token = staff_requests.approve(ask(anne, Kind.NEW, groups=[group(roles.ADVISORS)]), by=Actor(basile))
    staff_requests.refuse(ask(anne, Kind.RESET, User.objects.get(username="paul.martin")), by=Actor(basile))
    lines = SecurityEvent.objects.filter(kind__startswith="staff_").order_by("at", "pk")
    kinds = [Event.STAFF_ASKED, Event.STAFF_APPROVED, Event.STAFF_ASKED, Event.STAFF_REFUSED]
    assert [line.kind for line in lines] == kinds
    assert [line.by for line in lines] == [anne, basile, anne, basile]
    named = {"staff_act": "new", "staff_name": "paul.martin"}
    assert lines[0].details == named | {"staff_groups": roles.ADVISORS, "staff_branch": FIRST_BRANCH}
    assert token not in str(list(SecurityEvent.objects.values()))


# One person has one account.


@pytest.mark.parametrize(
    "typed",
    [
        {"username": "c1aire.dubois"},
        {"username": "dubois-claire"},
        {"username": "c.d", "first_name": "Claire", "last_name": "Dubois"},
        {"username": "cd", "first_name": "DUBOIS", "last_name": "Clàire"},
        {"email": "Claire@Banque.example"},
    ],
)
def test_name_like_a_colleague_s_is_asked_about_and_shown_to_who_approves(anne, basile, advisor, typed):
    User.objects.filter(pk=advisor.pk).update(is_active=False, email="claire@banque.example")
    sent = {**NEW, "groups": [group(roles.ADVISORS).pk], "token": uuid.uuid4()} | typed
    browser = StrictBrowser.logged_in(anne)
    said = text(browser.post(f"{REQUESTS}add/", sent))
    assert "Est-ce une autre personne" in said
    assert "« claire.dubois » (Claire Dubois, compte désactivé)" in said
    assert not StaffRequest.objects.exists()
    assert browser.post(f"{REQUESTS}add/", sent | {"is_another_person": "on"}).status_code == 302
    assert browser.post(f"{REQUESTS}add/", sent | {"is_another_person": "on"}).status_code == 302
    asked = StaffRequest.objects.get()
    assert "« claire.dubois » (Claire Dubois" in text(StrictBrowser.logged_in(basile).get(page_of(asked)))


def test_somebody_asked_for_by_another_administrator_is_named_too(anne, basile):
    ask(anne, Kind.NEW)
    sent = {**NEW, "username": "martin.paul", "groups": [group(roles.ADVISORS).pk], "token": uuid.uuid4()}
    said = text(StrictBrowser.logged_in(basile).post(f"{REQUESTS}add/", sent))
    assert "« paul.martin » (Paul Martin, demande en attente)" in said


def test_second_click_on_a_name_like_nobody_s_is_not_taken_for_a_second_person(anne):
    sent = {**NEW, "groups": [group(roles.ADVISORS).pk], "token": uuid.uuid4()}
    browser = StrictBrowser.logged_in(anne)
    assert [browser.post(f"{REQUESTS}add/", sent).status_code for _ in range(2)] == [302, 302]
    assert "Noms proches" not in text(browser.get(page_of(StaffRequest.objects.get())))


# His own client sheet.


def test_somebody_new_declares_his_sheet_in_the_request(anne, basile, client_):
    code = client_codes.display(client_.client_code)
    typed = {**NEW, "groups": [group(roles.ADVISORS).pk], "token": uuid.uuid4(), "own_client": code}
    assert StrictBrowser.logged_in(anne).post(f"{REQUESTS}add/", typed).status_code == 302
    asked = StaffRequest.objects.get()
    page = text_of(StrictBrowser.logged_in(basile).get(page_of(asked)))
    assert code.replace("\u00a0", " ") in page
    assert "Elle porte un autre nom" in page
    assert client_.email not in page
    staff_requests.approve(asked, by=Actor(basile))
    assert User.objects.get(username="paul.martin").own_client == client_
    told = SecurityEvent.objects.get(kind=Event.STAFF_APPROVED).details
    assert told["staff_client"] == client_.client_code


def test_sheet_of_an_account_is_declared_and_taken_back_by_two(anne, basile, advisor, client_):
    staff_requests.approve(ask(anne, Kind.OWN_CLIENT, advisor, own_client=client_), by=Actor(basile))
    advisor.refresh_from_db()
    assert (advisor.own_client, advisor.is_settled_at(timezone.now())) == (client_, True)
    sheet = f"/admin/accounts/user/{advisor.pk}/change/"
    assert client_codes.display(client_.client_code) in text(StrictBrowser.logged_in(anne).get(sheet))
    staff_requests.approve(ask(anne, Kind.OWN_CLIENT, advisor), by=Actor(basile))
    advisor.refresh_from_db()
    assert (advisor.own_client, advisor.is_settled_at(timezone.now())) == (None, False)
    lines = SecurityEvent.objects.filter(kind=Event.STAFF_APPROVED).order_by("pk")
    said = [client_journal.in_words(line.details) for line in lines]
    assert client_codes.display(client_.client_code) in said[0]
    assert "fiche client retirée" in said[1]


def test_second_account_of_one_person_declares_no_sheet_twice(anne, basile, advisor, client_):
    asked = ask(anne, Kind.NEW, own_client=client_)
    staff_requests.approve(ask(anne, Kind.OWN_CLIENT, advisor, own_client=client_), by=Actor(basile))
    page = f"{REQUESTS}add/"
    typed = {
        **NEW,
        "username": "p.martin",
        "is_another_person": "on",
        "groups": [group(roles.ADVISORS).pk],
        "token": uuid.uuid4(),
    }
    browser = StrictBrowser.logged_in(anne)
    said = text(browser.post(page, typed | {"own_client": client_.client_code}))
    assert "une personne n’a qu’un compte" in said
    assert 'value="p.martin"' in said
    with pytest.raises(staff_requests.SheetDeclared):
        staff_requests.approve(asked, by=Actor(basile))
    said = text(StrictBrowser.logged_in(basile).post(page_of(asked), {"answer": "approve"}, follow=True))
    assert "une personne n’a qu’un compte" in said


@pytest.mark.parametrize("typed", ["12", "1234567890", "٣٤", "a\0b", "9323454125"])
def test_number_that_is_nobody_s_is_a_sentence_and_keeps_what_was_typed(anne, advisor, typed):
    answer = StrictBrowser.logged_in(anne).post(
        f"{REQUESTS}membre/{advisor.pk}/own_client/", {"token": uuid.uuid4(), "own_client": typed}
    )
    assert (answer.status_code, "errorlist" in text(answer)) == (200, True)
    assert not StaffRequest.objects.exists()


# The pages.


def test_way_from_the_request_to_the_first_login(anne, basile):
    groups = [group(roles.ADVISORS).pk]
    typed = {**NEW, "username": "Paul.Martin", "groups": groups, "token": uuid.uuid4()}
    assert StrictBrowser.logged_in(anne).post(f"{REQUESTS}add/", typed).status_code == 302
    browser = StrictBrowser.logged_in(basile)
    assert "1 demande sur le personnel attend l’approbation d’un second administrateur" in text(browser.get("/admin/"))
    answer = browser.post(page_of(StaffRequest.objects.get()), {"answer": "approve"})
    assert "no-store" in answer["Cache-Control"]
    link = LINK.search(text(answer)).group()
    assert not LINK.search(text(browser.get(page_of(StaffRequest.objects.get()))))
    newcomer = StrictBrowser()
    assert "Vous seul choisissez" in text(newcomer.get(link))
    chosen = {"username": "paul.martin", "new_password1": CHOSEN, "new_password2": CHOSEN}
    assert newcomer.post(link, chosen)["Location"] == "/admin/login/"
    newcomer.post("/admin/login/", {"username": "paul.martin", "password": CHOSEN})
    assert newcomer.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    "username", ["12345", "1234567890", "hélène", "cl\u0430ire.dubois", "Claire.DUBOIS", "a\0b", ""]
)
def test_name_that_nobody_may_have_is_a_sentence_and_loses_nothing_typed(anne, username):
    typed = NEW | {"username": username, "groups": [group(roles.ADVISORS).pk], "token": uuid.uuid4()}
    answer = StrictBrowser.logged_in(anne).post(f"{REQUESTS}add/", typed)
    assert (answer.status_code, "errorlist" in text(answer), 'value="Martin"' in text(answer)) == (200, True, True)
    assert not StaffRequest.objects.exists()


@pytest.mark.parametrize("kind", [Kind.GROUPS, Kind.OWN_CLIENT, Kind.RESET, Kind.DEACTIVATE])
def test_sheet_of_a_member_leads_to_what_may_be_asked(anne, advisor, kind):
    browser = StrictBrowser.logged_in(anne)
    page = f"{REQUESTS}membre/{advisor.pk}/{kind}/"
    assert page in text(browser.get(f"/admin/accounts/user/{advisor.pk}/change/"))
    assert browser.get(page).status_code == 200
    assert browser.post(page, {"token": uuid.uuid4()}).status_code == 302
    assert StaffRequest.objects.get().kind == kind
    assert "attend déjà" in text(browser.post(page, {"token": uuid.uuid4()}))


def test_own_sheet_leads_nowhere_and_the_page_says_why(anne):
    browser = StrictBrowser.logged_in(anne)
    assert "/membre/" not in text(browser.get(f"/admin/accounts/user/{anne.pk}/change/"))
    said = text(browser.post(f"{REQUESTS}membre/{anne.pk}/reset/", {"token": uuid.uuid4()}))
    assert "votre propre compte" in said


def test_client_cannot_be_asked_about(anne, client_):
    browser = StrictBrowser.logged_in(anne)
    assert browser.get(f"{REQUESTS}membre/{client_.user.pk}/reset/").status_code == 404
    assert browser.get(f"{REQUESTS}membre/{anne.pk}/promote/").status_code == 404


@pytest.mark.parametrize("page", ["", "add/", "1/change/", "membre/1/reset/"])
def test_advisors_reach_none_of_it(advisor_browser, page):
    assert advisor_browser.get(f"{REQUESTS}{page}").status_code == 403


def everything():
    rights = Group.objects.order_by("name", "permissions").values_list("name", "permissions")
    return list(User.objects.order_by("pk").values()), list(rights)


WRITING = ["accounts/user/add/", "auth/group/add/", "accounts/user/{}/password/", "accounts/user/{}/delete/",
           "accounts/user/{}/change/", "auth/group/{}/change/"]  # fmt: skip


@pytest.mark.parametrize("page", WRITING)
@pytest.mark.parametrize("who", ["anne", "boss"])
def test_nobody_alone_changes_users_groups_or_rights(anne, advisor, page, who):
    acting = anne if who == "anne" else User.objects.create_superuser("directrice")
    about = group(roles.ADVISORS) if "group" in page else advisor
    browser = StrictBrowser.logged_in(acting)
    before = everything()
    typed = {"username": "x", "name": "x", "is_superuser": "on", "password1": CHOSEN, "password2": CHOSEN}
    answer = browser.post(f"/admin/{page.format(about.pk)}", typed)
    assert answer.status_code == 403
    assert everything() == before


def test_sheet_of_a_member_shows_no_hash(anne, advisor):
    shown = text(StrictBrowser.logged_in(anne).get(f"/admin/accounts/user/{advisor.pk}/change/"))
    assert "argon2" not in shown.lower()


# Links.


@pytest.fixture
def link(anne, basile):
    asked = ask(anne, Kind.NEW)
    return f"/admin/premier-acces/{staff_requests.approve(asked, by=Actor(basile))}/"


CHOICE = {"username": "paul.martin", "new_password1": CHOSEN, "new_password2": CHOSEN}
ENDED = "Ce lien ne sert plus à rien"


def paul():
    return User.objects.get(username="paul.martin")


@pytest.mark.proves("ASVS 6.4.6")
def test_link_is_used_once_and_told(browser, link, mailoutbox):
    browser.post(link, CHOICE)
    assert paul().check_password(CHOSEN)
    other = CHOICE | {"new_password1": "autre suite de mots longue", "new_password2": "autre suite de mots longue"}
    answer = browser.post(link, other)
    assert (answer.status_code, ENDED in text(answer)) == (404, True)
    assert paul().check_password(CHOSEN)
    assert SecurityEvent.objects.filter(kind=Event.FIRST_ACCESS_USED, by=paul()).count() == 1


def test_weak_password_wrong_name_and_two_different_ones_keep_the_link(browser, link):
    weak = {"new_password1": "Marseille2024!", "new_password2": "Marseille2024!"}
    assert "se devine" in text(browser.post(link, CHOICE | weak))
    answer = text(browser.post(link, CHOICE | {"username": "claire.dubois"}))
    assert "n’a pas été fait pour ce nom" in answer
    assert "paul.martin" not in answer
    assert browser.post(link, CHOICE | {"new_password2": "autre"}).status_code == 200
    assert not paul().has_usable_password()
    assert browser.post(link, CHOICE).status_code == 302


def test_without_a_free_slot_the_link_waits_and_nothing_typed_is_said_to_be_wrong(browser, link, monkeypatch):
    pool = Slots(2, kept=1)
    monkeypatch.setattr(slots, "_slots", pool)
    monkeypatch.setattr(pool, "_is_free", lambda is_known: False)
    monkeypatch.setattr(pool, "taken", lambda is_known, wait: Slots.taken(pool, is_known=is_known, wait=0))
    answer = browser.post(link, CHOICE)
    assert (answer.status_code, "n’a pas été fait pour ce nom" in text(answer)) == (503, False)
    assert not paul().has_usable_password()
    monkeypatch.undo()
    assert browser.post(link, CHOICE).status_code == 302
    assert paul().check_password(CHOSEN)


def guess(browser, link, *names):
    return [browser.post(link, CHOICE | {"username": name}) for name in names]


NAMES = ["claire.dubois", "p.martin", "paul", "martin", "paul.martin2"]


def test_five_wrong_names_end_the_link_and_two_administrators_are_told(browser, link, anne, basile):
    User.objects.filter(pk=anne.pk).update(email="anne@banque.example")
    User.objects.filter(pk=basile.pk).update(email="basile@banque.example")
    administrator("autre.chef", email="autre@banque.example")
    answers = guess(browser, link, *NAMES)
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 404]
    assert "après cinq noms erronés" in text(answers[3])
    assert ENDED in text(answers[4])
    assert (browser.post(link, CHOICE).status_code, paul().has_usable_password()) == (404, False)
    told = Notice.objects.filter(kind=Mail.FIRST_ACCESS).order_by("recipient")
    assert [one.recipient for one in told] == ["anne@banque.example", "basile@banque.example"]
    assert SecurityEvent.objects.get(kind=Event.FIRST_ACCESS_ENDED).owner == paul()
    assert SecurityEvent.objects.filter(kind=Event.FIRST_ACCESS_FAILED, owner=paul()).count() == 5
    assert "p.martin" not in str(list(SecurityEvent.objects.values_list("details")))


def test_a_few_wrong_names_keep_the_link_and_a_new_one_counts_anew(browser, link, anne, basile):
    guess(browser, link, *NAMES[:4])
    renewed = staff_requests.approve(ask(anne, Kind.RESET, paul()), by=Actor(basile))
    renewed = f"/admin/premier-acces/{renewed}/"
    assert guess(browser, renewed, *NAMES[:4])[-1].status_code == 200
    assert browser.post(renewed, CHOICE).status_code == 302


def test_nothing_typed_and_a_weak_password_are_no_wrong_name(browser, link):
    weak = {"new_password1": "Marseille2024!", "new_password2": "Marseille2024!"}
    for sent in [{"username": ""}, {"username": "a\0b"}, weak, weak, weak, {"username": " PAUL.martin "} | weak]:
        assert browser.post(link, CHOICE | sent).status_code == 200
    assert browser.post(link, CHOICE).status_code == 302


def test_of_fifty_wrong_names_at_once_five_are_compared(race):
    roles.make_groups()
    asked = ask(administrator("anne.roux"), Kind.NEW)
    token = staff_requests.approve(asked, by=Actor(administrator("basile.noir")))
    links = [first_access.find(token, now=timezone.now()) for _ in range(50)]

    def guess_one(link):
        try:
            first_access.check_name(link, f"paul.{id(link)}", by=Actor())
        except (first_access.WrongName, first_access.LinkEnded) as why:
            return type(why)

    answers = race(guess_one, links)
    assert answers.count(first_access.WrongName) == 4
    assert SecurityEvent.objects.filter(kind=Event.FIRST_ACCESS_FAILED).count() == 5
    assert SecurityEvent.objects.filter(kind=Event.FIRST_ACCESS_ENDED).count() == 1
    assert not FirstAccess.objects.exists()


def end_by_age(anne, basile):
    FirstAccess.objects.update(expires_at=timezone.now())


def end_by_a_newer_one(anne, basile):
    staff_requests.approve(ask(anne, Kind.RESET, paul()), by=Actor(basile))


def end_by_leaving(anne, basile):
    staff_requests.approve(ask(anne, Kind.DEACTIVATE, paul()), by=Actor(basile))


def end_by_leaving_and_coming_back(anne, basile):
    end_by_leaving(anne, basile)
    staff_requests.approve(ask(anne, Kind.REACTIVATE, paul()), by=Actor(basile))


@pytest.mark.parametrize("end", [end_by_age, end_by_a_newer_one, end_by_leaving, end_by_leaving_and_coming_back])
def test_every_bad_link_has_one_plain_answer(browser, link, anne, basile, end):
    end(anne, basile)
    none = browser.get("/admin/premier-acces/rien/")
    for answer in (browser.get(link), browser.post(link, CHOICE), browser.get("/admin/premier-acces/%00/")):
        assert (answer.status_code, answer.content) == (404, none.content)
        assert "no-store" in answer["Cache-Control"]
    assert not paul().has_usable_password()


def test_page_is_kept_nowhere_and_its_address_sent_nowhere(browser, link):
    answer = browser.get(link)
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "strict-origin"


def test_no_line_of_the_log_holds_a_link(link, client_browser):
    [console] = [one for one in logging.getLogger().handlers if any(isinstance(it, HideLinks) for it in one.filters)]
    written = io.StringIO()
    before = console.setStream(written)
    StrictBrowser(enforce_csrf_checks=True).post(link, CHOICE)
    StrictBrowser().get(f"{link[:-2]}/")
    client_browser.get(link)
    console.setStream(before)
    assert written.getvalue().count("/premier-acces/…/") == 3
    assert link.split("/")[-2][:-1] not in written.getvalue()


def test_link_holds_256_bits_and_the_database_its_digest_alone(link):
    token = link.split("/")[-2]
    assert len(token) == 43
    assert token not in str(list(FirstAccess.objects.values()))
    assert FirstAccess.objects.get().expires_at <= timezone.now() + first_access.LIFE


def test_of_fifty_at_once_one_uses_the_link(race):
    roles.make_groups()
    asked = ask(administrator("anne.roux"), Kind.NEW)
    link = first_access.find(staff_requests.approve(asked, by=Actor(administrator("basile.noir"))), now=timezone.now())

    def use(place):
        try:
            first_access.use(link, f"{CHOSEN} {place}", by=Actor())
        except first_access.LinkEnded:
            return None
        return place

    used = [place for place in race(use, range(50)) if place is not None]
    assert len(used) == 1
    assert paul().check_password(f"{CHOSEN} {used[0]}")


@pytest.mark.parametrize("kind", [Kind.GROUPS, Kind.OWN_CLIENT, Kind.RESET, Kind.DEACTIVATE])
def test_nobody_refuses_what_is_asked_about_himself(anne, basile, kind):
    asked = ask(anne, kind, basile)
    with pytest.raises(staff_requests.OwnAccount):
        staff_requests.refuse(asked, by=Actor(basile))
    answer = StrictBrowser.logged_in(basile).post(
        f"/admin/accounts/staffrequest/{asked.pk}/change/", {"answer": "refuse"}, follow=True
    )
    assert answer.status_code == 200
    assert StaffRequest.objects.get(pk=asked.pk).decision == ""
