"""The staff's second moyen: a ticket adds it, each login asks for it, the desk opens by the session's mark."""

import html
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.desk import roles, staff_requests, staff_tickets
from accounts.kinds import Event
from accounts.models import StaffRequest, User
from auth_codes import checks
from auth_codes.actor import SYSTEM, Actor
from auth_codes.factors import enrolling, staff, tickets
from auth_codes.login import staff_steps
from auth_codes.models import Challenge, Factor, KnownDevice, Notice, SecurityEvent, StaffTicket
from banking_portal import environment
from banking_portal.variables import BadEnvironment
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

LOGIN, SECOND, DESK = "/admin/login/", "/admin/second/", "/admin/"
OWN, TICKET, APP = "/admin/moyens/", "/admin/moyens/ticket/", "/admin/moyens/application/"
Kind = SecurityEvent.Kind


@pytest.fixture
def administrator(advisor):
    return makers.make_staff("nadia.benali", roles.STAFF_ADMINISTRATORS, first_name="Nadia", last_name="Benali")


@pytest.fixture
def required(settings):
    settings.STAFF_SECOND_FACTOR_FROM = timezone.localdate()


def said(answer):
    return html.unescape(answer.content.decode()).replace("\u00a0", " ")


def log_in(name="claire.dubois", browser=None, next_page=DESK):
    browser = browser or StrictBrowser()
    browser.answer = browser.post(LOGIN, {"username": name, "password": makers.PASSWORD, "next": next_page})
    return browser


def show(browser, code, **fields):
    challenge = browser.get(SECOND).context["challenge"].pk
    return browser.post(SECOND, {"code": code, "challenge": challenge, **fields})


def is_logged_in(browser):
    return SESSION_KEY in browser.session


def opens(browser):
    return browser.get(DESK).status_code == 200


def lines(owner, kind):
    return SecurityEvent.objects.filter(owner=owner, kind=kind)


def hand_over(member, by=SYSTEM, **ago):
    return tickets.issue(member, by=by, now=timezone.now() - timedelta(**ago))


def enrol(browser, ticket, name="Téléphone de Claire"):
    """Types the ticket, then the two numbers; what answers last."""
    begun = browser.post(TICKET, {"ticket": ticket, "name": name})
    assert (begun.status_code, begun["Location"]) == (302, APP)
    return browser.post(APP, makers.two_numbers(key_shown(browser)))


def key_shown(browser):
    return browser.get(APP).context["key"]


# Login.


def test_password_alone_opens_nothing_where_there_is_a_moyen_and_the_number_opens(advisor):
    _, secret = makers.make_app_of(advisor)
    browser = log_in()
    assert (browser.answer.status_code, browser.answer["Location"]) == (302, SECOND)
    assert not is_logged_in(browser)
    assert browser.get(DESK).status_code == 302
    assert not KnownDevice.objects.exists()
    assert not lines(advisor, Kind.LOGGED_IN).exists()
    answer = show(browser, makers.number_of(secret))
    assert (answer.status_code, answer["Location"]) == (302, DESK)
    assert opens(browser)
    assert lines(advisor, Kind.LOGGED_IN).count() == lines(advisor, Kind.FACTOR_PASSED).count() == 1
    assert KnownDevice.objects.get().owner == advisor


def test_known_workstation_is_asked_again_at_each_login(advisor):
    factor, secret = makers.make_app_of(advisor)
    browser = log_in()
    show(browser, makers.number_of(secret))
    browser.post("/admin/logout/")
    Factor.objects.filter(pk=factor.pk).update(last_step=-1)
    assert log_in(browser=browser).answer["Location"] == SECOND
    assert Challenge.objects.latest("expires_at").purpose == Challenge.Purpose.KNOWN_LOGIN


