"""« Proposer un code »: drawn on the server, on request, shown once and kept nowhere."""

import html
import logging
import re

import pytest
from django.test import Client as Browser

from auth_codes.codes import changing
from auth_codes.models import AttemptCounter, SecurityEvent
from auth_codes.pages.forms import SecretCodeForm
from auth_codes.weakness import why_weak
from tests import makers
from tests.conftest import StrictBrowser
from tests.portal.traces import Traces

pytestmark = pytest.mark.django_db

PAGE, PROPOSAL = "/mon-profil/code-secret/", "/mon-profil/code-secret/proposition/"


def text_of(answer) -> str:
    """What is read on the page, or copied from it: tags part no digits."""
    return html.unescape(re.sub(r"<[^>]+>", "", answer.content.decode()))


def proposed_by(answer) -> str:
    [code] = re.findall(r"(?<!\d)\d{6}(?!\d)", digits_shown(answer))
    return code


def digits_shown(answer) -> str:
    """The large digits as they would be copied: without what is said to a screen reader alone."""
    [shown] = re.findall(r'__digits">.*?<span aria-hidden="true">(.*?)</span></p>', answer.content.decode())
    return re.sub(r"<[^>]+>", "", shown)


@pytest.fixture
def draws(monkeypatch):
    """All that is drawn; it is really drawn."""
    kept, draw = [], changing.draw
    monkeypatch.setattr(changing, "draw", lambda personal: kept.append(draw(personal)) or kept[-1])
    return kept


@pytest.mark.slow
def test_proposal_is_six_digits_that_this_person_may_choose(client_browser, client_):
    proposed = [proposed_by(client_browser.post(PROPOSAL)) for _ in range(30)]
    personal = client_.user.personal_data()
    assert [why_weak(code, personal) for code in proposed] == [None] * 30
    assert len(set(proposed)) > 25  # each click draws another


def test_proposal_is_said_digit_by_digit_to_a_screen_reader(client_browser):
    answer = client_browser.post(PROPOSAL)
    assert f"{' '.join(proposed_by(answer))}</span>" in answer.content.decode()
    assert 'id="proposed-code" role="status" tabindex="-1" autofocus' in answer.content.decode()


def test_proposal_comes_with_a_way_to_remember_it_and_the_form_to_type_it(client_browser):
    answer = client_browser.post(PROPOSAL)
    assert "Pour le retenir" in text_of(answer)
    assert f'method="post" action="{PAGE}"' in answer.content.decode()
    assert not answer.context["form"].is_bound
    assert "Erreur" not in text_of(answer)


def test_proposal_is_not_typed_in_the_form(client_browser):
    answer = client_browser.post(PROPOSAL)
    form = answer.context["form"]
    assert [form[name].value() for name in ("old_password", "new_password1", "new_password2")] == [None] * 3
    assert proposed_by(answer) not in answer.content.decode()  # nowhere in one piece: not in a value, not in an address


def test_proposed_code_can_then_be_chosen(client_browser):
    answer = client_browser.post(PROPOSAL)
    code, replacing = proposed_by(answer), answer.context["form"]["replacing"].value()
    fields = {"old_password": makers.CODE, "new_password1": code, "new_password2": code, "replacing": replacing}
    assert client_browser.post(PAGE, fields)["Location"] == "/espace-client/"


def test_client_with_a_default_code_is_proposed_one_too(new_client, draws):
    answer = StrictBrowser.logged_in(new_client.user).post(PROPOSAL)
    assert draws == [proposed_by(answer)]
    assert "Code secret provisoire" in text_of(answer)


@pytest.mark.parametrize("path", [PAGE, PROPOSAL])
def test_opening_a_page_draws_nothing(client_browser, draws, path):
    answer = client_browser.get(path, follow=True)
    assert answer.status_code == 200
    assert (answer.request["PATH_INFO"], draws) == (PAGE, [])
    assert "Code proposé" not in text_of(answer)


@pytest.mark.parametrize("method", ["put", "head", "options", "delete", "patch"])
def test_no_other_method_draws(client_browser, draws, method):
    getattr(client_browser, method)(PROPOSAL)
    assert draws == []


def test_without_token_nothing_is_drawn(client_, draws):
    browser = StrictBrowser.logged_in(client_.user, enforce_csrf_checks=True)
    assert browser.post(PROPOSAL).status_code == 403
    assert draws == []


def test_anonymous_visitor_and_staff_are_proposed_nothing(browser, advisor_browser, draws):
    assert browser.post(PROPOSAL)["Location"] == f"/connexion/?next={PROPOSAL}"
    assert advisor_browser.post(PROPOSAL).status_code == 404
    assert draws == []


def test_what_was_typed_beside_the_request_is_not_sent_back(client_browser):
    answer = client_browser.post(PROPOSAL, {"old_password": makers.CODE, "new_password1": makers.OTHER_CODE})
    assert makers.CODE not in answer.content.decode()
    assert makers.OTHER_CODE not in text_of(answer)


def test_proposing_counts_nothing_notes_nothing_and_hashes_nothing(client_browser, hashes):
    hashes.clear()
    before = SecurityEvent.objects.count()
    client_browser.post(PROPOSAL)
    assert (hashes, AttemptCounter.objects.count(), SecurityEvent.objects.count()) == ([], 0, before)


def test_answer_may_be_kept_by_no_cache(client_browser):
    assert "no-store" in client_browser.post(PROPOSAL)["Cache-Control"]


def test_proposal_is_in_no_log_session_cache_or_row(client_browser, draws):
    traces, root = Traces(), logging.getLogger()
    handler, level = traces.logger(), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        answer = client_browser.post(PROPOSAL)
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
    traces.keep("headers and cookies", f"{answer.headers} {answer.cookies}")
    traces.keep("page that comes next", client_browser.get(PAGE).content)
    [code] = draws
    assert traces.places_of(code) == []


def test_error_while_the_page_is_made_reports_no_proposal(client_browser, settings, draws, monkeypatch):
    settings.DEBUG = True
    plain = Browser(raise_request_exception=False)
    plain.cookies = client_browser.cookies
    monkeypatch.setattr(SecretCodeForm, "hidden_fields", lambda form: 1 / 0)
    answer = plain.post(PROPOSAL)
    assert answer.status_code == 500
    assert "ZeroDivisionError" in answer.content.decode()
    assert draws
    assert draws[0] not in answer.content.decode()


RULES = [
    "les suites, montantes ou descendantes, même à un chiffre près", "un chiffre présent cinq fois ou plus",
    "les motifs qui se répètent", "les codes les plus choisis", "votre date de naissance, dans quelque ordre",
    "à l’endroit ou à l’envers, dans vos numéros de téléphone, votre code client, vos numéros de compte ou vos IBAN",
    "votre code postal, précédé ou suivi d’un chiffre", "votre code actuel et les trois d’avant",
]  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_page_says_each_rule_before_any_mistake(client_browser, rule):
    assert rule in text_of(client_browser.get(PAGE))


def test_codes_that_the_page_gives_as_refused_are_refused(client_browser):
    rules = text_of(client_browser.get(PAGE)).partition("Tous les codes refusés")[2].partition("Code secret actuel")[0]
    examples = re.findall(r"\d{6}", rules)
    assert len(examples) > 8
    assert [code for code in examples if not why_weak(code)] == []
