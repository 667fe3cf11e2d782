"""Passkeys of the staff: added by a ticket, shown at the login and for an act, several beside an app, removed."""

import html
import json
from copy import deepcopy
from datetime import timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.utils import timezone
from fido2.utils import websafe_encode

from accounts.desk import roles
from accounts.models import User
from auth_codes.actor import SYSTEM
from auth_codes.factors import passkeys, staff, tickets
from auth_codes.models import Challenge, Factor, KnownDevice, Notice, SecurityEvent, StaffTicket
from auth_codes.pages import step_up
from auth_codes.sessions import desk_mark
from tests import makers
from tests.authenticator import FLAG, Authenticator
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

LOGIN, SECOND, DESK = "/admin/login/", "/admin/second/", "/admin/"
OWN, TICKET, KEY, APP = "/admin/moyens/", "/admin/moyens/ticket/", "/admin/moyens/cle/", "/admin/moyens/application/"
PASSKEY, TOTP = "?moyen=passkey", "?moyen=totp"
Kind = SecurityEvent.Kind


@pytest.fixture
def administrator(advisor):
    member = makers.make_staff("nadia.benali", roles.STAFF_ADMINISTRATORS, first_name="Nadia", last_name="Benali")
    _, member.secret = makers.make_app_of(member)
    return member


def said(answer):
    return html.unescape(answer.content.decode()).replace("\u00a0", " ")


def log_in(name="claire.dubois", browser=None):
    browser = browser or StrictBrowser()
    browser.answer = browser.post(LOGIN, {"username": name, "password": makers.PASSWORD, "next": DESK})
    return browser


def is_logged_in(browser):
    return SESSION_KEY in browser.session


def opens(browser):
    return browser.get(DESK).status_code == 200


def hand_over(member):
    return tickets.issue(member, by=SYSTEM, now=timezone.now())


def show(browser, authenticator, page=SECOND + PASSKEY, **changed):
    """What its browser sends, once the authenticator has signed the page's challenge."""
    asked = browser.get(page).context
    posted = {"challenge": asked["challenge"].pk, "assertion": authenticator.get(asked["options"], **changed)}
    return browser.post(page, posted)


def create(browser, authenticator, **changed):
    return browser.post(KEY, {"assertion": authenticator.create(browser.get(KEY).context["options"], **changed)})


def enrol(browser, ticket, authenticator, name="Ma clé USB", **fields):
    begun = browser.post(TICKET + PASSKEY, {"ticket": ticket, "name": name, **fields})
    assert (begun.status_code, begun["Location"]) == (302, KEY)
    return create(browser, authenticator)


def marked(member):
    """His browser, in which he has shown a moyen."""
    browser = StrictBrowser.logged_in(member)
    session = browser.session
    desk_mark.put(session, timezone.now())
    session.save()
    return browser


def lines(owner, kind):
    return SecurityEvent.objects.filter(owner=owner, kind=kind)


def names(owner):
    return {factor.name for factor in owner.factors.active()}


# Adding one.