def test_login_leads_where_it_was_to_lead_and_under_a_new_key(advisor, settings):
    _, secret = makers.make_app_of(advisor)
    page, cookie = "/admin/accounts/client/", settings.SESSION_COOKIE_NAME
    browser = log_in(next_page=page)
    before = browser.cookies[cookie].value
    assert show(browser, makers.number_of(secret))["Location"] == page
    assert browser.cookies[cookie].value != before


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "nowhere", "overview"])
def test_login_leads_to_no_other_site_and_to_no_word(advisor, elsewhere):
    _, secret = makers.make_app_of(advisor)
    browser = log_in(next_page=elsewhere)
    assert show(browser, makers.number_of(secret))["Location"] == DESK


def test_who_has_no_moyen_logs_in_as_before_and_is_invited(advisor):
    browser = log_in()
    assert browser.answer["Location"] == DESK
    assert "Ajouter mon second moyen" in said(browser.get(DESK))
    makers.make_app_of(advisor)
    assert "Ajouter mon second moyen" not in said(browser.get(DESK))


@pytest.mark.parametrize("ahead", [-3, 3, -2880])
def test_number_of_another_moment_is_refused_in_words(advisor, ahead):
    _, secret = makers.make_app_of(advisor)
    browser = log_in()
    assert "Ce n’est pas le nombre attendu" in said(show(browser, makers.number_of(secret, ahead)))
    assert not is_logged_in(browser)


def test_number_serves_once(advisor):
    _, secret = makers.make_app_of(advisor)
    code = makers.number_of(secret)
    show(log_in(), code)
    assert "Ce n’est pas le nombre attendu" in said(show(log_in(), code))


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Recopiez les six chiffres"),
        ("12345", "a six chiffres"),
        ("١٢٣٤٥٦", "de 0 à 9"),
        ("123\x00456", "de 0 à 9"),
        ("abcdef", "de 0 à 9"),
    ],
)
def test_what_is_no_number_is_said_and_not_counted(advisor, typed, words):
    makers.make_app_of(advisor)
    assert words in said(show(log_in(), typed))
    assert not lines(advisor, Kind.FACTOR_FAILED).exists()


def test_number_is_typed_with_spaces(advisor):
    _, secret = makers.make_app_of(advisor)
    code = makers.number_of(secret)
    assert show(log_in(), f" {code[:3]} {code[3:]} ")["Location"] == DESK


def test_five_wrong_numbers_pause_and_the_right_one_waits(advisor):
    User.objects.filter(pk=advisor.pk).update(email="claire@banque.example")
    _, secret = makers.make_app_of(advisor)
    browser = log_in()
    challenge = browser.get(SECOND).context["challenge"].pk
    answers = [browser.post(SECOND, {"code": "000000", "challenge": challenge}) for _ in range(5)]
    answers.append(browser.post(SECOND, {"code": makers.number_of(secret), "challenge": challenge}))
    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 2
    assert "trop de nombres erronés" in said(answers[-1])
    assert "La connexion au poste des conseillers est en pause" in said(answers[-1])
    assert Notice.objects.get(kind=Notice.Kind.STAFF_PAUSED).recipient == "claire@banque.example"
    assert lines(advisor, Kind.FACTOR_FAILED).count() == 5


def test_second_step_lasts_five_minutes(advisor):
    makers.make_app_of(advisor)
    browser = log_in()
    session = browser.session
    session[staff_steps.NAME][4] = int(timezone.now().timestamp()) - 1
    session.save()
    answer = browser.get(SECOND, follow=True)
    assert "Le temps prévu pour la seconde étape est passé" in said(answer)


def test_changed_password_ends_what_waits(advisor):
    _, secret = makers.make_app_of(advisor)
    browser = log_in()
    challenge = browser.get(SECOND).context["challenge"].pk
    advisor.set_password("another long enough password")
    advisor.save()
    answer = browser.post(SECOND, {"code": makers.number_of(secret), "challenge": challenge}, follow=True)
    assert "votre accès a changé entre-temps" in said(answer)
    assert not is_logged_in(browser)


def test_deactivated_meanwhile_ends_what_waits(advisor):
    makers.make_app_of(advisor)
    browser = log_in()
    User.objects.filter(pk=advisor.pk).update(is_active=False)
    assert browser.get(SECOND).status_code == 302
    assert not is_logged_in(browser)


