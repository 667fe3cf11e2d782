"""Acts of the desk that their author confirms by his second moyen: refused without, taken with, nothing typed lost."""

import html
import uuid
from datetime import timedelta

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from accounts.clients import as_seen, confirmation
from accounts.desk import roles, staff_requests
from accounts.models import IdentityChange, StaffRequest, Substitution
from auth_codes.actor import Actor
from auth_codes.models import Challenge, DualControlAct, Factor, SecurityEvent, StaffTicket
from auth_codes.sessions import desk_mark
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import say_why
from tests.portal.test_settled_staff import ACTS

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

Kind = SecurityEvent.Kind
TITLE = "Confirmez avec votre second moyen"


@pytest.fixture
def second(advisor):
    """Who approves, who has a moyen, with its key."""
    member = makers.make_advisor("marc.leroy")
    _, member.secret = makers.make_app_of(member)
    return member


@pytest.fixture
def administrator(advisor):
    member = makers.make_staff("nadia.benali", roles.STAFF_ADMINISTRATORS, first_name="Nadia", last_name="Benali")
    _, member.secret = makers.make_app_of(member)
    return member


@pytest.fixture
def other(advisor):
    return makers.make_personalised_client(advisor, given_names="Paul", family_name="Durand", email="paul@example.org")


def said(answer):
    return html.unescape(answer.content.decode()).replace("\u00a0", " ")


def of(member, *, shown=False):
    """His browser; `shown`: he has just shown his moyen there."""
    browser = StrictBrowser.logged_in(member)
    session = browser.session
    desk_mark.put(session, timezone.now() - timedelta(minutes=0 if shown else 11))
    session.save()
    return browser


def confirm(browser, asked, code):
    """Sends what the page holds, as the browser does, with `code`."""
    assert TITLE in said(asked)
    posted = dict(asked.context["typed"]) | {"step-challenge": asked.context["challenge"].pk, "step-code": code}
    return browser.post(asked.request["PATH_INFO"], posted)


def ask_staff(client, other, advisor):
    asking = makers.make_staff("odile.petit", roles.STAFF_ADMINISTRATORS)
    about = {"kind": StaffRequest.Kind.RESET, "member": advisor, "username": advisor.username}
    return staff_requests.start(StaffRequest(**about), [], by=Actor(asking))


APPROVED = {name: start for name, (start, _) in ACTS.items()} | {"StaffRequest": ask_staff}


def approval_of(browser, act):
    """The page of an act, and what its button sends."""
    page = reverse(f"admin:{act._meta.app_label}_{act._meta.model_name}_change", args=[act.pk])
    return page, {"answer": "approve", "seen": browser.get(page).context["seen"], "compared": "on"}


@pytest.mark.proves("ASVS 7.5.3")
@pytest.mark.parametrize("name", sorted(APPROVED))
def test_each_approval_is_refused_without_and_taken_with(name, client_, other, advisor, second, administrator):
    act = APPROVED[name](client_, other, advisor)
    member = administrator if name == "StaffRequest" else second
    browser = of(member, shown=True)  # bound to the act: what he showed at the login is not enough
    page, posted = approval_of(browser, act)
    asked = browser.post(page, posted)
    act.refresh_from_db()
    assert not act.decision
    code = makers.number_of(member.secret)
    wrong = confirm(browser, asked, "000000" if code != "000000" else "000001")
    assert "Ce n’est pas le nombre attendu" in said(wrong)
    act.refresh_from_db()
    assert not act.decision
    confirm(browser, wrong, code)
    act.refresh_from_db()
    assert (act.decision, act.decided_by) == ("approved", member)
    assert SecurityEvent.objects.filter(kind=Kind.STEP_UP_PASSED, owner=member).count() == 1


def test_every_kind_of_act_is_tried_here():
    kinds = {model.__name__ for model in apps.get_models() if issubclass(model, DualControlAct)}
    assert kinds == set(APPROVED)


def test_who_has_no_moyen_approves_as_before(client_, other, advisor, second):
    Factor.objects.all().delete()
    act = APPROVED["Renewal"](client_, other, advisor)
    browser = StrictBrowser.logged_in(second)
    browser.post(*approval_of(browser, act))
    act.refresh_from_db()
    assert act.decision == "approved"