def test_ticket_adds_a_passkey_which_the_next_login_asks_for(advisor):
    authenticator = Authenticator(count=1)
    answer = enrol(log_in(), hand_over(advisor), authenticator)
    assert (answer.status_code, answer["Location"]) == (302, DESK)
    factor = Factor.objects.get(owner=advisor)
    assert (factor.kind, factor.state, factor.name) == (Factor.Kind.PASSKEY, Factor.State.ACTIVE, "Ma clé USB")
    assert [lines(advisor, kind).count() for kind in (Kind.TICKET_USED, Kind.FACTOR_ADDED)] == [1, 1]
    assert not StaffTicket.objects.exists()
    browser = log_in()
    assert browser.answer["Location"] == SECOND
    assert not is_logged_in(browser)
    assert show(browser, authenticator)["Location"] == DESK
    assert opens(browser)
    assert lines(advisor, Kind.FACTOR_PASSED).get().details["factor"] == "passkey"


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        ({"flags": FLAG.UP}, "L’appareil n’a pas vérifié que c’était bien vous"),
        ({"origin": "https://testserver.evil.example"}, "d’une autre adresse que celle de votre banque"),
        ({"origin": "http://testserver"}, "d’une autre adresse que celle de votre banque"),
        ({"host": "evil.example"}, "d’une autre adresse que celle de votre banque"),
    ],
)
def test_what_no_honest_device_makes_is_not_added_and_the_ticket_serves_again(advisor, odd, words):
    browser, ticket = log_in(), hand_over(advisor)
    browser.post(TICKET + PASSKEY, {"ticket": ticket, "name": "Ma clé"})
    assert words in said(create(browser, Authenticator(**odd)))
    assert not Factor.objects.active().exists()
    assert create(browser, Authenticator())["Location"] == DESK


def test_without_a_script_the_page_says_so_and_names_the_app(advisor):
    browser = log_in()
    browser.post(TICKET + PASSKEY, {"ticket": hand_over(advisor), "name": "Ma clé"})
    page = said(browser.get(KEY))
    assert "prenez une application d’authentification, qui s’en passe" in page
    assert "n’a rien montré" in said(browser.post(KEY, {"assertion": ""}))


def test_ticket_page_leads_from_one_kind_to_the_other(advisor):
    browser = log_in()
    assert f'href="{TICKET}{PASSKEY}"' in said(browser.get(TICKET))
    assert f'href="{TICKET}{TOTP}"' in said(browser.get(TICKET + PASSKEY))
    assert "Ajouter une application" in said(browser.get(TICKET + "?moyen=list"))
    assert browser.get(TICKET + PASSKEY).context["form"]["name"].value() == "Ma clé d’accès"


def test_cancelled_it_leaves_the_ticket_and_nothing_else(advisor):
    browser, ticket = log_in(), hand_over(advisor)
    browser.post(TICKET + PASSKEY, {"ticket": ticket, "name": "Ma clé"})
    assert "Rien n’est ajouté" in said(browser.post(f"{KEY}annuler/", follow=True))
    assert not Factor.objects.exists()
    assert enrol(browser, ticket, Authenticator())["Location"] == DESK


def test_second_click_that_loses_its_session_to_the_first_leads_to_the_door_of_the_desk(advisor, monkeypatch):
    browser, register = log_in(), passkeys.register
    browser.post(TICKET + PASSKEY, {"ticket": hand_over(advisor), "name": "Ma clé"})
    sent = {"assertion": Authenticator().create(browser.get(KEY).context["options"])}
    first = StrictBrowser()
    first.cookies = deepcopy(browser.cookies)

    def after_the_first(*arguments, **named):
        monkeypatch.setattr(passkeys, "register", register)
        assert first.post(KEY, sent)["Location"] == DESK
        return register(*arguments, **named)

    monkeypatch.setattr(passkeys, "register", after_the_first)
    assert browser.post(KEY, sent)["Location"] == f"{LOGIN}?next={KEY}"
    assert opens(first)
    assert names(advisor) == {"Ma clé"}


def test_page_left_open_over_night_begins_anew(advisor):
    browser = log_in()
    browser.post(TICKET + PASSKEY, {"ticket": hand_over(advisor), "name": "Ma clé"})
    options = browser.get(KEY).context["options"]
    Challenge.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    answer = browser.post(KEY, {"assertion": Authenticator().create(options)}, follow=True)
    assert "Cette page n’était plus valable" in said(answer)
    assert not Factor.objects.active().exists()


def test_app_that_waits_is_no_passkey_that_waits(advisor):
    browser = log_in()
    browser.post(TICKET, {"ticket": hand_over(advisor), "name": "Mon téléphone"})
    assert browser.get(KEY)["Location"] == OWN


# Several, and what a ticket ends.


