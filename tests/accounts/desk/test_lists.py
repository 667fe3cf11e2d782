"""The lists of the desk, all of them: read by pages, by the index of their order, and never counted."""

import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.desk import lists
from accounts.models import Client, IdentityChange, PostBatch, User
from tests import makers
from tests.conftest import StrictBrowser
from tests.standing import made_once

pytestmark = pytest.mark.django_db

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
# The titles of these tell how much waits, by an index of that alone.
COUNTED_WAITING = re.compile(r'"decision" = |"batch_id" IS NULL')


@made_once
def superuser(db):
    return User.objects.create_superuser("directrice", password=makers.PASSWORD)


@pytest.fixture
def browser(superuser):
    return StrictBrowser.logged_in(superuser)


def page_of(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def make_batches(count):
    start = timezone.now() - timedelta(days=count)
    # Pairs of the same moment: only the last column of the order tells them apart.
    batches = [
        PostBatch(id=f"B{number:03}", exported_at=start + timedelta(days=number // 2)) for number in range(count)
    ]
    return PostBatch.objects.bulk_create(batches)


def pks_on(answer):
    return [row.pk for row in answer.context["cl"].result_list]


def pages_from(browser, page):
    """What each page shows, from the first to the last, by the links that they give."""
    while page:
        answer = browser.get(page)
        yield pks_on(answer)
        following = answer.context["cl"].next_page
        assert not following or following.replace("&", "&amp;") in answer.content.decode()
        page = following and page.split("?")[0] + following


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("query", ["", "?q=martin", "?p=40000", "?all=1", "?o=1"])
def test_no_list_counts_its_table(browser, model, query):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        browser.get(page_of(model) + query)
    table = f'FROM "{model._meta.db_table}"'
    counts = [one["sql"] for one in asked if "COUNT(*)" in one["sql"] and table in one["sql"]]
    assert [sql for sql in counts if not COUNTED_WAITING.search(sql)] == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_list_of_the_desk_is_one_of_ours(model):
    desk = admin.site._registry[model]
    assert issubclass(desk.get_changelist(None), lists.FirstPage)
    assert desk.sortable_by == ()
    assert not desk.date_hierarchy


def test_pages_show_every_row_once_in_the_order_of_the_list(browser):
    make_batches(60)
    shown = list(pages_from(browser, page_of(PostBatch)))
    assert [len(page) for page in shown] == [25, 25, 10]
    declared = PostBatch.objects.order_by("-exported_at", "-id").values_list("pk", flat=True)
    assert [pk for page in shown for pk in page] == list(declared)


def test_acts_are_paged_over_their_states(browser, advisor, person):
    second = makers.make_advisor("marc.lefevre")
    now = timezone.now()
    fields = {
        "client": person,
        "started_by": advisor,
        "old_birth_date": person.birth_date,
        "birth_date": person.birth_date,
    }
    IdentityChange.objects.bulk_create(
        IdentityChange(
            **fields,
            decision=("approved", "refused", "lapsed")[number % 3],
            started_at=now - timedelta(days=number // 4),
            decided_by=second,
            decided_at=now,
        )
        for number in range(70)
    )
    shown = [pk for page in pages_from(browser, page_of(IdentityChange)) for pk in page]
    assert shown == list(IdentityChange.objects.order_by("decision", "-started_at", "-id").values_list("pk", flat=True))


def test_staff_are_paged_by_their_names_and_no_client_is_among_them(browser, advisor, client_):
    User.objects.bulk_create(
        User(username=f"membre.{number}", first_name="Léa", last_name=f"Petit {number % 5}", is_staff=True)
        for number in range(120)
    )
    shown = [pk for page in pages_from(browser, page_of(User)) for pk in page]
    assert shown == list(User.objects.staff().values_list("pk", flat=True))
    assert client_.user.pk not in shown


def test_row_that_came_meanwhile_moves_nothing(browser):
    make_batches(30)
    following = browser.get(page_of(PostBatch)).context["cl"].next_page
    PostBatch.objects.create(id="NEW")
    assert len(pks_on(browser.get(page_of(PostBatch) + following))) == 5


def test_further_page_leads_back_to_the_first(browser):
    make_batches(30)
    following = browser.get(page_of(PostBatch)).context["cl"].next_page
    assert '<a href="?">Revenir au début</a>' in browser.get(page_of(PostBatch) + following).content.decode()


def test_filter_is_kept_from_page_to_page(browser):
    User.objects.bulk_create(
        User(username=f"membre.{number}", is_staff=True, is_active=number % 2 == 0) for number in range(120)
    )
    shown = [pk for page in pages_from(browser, f"{page_of(User)}?is_active__exact=0") for pk in page]
    assert len(shown) == 60


@pytest.mark.parametrize("after", ["", "0", "x", "٣", "999999999999999999999", "%00", "B001%00", "(", "-1"])
@pytest.mark.parametrize("model", [PostBatch, IdentityChange, User])
def test_page_behind_a_row_that_there_is_not_is_no_failure(browser, model, after):
    make_batches(30)
    answer = browser.get(f"{page_of(model)}?after={after}")
    assert answer.status_code in (200, 302)


def test_deep_page_is_the_first_one(browser):
    make_batches(60)
    first = pks_on(browser.get(page_of(PostBatch)))
    for query in ("?p=2", "?p=40000", "?all=", "?o=-1", "?o=2.1"):
        assert pks_on(browser.get(page_of(PostBatch) + query)) == first


def test_search_of_clients_has_no_page_behind_a_client(advisor_browser, advisor):
    for number in range(30):
        makers.make_person(advisor, given_names=f"Léa{'bcdefghijklmnopqrstuvwxyzabcdefg'[number]}", family_name="Petit")
    found = advisor_browser.post(page_of(Client), {"said": "petit"}, follow=True)
    [(page, _)], first = found.redirect_chain, [row["client"].pk for row in found.context["shown"]]
    answer = advisor_browser.get(f"{page}&after={first[-1]}")
    assert (len(first), answer.status_code) == (25, 400)
    assert "PETIT" not in answer.content.decode()
    assert "Suite" not in found.content.decode()
