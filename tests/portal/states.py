"""Every page of the portal in its states, as an HTML checker reads them: whoever asks, forms refused, doors shut."""

import re
import uuid
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.template.loader import render_to_string
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from msgspec.structs import replace

from accounts.bank_accounts import cosigning, holders, joining, undoing
from accounts.bank_accounts.opening import open_account, open_service_contract
from accounts.clients import identity_changes
from accounts.clients.contact_changes import CONTACTS
from accounts.desk import staff_requests
from accounts.documents.issuing import issue
from accounts.models import AccessRequest, BankAccount, ContactChange, Holding, ServiceContract, StaffRequest, User
from accounts.transfers import ordering
from auth_codes.actor import SYSTEM, Actor
from auth_codes.factors import by_advisors, ending, lists, lists_issuing, tickets_by_advisors
from auth_codes.letters import letter_numbers
from auth_codes.locking import unlocking
from auth_codes.models import Factor
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
# Of somebody of nine it makes one of sixteen.
YEARS_7 = relativedelta(years=7)
NAMED = {"first_name": "Paul", "last_name": "Martin", "email": "paul@banque.example"}
BROKEN = ["400.html", "405.html", "500.html", "503.html"]


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
    pages.keep("lock, refused codes", stranger.post("/verrouiller/", {"username": "12\0", "password": "1"}))
    pages.keep("lock, refused lock code", stranger.post("/verrouiller/", {"lock_code": "7KQ4"}))


def of_locks(pages: Pages, client, advisor) -> None:
    """An access that is locked: its receipt, the answer to right codes, its sheet, what waits for a second advisor."""
    browser, owner = StrictBrowser(), StrictBrowser.logged_in(client.user)
    pages.keep("lock from a session", owner.get("/mon-profil/verrouiller/"))
    pages.keep("receipt of a lock", owner.post("/mon-profil/verrouiller/", follow=True))
    pages.keep(
        "right codes of a locked access",
        browser.get(makers.log_in(browser, client.client_code, makers.CODE)["Location"]),
    )
    own_unlocking(pages, client)
    asking = StrictBrowser.logged_in(advisor)
    pages.keep("sheet, locked", asking.get(f"/admin/accounts/client/{client.pk}/change/"))
    asked = unlocking.start(client.user, by=Actor(advisor), identity_check="phone", token=uuid.uuid4())
    judging = StrictBrowser.logged_in(makers.make_advisor("nora.simon"))
    pages.keep("lock, to undo", judging.get(f"/admin/auth_codes/unlocking/{asked.pk}/change/"))
    pages.draw("auth_codes/locking/too_many.html")


def own_unlocking(pages: Pages, client) -> None:
    """The same codes of who has had an app for long; he has none afterwards."""
    browser, page, long_before = StrictBrowser(), reverse("unlock"), timezone.now() - timedelta(days=30)
    app, _ = makers.make_app(client, created_at=long_before, asked_from=long_before)
    makers.log_in(browser, client.client_code, makers.CODE)
    challenge = pages.keep("locked, and a moyen of before", browser.get(page)).context["challenge"].pk
    pages.keep("locked, wrong number", browser.post(page, {"code": "000000", "challenge": challenge}))
    app.delete()


def of_factors(pages: Pages, client) -> None:
    """An app on its way, resting, asked for, refused, in pause, taken off; the owner has none afterwards."""
    browser, stranger, own = StrictBrowser.logged_in(client.user), StrictBrowser(), reverse("factors")
    browser.post(reverse("add_app"), {"password": makers.CODE, "name": "Mon téléphone"})
    confirming = reverse("confirm_app")
    pages.keep("app, its key", browser.get(confirming))
    pages.keep("app, wrong numbers", browser.post(confirming, {"code": "000000", "code2": "000000"}))
    browser.post(reverse("give_up_app"))
    factor, _ = makers.make_app(client)
    pages.keep("moyens, one", browser.get(own))
    pages.keep("app, one already", browser.get(reverse("add_app")))
    removal = reverse("remove_factor", args=[factor.pk])
    pages.keep("moyen, to be removed", browser.get(removal))
    of_own_contacts(pages, client, browser)
    pages.keep("moyen, wrong", browser.post(removal, {"password": "296503", "code": "000000"}))
    makers.log_in(stranger, client.client_code, makers.CODE)
    asked = pages.keep("second step", stranger.get(reverse("second_step")))
    shown = {"code": "000000", "challenge": asked.context["challenge"].pk}
    for attempt in range(5):
        pages.keep(f"second step, wrong {attempt}", stranger.post(reverse("second_step"), shown))
    factor.delete()
    of_lists(pages, makers.make_personalised_client(client.advisor, family_name="Lanoë"))
    of_passkeys(pages, client)
    of_tokens(pages, makers.make_personalised_client(client.advisor, family_name="Kervella"))
    of_levels(pages, makers.make_personalised_client(client.advisor, family_name="Kerviel"))