def test_page_of_another_login_is_not_answered(advisor):
    _, secret = makers.make_app_of(advisor)
    browser = log_in()
    first = browser.get(SECOND).context["challenge"].pk
    log_in(browser=browser)
    answer = browser.post(SECOND, {"code": makers.number_of(secret), "challenge": first}, follow=True)
    assert "celle d’une connexion précédente" in said(answer)
    assert not lines(advisor, Kind.FACTOR_FAILED).exists()


def test_back_button_after_the_login_leads_to_the_desk(advisor):
    _, secret = makers.make_app_of(advisor)
    browser = log_in()
    challenge = browser.get(SECOND).context["challenge"].pk
    posted = {"code": makers.number_of(secret), "challenge": challenge}
    browser.post(SECOND, posted)
    assert browser.get(SECOND)["Location"] == DESK
    assert browser.post(SECOND, posted)["Location"] == DESK


def test_clients_number_opens_no_desk(client_, advisor):
    _, secret = makers.make_app(client_)
    makers.make_app_of(advisor)
    assert not is_logged_in(log_in())
    browser = log_in()
    show(browser, makers.number_of(secret))
    assert not is_logged_in(browser)


def test_known_password_without_the_number_is_told_once(advisor):
    User.objects.filter(pk=advisor.pk).update(email="claire@banque.example")
    makers.make_app_of(advisor)
    log_in()
    log_in()
    Challenge.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    call_command("purge_challenges")
    assert Notice.objects.get(kind=Notice.Kind.STAFF_KNOWN).recipient == "claire@banque.example"
    assert lines(advisor, Kind.CODE_KNOWN).count() == 1


# The day from which it is required.


def test_from_the_day_on_who_has_none_reaches_one_page(advisor, required):
    browser = log_in()
    assert browser.answer.status_code == 302
    assert not opens(browser)
    landed = browser.get(DESK, follow=True)
    assert landed.redirect_chain[-1][0] == OWN
    assert "Le poste ne s’ouvre plus par le mot de passe seul" in said(landed)
    for page in ("/admin/accounts/client/", "/admin/password_change/", "/admin/journal/", "/admin/jsi18n/"):
        assert browser.get(page).status_code == 302
    assert browser.post("/admin/accounts/client/add/", {}).status_code == 302
    browser.post("/admin/logout/")
    assert not is_logged_in(browser)


def test_session_begun_before_the_day_is_closed_by_it(advisor, advisor_browser, settings):
    assert opens(advisor_browser)
    settings.STAFF_SECOND_FACTOR_FROM = timezone.localdate()
    assert not opens(advisor_browser)
    settings.STAFF_SECOND_FACTOR_FROM = timezone.localdate() + timedelta(days=1)
    assert opens(advisor_browser)


def test_ticket_then_opens_the_desk_in_the_same_session(advisor, required):
    ticket = hand_over(advisor)
    browser = log_in()
    answer = enrol(browser, ticket)
    assert (answer.status_code, answer["Location"]) == (302, DESK)
    assert opens(browser)
    assert log_in().answer["Location"] == SECOND


# Tickets.


def test_ticket_adds_a_moyen_and_is_used(advisor):
    User.objects.filter(pk=advisor.pk).update(email="claire@banque.example")
    advisor.refresh_from_db()
    ticket = hand_over(advisor)
    browser = log_in()
    enrol(browser, tickets.in_fours(ticket).lower())
    factor = Factor.objects.get(owner=advisor)
    assert (factor.state, factor.name) == (Factor.State.ACTIVE, "Téléphone de Claire")
    assert not StaffTicket.objects.exists()
    kinds = [Kind.TICKET_ISSUED, Kind.TICKET_USED, Kind.FACTOR_ADDED]
    assert [lines(advisor, kind).count() for kind in kinds] == [1, 1, 1]
    told = [notice.kind for notice in Notice.objects.filter(owner=advisor).order_by("pk")]
    assert Notice.Kind.STAFF_TICKET in told
    assert Notice.Kind.STAFF_FACTOR in told
    again = browser.post(TICKET, {"ticket": ticket, "name": "Autre", "others": "keep"})
    assert "Aucun ticket ne vous attend" in said(again)


