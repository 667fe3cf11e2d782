"""« Mes procurations » under « Mon profil »: what is given and received, and nothing that identifies the other."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from accounts.bank_accounts import holders, mandates
from accounts.notation import ibans
from auth_codes.actor import Actor
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import seen

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


def profile(client) -> str:
    page = unescape(seen(StrictBrowser.logged_in(client.user).get("/mon-profil/").content.decode()))
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page))


def test_profile_without_mandates_says_so(client_):
    page = profile(client_)
    assert "Personne n’a de procuration sur vos comptes." in page
    assert "Vous n’avez de procuration sur le compte de personne." in page


def test_holder_and_proxy_read_what_for_on_which_account_and_until_when(account, client_, other):
    until = TODAY + timedelta(days=30)
    makers.make_mandate(account, other, may_transfer=True, ends_on=until)
    number = ibans.display_number(account.number).replace("\u00a0", " ")
    told = f"consulter le compte et faire des virements, jusqu’au {until:%d/%m/%Y} Compte courant n° {number}"
    assert f"{other} Peut {told}" in profile(client_)
    assert f"Compte de {client_} Vous pouvez {told}" in profile(other)


def test_neither_reads_the_code_client_of_the_other(account, client_, other):
    makers.make_mandate(account, other)
    for reader, hidden in ((client_, other), (other, client_)):
        assert hidden.client_code not in re.sub(r"\s", "", profile(reader))


def test_each_holder_of_a_joint_account_sees_a_mandate_on_it_and_the_proxy_both_names(account, client_, other, advisor):
    proxy = makers.make_personalised_client(advisor, given_names="Zoé", family_name="Tiers")
    holders.add_holder(account, other, by=Actor(advisor))
    makers.make_mandate(account, proxy)
    assert all(f"{proxy} Peut consulter le compte, sans date de fin" in profile(holder) for holder in (client_, other))
    assert f"Compte de {client_} et {other}" in profile(proxy)


@pytest.mark.parametrize("over", ["revoked", "lapsed"])
def test_what_is_over_is_not_shown(account, client_, other, advisor, over):
    if over == "revoked":
        mandates.revoke(makers.make_mandate(account, other), by=Actor(advisor))
    else:
        day = TODAY - timedelta(days=2)
        makers.make_mandate(account, other, ends_on=day, today=day)
    assert str(other) not in profile(client_)
    assert str(client_) not in profile(other)