def of_tokens(pages: Pages, client) -> None:
    """A token lent by the desk, to be put into use, in service, asked for, set right, in pause, to be returned."""
    browser, stranger, own = StrictBrowser.logged_in(client.user), StrictBrowser(), reverse("factors")
    desk, lending = StrictBrowser.logged_in(client.advisor), f"/admin/accounts/client/{client.pk}/boitier/"
    pages.keep("token, none lent", browser.get(reverse("add_token")))
    pages.keep("token, to be lent", desk.get(lending))
    pages.keep("token, unknown", desk.post(lending, {"serial": "TK0009"}))
    secret = makers.lend_token(client, "TK0002")  # the first one is of the sweep's world
    pages.keep("token, to be taken back", desk.get(lending))
    pages.keep("sheet, token lent", desk.get(f"/admin/accounts/client/{client.pk}/change/"))
    pages.keep("moyens, token lent", browser.get(own))
    pages.keep("token, to be put into use", browser.get(reverse("add_token")))
    browser.post(reverse("add_token"), {"password": makers.CODE, "name": "Mon boîtier"})
    pages.keep("token, two numbers", browser.get(reverse("confirm_token")))
    wrong = {"token_code": "000000", "token_code2": "000000"}
    pages.keep("token, wrong numbers", browser.post(reverse("confirm_token"), wrong))
    right = {"token_code": makers.number_of(secret, -1), "token_code2": makers.number_of(secret)}
    browser.post(reverse("confirm_token"), right)
    factor = client.user.factors.active().get()
    factor.asked_from = timezone.now()
    factor.seal(secret)
    factor.save()
    pages.keep("moyens, token", browser.get(own))
    pages.keep("token, one already", browser.get(reverse("add_token")))
    pages.keep("token, not to be taken back", desk.get(lending))
    setting = reverse("set_token", args=[factor.pk])
    pages.keep("token, to be set right", browser.get(setting))
    pages.keep("token, not set right", browser.post(setting, {"password": "296503", **wrong}))
    pages.keep("token, to be removed", browser.get(reverse("remove_factor", args=[factor.pk])))
    makers.log_in(stranger, client.client_code, makers.CODE)
    asked = pages.keep("second step, token", stranger.get(reverse("second_step")))
    shown = {"token_code": "000000", "challenge": asked.context["challenge"].pk}
    for attempt in range(5):
        pages.keep(f"second step, wrong token {attempt}", stranger.post(reverse("second_step"), shown))
    with transaction.atomic():
        ending.end(factor, Factor.Why.REMOVED, by=SYSTEM, now=timezone.now())
    pages.keep("moyens, token to be returned", browser.get(own))


def of_own_contacts(pages: Pages, client, browser) -> None:
    """Contacts that their client changes himself: refused, read again, wrong, and the question about a new e-mail."""
    typing, confirming = reverse("own_contacts"), reverse("confirm_own_contacts")
    fields = {name: getattr(client, name) for name in CONTACTS}
    pages.keep("own contacts", browser.get(typing))
    wrong = {"mobile_phone": "12", "country": "GB", "postcode": "44000"}
    pages.keep("own contacts, refused", browser.post(typing, fields | wrong))
    browser.post(typing, fields | {"email": "ines.martin@example.net", "street": "1 rue Neuve", "home_phone": ""})
    page = pages.keep("own contacts, to confirm", browser.get(confirming)).context
    sent = {"seen": page["form"]["seen"].value(), "challenge": page["challenge"].pk}
    answer = browser.post(confirming, sent | {"password": "296503", "code": "000000"})
    pages.keep("own contacts, wrong", answer)
    row = {"client": client, "contact": "email", "old": "ines@example.org", "new": client.email, "by_himself": True}
    asked = ContactChange.objects.create(**row, changed_by=client.user)
    pages.keep("profile, new e-mail", browser.get(reverse("profile")))
    asked.delete()