@pytest.mark.proves("ASVS 6.4.4")
def test_new_ticket_ends_the_old_moyen_when_it_is_used_and_not_before(advisor):
    old, secret = makers.make_app_of(advisor)
    ticket = hand_over(advisor)
    browser = log_in()
    browser.post(TICKET, {"ticket": ticket, "name": "Neuf"})
    assert is_logged_in(browser)
    assert not opens(browser)
    old.refresh_from_db()
    assert old.state == Factor.State.ACTIVE
    browser.post(APP, makers.two_numbers(key_shown(browser)))
    old.refresh_from_db()
    assert (old.state, old.ended_why, old.ciphertext) == (Factor.State.ENDED, Factor.Why.REPLACED, None)
    assert opens(browser)
    assert "Ce n’est pas le nombre attendu" in said(show(log_in(), makers.number_of(secret)))


def test_ticket_in_place_of_the_number_opens_no_desk_before_the_new_moyen_is_there(advisor):
    makers.make_app_of(advisor)
    browser = log_in()
    browser.post(TICKET, {"ticket": hand_over(advisor), "name": "Neuf"})
    assert is_logged_in(browser)
    browser.post(f"{APP}annuler/")
    assert not opens(browser)
    assert StaffTicket.objects.exists()


def test_slip_in_a_ticket_costs_no_try(advisor):
    ticket = hand_over(advisor)
    wrong = ticket[:-1] + ("A" if ticket[-1] != "A" else "B")
    browser = log_in()
    for typed in (wrong, ticket[:-1], "١٢٣٤٥٦٧٨٩٠١٢", "\x00" * 12, ""):
        answer = browser.post(TICKET, {"ticket": typed, "name": "Neuf"})
        assert answer.status_code == 200
        assert not answer.context["form"].is_valid()
    assert StaffTicket.objects.get().tries == 0


def test_ticket_of_somebody_else_is_refused_and_counted(advisor, administrator):
    hand_over(advisor)
    theirs = hand_over(administrator)
    answer = log_in().post(TICKET, {"ticket": theirs, "name": "Neuf"})
    assert "pas le ticket fait pour vous" in said(answer)
    assert "Essais restants : 4" in said(answer)
    assert StaffTicket.objects.get(owner=administrator).tries == 0
    assert lines(advisor, Kind.TICKET_FAILED).count() == 1


def test_five_wrong_tickets_end_the_right_one_and_its_owner_is_told(advisor, administrator):
    User.objects.filter(pk=advisor.pk).update(email="claire@banque.example")
    right, wrong = hand_over(advisor), hand_over(administrator)
    browser = log_in()
    answers = [browser.post(TICKET, {"ticket": wrong, "name": "Neuf"}) for _ in range(5)]
    assert "C’était le cinquième essai" in said(answers[-1])
    assert "Aucun ticket ne vous attend" in said(browser.post(TICKET, {"ticket": right, "name": "Neuf"}))
    assert Notice.objects.filter(kind=Notice.Kind.TICKET_ENDED).count() == 1
    assert lines(advisor, Kind.TICKET_ENDED).count() == 1


def test_ticket_lasts_a_day(advisor):
    ticket = hand_over(advisor, hours=24)
    assert "Aucun ticket ne vous attend" in said(log_in().post(TICKET, {"ticket": ticket, "name": "Neuf"}))


def test_ticket_is_at_rest_a_digest_bound_to_whose_it_is_and_until_when(advisor, administrator):
    ticket = hand_over(advisor)
    kept = StaffTicket.objects.get()
    assert ticket not in kept.digest
    StaffTicket.objects.filter(pk=kept.pk).update(owner=administrator)
    with pytest.raises(tickets.WrongTicket):
        tickets.check(administrator, ticket, by=SYSTEM, now=timezone.now())
    StaffTicket.objects.filter(pk=kept.pk).update(owner=advisor, expires_at=timezone.now() + timedelta(days=9))
    with pytest.raises(tickets.WrongTicket):
        tickets.check(advisor, ticket, by=SYSTEM, now=timezone.now())


