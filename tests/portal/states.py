"""Every page of the portal in its states, as an HTML checker reads them: whoever asks, forms refused, doors shut."""

import re
import uuid
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from msgspec.structs import replace

from accounts.bank_accounts import undoing
from accounts.bank_accounts.opening import open_service_contract
from accounts.clients import identity_changes
from accounts.desk import staff_requests
from accounts.documents.issuing import issue
from accounts.models import AccessRequest, ServiceContract, StaffRequest, User
from accounts.transfers import ordering
from auth_codes.actor import Actor
from auth_codes.renewals import unblocking
from tests import makers
from tests.accounts.papers.contents import FOR_CLIENT
from tests.conftest import StrictBrowser
from tests.pages import say_why
from tests.portal.access_table import TABLE
from tests.portal.access_world import World
from tests.portal.test_access_sweep import asked
from tests.portal.test_desk_looks import addresses

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"
# What answers while nothing can be asked of the portal, and what only a long attack brings about.
SHUT = [
    "auth_codes/login/flood.html", "auth_codes/login/network_spent.html", "auth_codes/login/too_many_requests.html",
    "auth_codes/login/unknown_devices_wait.html", "auth_codes/login/desk_waits.html",
]  # fmt: skip
SUBSTITUTIONS = "/admin/accounts/substitution/"
NAMED = {"first_name": "Paul", "last_name": "Martin", "email": "paul@banque.example"}
BROKEN = ["400.html", "405.html", "500.html"]


# What differs between pages that are made alike.
VARYING = re.compile(r'\d+|(?:value|href)="[^"]*"')


class Pages:
    """The pages met so far, those that are made alike as one, and the templates that they were made of."""

    def __init__(self):
        self.made_of: set[str] = set()
        self._met: dict[frozenset[str], tuple[str, str]] = {}

    @property
    def by_name(self) -> dict[str, str]:
        return dict(self._met.values())

    def keep(self, name, answer):
        """An answer that is a page; what leads on, or is a file, says nothing."""
        if answer.get("Content-Type", "").startswith("text/html") and answer.content:
            self._add(f"{name} ({answer.status_code})", answer.content.decode())
            self.made_of |= {template.name for template in answer.templates if template.name}
        return answer

    def draw(self, template, context=None):
        """One that is made without a request, or that a test cannot bring about by asking once."""
        self._add(template, render_to_string(template, context))
        self.made_of.add(template)

    def _add(self, name, page):
        tags = frozenset(VARYING.sub("", tag) for tag in re.findall("<[^>]*>", page))
        self._met.setdefault(tags, (name, page))


def of_everybody(pages: Pages, world: World) -> None:
    """Each address of the table, as each visitor who gets a page there; each form sent as it must not be."""
    for row in TABLE:
        for method in ("get", "post"):
            for visitor, status in (getattr(row, method) or {}).items():
                if status != 302 and visitor in ("A", "P", "default", "anonymous", "staff"):
                    address, fields = asked(row, world)
                    answer = undone(world.visitors[visitor], method, address, fields)
                    pages.keep(f"{method} {address} as {visitor}", answer)


def undone(user, method, address, fields=None):
    """The answer to a visit of which nothing stays."""
    before = transaction.savepoint()
    try:
        browser = StrictBrowser.logged_in(user) if user else StrictBrowser()
        return getattr(browser, method)(address, fields or {})
    finally:
        transaction.savepoint_rollback(before)


def of_doors(pages: Pages, client) -> None:
    """The login: its sentences, refusals and pause; what whoever enters finds on a device that is new, or not his."""
    known, public, stranger = StrictBrowser(), StrictBrowser(), StrictBrowser()
    enter(pages, "on a new device", known, client, remember="on")
    pages.keep("session still open", known.get("/connexion/?fin"))
    pages.keep("login, remembered", known.post("/deconnexion/", follow=True))
    enter(pages, "on somebody else's computer", public, client, public="on")
    pages.keep("login after somebody else's computer", public.post("/deconnexion/", follow=True))
    for sentence in ("?au-revoir", "?partout", "?fin", "?autre", "?next=/mon-profil/code-secret/"):
        pages.keep(f"login{sentence}", stranger.get(f"/connexion/{sentence}"))
    pages.keep("login, refused form", stranger.post("/connexion/", {"username": "12\0", "password": "1"}))
    for attempt in range(6):
        pages.keep(f"login, wrong code {attempt}", makers.log_in(stranger, client.client_code, "296503"))
    enter(pages, "after failures of others", known, client)
    pages.keep("access closed", stranger.get("/acces-ferme/?courrier"))


def enter(pages: Pages, how, browser, client, **fields):
    pages.keep(f"overview {how}", makers.log_in(browser, client.client_code, makers.CODE, **fields))
    for name in ("overview", "profile", "secret_code", "it_was_not_me"):
        pages.keep(f"{name} {how}", browser.get(reverse(name)))


def of_what_waits(pages: Pages, client, advisor) -> None:
    """An operation that is not booked yet; contacts and an identity that nobody has confirmed."""
    [account] = client.bank_accounts.all()
    makers.make_pending(account, "Hôtel", "-80")
    makers.change_address(client, advisor)
    change = identity_changes.start(client, {"family_name": "Durand"}, by=Actor(advisor))
    browser = StrictBrowser.logged_in(client.user)
    for page in (account.get_absolute_url(), reverse("profile"), reverse("confirm_contacts")):
        pages.keep(f"{page}, with what waits", browser.get(page))
    colleague = StrictBrowser.logged_in(makers.make_advisor("marc.lefevre"))
    for act in ("change", "adresse"):
        say_why(colleague, client)
        pages.keep(f"{act} of a sheet, with what waits", colleague.get(f"/admin/accounts/client/{client.pk}/{act}/"))
    pages.keep("identity, to decide", colleague.get(f"/admin/accounts/identitychange/{change.pk}/change/"))


