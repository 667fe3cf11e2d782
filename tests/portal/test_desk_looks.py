"""No page of the desk shows a client without a line of the journal, whatever its address and however it is asked."""

import ast
import re
import uuid
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from accounts import client_codes
from accounts.bank_accounts import access_requests
from accounts.desk.dual_control import DualControlAdmin
from accounts.kinds import Event
from accounts.models import AccessRequest, User
from auth_codes.actor import Actor
from auth_codes.models import Renewal, SecurityEvent
from auth_codes.renewals import by_advisors
from tests import makers
from tests.conftest import StrictBrowser
from tests.portal.access_world import make_world
from tests.portal.test_access_sweep import read
from tests.standing import made_once

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

LOOKS = (Event.CLIENT_CONSULTED, Event.CLIENTS_SEARCHED)
WORDS = {"what": ["compte", "contrat", "cotitulaire", "procuration"], "app_label": ["accounts", "auth_codes"]}
CHECKED = {"pour": "phone", "checks": ["identity", "address", "owned"]}
HOW = [("get", {}), ("post", {}), ("post", {"city": ""}), ("post", {"said": "zoe visite b"}), ("post", CHECKED)]
# Where a code client stands whole: the answer to a reason, and papers, each of whose openings is a line.
SHOW_IT_WHOLE = re.compile(r"/admin/accounts/client/\d+/(code-client/|documents/\d+/)")


@made_once
def bank(advisor):
    """A world of clients, of which each has an e-mail, a telephone and an address of his own, and acts that wait."""
    world = make_world(advisor)
    for place, client in enumerate(world.clients):
        client.email, client.mobile_phone = f"client{place}@example.org", f"+336123450{place:02}"
        client.street = f"{place} rue du Secret"
        client.save()
    a, b = world.clients[:2]
    by_advisors.start(a.user, by=Actor(advisor), identity_check="branch", token=uuid.uuid4())
    asked = {"person": b, "agreement": "branch", "right": "holder", "ends_on": None, "token": uuid.uuid4()}
    access_requests.start(world.alone, by=Actor(advisor), **asked)
    return world


@made_once
def stranger(advisor):
    """May do all that there is at the desk, and is nobody's own advisor."""
    return User.objects.create_superuser("directrice", password=makers.PASSWORD)


def desk_patterns(patterns=None, prefix="/"):
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from desk_patterns(entry.url_patterns, route)


def addresses(world):
    """Each address of the desk, filled with the number of everything there is in the place of each argument."""
    mandate = world.entrusted.mandates.first()
    acts = [*Renewal.objects.values_list("pk", flat=True), *AccessRequest.objects.values_list("pk", flat=True)]
    numbers = sorted({world.clients[0].pk, world.clients[1].pk, *acts})
    for route in desk_patterns():
        if not route.startswith("/admin/") or "logout" in route or "(?P" in route:
            continue
        known = {
            "pk": world.clients[0].pk, "account_pk": world.alone.pk, "mandate_pk": mandate.pk,
            "document_pk": world.letter.pk,
        }  # fmt: skip
        yield from filled(route, known, numbers)


def filled(route, known, numbers):
    found = re.search(r"<(?:\w+:)?(\w+)>", route)
    if not found:
        yield route
        return
    name = found[1]
    choices = WORDS.get(name) or ([known[name]] if known.get(name) else numbers)
    for choice in choices:
        yield from filled(route.replace(found[0], str(choice), 1), known, numbers)


def secrets_of(client):
    return [client.email, client.mobile_phone, client_codes.display(client.client_code), client.street]


def shown(world, answer) -> set[int]:
    """Whose data an answer holds; a name alone is no look."""
    return shown_in(world, read(answer))


def shown_in(world, said: str) -> set[int]:
    text = unescape(said).replace("\u00a0", " ")
    text += text.replace(" ", "")
    return {
        client.pk for client in world.clients if any(said.replace("\u00a0", " ") in text for said in secrets_of(client))
    }


def holds_a_code_client(world, said: str) -> bool:
    text = re.sub(r"[\s\u00a0]+", "", unescape(said))
    return any(client.client_code in text for client in world.clients)


