"""Whoever works at the desk tries to have more than his role: by addresses, forms, rights that just ended."""

import uuid
from urllib.parse import quote, urlencode

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import transaction

from accounts.desk import roles
from accounts.kinds import Event
from accounts.models import Holding, ServiceContract, StaffRequest, Substitution, User
from auth_codes import journal
from auth_codes.models import DualControlAct, Renewal, SecurityEvent
from tests.conftest import StrictBrowser
from tests.pages import say_why, text_of, words_of
from tests.portal.role_world import NOBODY, make_role_world
from tests.portal.test_access_sweep import PASSING
from tests.standing import made_once

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

STAFF = [
    "conseiller", "autre", "directeur", "contrôleur", "éditique", "exploitant", "administrateur", "sans rôle",
]  # fmt: skip
ASKED = "Pourquoi ouvrez-vous cette fiche ?"


@made_once
def world(advisor):
    return make_role_world(advisor)


def browser_of(world, visitor):
    return StrictBrowser.logged_in(world.visitors[visitor])


def lasting(answer, number) -> str:
    return PASSING.sub("", answer.content.decode()).replace(f"/{number}/", "")


# Numbers that are guessed.


@pytest.mark.parametrize("page", ["change", "history"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_request_of_another_branch_is_answered_like_one_that_does_not_exist(world, page, method):
    browser, there = browser_of(world, "directeur"), world.renewal_elsewhere.pk
    one, none = (
        getattr(browser, method)(f"/admin/auth_codes/renewal/{number}/{page}/", {"answer": "approve"})
        for number in (there, NOBODY)
    )
    assert one.status_code == none.status_code == 404
    assert lasting(one, there) == lasting(none, NOBODY)
    assert not Renewal.objects.get(pk=there).decision


@pytest.mark.parametrize("visitor", STAFF)
@pytest.mark.parametrize("page", ["change", "history", "delete"])
def test_who_may_see_nothing_of_a_kind_learns_no_number_of_it(world, visitor, page):
    """A refusal of what exists, and the same of what does not."""
    browser = browser_of(world, visitor)
    numbers = {
        "accounts/user": world.visitors["autre"].pk,
        "accounts/branch": world.branch.pk,
        "accounts/staffrequest": world.staff_request.pk,
        "accounts/postbatch": world.post_batch.pk,
        "auth_codes/renewal": world.renewal.pk,
    }
    for model, number in numbers.items():
        there, nowhere = (browser.get(f"/admin/{model}/{one}/{page}/").status_code for one in (number, NOBODY))
        assert there == nowhere == 403 or (there, nowhere) == (200, 404), model


@pytest.mark.parametrize("number", ["\u0661", "1_0", "-1", "0x1", "1\x00", "1.0", " 1", "9" * 40, "1/../2"])
@pytest.mark.parametrize("model", ["auth_codes/renewal", "accounts/substitution"])
def test_number_that_is_none_is_found_by_nobody(world, number, model):
    answer = browser_of(world, "superutilisateur").get(f"/admin/{model}/{quote(number, safe='')}/change/")
    assert answer.status_code in (400, 404)


# Addresses that ask for more.


@pytest.mark.parametrize("query", ["", "?o=1", "?o=-2.1", "?all=1", "?p=0", "?e=1", "?_facets=True", "?_popup=1"])
def test_list_of_a_manager_holds_his_branch_alone(world, query):
    page = text_of(browser_of(world, "directeur").get("/admin/auth_codes/renewal/" + query))
    assert "MARTIN" in page
    assert "PETIT" not in page
    assert "(1 à approuver)" in page


def test_first_page_of_a_manager_names_nobody_of_another_branch(world):
    shown = text_of(browser_of(world, "directeur").get("/admin/"))
    assert "MARTIN" in shown
    assert "PETIT" not in shown
    assert "PETIT" in text_of(browser_of(world, "autre").get("/admin/"))


@pytest.mark.parametrize(("visitor", "calls"), [("remplaçant", True), ("ancien", False), ("autre", False)])
def test_clients_to_call_back_are_those_of_the_absent_colleague_too(world, visitor, calls):
    journal.record(SecurityEvent.Kind.LOGIN_BLOCKED, owner=world.client.user)
    shown = text_of(browser_of(world, visitor).get("/admin/"))
    assert ("connexion en pause" in shown) is calls


@pytest.mark.parametrize("name", ["started_by__branch", "started_by", "owner__client__advisor", "decision", "pk"])
def test_list_is_widened_by_no_query(world, name):
    for lookup in ("", "__exact", "__in", "__isnull"):
        answer = browser_of(world, "directeur").get(f"/admin/auth_codes/renewal/?{name}{lookup}=2")
        assert answer.status_code == 400


def test_to_field_finds_nobody_by_another_column(world):
    browser = browser_of(world, "conseiller")
    say_why(browser, world.client)
    edit = f"/admin/accounts/client/{world.client.pk}/modifier/"
    for column in ("email", "client_code", "user", "advisor", "nowhere", "\x00", "user__username"):
        answer = browser.get(f"{edit}?{urlencode({'_to_field': column})}")
        assert answer.status_code in (400, 404), column
    assert browser.get(f"/admin/accounts/client/{world.client.email}/change/?_to_field=email").status_code == 404


@pytest.mark.parametrize("visitor", [*STAFF, "superutilisateur"])
def test_no_list_deletes_or_changes_what_is_chosen_in_it(world, visitor):
    browser = browser_of(world, visitor)
    kept = {model: model._default_manager.count() for model in admin.site._registry}
    for model in admin.site._registry:
        chosen = list(model._default_manager.values_list("pk", flat=True)[:3])
        page = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        for sent in ({"action": "delete_selected", "post": "yes"}, {"_save": "1", "form-TOTAL_FORMS": "1"}):
            answer = browser.post(page, {**sent, "_selected_action": chosen, "index": "0", "select_across": "1"})
            assert answer.status_code in (200, 302, 403)
    assert {model: model._default_manager.count() for model in admin.site._registry} == kept


@pytest.mark.proves("ASVS 8.2.3")
def test_inline_forms_of_a_sheet_give_no_account_and_no_contract(world):
    browser, client = browser_of(world, "conseiller"), world.client
    theirs = Holding.objects.exclude(client=client).first()
    fields = {name: getattr(client, name) for name in ("title", "given_names", "family_name", "email", "street")}
    fields |= {"postcode": client.postcode, "city": client.city, "country": client.country, "home_phone": ""}
    fields |= {"birth_date": f"{client.birth_date:%d/%m/%Y}", "mobile_phone": "06 12 34 56 78"}
    fields |= {"advisor": client.advisor_id, "seen": ""}
    for prefix in ("holdings", "service_contracts", "servicecontract_set", "holding_set"):
        fields |= {
            f"{prefix}-TOTAL_FORMS": "2", f"{prefix}-INITIAL_FORMS": "1", f"{prefix}-0-id": theirs.pk,
            f"{prefix}-0-DELETE": "on", f"{prefix}-0-client": client.pk, f"{prefix}-1-account": theirs.account_id,
            f"{prefix}-1-client": client.pk, f"{prefix}-1-kind": "card",
        }  # fmt: skip
    before = list(Holding.objects.order_by("pk").values()), list(ServiceContract.objects.values())
    browser.post(f"/admin/accounts/client/{client.pk}/change/", fields)
    assert (list(Holding.objects.order_by("pk").values()), list(ServiceContract.objects.values())) == before


# Rights that one gives oneself.


@pytest.mark.proves("ASVS 8.3.1", "ASVS 8.4.2")
@pytest.mark.parametrize("visitor", STAFF)
def test_nobody_gives_himself_a_role_or_a_branch(world, visitor):
    user, browser = world.visitors[visitor], browser_of(world, visitor)
    every = list(Group.objects.values_list("pk", flat=True))
    wanted = {"groups": every, "branch": world.branch.pk, "is_superuser": "on", "username": user.username}
    own = {"token": uuid.uuid4(), "groups": [Group.objects.get(name=roles.BRANCH_MANAGERS).pk]}
    had = set(user.groups.all()), user.branch
    for address in (
        f"/admin/accounts/user/{user.pk}/change/",
        "/admin/accounts/user/add/",
        f"/admin/auth/group/{world.group.pk}/change/",
        f"/admin/accounts/staffrequest/membre/{user.pk}/groups/",
        f"/admin/accounts/user/{user.pk}/password/",
    ):
        for fields in (wanted, wanted | own):
            with transaction.atomic():
                browser.post(address, fields)
    fresh = User.objects.get(pk=user.pk)
    assert (set(fresh.groups.all()), fresh.branch, fresh.is_superuser) == (*had, False)
    assert not StaffRequest.objects.filter(member=user).exclude(pk=world.staff_request.pk).exists()
    assert list(world.group.permissions.all()) == list(Group.objects.get(pk=world.group.pk).permissions.all())


def test_administrator_who_asks_for_himself_reads_why_not(world):
    user = world.visitors["administrateur"]
    sent = {"token": uuid.uuid4(), "groups": [Group.objects.get(name=roles.OPERATORS).pk]}
    answer = browser_of(world, "administrateur").post(f"/admin/accounts/staffrequest/membre/{user.pk}/groups/", sent)
    assert "C’est votre propre compte" in text_of(answer)


@pytest.mark.proves("ASVS 8.3.2")
def test_role_that_is_taken_away_ends_in_the_middle_of_a_session(world):
    browser = browser_of(world, "autre")
    assert browser.get("/admin/auth_codes/renewal/").status_code == 200
    world.visitors["autre"].groups.clear()
    for page in ("auth_codes/renewal/", f"auth_codes/renewal/{world.renewal.pk}/change/", "accounts/client/"):
        assert browser.get(f"/admin/{page}").status_code == 403
    approval = {"answer": "approve", "seen": world.seen}
    assert browser.post(f"/admin/auth_codes/renewal/{world.renewal.pk}/change/", approval).status_code == 403
    assert not Renewal.objects.get(pk=world.renewal.pk).decision


# A manager, and who is moved.


def test_manager_finds_no_way_to_approve_his_own_request(world):
    manager, browser = world.visitors["directeur"], browser_of(world, "directeur")
    Renewal.objects.filter(pk=world.renewal.pk).update(started_by=manager)
    page = f"/admin/auth_codes/renewal/{world.renewal.pk}/change/"
    assert 'value="approve"' not in text_of(browser.get(page))
    said = text_of(browser.post(page, {"answer": "approve", "seen": world.seen}, follow=True))
    assert "un autre conseiller doit l’approuver" in said
    assert not Renewal.objects.get(pk=world.renewal.pk).decision


def test_manager_who_is_moved_keeps_nothing_of_his_branch(world):
    browser = browser_of(world, "directeur")
    assert browser.get(f"/admin/auth_codes/renewal/{world.renewal.pk}/change/").status_code == 200
    User.objects.filter(pk=world.visitors["directeur"].pk).update(branch=world.visitors["autre directeur"].branch)
    for page in (f"auth_codes/renewal/{world.renewal.pk}", f"accounts/substitution/{world.substitution.pk}"):
        assert browser.post(f"/admin/{page}/change/", {"answer": "approve", "seen": world.seen}).status_code == 404
    assert browser.get(f"/admin/auth_codes/renewal/{world.renewal_elsewhere.pk}/change/").status_code == 200
    assert Substitution.objects.get(pk=world.substitution.pk).ended_at is None


def test_request_of_an_advisor_who_is_moved_is_that_of_the_other_manager(world):
    User.objects.filter(pk=world.visitors["conseiller"].pk).update(branch=world.visitors["autre directeur"].branch)
    page = f"/admin/auth_codes/renewal/{world.renewal.pk}/change/"
    assert browser_of(world, "directeur").get(page).status_code == 404
    assert browser_of(world, "autre directeur").get(page).status_code == 200


def test_manager_without_a_branch_sees_no_request_at_all(world):
    User.objects.filter(pk__in=[user.pk for user in world.visitors.values() if user]).update(branch=None)
    browser = browser_of(world, "directeur")
    assert "(0 à approuver)" in text_of(browser.get("/admin/auth_codes/renewal/"))
    assert browser.get(f"/admin/auth_codes/renewal/{world.renewal.pk}/change/").status_code == 404


def test_client_who_gets_another_advisor_in_the_middle_of_a_session_is_asked_for(world):
    browser, sheet = browser_of(world, "conseiller"), f"/admin/accounts/client/{world.client.pk}/change/"
    assert "MARTIN" in text_of(browser.get(sheet))
    type(world.client).objects.filter(pk=world.client.pk).update(advisor=world.visitors["autre"])
    for _ in range(2):
        assert ASKED in words_of(browser.get(sheet))
    close = browser.post(f"/admin/accounts/client/{world.client.pk}/fermer/")
    assert ASKED in words_of(close)
    assert world.client.user.secret_codes.present().exists()


def test_forged_look_back_at_what_was_shown_is_a_sentence_and_no_failure(world):
    """An answer that vouches for what no page has shown, for each kind of act."""
    browser = browser_of(world, "superutilisateur")
    client_acts = (world.renewal, world.unblocking, world.unlocking, world.undoing, world.identity, world.access)
    client_acts += (world.joining, world.factors_ending, world.ticket_request, world.representation_request)
    for act in (*client_acts, world.staff_request):
        page = f"/admin/{act._meta.app_label}/{act._meta.model_name}/{act.pk}/change/"
        assert "Relisez l" in text_of(browser.post(page, {"answer": "approve", "seen": "x"}, follow=True))
        assert not type(act).objects.get(pk=act.pk).decision


def test_every_kind_of_act_is_tried_there():
    kinds = {model for model in apps.get_models() if issubclass(model, DualControlAct)}
    assert {kind.__name__ for kind in kinds} == {
        "Renewal", "Unblocking", "Unlocking", "Undoing", "AccessRequest", "IdentityChange", "RepresentationRequest",
        "Joining", "StaffRequest", "FactorsEnding", "TicketRequest",
    }  # fmt: skip


def test_auditor_who_reads_a_client_leaves_his_line_and_the_client_reads_it(world):
    auditor, browser = world.visitors["contrôleur"], browser_of(world, "contrôleur")
    page = f"/admin/accounts/client/{world.client.pk}/history/"
    browser.post(page, {"look-client": world.client.pk, "look-reason": "audit"})
    assert browser.get(page).status_code == 200
    assert auditor.acts.get(kind=Event.CLIENT_CONSULTED).details["look"] == "audit"
    own = " ".join(words_of(StrictBrowser.logged_in(world.client.user).get("/mon-profil/journal/")).split())
    assert "Votre fiche client a été consultée" in own
    assert "contrôle interne" in own
    assert "Le contrôle de la banque" in own


@pytest.mark.parametrize(
    ("who", "reason"), [("contrôleur", "phone"), ("contrôleur", "control"), ("conseiller", "audit")]
)
def test_nobody_gives_the_reason_of_another_role(world, who, reason):
    page = f"/admin/accounts/client/{world.client.pk}/history/"
    answer = browser_of(world, who).post(page, {"look-client": world.client.pk, "look-reason": reason})
    assert "Choisissez l’une de ces raisons" in words_of(answer)
    assert not world.visitors[who].acts.filter(kind=Event.CLIENT_CONSULTED, details__look=reason).exists()


def test_print_operator_reads_no_name_and_no_address(world):
    browser = browser_of(world, "éditique")
    for page in ("auth_codes/letterbatch/", "accounts/postbatch/", ""):
        assert "MARTIN" not in text_of(browser.get(f"/admin/{page}"))


@pytest.mark.proves("ASVS 8.4.2")
def test_administrator_of_the_staff_reads_no_client(world):
    browser, member = browser_of(world, "administrateur"), world.visitors["autre"]
    asked = f"accounts/staffrequest/{world.staff_request.pk}/change/"
    himself = f"accounts/user/{member.pk}/"
    for page in ("", "accounts/user/", f"{himself}change/", f"{himself}history/", "accounts/branch/", asked):
        answer = browser.get(f"/admin/{page}")
        assert answer.status_code == 200
        assert not any(said in text_of(answer) for said in ("MARTIN", "PETIT", "Lilas", "ines@example.org")), page


def test_branch_is_renamed_once_with_its_line(world):
    browser, page = browser_of(world, "administrateur"), f"/admin/accounts/branch/{world.branch.pk}/change/"
    browser.post(page, {"name": "Lyon"})
    browser.post(page, {"name": "Lyon"})
    line = world.visitors["administrateur"].acts.get(kind=Event.BRANCH_RENAMED)
    assert line.details == {"staff_branch": "Lyon"}
    for wrong in ("", " ", "\x00", "Lyon\u202e", "nantes", "x" * 81):
        answer = browser.post(page, {"name": wrong})
        assert (answer.status_code, answer.context["adminform"].form.is_valid()) == (200, False)
