"""The end of a session as a customer meets it: warned by the page, put off by one key, nothing left on the screen."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.layout import faults_in
from tests.journeys.test_story import log_in

MINUTE = 60_000
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
NAME = "#identity"
ENDED = re.compile(r"/connexion/\?fin&next=%2Fmon-profil%2F$")


def open_profile(page, somebody, *, public=False):
    page.clock.install()
    page.goto("/connexion/")
    if public:
        page.get_by_label("Cet appareil n’est pas à moi").check()
    page.get_by_label("Code client", exact=True).fill(somebody["client_code"])
    page.get_by_label("Code secret", exact=True).fill(somebody["secret_code"])
    page.get_by_role("button", name="Me connecter").click()
    page.wait_for_url("**/espace-client/")
    page.goto("/mon-profil/")


def warning_on(page):
    return page.get_by_role("alertdialog", name="Votre session va se fermer")


def wait_for_the_warning(page):
    page.clock.fast_forward(4 * MINUTE + 1000)
    expect(warning_on(page)).to_be_visible()


def let_it_end(demo, page):
    """Both clocks reach the end: the server's by its row, the page's by fast forward."""
    end_on_the_server(demo)
    page.clock.fast_forward(6 * MINUTE)


def end_on_the_server(demo):
    demo.manage("shell", "-c", "from django.contrib.sessions.models import Session; Session.objects.all().delete()")


@SIZES
def test_warning_takes_the_focus_fits_and_one_key_stays(new_page, somebody, size):
    page = new_page(size)
    open_profile(page, somebody)
    page.clock.fast_forward(3 * MINUTE)
    expect(warning_on(page)).to_be_hidden()
    page.clock.fast_forward(MINUTE + 1000)
    stay = warning_on(page).get_by_role("button", name="Rester connecté")
    expect(stay).to_be_focused()
    expect(warning_on(page)).to_contain_text(re.compile(r"dans \d\d secondes"))
    assert faults_in(page) == []
    page.keyboard.press("Enter")
    expect(warning_on(page)).to_be_hidden()
    page.clock.fast_forward(3 * MINUTE)
    expect(warning_on(page)).to_be_hidden()


def test_escape_stays_and_gives_the_focus_back(page, somebody):
    open_profile(page, somebody)
    link = page.get_by_role("link", name="Modifier mon code secret")
    link.focus()
    wait_for_the_warning(page)
    page.keyboard.press("Escape")
    expect(warning_on(page)).to_be_hidden()
    expect(link).to_be_focused()


def test_warning_is_spoken_twice_more_and_not_each_second(page, somebody):
    open_profile(page, somebody)
    wait_for_the_warning(page)
    spoken = page.locator("[data-spoken]")
    page.clock.run_for(10_000)
    expect(spoken).to_be_empty()
    page.clock.run_for(20_000)
    expect(spoken).to_have_text(re.compile(r"^Encore (30|29) secondes\.$"))
    said = spoken.inner_text()
    page.clock.run_for(5_000)
    expect(spoken).to_have_text(said)


def test_log_out_beside_it_logs_out(page, somebody):
    open_profile(page, somebody)
    wait_for_the_warning(page)
    warning_on(page).get_by_role("button", name="Me déconnecter").click()
    page.wait_for_url("**/connexion/?au-revoir")


def test_end_leaves_the_page_says_so_and_the_login_leads_back(demo, page, somebody):
    open_profile(page, somebody)
    let_it_end(demo, page)
    expect(page).to_have_url(ENDED)
    expect(page.get_by_role("status")).to_contain_text("Votre session a pris fin")
    page.get_by_label("Code client", exact=True).fill(somebody["client_code"])
    page.get_by_label("Code secret", exact=True).fill(somebody["secret_code"])
    page.get_by_role("button", name="Me connecter").click()
    expect(page).to_have_url(f"{demo.url}/mon-profil/")


def test_back_after_the_end_shows_nothing_private(demo, page, somebody):
    open_profile(page, somebody)
    page.goto("/espace-client/")
    let_it_end(demo, page)
    page.wait_for_url("**/connexion/?fin**")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Me connecter")
    expect(page.locator(NAME)).to_have_count(0)


def test_tab_that_slept_past_the_end_shows_nothing_when_it_wakes(demo, page, somebody):
    open_profile(page, somebody)
    page.add_init_script("window.setInterval = () => 0")  # no timer runs in a tab that sleeps
    page.reload()
    end_on_the_server(demo)
    page.clock.fast_forward(20 * MINUTE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon profil")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page).to_have_url(ENDED)
    expect(page.locator(NAME)).to_have_count(0)


def test_session_that_ended_elsewhere_while_the_warning_shows_is_left_cleanly(demo, page, somebody):
    open_profile(page, somebody)
    wait_for_the_warning(page)
    end_on_the_server(demo)
    page.keyboard.press("Enter")
    expect(page).to_have_url(ENDED)
    expect(page.get_by_role("status")).to_contain_text("Votre session a pris fin")


def test_without_network_the_warning_says_what_to_do_and_a_second_try_stays(page, somebody):
    open_profile(page, somebody)
    wait_for_the_warning(page)
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Vérifiez votre connexion Internet")
    page.context.set_offline(False)
    page.keyboard.press("Enter")
    expect(warning_on(page)).to_be_hidden()


def test_activity_in_one_tab_prolongs_the_other(page, somebody):
    open_profile(page, somebody)
    wait_for_the_warning(page)
    page.context.new_page().goto("/espace-client/")
    expect(warning_on(page)).to_be_hidden()


def test_logout_in_one_tab_takes_the_private_page_off_the_other(page, somebody):
    open_profile(page, somebody)
    other = page.context.new_page()
    other.goto("/espace-client/")
    other.get_by_role("button", name="Se déconnecter").click()
    expect(page).to_have_url(ENDED)
    expect(page.get_by_role("status")).to_contain_text("Votre session a pris fin")
    expect(other).to_have_url(re.compile("au-revoir"))


def test_page_whose_end_came_although_another_tab_was_used_leads_back(demo, page, somebody):
    open_profile(page, somebody)
    page.clock.fast_forward(6 * MINUTE)  # by its own clock alone
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre session est toujours ouverte")
    page.get_by_role("link", name="Revenir à ma page").click()
    expect(page).to_have_url(f"{demo.url}/mon-profil/")


NEAR_THE_HOUR = """
from time import time
from django.contrib.sessions.models import Session
from auth_codes.sessions.store import SessionStore
for row in Session.objects.all():
    life = ["client", int(time()) - 57 * 60, int(time())]
    row.session_data = SessionStore.at(row).encode(SessionStore.data_of(row) | {"life": life})
    row.save()