def test_ticket_of_before_a_change_of_the_secret_key_serves(advisor, settings):
    ticket = hand_over(advisor)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key, long enough to be taken for one of production"
    assert tickets.check(advisor, ticket, by=SYSTEM, now=timezone.now())


def test_nobody_issues_his_own_nor_may_the_database_hold_it(administrator):
    with pytest.raises(tickets.OwnTicket):
        tickets.issue(administrator, by=Actor(administrator), now=timezone.now())
    hand_over(administrator)
    with pytest.raises(IntegrityError), transaction.atomic():
        StaffTicket.objects.update(issued_by=administrator)


def test_ticket_replaced_between_the_key_and_its_numbers_adds_nothing(advisor):
    ticket = hand_over(advisor)
    browser = log_in()
    browser.post(TICKET, {"ticket": ticket, "name": "Neuf"})
    secret = key_shown(browser)
    hand_over(advisor)
    answer = browser.post(APP, makers.two_numbers(secret), follow=True)
    assert "remplacé ou retiré entre-temps" in said(answer)
    assert not Factor.objects.active().exists()


def test_wrong_numbers_are_said_and_the_key_stays(advisor):
    browser = log_in()
    browser.post(TICKET, {"ticket": hand_over(advisor), "name": "Neuf"})
    secret = key_shown(browser)
    answer = browser.post(APP, {"code": "123456", "code2": "654321"})
    assert "Ces deux nombres ne se suivent pas" in said(answer)
    assert key_shown(browser) == secret
    assert browser.post(APP, makers.two_numbers(secret))["Location"] == DESK


def test_form_left_open_over_night_begins_anew(advisor):
    browser = log_in()
    browser.post(TICKET, {"ticket": hand_over(advisor), "name": "Neuf"})
    secret = key_shown(browser)
    Challenge.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    answer = browser.post(APP, makers.two_numbers(secret), follow=True)
    assert "Cette page n’était plus valable" in said(answer)


def test_who_clicks_twice_or_goes_back_is_not_told_to_take_his_new_app_off(advisor):
    browser = log_in()
    browser.post(TICKET, {"ticket": hand_over(advisor), "name": "Neuf"})
    numbers = makers.two_numbers(key_shown(browser))
    assert browser.post(APP, numbers)["Location"] == DESK
    for answer in (browser.post(APP, numbers, follow=True), browser.get(APP, follow=True)):
        assert "upprimez" not in said(answer)
        assert answer.redirect_chain == [(DESK, 302)]
    assert Factor.objects.active().count() == 1


def test_two_tabs_leave_the_later_key(advisor):
    browser = log_in()
    ticket = hand_over(advisor)
    browser.post(TICKET, {"ticket": ticket, "name": "Un"})
    first = key_shown(browser)
    browser.post(TICKET, {"ticket": ticket, "name": "Deux"})
    second = key_shown(browser)
    assert "ne se suivent pas" in said(browser.post(APP, makers.two_numbers(first)))
    assert browser.post(APP, makers.two_numbers(second))["Location"] == DESK
    assert Factor.objects.get().name == "Deux"


def test_pages_are_for_staff_alone(client_, client_browser):
    for page in (OWN, TICKET, APP):
        assert client_browser.get(page).status_code == 404
        assert StrictBrowser().get(page)["Location"].startswith(LOGIN)


# Who issues them.


@pytest.fixture
def administrators_browser(administrator):
    return StrictBrowser.logged_in(administrator)


def page_of(member):
    return f"/admin/accounts/user/{member.pk}/ticket/"