def of_levels(pages: Pages, client) -> None:
    """What is older than 90 days, asked for; a moyen that will be required, and one that is by now."""
    browser, today = StrictBrowser.logged_in(client.user), timezone.localdate()
    account = client.bank_accounts.get()
    for days in (200, 120, 0):
        makers.make_operation(account, "Café", "3.20", today - timedelta(days))
    with override_settings(SECOND_FACTOR_REQUIRED_FROM=today + timedelta(days=30)):
        pages.keep("overview, invited to choose a moyen", browser.get(reverse("overview")))
    with override_settings(SECOND_FACTOR_REQUIRED_FROM=today):
        pages.keep("overview, a moyen is missing", browser.get(reverse("overview")))
        pages.keep("moyen, to be chosen", browser.get(reverse("choose_factor")))
        app, _ = makers.make_app(client, asked_from=timezone.now() + timedelta(days=3))
        pages.keep("moyen, to be chosen, one rests", browser.get(reverse("choose_factor")))
        app.delete()
        app, _ = makers.make_app(client)
        pages.keep("moyen, to be shown", browser.get(reverse("show_factor")))
        pages.keep("moyen, the last one", browser.get(reverse("remove_factor", args=[app.pk])))
    pages.keep("operations, cut", browser.get(account.get_absolute_url()))
    pages.keep("search, cut", browser.get(f"{account.get_absolute_url()}?search=rien"))
    pages.keep("code secret, an app first", browser.get(reverse("secret_code"), follow=True))
    asking = reverse("further_back")
    asked = pages.keep("older operations, an app asked for", browser.get(asking)).context
    pages.keep("older operations, no number", browser.post(asking, {"challenge": asked["challenge"].pk}))
    shown = {"challenge": asked["challenge"].pk, "code": "000000"}
    for attempt in range(5):
        pages.keep(f"older operations, wrong {attempt}", browser.post(asking, shown))
    makers.make_passkey(client, generation=2)
    pages.keep("older operations, a passkey asked for", browser.get(f"{asking}?moyen=passkey"))


def of_passkeys(pages: Pages, client) -> None:
    """The same of a passkey."""
    browser, stranger, own = StrictBrowser.logged_in(client.user), StrictBrowser(), reverse("factors")
    pages.keep("passkey, at another host", browser.get(reverse("add_passkey"), headers={"host": "localhost"}))
    browser.post(reverse("add_passkey"), {"password": makers.CODE, "name": "Ma clé USB"})
    confirming = reverse("confirm_passkey")
    pages.keep("passkey, to be created", browser.get(confirming))
    pages.keep("passkey, none created", browser.post(confirming, {"assertion": "x"}))
    browser.post(reverse("give_up_passkey"))
    held = [makers.make_passkey(client, generation=number)[0] for number in range(1, 6)]
    pages.keep("passkeys, five already", browser.get(reverse("add_passkey")))
    held.pop().delete()
    app, _ = makers.make_app(client, generation=6)
    pages.keep("moyens, several", browser.get(own))
    pages.keep("list, to be ordered with a moyen", browser.get(reverse("order_list")))
    pages.keep("a further moyen", browser.get(f"{reverse('add_passkey')}?moyen=passkey"))
    pages.keep("passkey, to be removed", browser.get(reverse("remove_factor", args=[held[0].pk])))
    makers.log_in(stranger, client.client_code, makers.CODE)
    asking = f"{reverse('second_step')}?moyen=passkey"
    asked = pages.keep("second step, passkey", stranger.get(asking))
    shown = {"assertion": "x", "challenge": asked.context["challenge"].pk}
    for attempt in range(5):
        pages.keep(f"second step, wrong passkey {attempt}", stranger.post(asking, shown))
    for factor in (app, *held):
        factor.delete()


