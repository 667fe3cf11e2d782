"""What benchmarks suppose of the portal."""

from urllib.parse import urlsplit

from django.urls import resolve

from banking_portal import settings
from benchmarks import pages, serving
from tests.portal.access_table import TABLE


def test_hash_that_pages_are_measured_by_is_the_portals_own():
    cost = {"memory_kib": serving.MEMORY_KIB, "iterations": serving.ITERATIONS, "parallelism": 1}
    assert cost == settings.SECRET_CODE_ARGON2


# What a customer is answered with that is no page of his own: files, what machines ask for, what he reads for others.
NO_PAGES = {
    "healthz", "readyz", "manifest", "robots",
    "operations_csv", "operations_ofx", "bank_details", "document", "statement_archive",
    "transfer",  # as a document
    "closing", "refuse_closing", "rename_factor", "remove_factor", "set_token", "order_list", "own_contacts",
    "confirm_own_contacts", "own_ticket",  # as the others of this line and the one before, seldom in a life
}  # fmt: skip


def test_every_page_that_a_customer_reads_is_measured():
    read = {row.pattern for row in TABLE if row.get and row.get["A"] == 200} - NO_PAGES
    own = dict.fromkeys(pages.OWN, "1")
    measured = {resolve(urlsplit(page.format(**own)).path).url_name for page in pages.PAGES.values()}
    assert measured == read | {"login"}


def test_every_goal_is_of_a_page():
    assert pages.GOALS.keys() <= pages.PAGES.keys()