def test_who_has_shown_one_keeps_it_beside_the_new_one(advisor):
    makers.make_app_of(advisor)
    enrol(marked(advisor), hand_over(advisor), Authenticator(), others="keep")
    assert names(advisor) == {"Mon téléphone", "Ma clé USB"}
    enrol(marked(advisor), hand_over(advisor), Authenticator(), name="Clé de secours", others="keep")
    assert names(advisor) == {"Mon téléphone", "Ma clé USB", "Clé de secours"}


def test_who_has_shown_one_may_end_the_others(advisor):
    makers.make_app_of(advisor)
    enrol(marked(advisor), hand_over(advisor), Authenticator(), others="end")
    assert names(advisor) == {"Ma clé USB"}


def test_who_has_shown_one_is_asked_what_becomes_of_it(advisor):
    makers.make_app_of(advisor)
    answer = marked(advisor).post(TICKET + PASSKEY, {"ticket": hand_over(advisor), "name": "Ma clé"})
    assert "Dites ce que deviennent vos autres moyens" in said(answer)
    assert StaffTicket.objects.get().tries == 0


@pytest.mark.proves("ASVS 6.4.4")
def test_who_has_shown_none_keeps_none_whatever_he_sends(advisor):
    makers.make_app_of(advisor)
    makers.make_passkey_of(advisor, generation=2, name="Ancienne")
    browser = log_in()
    enrol(browser, hand_over(advisor), Authenticator(), others="keep")
    assert names(advisor) == {"Ma clé USB"}
    assert opens(browser)


def test_new_app_replaces_the_one_before_beside_the_passkey(advisor):
    User.objects.filter(pk=advisor.pk).update(email="claire@banque.example")
    makers.make_app_of(advisor)
    makers.make_passkey_of(advisor, generation=2)
    browser = marked(advisor)
    browser.post(TICKET, {"ticket": hand_over(advisor), "name": "Téléphone neuf", "others": "keep"})
    browser.post(APP, makers.two_numbers(browser.get(APP).context["key"]))
    assert names(advisor) == {"Téléphone neuf", "Ma clé USB"}
    assert Notice.objects.get(kind=Notice.Kind.STAFF_FACTOR).facts["replaced"] == "Mon téléphone"


@pytest.mark.parametrize(("others", "kept"), [("keep", True), ("end", False)])
def test_authenticator_whose_passkey_ends_makes_the_new_one(advisor, others, kept):
    """After twenty wrong answers its owner has a ticket, and the same USB key."""
    _, authenticator = makers.make_passkey_of(advisor)
    browser = marked(advisor)
    browser.post(TICKET + PASSKEY, {"ticket": hand_over(advisor), "name": "Ma clé", "others": others})
    excluded = json.loads(browser.get(KEY).context["options"]).get("excludeCredentials") or []
    assert [each["id"] for each in excluded] == ([websafe_encode(authenticator.name)] if kept else [])


def test_sixth_passkey_is_refused_in_words(advisor):
    for number in range(1, 6):
        makers.make_passkey_of(advisor, generation=number, name=f"Clé {number}")
    posted = {"ticket": hand_over(advisor), "name": "Encore une"}
    answer = marked(advisor).post(TICKET + PASSKEY, posted | {"others": "keep"})
    assert "déjà cinq clés d’accès" in said(answer)
    assert "Encore une" in said(answer)
    assert StaffTicket.objects.get().tries == 0


# At the login.


def test_passkey_is_asked_for_first_and_the_app_serves(advisor):
    makers.make_passkey_of(advisor)
    _, secret = makers.make_app_of(advisor, generation=2)
    browser = log_in()
    page = browser.get(SECOND)
    assert page.context["kind"] == "passkey"
    assert "Prenez un autre de vos moyens, ci-dessous" in said(page)
    assert f'href="{SECOND}{TOTP}"' in said(page)
    other = browser.get(SECOND + TOTP)
    posted = {"code": makers.number_of(secret), "challenge": other.context["challenge"].pk}
    assert browser.post(SECOND + TOTP, posted)["Location"] == DESK


