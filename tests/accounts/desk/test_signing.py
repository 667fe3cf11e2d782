"""Who signs for a holder: himself, or whoever acts for him, as an advisor reads it beside a box."""

import pytest
from django.utils import timezone

from accounts.desk.signing import who_signs
from accounts.models import Capacity, Client
from tests import makers

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def parent(advisor):
    return makers.make_person(advisor, title="M.", given_names="Paul", family_name="Durand", email="paul@example.org")


@pytest.fixture
def child(advisor):
    return makers.make_child(advisor)


def test_whoever_is_of_age_signs_himself(parent):
    assert who_signs(parent, TODAY) == "M. Paul DURAND"


def test_parents_sign_for_a_minor_and_both_where_there_are_two(advisor, child, parent):
    assert who_signs(child, TODAY) == f"Qui représente {child}, jugement ou livret de famille à l’appui"
    makers.make_representation(child, parent)
    assert who_signs(child, TODAY) == f"M. Paul DURAND pour {child}"
    mother = makers.make_person(advisor, title="Mme", given_names="Ève", family_name="Roy", email="eve@example.org")
    makers.make_representation(child, mother)
    assert who_signs(child, TODAY) == f"M. Paul DURAND et Mme Ève ROY pour {child}"


def test_somebody_under_curatorship_signs_with_his_curator(advisor, parent):
    helped = makers.make_person(advisor, title="Mme", given_names="Ève", family_name="Roy", email="eve@example.org")
    makers.make_representation(helped, parent, capacity=Capacity.CURATOR, may_transfer=False)
    assert who_signs(helped, TODAY) == "Mme Ève ROY, avec M. Paul DURAND, son curateur"


def test_guardian_signs_for_a_ward_and_heirs_for_the_dead(parent):
    Client.objects.filter(pk=parent.pk).update(ended_on=TODAY, end_reason=Client.End.GUARDIANSHIP)
    parent.refresh_from_db()
    assert who_signs(parent, TODAY).startswith("Qui représente M. Paul DURAND")
    Client.objects.filter(pk=parent.pk).update(end_reason=Client.End.DEATH)
    parent.refresh_from_db()
    assert who_signs(parent, TODAY) == "La succession de M. Paul DURAND : le notaire, ou tous les héritiers"
