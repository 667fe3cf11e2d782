"""« Courriers en grands caractères »: asked on the sheet, kept with it, and told in the journal."""

import pytest
from django.urls import reverse

from auth_codes.models import SecurityEvent
from tests import makers
from tests.accounts.admin.test_address_pages import save_sheet, text

pytestmark = pytest.mark.django_db


def test_sheet_asks_for_large_print_beside_the_address_and_keeps_it(advisor_browser, client_):
    page = text(save_sheet(advisor_browser, client_, large_print="on"))
    client_.refresh_from_db()
    assert client_.large_print is True
    assert "courriers en grands caractères" in page
    page = text(advisor_browser.get(f"/admin/accounts/client/{client_.pk}/modifier/"))
    assert "Courriers en grands caractères" in page
    assert "Le courrier qui apporte un code secret est imprimé en corps 20" in page


def test_box_unticked_brings_the_usual_print_back(advisor_browser, client_):
    save_sheet(advisor_browser, client_, large_print="on")
    save_sheet(advisor_browser, client_)
    client_.refresh_from_db()
    assert client_.large_print is False


def test_large_print_alone_is_no_change_of_contacts(advisor_browser, client_):
    """Nothing waits for a second advisor, and no e-mail frightens who has asked for it."""
    save_sheet(advisor_browser, client_, large_print="on")
    assert not client_.contact_changes.exists()
    assert not client_.letter_address().is_held


def test_client_reads_in_his_journal_that_it_was_changed(advisor_browser, client_browser, client_):
    save_sheet(advisor_browser, client_, large_print="on")
    assert SecurityEvent.objects.filter(kind="client_changed", details__fields="large_print").count() == 1
    page = text(client_browser.get(reverse("own_journal")))
    assert "Votre fiche client a été modifiée" in page
    assert "Courriers en grands caractères" in page


def test_person_registered_without_the_box_has_the_usual_print(advisor):
    assert makers.make_new_client(advisor, given_names="Zoé").large_print is False