def told(advisor, since) -> set[int]:
    """Whom the lines written since then name."""
    lines = advisor.acts.filter(kind__in=LOOKS, pk__gt=since).values_list("details", flat=True)
    return {int(pk) for line in lines for pk in [line.get("client"), *line.get("shown", "").split()] if pk}


def last_line() -> int:
    return SecurityEvent.objects.latest("pk").pk


@pytest.mark.parametrize("visitor", ["advisor", "stranger"])
def test_every_page_that_shows_a_client_has_told_it(bank, advisor, stranger, visitor):
    user = advisor if visitor == "advisor" else stranger
    shown_at, whole_at = {}, set()
    for address in addresses(bank):
        for method, fields in HOW:
            browser, before = StrictBrowser.logged_in(user), last_line()
            answer = getattr(browser, method)(address, fields)
            said = read(answer)
            people = shown_in(bank, said)
            whole_at |= {address} if holds_a_code_client(bank, said) else set()
            if people:
                shown_at[address, method] = people - told(user, before)
    assert not {at: people for at, people in shown_at.items() if people}
    assert not {address for address in whole_at if not SHOW_IT_WHOLE.fullmatch(address)}
    if visitor == "advisor":
        assert whole_at
        assert len(shown_at) > 15  # acts name their client, with the last digits of his number
        assert {address.split("/")[3] for address, _ in shown_at} >= {"client", "renewal", "accessrequest"}


def test_second_advisor_s_pages_tell_of_whom_they_show(bank):
    colleague = makers.make_advisor("marc.lefevre")
    a, b = bank.clients[:2]
    browser = StrictBrowser.logged_in(colleague)
    pages = {
        reverse("admin:auth_codes_renewal_change", args=[a.user.renewals.get().pk]): a,
        reverse("admin:accounts_accessrequest_change", args=[AccessRequest.objects.get().pk]): b,
    }
    for page, client in pages.items():
        assert shown(bank, browser.get(page)) == {client.pk}
        line = colleague.acts.filter(kind=Event.CLIENT_CONSULTED).last()
        assert line.details == {"client": client.pk, "look": "second_advisor"}
    AccessRequest.objects.update(started_at=timezone.now() - timedelta(days=12))
    assert shown(bank, StrictBrowser.logged_in(colleague).get(page)) == set()  # over: a look like any other


def test_lists_of_acts_show_a_name_and_the_act_alone(bank, advisor):
    browser = StrictBrowser.logged_in(advisor)
    for page in ("accounts/accessrequest/", "auth_codes/renewal/", "auth_codes/letterbatch/", ""):
        answer = browser.get(f"/admin/{page}")
        assert shown(bank, answer) == set()
        assert bank.alone.number not in read(answer)


@pytest.mark.parametrize("model", ["holding", "mandate", "accessrequest", "document", "transfer", "servicecontract"])
@pytest.mark.parametrize("field", ["client", "proxy", "person"])
def test_completion_of_a_field_lists_nobody(bank, stranger, model, field):
    asked = {"app_label": "accounts", "model_name": model, "field_name": field, "term": "visite"}
    assert StrictBrowser.logged_in(stranger).get("/admin/autocomplete/", asked).status_code == 404


def sources():
    return sorted(Path(settings.BASE_DIR, "accounts/admin").glob("*.py"))


def test_no_page_of_the_desk_gets_a_client_by_itself():
    """Not by the model, nor by a shortcut: accounts/desk/sheets.py gives him."""
    found = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            used = [node.value] if isinstance(node, ast.Attribute) else getattr(node, "args", [])
            if isinstance(used, list) and any(isinstance(name, ast.Name) and name.id == "Client" for name in used):
                found.setdefault(path.name, []).append(ast.unparse(node))
    assert found == {"clients.py": ["admin.register(Client)"], "end_acts.py": ["Client.End"]}


def test_every_kind_of_act_says_whom_its_page_shows():
    """What is about a client; the second advisor reads his data there."""
    silent = [
        type(desk).__name__
        for desk in admin.site._registry.values()
        if isinstance(desk, DualControlAdmin) and "clients_shown" not in _own(desk)
    ]
    assert silent == []


def _own(desk) -> set[str]:
    """What its own classes define, below the one that all kinds of acts share."""
    classes = type(desk).__mro__[: type(desk).__mro__.index(DualControlAdmin)]
    return {name for one in classes for name in vars(one)}
