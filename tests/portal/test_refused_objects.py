"""Who asks for what is not his is seen in his own journal, whether it exists or not."""

import pytest
from django.db import transaction

from auth_codes.models import OpenSession, SecurityEvent
from tests import makers
from tests.conftest import StrictBrowser
from tests.portal.access_table import TABLE
from tests.portal.access_world import make_world
from tests.portal.test_access_sweep import asked, case_name
from tests.standing import made_once

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# Every way to an object of A's that is refused to B.
REFUSED = [
    (row, method)
    for row in TABLE
    for method, expected in (("get", row.get), ("post", row.post))
    if expected is not None and expected["A"] != 404 and expected["B"] == 404
]


@made_once
def world(advisor):
    return make_world(advisor)


def lines(user) -> list[dict]:
    kept = SecurityEvent.objects.filter(kind=SecurityEvent.Kind.OBJECT_REFUSED, owner=user, by=user)
    return list(kept.order_by("id").values_list("details", flat=True))


def counted(world, row, method, *, is_there: bool) -> list[dict]:
    """What the journal of B says once he has asked, as if he had not."""
    user, before = world.visitors["B"], transaction.savepoint()
    try:
        address, fields = asked(row, world, is_there=is_there)
        assert getattr(StrictBrowser.logged_in(user), method)(address, fields).status_code == 404
        return lines(user)
    finally:
        transaction.savepoint_rollback(before)


def test_there_are_objects_to_be_refused():
    assert len(REFUSED) > 8


@pytest.mark.parametrize(("row", "method"), REFUSED, ids=lambda value: getattr(value, "pattern", value))
def test_each_refused_object_is_counted_alike_whether_it_exists(world, row, method):
    assert counted(world, row, method, is_there=True) == [{"refused": 1}], case_name(row, method)
    assert counted(world, row, method, is_there=False) == [{"refused": 1}], case_name(row, method)


def test_first_and_every_twentieth_of_a_session_are_a_line(world):
    user = world.visitors["B"]
    browser = StrictBrowser.logged_in(user)
    for number in range(41):
        browser.get(f"/espace-client/comptes/{10_000 + number}/")
    assert lines(user) == [{"refused": 1}, {"refused": 20}, {"refused": 40}]
    StrictBrowser.logged_in(user).get("/espace-client/comptes/1/")
    assert lines(user)[3:] == [{"refused": 1}]


@pytest.mark.parametrize("address", ["/nulle-part/", "/admin/", "/espace-client/comptes/dix/"])
def test_address_that_names_no_object_is_not_counted(world, address):
    user = world.visitors["B"]
    assert StrictBrowser.logged_in(user).get(address).status_code == 404
    assert lines(user) == []


def test_customer_reads_it_in_his_journal(world):
    browser = StrictBrowser.logged_in(world.visitors["B"])
    browser.get("/espace-client/comptes/10000/")
    page = browser.get("/mon-profil/journal/").content.decode()
    assert "Une page qui n’est pas à vous, ou n’existe pas, a été demandée" in page
    assert "Première de la session" in page


def test_page_of_his_own_counts_nothing(client_browser):
    client_browser.get("/mon-profil/")
    assert not OpenSession.objects.filter(refused_objects__gt=0).exists()


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_counted_one_by_one(race, advisor):
    client = makers.make_personalised_client(advisor)
    cookies = StrictBrowser.logged_in(client.user).cookies

    def ask(number):
        browser = StrictBrowser()
        browser.cookies = cookies.copy()
        return browser.get(f"/espace-client/comptes/{10_000 + number}/").status_code

    assert race(ask, range(20)) == [404] * 20
    assert sorted(line["refused"] for line in lines(client.user)) == [1, 20]