def test_any_of_his_passkeys_opens(advisor):
    _, first = makers.make_passkey_of(advisor)
    _, second = makers.make_passkey_of(advisor, generation=2, name="Clé de secours")
    for authenticator in (first, second):
        assert show(log_in(), authenticator)["Location"] == DESK


@pytest.mark.parametrize("fault", ["unverified", "elsewhere", "removed", "of a client", "of a colleague", "copied"])
def test_passkey_that_is_not_his_or_not_honest_opens_nothing(advisor, administrator, client_, fault):
    User.objects.filter(pk=advisor.pk).update(email="claire@banque.example")
    factor, authenticator = makers.make_passkey_of(advisor, Authenticator(count=5))
    words = ""
    match fault:
        case "unverified":
            authenticator.flags, words = FLAG.UP, "n’a pas vérifié que c’était bien vous"
        case "elsewhere":
            authenticator.origin, words = "https://evil.example", "d’une autre adresse"
        case "removed":
            makers.make_passkey_of(advisor, generation=2, name="L’autre")
            staff.remove(factor, by=SYSTEM, now=timezone.now())
            words = "a été retirée de votre accès"
        case "of a client":
            _, authenticator = makers.make_passkey(client_)
            words = "n’est pas l’une des vôtres"
        case "of a colleague":
            _, authenticator = makers.make_passkey_of(administrator, generation=2)
            words = "n’est pas l’une des vôtres"
        case "copied":
            authenticator.count, words = 3, "une copie a peut-être servi ailleurs"
    browser = log_in()
    assert words in said(show(browser, authenticator))
    assert not is_logged_in(browser)
    assert lines(advisor, Kind.FACTOR_FAILED).count() == 1
    told = Notice.objects.filter(owner=advisor, kind=Notice.Kind.STAFF_COPIED)
    assert (told.count(), lines(advisor, Kind.PASSKEY_COPIED).count()) == ((1, 1) if fault == "copied" else (0, 0))


def test_answer_serves_once_and_in_the_login_that_asked_for_it(advisor):
    _, authenticator = makers.make_passkey_of(advisor)
    browser, other = log_in(), log_in()
    asked = browser.get(SECOND).context
    posted = {"challenge": asked["challenge"].pk, "assertion": authenticator.get(asked["options"])}
    elsewhere = other.get(SECOND).context["challenge"].pk
    assert "trop ancienne" in said(other.post(SECOND, posted | {"challenge": elsewhere}))
    assert not is_logged_in(other)
    assert browser.post(SECOND, posted)["Location"] == DESK
    assert browser.post(SECOND, posted)["Location"] == DESK  # a double click
    assert lines(advisor, Kind.FACTOR_PASSED).count() == 1


def test_wrong_ones_at_unknown_workstations_never_close_the_known_one(advisor):
    """Who knows the password drains the count of unknown workstations; his own has another."""
    _, authenticator = makers.make_passkey_of(advisor)
    known = log_in()
    show(known, authenticator)
    known.post("/admin/logout/")
    assert KnownDevice.objects.filter(owner=advisor).exists()
    stranger = log_in()
    _, theirs = makers.make_passkey_of(makers.make_advisor("marc.leroy"))
    answers = [show(stranger, theirs) for _ in range(5)]
    assert answers[-1].status_code == 429
    assert show(stranger, authenticator).status_code == 429
    log_in(browser=known)
    assert show(known, authenticator)["Location"] == DESK


