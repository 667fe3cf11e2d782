"""The batches of sealed letters at the advisors' desk: read by those who may, written by nobody."""

from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from accounts.models import User
from auth_codes.letters import batches
from auth_codes.models import LetterBatch, SealedLetter
from tests import makers
from tests.conftest import StrictBrowser

migration = import_module("auth_codes.migrations.0021_read_no_more_as_the_bank_grows")
BATCHES = "/admin/auth_codes/letterbatch/"


@pytest.fixture
def batch(new_client, tmp_path):
    makers.make_letters(new_client, 2)
    list(batches.export(tmp_path))
    SealedLetter.objects.filter(pk=SealedLetter.objects.first().pk).update(voided_at=timezone.now(), ciphertext=None)
    return LetterBatch.objects.get()


@pytest.fixture
def superuser_browser(db):
    return StrictBrowser.logged_in(User.objects.create_superuser("directrice", password=makers.PASSWORD))


def pages_of(batch):
    return [BATCHES, f"{BATCHES}{batch.pk}/change/", f"{BATCHES}{batch.pk}/history/"]


@pytest.mark.parametrize("who", ["advisor_browser", "superuser_browser"])
@pytest.mark.parametrize("place", range(3))
def test_advisors_and_superusers_read_every_page(request, batch, who, place):
    assert request.getfixturevalue(who).get(pages_of(batch)[place]).status_code == 200


@pytest.mark.parametrize("place", range(3))
def test_others_read_none(browser, client_browser, batch, place):
    page = pages_of(batch)[place]
    newcomer = User.objects.create_user("nouveau", password=makers.PASSWORD, is_staff=True)
    assert StrictBrowser.logged_in(newcomer).get(page).status_code == 403
    assert client_browser.get(page).status_code == 404
    assert browser.get(page).url.startswith("/admin/login/")


@pytest.mark.parametrize("who", ["advisor_browser", "superuser_browser"])
@pytest.mark.parametrize("page", ["add/", "{}/delete/", "{}/change/"])
def test_nobody_adds_changes_or_deletes_a_batch(request, batch, who, page):
    fields = {"exported_at_0": "01/01/2020", "exported_at_1": "10:00:00", "id": "x", "post": "yes"}
    assert request.getfixturevalue(who).post(BATCHES + page.format(batch.pk), fields).status_code == 403
    assert LetterBatch.objects.get().exported_at == batch.exported_at


def test_nobody_deletes_batches_from_the_list(superuser_browser, batch):
    superuser_browser.post(BATCHES, {"action": "delete_selected", "_selected_action": batch.pk, "post": "yes"})
    assert LetterBatch.objects.exists()


def cells_of(browser, column):
    page = browser.get(BATCHES).content.decode()
    return [part.split("<")[0] for part in page.split(f'<td class="field-{column}">')[1:]]


def test_list_shows_how_many_letters_and_how_many_of_them_voided(advisor_browser, batch):
    assert cells_of(advisor_browser, "letter_count") == ["3"]
    assert cells_of(advisor_browser, "voided_count") == ["1"]


def test_figures_of_a_confirmed_batch_are_those_of_the_day_it_was_confirmed(advisor_browser, batch):
    LetterBatch.objects.update(last_written_at=timezone.now())
    batches.confirm(batch)
    SealedLetter.objects.update(voided_at=timezone.now())
    assert [cells_of(advisor_browser, name) for name in ("letter_count", "voided_count")] == [["3"], ["1"]]


def test_migration_counts_the_batches_that_were_confirmed_before(advisor_browser, batch):
    LetterBatch.objects.update(confirmed_at=timezone.now())
    migration.count_confirmed(apps, None)
    SealedLetter.objects.update(voided_at=timezone.now())
    assert [cells_of(advisor_browser, name) for name in ("letter_count", "voided_count")] == [["3"], ["1"]]


def test_batch_that_a_server_of_before_confirmed_is_counted(advisor_browser, batch):
    LetterBatch.objects.update(confirmed_at=timezone.now())
    assert cells_of(advisor_browser, "letter_count") == ["3"]


def test_list_says_how_many_letters_wait(advisor_browser, batch, new_client):
    makers.make_letters(new_client, 4)
    assert "Lots de plis scellés (4 en attente d’un lot)" in advisor_browser.get(BATCHES).content.decode()


def test_desk_leads_to_the_batches(advisor_browser):
    assert f'href="{BATCHES}"' in advisor_browser.get("/admin/").content.decode()


def test_no_page_shows_anything_of_a_letter(advisor_browser, batch):
    letters = list(SealedLetter.objects.all())
    for page in pages_of(batch):
        content = advisor_browser.get(page).content.decode()
        assert not [letter for letter in letters if letter.number_digest in content or str(letter.id) in content]
