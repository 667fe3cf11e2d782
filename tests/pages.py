"""Pages as the tests read them."""

import re
from html import unescape

from django.db import connection
from django.test.utils import CaptureQueriesContext


def seen(page: str) -> str:
    """A page's source with each number as it is seen, without what is heard in its place."""
    return re.sub(r'<span class="spelled" [^>]*><span [^>]*>[^<]*</span><span [^>]*>([^<]*)</span></span>', r"\1", page)


def text_of(answer) -> str:
    """The source of the page with plain spaces, so that a sentence is found however it is laid out."""
    return re.sub(r"[ \n\u00a0]+", " ", unescape(seen(answer.content.decode())))


def matter_of(answer) -> str:
    """The source of what the page says; around it each request has a token and a time of its own."""
    return re.search(r"<main.*</main>", answer.content.decode(), re.DOTALL)[0]


def words_of(answer) -> str:
    """The same without its tags."""
    return re.sub(r" +", " ", re.sub(r"<[^>]*>", " ", text_of(answer)))


def say_why(browser, *clients, reason: str = "phone", **fields):
    """Answers « Pourquoi ouvrez-vous cette fiche ? » for these clients, as long as the session lasts."""
    for client in clients:
        sheet = f"/admin/accounts/client/{client.pk}/change/"
        answer = browser.post(sheet, {"look-client": client.pk, "look-reason": reason, **fields})
        assert (answer.status_code, answer["Location"]) == (302, sheet)


def queries_of(browser, page: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(page).status_code == 200
    return len(queries)


def without_token(answer) -> str:
    """A page, but for what differs at each: the token of its forms."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
