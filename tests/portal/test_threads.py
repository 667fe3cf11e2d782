"""What Django keeps for each request is kept by thread where the portal is served."""

import threading

import pytest
from django.db import connections
from django.utils import translation

from banking_portal.serving import threads
from tests.portal.starting import python

SAYS_HOW = """
import threading, banking_portal.wsgi
from banking_portal.serving import threads
print(all(isinstance(getattr(*kept), threading.local) for kept in threads.KEPT))
"""


@pytest.fixture
def kept_by_thread(monkeypatch):
    for owner, name in (*threads.KEPT, (connections, "_connections")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    threads.keep_by_thread()


def in_another_thread(asked):
    found = []
    thread = threading.Thread(target=lambda: found.append(asked()))
    thread.start()
    thread.join()
    return found[0]


def test_a_language_is_seen_by_its_own_thread_alone(kept_by_thread):
    with translation.override("en"):
        assert (translation.get_language(), in_another_thread(translation.get_language)) == ("en", "fr")
    assert translation.get_language() == "fr"


def test_the_server_keeps_it_so(ready):
    assert python(ready, "-c", SAYS_HOW).stdout.splitlines()[-1] == "True"
