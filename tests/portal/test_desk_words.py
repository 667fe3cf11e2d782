"""The desk speaks of clients, letters and rights, in French: nothing of Django's own words for its tables."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.models import PostBatch, User
from auth_codes.models import LetterBatch
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import say_why, words_of

pytestmark = pytest.mark.django_db

# Of Django's admin, in either language.
DJANGOS = re.compile(
    r"l[’']objet|cet objet|objets? |\bCan (?:add|change|delete|view)\b|Affichage de|Sélectionnez l|Ajout de"
    r"|Ajouter demande"
    r"|Historique des changements|Enregistrer et (?:ajouter|continuer)|\b(?:Add|Change|View|Select|Save|History) ",
    re.IGNORECASE,
)


@pytest.fixture
def browser(advisor, client_):
    boss = User.objects.create_superuser("directrice", password=makers.PASSWORD)
    LetterBatch.objects.create(id="20261129-AAAAAA")
    PostBatch.objects.create(id="20261129-BBBBBB")
    browser = StrictBrowser.logged_in(boss)
    say_why(browser, client_)
    return browser


def pages():
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        yield reverse(f"{name}_add")
        one = model.objects.first()
        if one is not None:
            yield from (reverse(f"{name}_{page}", args=[one.pk]) for page in ("change", "history"))


@pytest.mark.slow
def test_no_page_of_the_desk_speaks_of_objects(browser, client_):
    found, read = {}, 0
    for page in [reverse("admin:index"), *pages(), reverse("admin:client_edit", args=[client_.pk])]:
        answer = browser.get(page)
        if answer.status_code == 200:
            read += 1
            said = DJANGOS.findall(words_of(answer))
            found |= {page: said} if said else {}
    assert found == {}
    assert read > 12
