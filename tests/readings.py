"""Pages and commands whose cost must not grow with the bank, each as something to be done."""

from collections.abc import Callable
from io import StringIO

from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse

from accounts.desk import roles
from accounts.models import Client, User
from tests import makers
from tests.conftest import StrictBrowser

COMMANDS = (
    "list_sealed_letters", "list_post", "list_login_hours", "watch_logins", "send_notices", "note_expired_codes",
    "issue_requested_letters", "forget_unconfirmed_transfers", "purge_post",
)  # fmt: skip


def readings(advisor: User, client: Client) -> dict[str, Callable[[], object]]:
    """By their names. `client` is one of the advisor's own."""
    pages = _pages_of_the_desk(advisor, client) | _lists_of_the_desk() | _pages_of_the_customer(client)
    found = {name: _shown(browser, page) for name, (browser, page) in pages.items()}
    return found | {name: _run(name) for name in COMMANDS}


def _pages_of_the_desk(advisor, client):
    roles.make_groups()
    desk, auditor, operator = StrictBrowser.logged_in(advisor), _member(roles.AUDITORS), _member(roles.OPERATORS)
    sheet = f"/admin/accounts/client/{client.pk}/"
    return {
        "advisor's first page": (desk, "/admin/"),
        "auditor's first page": (auditor, "/admin/"),
        "operator's first page": (operator, "/admin/"),
        "logins an hour": (operator, "/admin/connexions-par-heure/"),
        "sheet": (desk, f"{sheet}change/"),
        "new sheet": (desk, "/admin/accounts/client/add/"),
        "client's journal at the desk": (desk, f"{sheet}history/"),
        "searches that showed him": (desk, f"{sheet}history/?recherches"),
        "client's documents": (desk, f"{sheet}documents/"),
        "journal": (auditor, "/admin/journal/"),
        "journal, a frequent kind": (auditor, "/admin/journal/?kind=client_consulted"),
        "journal, a rare kind": (auditor, "/admin/journal/?kind=bulk_alarm"),
        "journal, one actor": (auditor, f"/admin/journal/?actor={advisor.username}"),
    }


def _lists_of_the_desk():
    """Of the tables that `busy_bank` fills: an empty one says nothing of a full one."""
    superuser = User.objects.create_superuser("directrice", password=makers.PASSWORD)
    browser = StrictBrowser.logged_in(superuser)
    return {
        f"list of {model._meta.model_name}": (
            browser,
            reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"),
        )
        for model in admin.site._registry
        if model._default_manager.exists()
    }


def _pages_of_the_customer(client):
    customer = StrictBrowser.logged_in(client.user)
    return {"overview": (customer, "/espace-client/"), "own journal": (customer, "/mon-profil/")}


def _member(role):
    user = User.objects.create_user(f"membre.{role}", password=makers.PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return StrictBrowser.logged_in(user)


def _shown(browser, page):
    def show():
        answer = browser.get(page)
        assert answer.status_code == 200, (page, answer.status_code)

    return show


def _run(name):
    return lambda: call_command(name, stdout=StringIO(), stderr=StringIO())
