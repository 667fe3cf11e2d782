"""What every kind of act under dual control owes to the database and to the desk."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import Q, UniqueConstraint
from django.template.loader import get_template

from accounts.desk.dual_control import DualControlAdmin
from auth_codes import dual_control
from auth_codes.models import DualControlAct, approved_by_another

KINDS = [model for model in apps.get_models() if issubclass(model, DualControlAct)]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def kind(request):
    return request.param


def test_there_are_kinds_to_look_at():
    by_name = [kind.__name__ for kind in KINDS]
    assert by_name == [
        "Renewal", "FactorsEnding", "TicketRequest", "Unblocking", "Unlocking", "RepresentationRequest",
        "AccessRequest", "IdentityChange", "Joining", "StaffRequest", "Undoing",
    ]  # fmt: skip


def test_one_waits_for_each_subject(kind):
    unique = [constraint for constraint in kind._meta.constraints if isinstance(constraint, UniqueConstraint)]
    assert (kind.SUBJECT, Q(decision="")) in [(constraint.fields, constraint.condition) for constraint in unique]


def test_whoever_starts_it_cannot_approve_it(kind):
    assert any(constraint == approved_by_another(constraint.name) for constraint in kind._meta.constraints)


def test_desk_shows_it_by_the_common_pages_and_says_why_an_answer_is_not_taken(kind):
    desk = admin.site.get_model_admin(kind)
    assert isinstance(desk, DualControlAdmin)
    assert {dual_control.SameAdvisor, dual_control.NotSettled, dual_control.AlreadyDecided} <= set(desk.answers.why_not)
    assert get_template(f"admin/{kind._meta.app_label}/{kind._meta.model_name}/decide.html")


@pytest.mark.parametrize("number", [1, 2])
def test_first_page_tells_it_in_the_right_number(kind, number):
    ending = "attend" if number == 1 else "attendent"
    assert f" {ending} l’approbation d’un second {kind.APPROVER}" in kind.waiting_in_words(number)