def test_administrator_hands_one_over_and_reads_it_once(advisor, administrator, administrators_browser):
    answer = administrators_browser.post(page_of(advisor))
    shown = answer.context["ticket"]
    assert tickets.check(advisor, tickets.normalise(shown), by=SYSTEM, now=timezone.now()).issued_by == administrator
    assert shown not in said(administrators_browser.get(page_of(advisor)))
    assert lines(advisor, Kind.TICKET_ISSUED).get().by == administrator
    sheet = said(administrators_browser.get(f"/admin/accounts/user/{advisor.pk}/change/"))
    assert "Remettre un ticket" in sheet
    assert "valable jusqu’au" in sheet


def test_administrator_reads_the_state_of_moyens_and_nothing_of_keys(advisor, administrators_browser):
    makers.make_app_of(advisor)
    listed = said(administrators_browser.get("/admin/accounts/user/"))
    assert "application d’authentification" in listed
    sheet = said(administrators_browser.get(f"/admin/accounts/user/{advisor.pk}/change/"))
    assert "jamais servi" in sheet
    assert "Mon téléphone" not in sheet


def test_own_ticket_is_refused_in_words(administrator, administrators_browser):
    answer = administrators_browser.post(page_of(administrator))
    assert "Personne ne se remet un ticket à lui-même" in said(answer)
    assert not StaffTicket.objects.exists()


def test_account_of_a_few_days_issues_none(advisor, administrator, administrators_browser):
    User.objects.filter(pk=administrator.pk).update(raised_at=timezone.now())
    assert "moins de 7 jours" in said(administrators_browser.post(page_of(advisor)))
    assert not StaffTicket.objects.exists()


def test_none_for_who_may_do_everything_nor_for_who_has_left(advisor, administrators_browser):
    User.objects.filter(pk=advisor.pk).update(is_superuser=True)
    assert "peut tout" in said(administrators_browser.post(page_of(advisor)))
    User.objects.filter(pk=advisor.pk).update(is_superuser=False, is_active=False)
    assert "désactivé" in said(administrators_browser.post(page_of(advisor)))
    assert not StaffTicket.objects.exists()


def test_who_has_no_moyen_replaces_none(advisor, administrator, administrators_browser):
    makers.make_app_of(advisor)
    assert "ajoutez d’abord le vôtre" in said(administrators_browser.post(page_of(advisor)))
    assert not StaffTicket.objects.exists()


def test_advisor_issues_none(advisor, administrator, advisor_browser):
    assert advisor_browser.post(page_of(administrator)).status_code == 403


def test_ticket_ends_with_the_rights_of_who_issued_it(advisor, administrator):
    other = makers.make_staff("odile.petit", roles.STAFF_ADMINISTRATORS)
    second = makers.make_staff("paul.roy", roles.STAFF_ADMINISTRATORS)
    hand_over(advisor, by=Actor(administrator))
    said_of = {"kind": StaffRequest.Kind.GROUPS, "member": administrator, "username": administrator.username}
    asked = staff_requests.start(StaffRequest(**said_of), [], by=Actor(other))
    staff_requests.approve(asked, by=Actor(second))
    assert not StaffTicket.objects.exists()


def test_deactivated_member_has_neither_moyen_nor_ticket_left(advisor, administrator):
    other = makers.make_staff("odile.petit", roles.STAFF_ADMINISTRATORS)
    factor, _ = makers.make_app_of(advisor)
    hand_over(advisor, by=Actor(administrator))
    said_of = {"kind": StaffRequest.Kind.DEACTIVATE, "member": advisor, "username": advisor.username}
    asked = staff_requests.start(StaffRequest(**said_of), [], by=Actor(administrator))
    staff_requests.approve(asked, by=Actor(other))
    factor.refresh_from_db()
    assert (factor.ended_why, factor.ciphertext) == (Factor.Why.LEFT, None)
    assert not StaffTicket.objects.exists()


def test_new_password_keeps_the_moyen(advisor):
    makers.make_app_of(advisor)
    makers.make_staff("odile.petit", roles.STAFF_ADMINISTRATORS)
    asking, approving = (makers.make_staff(name, roles.STAFF_ADMINISTRATORS) for name in ("a.b", "c.d"))
    said_of = {"kind": StaffRequest.Kind.RESET, "member": advisor, "username": advisor.username}
    asked = staff_requests.start(StaffRequest(**said_of), [], by=Actor(asking))
    staff_requests.approve(asked, by=Actor(approving))
    assert staff.factor_of(advisor)