def of_lists(pages: Pages, client) -> None:
    """A printed list ordered, on its way, in service, asked for, refused, in pause."""
    browser, stranger, own = StrictBrowser.logged_in(client.user), StrictBrowser(), reverse("factors")
    pages.keep("list, to be ordered", browser.get(reverse("order_list")))
    lists.order(client.user, by=Actor(client.user), now=timezone.now())
    pages.keep("list, ordered", browser.get(own))
    pages.keep("list, one already", browser.get(reverse("order_list")))
    lists_issuing.issue_all(timezone.now())
    pages.keep("list, on its way", browser.get(own))
    activation = reverse("activate_list")
    pages.keep("list, to be activated", browser.get(activation))
    pages.keep(
        "list, wrong",
        browser.post(
            activation,
            {"password": "", "letter": "7KQ4", "number": lists.waiting(client.user).asked, "list_code": "12345678"},
        ),
    )
    factor = makers.activate_list(client)
    makers.make_app(client, generation=9)
    pages.keep("moyens, list and app", browser.get(own))
    pages.keep("list, to be removed", browser.get(reverse("remove_factor", args=[factor.pk])))
    makers.log_in(stranger, client.client_code, makers.CODE)
    pages.keep("second step, two moyens", stranger.get(reverse("second_step")))
    asking = f"{reverse('second_step')}?moyen=list"
    asked = pages.keep("second step, list", stranger.get(asking)).context
    shown = {"list_code": "00000000", "number": asked["number"], "challenge": asked["challenge"].pk}
    for attempt in range(5):
        pages.keep(f"second step of a list, wrong {attempt}", stranger.post(asking, shown))


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
    joint = Holding.objects.create(account=source, client=makers.make_person(client.advisor, given_names="Julien"))
    app, _ = makers.make_app(client)
    page = ordering.prepare(client, source, destination, Decimal(10), "Vacances").get_absolute_url()
    pages.keep("transfer, to confirm with both", browser.get(page))
    pages.keep("transfer, both wrong", browser.post(page, {"password": "29", "code": "0", "seal": seal}, follow=True))
    joint.delete()
    app.delete()


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
    makers.make_app(client)
    ending = by_advisors.start(client.user, by=Actor(advisor), identity_check="phone", token=uuid.uuid4())
    pages.keep("end of moyens, to decide", judging.get(f"/admin/auth_codes/factorsending/{ending.pk}/change/"))
    of_tickets(pages, makers.make_personalised_client(advisor, family_name="Kerouac"), advisor, judging)
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
    of_two_sheets(pages, client, advisor, colleague)


def of_tickets(pages: Pages, client, advisor, judging) -> None:
    """A ticket asked for, shown once to who approves it, waiting for its client, refused at his login."""
    makers.make_app(client)
    said = {"reason": "lost", "identity_check": "branch", "token": uuid.uuid4()}
    asked = tickets_by_advisors.start(client.user, by=Actor(advisor), **said)
    sheet = f"/admin/accounts/client/{client.pk}/change/"
    pages.keep("sheet, ticket asked for", StrictBrowser.logged_in(advisor).get(sheet))
    decide = f"/admin/auth_codes/ticketrequest/{asked.pk}/change/"
    shown = pages.keep("ticket, to decide", judging.get(decide)).context
    pages.keep("ticket, shown once", judging.post(decide, {"answer": "approve", "seen": shown["seen"]}))
    pages.keep("moyens, ticket waits", StrictBrowser.logged_in(client.user).get(reverse("factors")))
    stranger, page = StrictBrowser(), reverse("step_ticket")
    makers.log_in(stranger, client.client_code, makers.CODE)
    challenge = pages.keep("ticket, at the login", stranger.get(page)).context["challenge"]
    wrong = {"ticket": letter_numbers.draw(), "factor": "totp", "challenge": challenge.pk}
    pages.keep("ticket, wrong", stranger.post(page, wrong))


def of_two_sheets(pages: Pages, client, advisor, colleague) -> None:
    """Of one person: compared, refused, asked for, to decide, joined, taken back."""
    judging, asking = StrictBrowser.logged_in(colleague), StrictBrowser.logged_in(advisor)
    twin = makers.make_new_client(advisor, family_name="Durand", email="autrefois@example.org")
    sheet, said = f"/admin/accounts/client/{client.pk}/", {"said": twin.client_code}
    pages.keep("two sheets, nobody found", asking.post(f"{sheet}reunir/", {"said": "Personne Inconnue"}))
    pages.keep("two sheets, compared", asking.post(f"{sheet}reunir/", said))
    pages.keep("two sheets, unsaid", asking.post(f"{sheet}reunir/", said | {"reviewed": twin.pk, "why": "x"}))
    client.contact_changes.all().delete()
    why = {"why": "Même carte d’identité", "token": uuid.uuid4()}
    asked = joining.start(client, twin, advisor=advisor, by=Actor(advisor), **why)
    pages.keep("two sheets, asked for before", asking.post(f"{sheet}reunir/", said))
    pages.keep("sheet, joining asked for", asking.get(f"{sheet}change/"))
    pages.keep("joining, to decide", judging.get(f"/admin/accounts/joining/{asked.pk}/change/"))
    joining.approve(asked, by=Actor(colleague))
    for one in (client, twin):
        say_why(asking, one)
        pages.keep("sheet, joined", asking.get(f"/admin/accounts/client/{one.pk}/change/"))
    pages.keep("documents of both", asking.get(f"{sheet}documents/"))
    why = {"act": "joining", "number": str(asked.pk), "why": "Deux sœurs", "token": uuid.uuid4()}
    parted = undoing.start(client, by=Actor(advisor), **why)
    pages.keep("joining taken back, to decide", judging.get(f"/admin/accounts/undoing/{parted.pk}/change/"))