def test_pause_names_the_moyen_that_serves_meanwhile(advisor):
    makers.make_passkey_of(advisor)
    _, secret = makers.make_app_of(advisor, generation=2)
    browser = log_in()
    challenge = browser.get(SECOND + TOTP).context["challenge"].pk
    wrong = "000000" if makers.number_of(secret) != "000000" else "000001"
    answers = [browser.post(SECOND + TOTP, {"code": wrong, "challenge": challenge}) for _ in range(5)]
    assert answers[-1].status_code == 429
    assert f'href="{SECOND}{PASSKEY}"' in said(answers[-1])


# For an act.


def confirm_ticket(browser, member, **extra):
    return browser.post(f"/admin/accounts/user/{member.pk}/ticket/", extra)


def test_act_is_confirmed_by_a_passkey_bound_to_it(advisor, administrator):
    _, authenticator = makers.make_passkey_of(administrator, generation=2)
    colleague = makers.make_advisor("marc.leroy")
    browser = marked(administrator)
    asked = confirm_ticket(browser, advisor)
    assert asked.context["kind"] == "passkey"
    posted = {
        "step-challenge": asked.context["challenge"].pk,
        "step-assertion": authenticator.get(asked.context["options"]),
    }
    refused = confirm_ticket(browser, colleague, **posted)
    assert "rien n’est fait. Confirmez de nouveau" in said(refused)
    assert not StaffTicket.objects.exists()
    assert confirm_ticket(browser, advisor, **posted).context["ticket"]
    assert lines(administrator, Kind.STEP_UP_PASSED).get().details["factor"] == "passkey"
    assert confirm_ticket(browser, advisor, **posted).status_code == 302  # a second click
    assert lines(advisor, Kind.TICKET_ISSUED).count() == 1


def test_signature_for_one_act_confirms_no_other_of_the_same_session(advisor, administrator):
    _, authenticator = makers.make_passkey_of(administrator, generation=2)
    colleague = makers.make_advisor("marc.leroy")
    browser = marked(administrator)
    mine, theirs = confirm_ticket(browser, advisor).context, confirm_ticket(browser, colleague).context
    signed = authenticator.get(mine["options"])
    answer = confirm_ticket(browser, colleague, **{"step-challenge": theirs["challenge"].pk, "step-assertion": signed})
    assert "trop ancienne" in said(answer)
    assert not StaffTicket.objects.exists()


def test_other_moyen_is_shown_with_all_that_was_typed(advisor, administrator):
    makers.make_passkey_of(administrator, generation=2)
    browser = marked(administrator)
    asked = confirm_ticket(browser, advisor, note="gardé", several=["un", "deux"])
    assert asked.context["kind"] == "passkey"
    assert "Prenez un autre de vos moyens, ci-dessous" in said(asked)
    kept = {"note": "gardé", "several": ["un", "deux"], "step-challenge": asked.context["challenge"].pk}
    other = confirm_ticket(browser, advisor, **kept | {"step-other": "totp"})
    assert (other.context["kind"], other.context["typed"]) == ("totp", asked.context["typed"])
    assert other.context["challenge"] == asked.context["challenge"]
    assert not lines(administrator, Kind.FACTOR_FAILED).exists()
    confirmed = confirm_ticket(browser, advisor, **kept | {"step-code": makers.number_of(administrator.secret)})
    assert confirmed.context["ticket"]


def test_nothing_shown_is_said_and_not_counted(advisor, administrator):
    makers.make_passkey_of(administrator, generation=2)
    browser = marked(administrator)
    challenge = confirm_ticket(browser, advisor).context["challenge"].pk
    answer = confirm_ticket(browser, advisor, **{"step-challenge": challenge, "step-assertion": ""})
    assert "n’a rien montré" in said(answer)
    assert not lines(administrator, Kind.FACTOR_FAILED).exists()


@pytest.mark.parametrize("text", ["\x00", "{}", "[]", "١", "x" * 30_000])
def test_what_is_no_answer_is_refused_in_words(advisor, administrator, text):
    makers.make_passkey_of(administrator, generation=2)
    browser = marked(administrator)
    challenge = confirm_ticket(browser, advisor).context["challenge"].pk
    answer = confirm_ticket(browser, advisor, **{"step-challenge": challenge, "step-assertion": text})
    assert "n’est pas la réponse d’une clé d’accès" in said(answer)


