"""The first day of somebody at the desk: two administrators, a one-time link, a password of his own, the first page."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.test_story import staff_log_in

PASSWORD = "violon brouette girafe tulipe"


def number_of(demo, name) -> int:
    return next(number for number, row in enumerate(demo.rows("demo_staff.csv")) if row["username"] == name)


@pytest.mark.parametrize(("size", "name"), [(DESK, "lea.martin"), (PHONE, "noe.bernard")], ids=["desk", "phone"])
def test_new_colleague_chooses_his_password_by_a_link_that_serves_once(demo, new_page, size, name):
    asking = new_page(size)
    staff_log_in(asking, demo, number_of(demo, "anne.perrin"))
    asking.goto("/admin/accounts/staffrequest/add/")
    first_name, last_name = name.title().split(".")
    for field, value in {
        "username": name, "first_name": first_name, "last_name": last_name, "email": f"{name}@banque.example",
    }.items():  # fmt: skip
        asking.locator(f"#id_{field}").fill(value)
    asking.get_by_label("Conseillers").check()
    asking.get_by_label("Agence", exact=True).select_option(label="Lyon Part-Dieu")
    asking.get_by_role("button", name="Demander").click()
    expect(asking.locator(".messagelist")).to_be_visible()

    approving = new_page(size)
    staff_log_in(approving, demo, number_of(demo, "hugo.masson"))
    approving.goto("/admin/accounts/staffrequest/")
    approving.locator("#result_list tbody th a").first.click()
    approving.get_by_role("button", name="Approuver").click()
    expect(approving.locator(".act__link")).to_be_visible()
    link = approving.locator(".act__link").inner_text()

    own = new_page(size)
    own.goto(link)
    choose(own, name, "Marseille2024!")
    expect(own.locator(".errorlist").first).to_be_visible()
    assert own.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    choose(own, name, PASSWORD)
    own.wait_for_url(re.compile("/admin/login/"))
    own.locator("#id_username").fill(name)
    own.locator("#id_password").fill(PASSWORD)
    own.locator("[type=submit]").click()
    expect(own.get_by_role("heading", name="Aujourd’hui")).to_be_visible()

    again = new_page(size)
    again.goto(link)
    expect(again.locator("#id_username")).to_have_count(0)


def choose(page, name, password):
    page.locator("#id_username").fill(name)
    page.locator("#id_new_password1").fill(password)
    page.locator("#id_new_password2").fill(password)
    page.get_by_role("button", name="Enregistrer le mot de passe").click()