def of_documents(pages: Pages, client) -> None:
    browser = StrictBrowser.logged_in(client.user)
    for kind, contents in FOR_CLIENT.items():
        document = issue(client, replace(contents, client_code=client.client_code), title=f"Un document ({kind})")
        pages.keep(f"document, {kind}", browser.get(reverse("read_document", args=[document.pk])))
    pages.keep("documents", browser.get(reverse("documents")))


def of_transfers(pages: Pages, client, source, destination) -> None:
    browser = StrictBrowser.logged_in(client.user)
    order = ordering.prepare(client, source, destination, Decimal(10), "Vacances")
    page = reverse("transfer", args=[order.pk])
    pages.keep("transfer, to confirm", browser.get(page))
    seal = ordering.fingerprint(order)
    for what, code in (("wrong code", "296503"), ("done", makers.CODE)):
        pages.keep(f"transfer, {what}", browser.post(page, {"password": code, "seal": seal}, follow=True))
    late = ordering.prepare(client, source, destination, Decimal(10), "Trop tard")
    type(late).objects.filter(pk=late.pk).update(prepared_at=timezone.now() - timedelta(days=2))
    pages.keep("transfer, expired", browser.get(reverse("transfer", args=[late.pk])))


def of_errors(pages: Pages) -> None:
    for template in BROKEN:
        pages.draw(template)
    for template in SHUT:
        pages.draw(template, {"why": "Réessayez dans un quart d’heure."})
    pages.keep("form of another tab", StrictBrowser(enforce_csrf_checks=True).post("/connexion/", {"username": "x"}))


def of_the_desk(pages: Pages, world: World, advisor, director) -> None:
    """Each address of the desk as its users get it, and each form sent empty."""
    for address in addresses(world):
        for user, method in ((advisor, "get"), (advisor, "post"), (director, "get")):
            pages.keep(f"{method} {address} as {user.username}", undone(user, method, address))


def of_acts(pages: Pages, client, advisor, director) -> None:
    """A block to be lifted; a letter half written; what nobody has judged in time; somebody who stands in."""
    lifted = unblocking.start(client.user, by=Actor(advisor), identity_check="phone", token=uuid.uuid4())
    colleague = makers.make_advisor("zoe.martin")
    judging, asking = StrictBrowser.logged_in(colleague), StrictBrowser.logged_in(advisor)
    pages.keep("block, to decide", judging.get(f"/admin/auth_codes/unblocking/{lifted.pk}/change/"))
    letter = f"/admin/accounts/client/{client.pk}/courrier/"
    asking.post(reverse("admin:draft"), {"draft-page": letter, "subject": "Votre prêt"})
    pages.keep("letter, half written", asking.get(letter))
    card = open_service_contract(client, kind=ServiceContract.Kind.CARD, by=Actor(advisor))
    pages.keep("sheet with a contract", asking.get(f"/admin/accounts/client/{client.pk}/change/"))
    wrong = {"act": "opening", "number": card.number, "why": "Erreur", "token": uuid.uuid4()}
    taken_back = undoing.start(client, by=Actor(advisor), **wrong)
    pages.keep("act taken back, to decide", judging.get(f"/admin/accounts/undoing/{taken_back.pk}/change/"))
    AccessRequest.objects.update(started_at=timezone.now() - timedelta(days=8))
    pages.keep("first page, with what nobody has judged", asking.get("/admin/"))
    standing_in = makers.make_substitution(advisor, colleague)
    for page in ("add", f"{standing_in.pk}/change"):
        pages.keep(f"substitution, {page}", StrictBrowser.logged_in(director).get(f"{SUBSTITUTIONS}{page}/"))
        pages.keep(f"own substitution, {page}", asking.get(f"{SUBSTITUTIONS}{page}/"))


def of_staff(pages: Pages, asking, approving) -> None:
    """Somebody new, asked for and approved; his link, opened and over; whoever opens his own sheet."""
    asked = StaffRequest(kind=StaffRequest.Kind.NEW, username="paul.martin", token=uuid.uuid4(), **NAMED)
    staff_requests.start(asked, [], by=Actor(asking))
    page = f"/admin/accounts/staffrequest/{asked.pk}/change/"
    administrator = StrictBrowser.logged_in(approving)
    pages.keep("staff, to decide", administrator.get(page))
    pages.keep("member of the staff", administrator.get(f"/admin/accounts/user/{asking.pk}/change/"))
    approved = pages.keep("staff, approved", administrator.post(page, {"answer": "approve"}))
    link = urlsplit(approved.context["link"]).path
    pages.keep("first access", StrictBrowser().get(link))
    pages.keep("first access, refused", StrictBrowser().post(link, {"username": "a\0b"}))
    advisor = makers.make_advisor("luc.morin")
    sheet = makers.make_person(advisor, family_name="Propre")
    User.objects.filter(pk=advisor.pk).update(own_client=sheet)
    own = StrictBrowser.logged_in(User.objects.get(pk=advisor.pk))
    pages.keep("own sheet", own.get(f"/admin/accounts/client/{sheet.pk}/change/"))