def test_what_confirms_an_act_is_named_among_what_axes_hides(settings):
    assert {step_up.CODE, step_up.ASSERTION} <= set(settings.AXES_SENSITIVE_PARAMETERS)


# Renaming and removing.


def removal(factor):
    return f"{OWN}{factor.pk}/retirer/"


def test_one_of_two_is_removed_by_showing_the_other(advisor):
    User.objects.filter(pk=advisor.pk).update(email="claire@banque.example")
    app, _ = makers.make_app_of(advisor)
    key, authenticator = makers.make_passkey_of(advisor, generation=2)
    browser = marked(advisor)
    assert "ne servira plus" in said(browser.get(removal(app)))
    asked = browser.post(removal(app))
    assert names(advisor) == {"Mon téléphone", "Ma clé USB"}
    posted = {
        "step-challenge": asked.context["challenge"].pk,
        "step-assertion": authenticator.get(asked.context["options"]),
    }
    assert "est retiré" in said(browser.post(removal(app), posted, follow=True))
    assert names(advisor) == {"Ma clé USB"}
    assert Notice.objects.get(kind=Notice.Kind.STAFF_REMOVED).recipient == "claire@banque.example"
    assert lines(advisor, Kind.FACTOR_REMOVED).get().details["ended"] == Factor.Why.REMOVED
    assert "est retiré" in said(browser.post(removal(app), posted, follow=True))  # a second click
    assert "est retiré" in said(browser.get(removal(app), follow=True))  # the browser’s « back »
    assert lines(advisor, Kind.FACTOR_REMOVED).count() == 1
    assert browser.get(removal(key), follow=True).redirect_chain[-1][0] == OWN


def test_last_one_stays(advisor):
    key, _ = makers.make_passkey_of(advisor)
    browser = marked(advisor)
    assert "Retirer" not in said(browser.get(OWN))
    assert "votre seul second moyen" in said(browser.post(removal(key), follow=True))
    with pytest.raises(staff.LastOne):
        staff.remove(key, by=SYSTEM, now=timezone.now())
    assert names(advisor) == {"Ma clé USB"}


def test_name_is_changed_and_it_opens_as_before(advisor):
    key, authenticator = makers.make_passkey_of(advisor)
    browser, page = marked(advisor), f"{OWN}{key.pk}/renommer/"
    assert "quatre chiffres au plus" in said(browser.post(page, {"name": "0612345678"}))
    assert "s’appelle maintenant « Clé bleue »" in said(browser.post(page, {"name": " Clé  bleue "}, follow=True))
    assert names(advisor) == {"Clé bleue"}
    assert show(log_in(), authenticator)["Location"] == DESK


def test_those_of_a_colleague_are_nobodys_elses(advisor, administrator, client_browser):
    key, _ = makers.make_passkey_of(administrator, generation=2)
    for act in ("renommer", "retirer"):
        page = f"{OWN}{key.pk}/{act}/"
        assert marked(advisor).get(page).status_code == 404
        assert marked(advisor).post(page, {"name": "Volée"}).status_code == 404
        assert client_browser.get(page).status_code == 404
    assert names(administrator) == {"Mon téléphone", "Ma clé USB"}


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_remove_the_last_two_leave_one(race):
    advisor = makers.make_advisor()
    app, _ = makers.make_app_of(advisor)
    key, _ = makers.make_passkey_of(advisor, generation=2)

    def remove(factor):
        factor.owner = User.objects.get(pk=advisor.pk)
        try:
            return staff.remove(factor, by=SYSTEM, now=timezone.now())
        except staff.LastOne:
            return False

    assert sorted(race(remove, [app, key])) == [False, True]
    assert advisor.factors.active().count() == 1
