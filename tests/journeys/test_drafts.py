"""A form of the desk half filled in when a session ends: warned of a minute before, and there again after the login."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.test_story import staff_log_in

ADD = "/admin/accounts/client/add/"


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_person_half_registered_is_there_after_the_end_of_the_session(demo, new_page, size):
    page = new_page(size)
    staff_log_in(page, demo, 0)
    page.goto(ADD)
    page.clock.install()
    page.goto(ADD)
    with page.expect_response(lambda answer: "/admin/brouillon/" in answer.url) as kept:
        page.locator("#id_family_name").fill("Lagaffe")
        page.clock.run_for(2000)
    assert kept.value.status == 204
    page.clock.fast_forward("14:10")
    page.clock.run_for(2000)
    expect(page.locator("#session")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.clock.fast_forward("02:00")
    page.clock.run_for(2000)
    page.wait_for_url(re.compile(r"/admin/(login/.*)?$"))  # to the server the clock has not gone on: it lets in again
    page.goto(ADD)
    expect(page.locator("#id_family_name")).to_have_value("Lagaffe")
    page.get_by_role("button", name="Effacer et recommencer").click()
    expect(page.locator("#id_family_name")).to_have_value("")