"""


@SIZES
def test_end_of_the_hour_is_announced_as_one_that_cannot_be_put_off(demo, new_page, somebody, size):
    page = new_page(size)
    open_profile(page, somebody)
    demo.manage("shell", "-c", NEAR_THE_HOUR)
    page.reload()
    expect(page.get_by_role("contentinfo")).to_contain_text(re.compile(r"Par sécurité.*au plus tard"))
    page.clock.fast_forward(2 * MINUTE + 5000)
    expect(warning_on(page)).to_contain_text("ne peut pas être prolongée")
    expect(warning_on(page).get_by_role("button", name="Rester connecté")).to_be_hidden()
    expect(warning_on(page).get_by_role("button", name="J’ai compris")).to_be_focused()
    assert faults_in(page) == []
    page.keyboard.press("Escape")
    page.clock.run_for(2000)
    expect(warning_on(page)).to_be_hidden()
    end_on_the_server(demo)
    page.clock.fast_forward(MINUTE)
    expect(page).to_have_url(ENDED)


def test_without_javascript_the_page_says_until_when_and_leaves_after_it(demo, new_page, somebody):
    page = new_page(PHONE, java_script_enabled=False)
    log_in(page, somebody["client_code"], somebody["secret_code"])
    page.wait_for_url("**/espace-client/")
    expect(page.get_by_role("contentinfo")).to_contain_text(re.compile(r"déconnecté à \d\d\sh\s\d\d"))
    demo.manage("shell", "-c", NEAR_THE_HOUR.replace("57 * 60", "3590"))
    page.reload()
    page.wait_for_url("**/connexion/?fin&next=%2Fespace-client%2F", timeout=40_000)
    expect(page.get_by_role("status")).to_contain_text("Votre session a pris fin")


def test_public_computer_forgets_the_site_and_the_next_login_works(demo, page, somebody):
    open_profile(page, somebody, public=True)
    page.evaluate("localStorage.setItem('left', 'behind')")
    page.clock.fast_forward(MINUTE + 1000)
    expect(warning_on(page)).to_be_visible()
    warning_on(page).get_by_role("button", name="Me déconnecter").click()
    page.wait_for_url("**/connexion/?au-revoir&public")
    expect(page.get_by_role("status")).to_contain_text("Fermez toutes les fenêtres du navigateur")
    assert page.evaluate("localStorage.length") == 0
    assert {cookie["name"] for cookie in page.context.cookies()} == {"csrftoken"}
    log_in(page, somebody["client_code"], somebody["secret_code"])
    expect(page).to_have_url(f"{demo.url}/espace-client/")


def test_public_computer_left_alone_forgets_the_site_too(demo, page, somebody):
    open_profile(page, somebody, public=True)
    page.evaluate("localStorage.setItem('left', 'behind')")
    demo.manage("shell", "-c", NEAR_THE_HOUR.replace("client", "public").replace("57 *", "60 *"))
    page.clock.fast_forward(3 * MINUTE)
    expect(page).to_have_url(ENDED)
    expect(page.get_by_role("status")).to_contain_text("Votre session a pris fin")
    assert page.evaluate("localStorage.length") == 0
    log_in(page, somebody["client_code"], somebody["secret_code"])
    expect(page).to_have_url(f"{demo.url}/espace-client/")


def test_log_out_everywhere_closes_the_other_device_and_says_so(new_page, somebody):
    here, elsewhere = new_page(), new_page(PHONE)
    open_profile(here, somebody)
    open_profile(elsewhere, somebody)
    here.get_by_role("button", name="Me déconnecter partout").click()
    here.wait_for_url("**/connexion/?partout")
    expect(here.get_by_role("status")).to_contain_text("déconnecté de tous vos appareils")
    elsewhere.get_by_role("link", name="Mes comptes").click()
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Me connecter")
