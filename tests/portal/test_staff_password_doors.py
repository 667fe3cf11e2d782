"""Every way to set a password of the staff asks the same judge."""

import html

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts.demo import bank
from accounts.desk import first_access
from accounts.models import User
from tests import makers

pytestmark = pytest.mark.django_db

WEAK = "Marseille2024!"
SAID = "Ce mot de passe se devine"
CHOSEN = "lampe tigre ruisseau comptoir"


def page_of(answer):
    return html.unescape(answer.content.decode())


def test_change_of_ones_own(advisor_browser):
    fields = {"old_password": makers.PASSWORD, "new_password1": WEAK, "new_password2": WEAK}
    page = page_of(advisor_browser.post("/admin/password_change/", fields))
    assert SAID in page
    assert "quatre mots tirés au hasard" in page


@pytest.mark.parametrize(("password", "status"), [(WEAK, 200), (CHOSEN, 302)])
def test_one_time_link(browser, advisor, password, status):
    link = reverse("admin:first_access", args=[first_access.issue(advisor, now=timezone.now())])
    fields = {"username": advisor.username, "new_password1": password, "new_password2": password}
    answer = browser.post(link, fields)
    advisor.refresh_from_db()
    assert (answer.status_code, advisor.check_password(password)) == (status, status == 302)


def test_createsuperuser_without_questions(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", WEAK)
    with pytest.raises(CommandError, match=SAID):
        call_command("createsuperuser", "--noinput", username="directrice", email="chef@banque.example")
    assert not User.objects.exists()
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", CHOSEN)
    call_command("createsuperuser", "--noinput", username="directrice", email="chef@banque.example", verbosity=0)
    assert User.objects.get().is_superuser


def test_superuser_may_still_be_made_without_a_password():
    assert not User.objects.create_superuser("directrice").has_usable_password()


@pytest.mark.parametrize("password", ["Ursuline-Kergoat-29", "u.kergoat-kergoat", "portail-kergoat-1"])
def test_names_of_the_person_and_the_domains_of_the_bank_are_known_to_the_judge(settings, password):
    settings.ALLOWED_HOSTS = ["portail.banque-kergoat.example"]
    person = User(username="u.kergoat", first_name="Ursuline", last_name="Kergoat", email="uk@banque.example")
    with pytest.raises(ValidationError, match=SAID):
        validate_password(password, person)


def test_passwords_of_the_demo_pass(db):
    for _ in range(100):
        validate_password(bank._staff_password(), User(username="claire.dubois"))
