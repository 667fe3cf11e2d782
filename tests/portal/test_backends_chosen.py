"""Which backends a login goes through is worked out once where the portal is served, as Django would choose them."""

import pytest
from django.contrib import auth

from banking_portal.serving import backends
from tests import makers
from tests.conftest import StrictBrowser
from tests.portal.starting import python

CREDENTIALS = [
    {"username": "5724816039", "password": "482915", "letter_digest": ""},
    {"username": "claire.dubois", "password": "a long one"},
    {"username": "5724816039"},
    {"token": "none of ours"},
    {},
]
SAYS_HOW = """
import banking_portal.wsgi
from django.contrib import auth
print(auth._get_compatible_backends.__module__)
"""


def names(chosen):
    return [(type(backend), path) for backend, path in chosen]


@pytest.fixture
def chosen_at_once(monkeypatch):
    django_own = auth._get_compatible_backends
    monkeypatch.setattr(auth, "_get_compatible_backends", django_own)
    backends.choose_at_once()
    return django_own


@pytest.mark.parametrize("credentials", CREDENTIALS)
def test_the_same_are_chosen_and_in_their_order(chosen_at_once, credentials, rf):
    request = rf.post("/connexion/")
    for _ in range(2):
        ours = names(auth._get_compatible_backends(request, **credentials))
        assert ours == names(chosen_at_once(request, **credentials))


def test_nothing_of_a_login_is_kept(chosen_at_once, rf):
    first = list(auth._get_compatible_backends(rf.post("/"), username="1", password="2"))
    again = list(auth._get_compatible_backends(rf.post("/"), username="3", password="4"))
    assert not {id(backend) for backend, _ in first} & {id(backend) for backend, _ in again}


@pytest.mark.django_db
def test_a_login_goes_through_them(chosen_at_once, client_):
    answer = makers.log_in(StrictBrowser(), client_.client_code, makers.CODE)
    assert (answer.status_code, answer["Location"]) == (302, "/espace-client/")


def test_the_server_chooses_so(ready):
    assert python(ready, "-c", SAYS_HOW).stdout.splitlines()[-1] == "banking_portal.serving.backends"
