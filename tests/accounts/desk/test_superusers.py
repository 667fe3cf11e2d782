"""A superuser can do everything alone: making one is told to all who watch the staff."""

import getpass
import io
import logging

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.desk import roles
from accounts.kinds import Event, Mail
from accounts.models import User
from auth_codes.codes import bindings
from auth_codes.models import Notice, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser

pytestmark = pytest.mark.django_db

CHOSEN = "lampe tigre ruisseau comptoir"


@pytest.fixture
def watching(advisor):
    """An administrator of the staff, an auditor and a closed account of one; the advisor is told nothing."""
    roles.make_groups()
    User.objects.filter(pk=advisor.pk).update(email="claire@banque.example")
    for name, group, is_active in (
        ("anne", roles.STAFF_ADMINISTRATORS, True),
        ("bruno", roles.AUDITORS, True),
        ("parti", roles.AUDITORS, False),
    ):
        person = User.objects.create_user(name, email=f"{name}@banque.example", is_staff=True, is_active=is_active)
        person.groups.add(Group.objects.get(name=group))


def test_command_rings_the_alarm(watching, caplog):
    with caplog.at_level(logging.ERROR):
        call_command("createsuperuser", "--noinput", username="urgence", email="urgence@banque.example")
    made = User.objects.get(username="urgence")
    assert SecurityEvent.objects.get(kind=Event.SUPERUSER_MADE).owner == made
    told = Notice.objects.filter(kind=Mail.SUPERUSER_MADE).order_by("recipient")
    assert list(told.values_list("recipient", flat=True)) == ["anne@banque.example", "bruno@banque.example"]
    assert "urgence" in told[0].facts["name"]
    assert "may do everything alone" in caplog.text


def test_other_code_that_makes_one_rings_it_too(watching):
    User(username="autre", is_staff=True, is_superuser=True).save()
    assert SecurityEvent.objects.filter(kind=Event.SUPERUSER_MADE).count() == 1


def test_ordinary_account_and_later_saves_ring_nothing(watching):
    person = makers.make_advisor("marc.lefevre")
    person.save()
    superuser = User.objects.create_superuser("urgence")
    superuser.save()
    assert SecurityEvent.objects.filter(kind=Event.SUPERUSER_MADE).count() == 1


# Passwords set by commands: they open, and nothing is left unbound.


def logs_in(name, password) -> bool:
    browser = StrictBrowser()
    browser.post("/admin/login/", {"username": name, "password": password})
    return browser.get("/admin/").status_code == 200


def test_superuser_made_with_a_password_rings_and_logs_in(watching, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", CHOSEN)
    call_command("createsuperuser", "--noinput", username="urgence", email="urgence@banque.example", verbosity=0)
    assert SecurityEvent.objects.filter(kind=Event.SUPERUSER_MADE).count() == 1
    assert Notice.objects.filter(kind=Mail.SUPERUSER_MADE).count() == 2
    assert bindings.holds(User.objects.get(username="urgence"))
    assert logs_in("urgence", CHOSEN)


def test_password_changed_by_the_command_replaces_the_one_before(advisor, monkeypatch):
    monkeypatch.setattr(getpass, "getpass", lambda prompt: CHOSEN)
    call_command("changepassword", advisor.username, stdout=io.StringIO())
    assert bindings.holds(User.objects.get(pk=advisor.pk))
    assert not logs_in(advisor.username, makers.PASSWORD)
    assert logs_in(advisor.username, CHOSEN)


def test_password_changed_by_the_command_rings_and_makes_nobody_s_second(watching, advisor, monkeypatch, caplog):
    monkeypatch.setattr(getpass, "getpass", lambda prompt: CHOSEN)
    with caplog.at_level(logging.ERROR):
        call_command("changepassword", advisor.username, stdout=io.StringIO())
    assert SecurityEvent.objects.get(kind=Event.PASSWORD_BY_COMMAND).owner == advisor
    told = Notice.objects.filter(kind=Mail.STAFF_PASSWORD).order_by("recipient")
    assert list(told.values_list("recipient", flat=True)) == ["anne@banque.example", "bruno@banque.example"]
    assert Notice.objects.get(kind=Notice.Kind.PASSWORD_CHANGED).recipient == "claire@banque.example"
    assert not User.objects.get(pk=advisor.pk).is_settled_at(timezone.now())
    assert CHOSEN not in caplog.text + str(list(SecurityEvent.objects.values()))


def test_login_that_makes_a_hash_anew_and_a_change_of_ones_own_ring_nothing(watching, advisor, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    before = User.objects.get(pk=advisor.pk).password
    assert logs_in(advisor.username, makers.PASSWORD)
    assert User.objects.get(pk=advisor.pk).password != before
    browser = StrictBrowser.logged_in(User.objects.get(pk=advisor.pk))
    fields = {"old_password": makers.PASSWORD, "new_password1": CHOSEN, "new_password2": CHOSEN}
    assert browser.post("/admin/password_change/", fields).status_code == 302
    assert not SecurityEvent.objects.filter(kind=Event.PASSWORD_BY_COMMAND).exists()
    assert User.objects.get(pk=advisor.pk).is_settled_at(timezone.now())


def test_weak_password_is_refused_by_the_command_and_the_one_before_stays(advisor, monkeypatch):
    monkeypatch.setattr(getpass, "getpass", lambda prompt: "Marseille2024!")
    with pytest.raises(CommandError):
        call_command("changepassword", advisor.username, stdout=io.StringIO(), stderr=io.StringIO())
    assert logs_in(advisor.username, makers.PASSWORD)