def test_refusing_asks_for_nothing(client_, other, advisor, second):
    act = APPROVED["Renewal"](client_, other, advisor)
    browser = of(second)
    page, posted = approval_of(browser, act)
    browser.post(page, posted | {"answer": "refuse"})
    act.refresh_from_db()
    assert act.decision == "refused"


def test_confirmation_of_one_act_confirms_no_other(client_, other, advisor, second):
    """The challenge is bound to the address and to each field."""
    mine, theirs = APPROVED["Renewal"](client_, other, advisor), APPROVED["Renewal"](other, client_, advisor)
    browser = of(second)
    page, posted = approval_of(browser, mine)
    asked = browser.post(page, posted)
    proof = {"step-challenge": asked.context["challenge"].pk, "step-code": makers.number_of(second.secret)}
    page, posted = approval_of(browser, theirs)
    answer = browser.post(page, posted | proof)
    assert "rien n’est fait. Confirmez de nouveau" in said(answer)
    theirs.refresh_from_db()
    assert not theirs.decision
    assert not SecurityEvent.objects.filter(kind=Kind.FACTOR_FAILED).exists()


def test_challenge_of_another_session_confirms_nothing(client_, other, advisor, second):
    act = APPROVED["Renewal"](client_, other, advisor)
    browser = of(second)
    asked = browser.post(*approval_of(browser, act))
    elsewhere = of(second)
    assert "rien n’est fait" in said(confirm(elsewhere, asked, makers.number_of(second.secret)))


def test_second_click_is_told_where_the_act_stands(client_, other, advisor, second):
    act = APPROVED["Renewal"](client_, other, advisor)
    browser = of(second)
    asked, code = browser.post(*approval_of(browser, act)), makers.number_of(second.secret)
    confirm(browser, asked, code)
    posted = dict(asked.context["typed"]) | {"step-challenge": asked.context["challenge"].pk, "step-code": code}
    again = browser.post(asked.request["PATH_INFO"], posted, follow=True)
    assert "reçu une réponse" in said(again) or "Vous aviez déjà confirmé" in said(again)
    assert not SecurityEvent.objects.filter(kind=Kind.FACTOR_FAILED).exists()


def test_page_left_open_too_long_is_asked_anew_and_keeps_what_was_typed(client_, other, advisor, second):
    act = APPROVED["Renewal"](client_, other, advisor)
    browser = of(second)
    asked = browser.post(*approval_of(browser, act))
    Challenge.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    again = confirm(browser, asked, makers.number_of(second.secret))
    assert "Dix minutes ont passé" in said(again)
    assert again.context["typed"] == asked.context["typed"]
    confirm(browser, again, makers.number_of(second.secret))
    act.refresh_from_db()
    assert act.decision == "approved"


def test_five_wrong_numbers_pause_and_keep_what_was_typed(client_, other, advisor, second):
    act = APPROVED["Renewal"](client_, other, advisor)
    browser = of(second)
    asked = browser.post(*approval_of(browser, act))
    answers = [confirm(browser, asked, code) for code in ["000000"] * 5 + [makers.number_of(second.secret)]]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 2
    assert "en pause jusqu’à" in said(answers[-1])
    assert answers[-1].context["typed"] == asked.context["typed"]
    act.refresh_from_db()
    assert not act.decision


def test_who_may_not_approve_is_not_asked(client_, other, advisor, second):
    act = APPROVED["Renewal"](client_, other, second)
    browser = of(second)
    answer = browser.post(reverse("admin:auth_codes_renewal_change", args=[act.pk]), {"answer": "approve"}, follow=True)
    assert TITLE not in said(answer)
    assert "Vous l’avez demandé vous-même" in said(answer)


# Acts that are no approval.


def change_sheet(browser, client, **typed):
    say_why(browser, client)
    page = reverse("admin:client_edit", args=[client.pk])
    form = browser.get(page).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields}
    kept = {name: value for name, value in sent.items() if value not in (None, False)}
    return browser.post(page, kept | typed)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nouvelle@example.org"),
        ("mobile_phone", "06 99 88 77 66"),
        ("street", "3 rue Neuve"),
        ("family_name", "Lefort"),
    ],
)
def test_change_of_contacts_or_identity_takes_a_moyen_shown_of_late(field, value, client_, second):
    browser = of(second)
    before = getattr(client_, field)
    asked = change_sheet(browser, client_, **{field: value})
    assert TITLE in said(asked)
    client_.refresh_from_db()
    assert getattr(client_, field) == before
    assert not IdentityChange.objects.exists()
    answer = confirm(browser, asked, makers.number_of(second.secret))
    assert answer.status_code == 302
    client_.refresh_from_db()
    assert getattr(client_, field) != before or IdentityChange.objects.exists()


