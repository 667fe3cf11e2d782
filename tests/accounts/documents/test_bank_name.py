"""What bears the bank's name: papers and their pages, letters without a seal, the RIB, mails."""

import pytest
from django.utils import timezone

from accounts import bank
from accounts.documents import bank_details, issuing
from accounts.notation import ibans
from auth_codes import notices
from auth_codes.models import Notice

pytestmark = pytest.mark.django_db

NAME = "Banque des Lilas"


@pytest.fixture(autouse=True)
def named(settings, monkeypatch):
    settings.BANK_NAME = NAME
    monkeypatch.setattr(bank, "NAME", NAME)
    monkeypatch.setattr(ibans, "DOMICILIATION", NAME)


def test_papers_of_a_client_bear_it(client_):
    assert issuing.addressed_to(client_)["bank_name"] == NAME


def test_rib_bears_it_at_its_head_and_as_where_the_account_is(client_):
    contents = bank_details.contents_of(client_.bank_accounts.first(), timezone.localdate())
    assert (contents.bank_name, contents.domiciliation) == (NAME, NAME)


def test_mails_are_signed_by_it():
    _, body = notices.worded(Notice.Kind.CODE_CHANGED, salutation="Madame Martin", at=timezone.now())
    assert body.rstrip().endswith(NAME)