# The first ones.


def test_command_issues_the_first_and_rings(administrator, capsys):
    auditor = makers.make_staff("yves.roux", roles.AUDITORS, email="yves@banque.example")
    call_command("issue_staff_ticket", "Nadia.Benali")
    name, ticket = capsys.readouterr().out.splitlines()[0].split()
    assert name == "nadia.benali"
    assert tickets.check(administrator, tickets.normalise(ticket), by=SYSTEM, now=timezone.now())
    assert lines(administrator, Event.TICKET_BY_COMMAND).count() == 1
    assert Notice.objects.filter(owner=auditor).count() == 1


def test_command_refuses_who_is_none_and_where_another_could(advisor, administrator):
    for name in ("claire.dubois", "personne"):
        with pytest.raises(CommandError, match="pas un administrateur"):
            call_command("issue_staff_ticket", name)
    other = makers.make_staff("odile.petit", roles.STAFF_ADMINISTRATORS)
    makers.make_app_of(other)
    with pytest.raises(CommandError, match=r"odile\.petit"):
        call_command("issue_staff_ticket", "nadia.benali")
    with pytest.raises(staff_tickets.NotByCommand):
        staff_tickets.issue_by_command("nadia.benali", now=timezone.now())
    call_command("issue_staff_ticket", "odile.petit")
    assert StaffTicket.objects.get().owner == other


def test_key_waits_in_one_session_alone(advisor):
    ticket = hand_over(advisor)
    browser = log_in()
    browser.post(TICKET, {"ticket": ticket, "name": "Neuf"})
    other = log_in()
    assert other.get(APP, follow=True).redirect_chain[-1][0] == OWN
    with pytest.raises(enrolling.NothingPending):
        enrolling.waiting(advisor, other.session, timezone.now())


# The database, and the settings.


def test_rotation_seals_the_staffs_anew_and_a_row_moved_to_a_colleague_does_not_open(advisor, administrator, settings):
    factor, secret = makers.make_app_of(advisor)
    settings.SECRET_CODE_KEYS = {"new": b"n" * 32, **settings.SECRET_CODE_KEYS}
    call_command("rotate_secret_codes")
    factor.refresh_from_db()
    assert (factor.key_id, factor.unseal()) == ("new", secret)
    Factor.objects.filter(pk=factor.pk).update(owner=administrator)
    assert "Ce n’est pas le nombre attendu" in said(show(log_in("nadia.benali"), makers.number_of(secret)))


def test_moyen_that_somebody_deleted_opens_no_desk_and_a_ticket_mends_it(advisor):
    enrol(log_in(), hand_over(advisor))
    Factor.objects.all().delete()
    browser = log_in()
    assert is_logged_in(browser)
    assert not opens(browser)
    enrol(browser, hand_over(advisor))
    assert opens(browser)
    assert staff.factor_of(advisor)


def test_deploy_check_says_that_no_day_is_set(settings):
    assert [message.id for message in checks.check_staff_second_factor()] == ["auth_codes.I007"]
    settings.STAFF_SECOND_FACTOR_FROM = timezone.localdate()
    assert checks.check_staff_second_factor() == []


def test_day_is_read_from_the_environment(monkeypatch):
    assert environment.day_if_any("STAFF_SECOND_FACTOR_FROM") is None
    monkeypatch.setenv("STAFF_SECOND_FACTOR_FROM", "2027-03-01")
    assert environment.day_if_any("STAFF_SECOND_FACTOR_FROM").isoformat() == "2027-03-01"
    monkeypatch.setenv("STAFF_SECOND_FACTOR_FROM", "demain")
    with pytest.raises(BadEnvironment):
        environment.day_if_any("STAFF_SECOND_FACTOR_FROM")