def test_moyen_shown_a_moment_ago_is_enough_for_a_change_of_contacts(client_, second):
    browser = of(second, shown=True)
    assert change_sheet(browser, client_, email="nouvelle@example.org").status_code == 302
    client_.refresh_from_db()
    assert client_.email == "nouvelle@example.org"


def test_change_of_the_advisor_takes_none(client_, second):
    third = makers.make_advisor("lea.roy")
    assert change_sheet(of(second), client_, advisor=third.pk).status_code == 302


def test_who_has_no_moyen_changes_contacts_as_before(client_, advisor_browser):
    assert change_sheet(advisor_browser, client_, email="nouvelle@example.org").status_code == 302


def test_confirming_contacts_takes_a_moyen(client_, advisor, second):
    makers.change_address(client_, advisor)
    browser = of(second, shown=True)
    say_why(browser, client_)
    page = reverse("admin:client_address", args=[client_.pk])
    seen = confirmation.fingerprint(confirmation.waiting(client_))
    asked = browser.post(page, {"seen": seen})
    assert client_.address_awaits_confirmation
    confirm(browser, asked, makers.number_of(second.secret))
    assert not client_.address_awaits_confirmation


def test_ticket_takes_a_moyen(advisor, administrator):
    browser = of(administrator, shown=True)
    asked = browser.post(reverse("admin:issue_ticket", args=[advisor.pk]))
    assert not StaffTicket.objects.exists()
    assert "ticket" in confirm(browser, asked, makers.number_of(administrator.secret)).context
    assert StaffTicket.objects.get().owner == advisor


def test_change_of_rights_takes_a_moyen(advisor, administrator):
    browser = of(administrator, shown=True)
    page = reverse("admin:ask_about_member", args=[advisor.pk, "deactivate"])
    asked = browser.post(page, {"token": uuid.uuid4()})
    assert not StaffRequest.objects.exists()
    confirm(browser, asked, makers.number_of(administrator.secret))
    assert StaffRequest.objects.get().member == advisor


def test_new_member_takes_a_moyen_and_loses_no_group(administrator):
    browser = of(administrator, shown=True)
    group = administrator.groups.get().pk
    typed = {"username": "lea.roy", "first_name": "Léa", "last_name": "Roy", "email": "lea@banque.example"}
    asked = browser.post(reverse("admin:accounts_staffrequest_add"), typed | {"token": uuid.uuid4(), "groups": [group]})
    confirm(browser, asked, makers.number_of(administrator.secret))
    assert StaffRequest.objects.get().groups.get().pk == group


def test_stand_in_takes_a_moyen(advisor, second):
    browser, today = of(second, shown=True), timezone.localdate()
    typed = {"absent": second.pk, "substitute": advisor.pk, "starts_on": today, "ends_on": today + timedelta(days=2)}
    typed |= {"token": uuid.uuid4()}
    asked = browser.post(reverse("admin:accounts_substitution_add"), typed)
    assert not Substitution.objects.exists()
    confirm(browser, asked, makers.number_of(second.secret))
    assert Substitution.objects.get().substitute == advisor


def test_number_is_in_no_page_nor_draft(client_, second):
    browser = of(second)
    asked = change_sheet(browser, client_, email="nouvelle@example.org")
    code = "000000"
    assert f'value="{code}"' not in said(confirm(browser, asked, code))


def test_what_is_shown_is_vouched_for(client_, other, advisor, second):
    """« seen » is a field as well: a page that has changed since is another subject, and judged before."""
    act = APPROVED["IdentityChange"](client_, other, advisor)
    browser = of(second)
    page, posted = approval_of(browser, act)
    answer = browser.post(page, posted | {"seen": as_seen.fingerprint(["something else"])}, follow=True)
    assert TITLE not in said(answer)