def of_representatives(pages: Pages, client, advisor) -> None:
    """Somebody asked for, his name before one's eyes, to be approved, at work, ended; a child who sees nothing."""
    asking, child = StrictBrowser.logged_in(advisor), makers.make_child(advisor)
    sheet = f"/admin/accounts/client/{child.pk}/"
    pages.keep("sheet of a child", asking.get(f"{sheet}change/"))
    pages.keep("space of a child", asking.get(f"{sheet}espace-en-ligne/"))
    said = {"said": client.client_code, "capacity": "parent", "right": "transfer", "paper": "livret de famille"}
    fields = {**said, "paper_date": "01/02/2020", "token": uuid.uuid4()}
    page = f"{sheet}representants/ajouter/"
    pages.keep("representative, refused", asking.post(page, fields | {"capacity": "curator"}))
    pages.keep("representative, before one's eyes", asking.post(page, fields))
    asking.post(page, fields | {"reviewed": client.pk})
    pages.keep("sheet, representative asked for", asking.get(f"{sheet}change/"))
    asked = child.representationrequests_received.get()
    colleague = StrictBrowser.logged_in(makers.make_advisor("nora.petit"))
    decide = f"/admin/accounts/representationrequest/{asked.pk}/change/"
    pages.keep("representative, to decide", colleague.get(decide))
    colleague.post(decide, {"answer": "approve"})
    made = child.representations_received.get()
    browser = StrictBrowser.logged_in(client.user)
    for name in ("overview", "profile"):
        pages.keep(f"{name} of a representative", browser.get(reverse(name)))
    pages.keep("represented", browser.get(reverse("represented", args=[made.pk])))
    pages.keep("documents of somebody represented", browser.get(reverse("represented_documents", args=[made.pk])))
    letter = child.documents.get()
    pages.keep("document of somebody represented", browser.get(reverse("read_document", args=[letter.pk])))
    ending = f"{sheet}representants/{made.pk}/terminer/"
    for how in (asking.get(ending), asking.post(ending, {"why": "doubt"}, follow=True), asking.get(ending)):
        pages.keep("representation, ended", how)
    young = makers.make_personalised_client(advisor, given_names="Ado", birth_date=child.birth_date - YEARS_7)
    pages.keep("transfer of a minor", StrictBrowser.logged_in(young.user).get(reverse("new_transfer")))


def of_closings(pages: Pages, client, advisor) -> None:
    """Asked of two holders, at the desk and in a space; a wrong code, the answer, ready to be closed, refused."""
    asking, browser = StrictBrowser.logged_in(advisor), StrictBrowser.logged_in(client.user)
    other = makers.make_personalised_client(advisor, given_names="Paul", family_name="Durand", email="p@example.org")
    account = open_account(client, kind=BankAccount.Kind.CURRENT, by=Actor(advisor))
    holders.add_holder(account, other, by=Actor(advisor))
    say_why(asking, client)
    desk = f"/admin/accounts/client/{client.pk}/comptes/{account.pk}/cloturer/"
    pages.keep("closing, to ask", asking.get(desk))
    pages.keep("closing, said twice", asking.post(desk, {"agreed": client.pk, "asked": client.pk}))
    asked = makers.ask_closing(account, client, other, by=advisor)
    pages.keep("closing, asked for", asking.get(desk))
    page = asked.get_absolute_url()
    pages.keep("overview, closing to confirm", browser.get(reverse("overview")))
    pages.keep("closing, wrong code", browser.post(page, {"password": makers.WRONG_CODE}))
    pages.keep("closing, to be refused", browser.get(reverse("refuse_closing", args=[asked.pk])))
    for signer in (client, other):
        cosigning.agree(asked, signer, by=Actor(signer.user))
    for where in (desk, "/admin/"):
        pages.keep("closing, ready", asking.get(where))
    pages.keep("closing, agreed", browser.get(page))
    cosigning.refuse(asked, other, by=Actor(other.user))
    for who, where in ((asking, desk), (asking, "/admin/"), (browser, page)):
        pages.keep("closing, refused", who.get(where))


