"""What a search engine, and Lighthouse in its name, asks of a page: title, summary, links that say where they go."""

import re
from html import unescape

import pytest

from tests.portal.test_access_sweep import pages_of, world  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# https://developer.chrome.com/docs/lighthouse/seo/link-text, and the same in French.
SAYS_NOTHING = {
    "",
    "click here",
    "here",
    "more",
    "cliquez ici",
    "ici",
    "plus",
    "en savoir plus",
    "lire la suite",
    "suite",
}


def faults_of(page: str) -> list[str]:
    faults = [
        f"none, or several: {what}"
        for what, pattern in {
            "title": r"<title>[^<]*\S[^<]*</title>",
            "description": r'<meta name="description" content="[^"]{20,160}">',
            "viewport": r'<meta name="viewport" content="width=device-width, initial-scale=1">',
            "language": r'<html lang="\w\w">',
        }.items()
        if len(re.findall(pattern, page)) != 1
    ]
    links = re.findall(r"<a\b([^>]*)>(.*?)</a>", page, re.DOTALL)
    said = [unescape(re.sub(r"<[^>]*>", "", words)).strip().lower() for _, words in links]
    faults += [f"says nothing: {words!r}" for words in said if words in SAYS_NOTHING]
    faults += [f"leads nowhere: {at}" for at, _ in links if not re.search(r'href="[^"]+"', at)]
    return faults + ["kept from search engines"] * ("noindex" in page)


@pytest.mark.parametrize("visitor", ["A", "anonymous"])
def test_every_page_says_what_it_is_and_where_its_links_lead(world, visitor):  # noqa: F811
    found = {address: faults_of(page) for address, page in pages_of(world, visitor)}
    assert {address: faults for address, faults in found.items() if faults} == {}


def test_every_public_page_has_a_title_of_its_own(world):  # noqa: F811
    titles = [re.search("<title>(.*?)</title>", page)[1] for _, page in pages_of(world, "anonymous")]
    assert len(titles) == len(set(titles))