def of_second_factor(pages: Pages, administrator, member, approving) -> None:
    """A ticket handed over, typed and used; the login that then asks for the moyen, and an act that does."""
    issue = f"/admin/accounts/user/{member.pk}/ticket/"
    pages.keep("ticket, to hand over", administrator.get(issue))
    pages.keep("ticket, one’s own", administrator.get(f"/admin/accounts/user/{approving.pk}/ticket/"))
    ticket = pages.keep("ticket, shown once", administrator.post(issue)).context["ticket"]
    browser = StrictBrowser.logged_in(member)
    pages.keep("own moyen, none", browser.get("/admin/moyens/"))
    pages.keep("ticket, refused", browser.post("/admin/moyens/ticket/", {"ticket": "a\0b"}))
    pages.keep("ticket, for a passkey", browser.get("/admin/moyens/ticket/?moyen=passkey"))
    browser.post("/admin/moyens/ticket/?moyen=passkey", {"ticket": ticket, "name": "Ma clé USB"})
    pages.keep("own passkey", browser.get("/admin/moyens/cle/"))
    browser.post("/admin/moyens/ticket/", {"ticket": ticket, "name": "Mon téléphone"})
    pages.keep("own app", browser.get("/admin/moyens/application/"))
    factor, _ = makers.make_app_of(member, generation=9)
    pages.keep("own moyen", browser.get("/admin/moyens/"))
    login = {"username": member.username, "password": makers.PASSWORD}
    fresh = StrictBrowser()
    fresh.post("/admin/login/", login)
    pages.keep("second step of the staff", fresh.get("/admin/second/"))
    pages.keep("ticket, at the login", fresh.get("/admin/moyens/ticket/"))
    act = issue.replace(str(member.pk), str(approving.pk))
    pages.keep("step-up", browser.post(act))
    key, _ = makers.make_passkey_of(member, generation=10)
    pages.keep("own moyens, two", browser.get("/admin/moyens/"))
    pages.keep("own moyen, to rename", browser.get(f"/admin/moyens/{key.pk}/renommer/"))
    pages.keep("own moyen, to remove", browser.get(f"/admin/moyens/{key.pk}/retirer/"))
    pages.keep("step-up, a passkey", browser.post(act))
    pages.keep("step-up, an app after all", browser.post(act, {"step-other": "totp"}))
    fresh.post("/admin/login/", login)
    pages.keep("second step of the staff, a passkey", fresh.get("/admin/second/"))
    key.delete()
    factor.delete()


def of_staff(pages: Pages, asking, approving) -> None:
    """Somebody new, asked for and approved; his link, opened and over; whoever opens his own sheet."""
    asked = StaffRequest(kind=StaffRequest.Kind.NEW, username="paul.martin", token=uuid.uuid4(), **NAMED)
    staff_requests.start(asked, [], by=Actor(asking))
    page = f"/admin/accounts/staffrequest/{asked.pk}/change/"
    administrator = StrictBrowser.logged_in(approving)
    pages.keep("staff, to decide", administrator.get(page))
    pages.keep("member of the staff", administrator.get(f"/admin/accounts/user/{asking.pk}/change/"))
    of_second_factor(pages, administrator, asking, approving)
    approved = pages.keep("staff, approved", administrator.post(page, {"answer": "approve"}))
    link = urlsplit(approved.context["link"]).path
    pages.keep("first access", StrictBrowser().get(link))
    pages.keep("first access, refused", StrictBrowser().post(link, {"username": "a\0b"}))
    advisor = makers.make_advisor("luc.morin")
    sheet = makers.make_person(advisor, family_name="Propre")
    User.objects.filter(pk=advisor.pk).update(own_client=sheet)
    own = StrictBrowser.logged_in(User.objects.get(pk=advisor.pk))
    pages.keep("own sheet", own.get(f"/admin/accounts/client/{sheet.pk}/change/"))
