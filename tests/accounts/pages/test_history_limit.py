"""Further back than 90 days: what tells of it asks for a moyen, once a session, and leads back to where one was."""

import io
import re
import zipfile
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse
from django.utils import timezone
from msgspec.structs import replace

from accounts.bank_accounts.opening import open_account
from accounts.documents.issuing import issue
from accounts.models import BankAccount, Client, Document, Statement, Transfer
from accounts.papers.kinds import PAPERS
from accounts.transfers import ordering
from auth_codes.actor import Actor
from auth_codes.factors import ending, levels
from auth_codes.factors.levels import Level
from auth_codes.models import Challenge, Factor, SecurityEvent
from tests import makers, pdfs
from tests.accounts.papers.contents import FOR_CLIENT
from tests.conftest import StrictBrowser
from tests.pages import seen
from tests.portal.url_patterns import portal_patterns

pytestmark = pytest.mark.django_db

LIMIT = 'id="further-back"'
PROVE = "/espace-client/plus-loin/"
OLD, AMOUNT = "Vieil achat", "4321.98"
# Whatever tells of what is older than 90 days; a page that does so and is missing here fails the sweep.
READERS = {
    "overview", "account", "operation", "operations_csv", "operations_ofx", "document", "read_document",
    "statement_archive", "transfers", "transfer", "new_transfer", "represented_archive",
}  # fmt: skip
# Papers are drawn when they are read; nothing that is asked of them changes what they tell.
READ_SLOWLY = {"document", "read_document", "statement_archive", "represented_archive"}


class World(NamedTuple):
    """A client with an old history, for whom he acts, and his app."""

    client: Client
    account: BankAccount
    factor: Factor
    secret: bytes
    transfer: Transfer
    fitting: dict[str, list[dict]]  # by pattern, the objects that its address may name


@pytest.fixture
def old_day():
    return timezone.localdate() - timedelta(days=200)


@pytest.fixture
def world(client_, advisor, old_day):
    account, savings = client_.bank_accounts.get(), makers.make_savings(client_)
    child = makers.make_child(advisor)
    acting = makers.make_representation(child, client_)
    theirs = child.bank_accounts.get()
    for one in (account, theirs):
        fill(one, old_day)
    statements = [statement_of(account, client_, old_day), statement_of(theirs, child, old_day)]
    transfer = old_transfer(account, savings, old_day)
    factor, secret = makers.make_app(client_)
    accounts = [{"pk": account.pk}, {"pk": theirs.pk}]
    papers = [{"pk": pk} for pk in (transfer.receipt_id, *statements)]
    whose, year = {"pk": acting.pk}, {"year": old_day.year}
    mine = [{"pk": factor.pk}]
    return World(
        client_,
        account,
        factor,
        secret,
        transfer,
        {
            "account": accounts,
            "bank_details": accounts,
            "operations_csv": accounts,
            "operations_ofx": accounts,
            "operation": [{**one, "position": position} for one in accounts for position in (1, 2, 3)],
            "document": papers,
            "read_document": papers,
            "statement_archive": [year],
            "represented": [whose],
            "represented_documents": [whose],
            "represented_archive": [{**whose, **year}],
            "transfer": [{"pk": transfer.pk}],
            "cancel_transfer": [{"pk": transfer.pk}],
            "rename_factor": mine,
            "remove_factor": mine,
            "set_token": mine,
            # Of a closing that waits: it tells the account as it is today.
            "closing": [],
            "refuse_closing": [],
        },
    )


@pytest.fixture
def owing(world):
    """His browser, which has shown nothing yet."""
    return StrictBrowser.logged_in(world.client.user)


def fill(account, day):
    """A debit and its refund of old, after which the balance is what it was, and one purchase of today."""
    makers.make_operation(account, OLD, AMOUNT, day)
    makers.make_operation(account, f"{OLD} remboursé", f"-{AMOUNT}", day + timedelta(days=40))
    makers.make_operation(account, "Café de ce matin", "3.20")


def statement_of(account, client, day):
    contents = replace(FOR_CLIENT["statement"], client_code=client.client_code, account_label=OLD)
    document = issue(client, contents, title="Relevé d’antan", on=day + timedelta(days=30))
    told = {"month": day.replace(day=1), "last_position": 0, "balance": 0}
    return Statement.objects.create(document=document, account=account, client=client, **told).document_id


def old_transfer(source, destination, day):
    client = source.holders.get()
    makers.make_operation(destination, "Versement", "900")
    order = ordering.prepare(client, destination, source, Decimal("12.30"), "")
    ordering.confirm(order, by=Actor(client.user), seen=ordering.fingerprint(order))
    at = timezone.now() - (timezone.localdate() - day)
    Transfer.objects.filter(pk=order.pk).update(confirmed_at=at, label=OLD)
    contents = replace(FOR_CLIENT["receipt"], client_code=client.client_code, label=OLD)
    Document.objects.filter(pk=order.receipt_id).update(issued_on=day, contents=contents.to_json())
    order.refresh_from_db()
    return order


def text_of(answer) -> str:
    """All that is answered, of pages, exports and papers alike."""
    body = b"".join(answer)
    kind = answer.get("Content-Type", "")
    if kind.startswith("application/pdf"):
        return read_pdf(body)
    if kind.startswith("application/zip"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return "\n".join(read_pdf(archive.read(name)) for name in archive.namelist())
    return re.sub(r"[\s\u00a0\u202f]+", " ", unescape(seen(body.decode(errors="replace"))))


def read_pdf(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in pdfs.read(content).pages)


def tells(answer) -> bool:
    """Whether what is answered tells of the old days, in words or by a balance of then."""
    if answer.status_code != 200:
        return False
    said = text_of(answer)
    return any(sign in said for sign in (OLD, OLD.upper(), "4 321,98", "4321.98", "4321,98"))


def addresses(world, old_day):
    """Every address of the portal with every object that fits, and all that may be asked of those that list."""
    month, year = f"{old_day:%Y-%m}", old_day.year
    asked = [
        {"search": "vieil"}, {"period": month}, {"period": year}, {"before": 3}, {"after": 0}, {"direction": "out"},
        {"page": 2}, {"telecharger": ""}, {"annee": year}, {"comme": world.transfer.pk},
    ]  # fmt: skip
    for pattern in portal_patterns():
        if not getattr(pattern.callback, "login_required", True):
            continue
        for fitting in world.fitting.get(pattern.name, [{}]):
            address = reverse(pattern.name, kwargs=fitting)
            yield pattern.name, address
            if pattern.name not in READ_SLOWLY:
                yield from ((pattern.name, f"{address}?{urlencode(query)}") for query in asked)


def telling(browser, world, old_day):
    found = {}
    for name, address in addresses(world, old_day):
        if tells(browser.get(address)):
            found.setdefault(name, []).append(address)
    return found


def prove(browser, world, at=PROVE, ahead=0):
    page = browser.get(at)
    assert page.status_code == 200, page.get("Location")
    fields = {"challenge": page.context["challenge"].pk, "code": makers.number_of(world.secret, ahead)}
    return browser.post(at, fields)


@pytest.mark.proves("RTS 10")
@pytest.mark.slow
def test_no_reader_tells_of_old_days_before_a_moyen_is_shown_and_each_does_after(world, owing, old_day):
    assert telling(owing, world, old_day) == {}
    assert prove(owing, world)["Location"] == "/espace-client/"
    assert set(telling(owing, world, old_day)) == READERS


@pytest.mark.slow
def test_who_has_no_strong_moyen_sees_all_as_before(world, owing, old_day):
    ending.end(world.factor, Factor.Why.REMOVED, by=Actor(world.client.user), now=timezone.now())
    assert set(telling(owing, world, old_day)) == READERS


def test_printed_list_is_no_strong_moyen(client_, old_day):
    makers.make_list(client_)
    account = client_.bank_accounts.get()
    fill(account, old_day)
    browser = StrictBrowser.logged_in(client_.user)
    assert OLD in text_of(browser.get(account.get_absolute_url()))


def test_setting_says_what_is_strong(world, owing, settings):
    settings.STRONG_FOR_ACCESS = frozenset({"passkey"})
    assert OLD in text_of(owing.get(world.account.get_absolute_url()))


def test_desk_and_its_history_ask_nothing_of_it(world, advisor_browser):
    assert advisor_browser.get(PROVE).status_code == 404


def test_within_90_days_nothing_is_asked(world, owing):
    address = world.account.get_absolute_url()
    page = text_of(owing.get(address))
    assert "Café de ce matin" in page
    assert LIMIT in page
    assert "Les 90 derniers jours s’arrêtent ici" in page
    month = f"{timezone.localdate():%Y-%m}"
    for export in ("operations_csv", "operations_ofx"):
        answer = owing.get(f"{reverse(export, args=[world.account.pk])}?period={month}")
        assert answer.status_code == 200
        assert "matin" in text_of(answer)


def test_day_of_the_limit_is_seen_and_the_one_before_is_not(client_):
    account, today = client_.bank_accounts.get(), timezone.localdate()
    makers.make_app(client_)
    makers.make_operation(account, "La veille", "1", today - timedelta(days=91))
    makers.make_operation(account, "Le premier jour", "1", today - timedelta(days=90))
    page = text_of(StrictBrowser.logged_in(client_.user).get(account.get_absolute_url()))
    assert "Le premier jour" in page
    assert "La veille" not in page


def test_account_without_old_operations_says_nothing_of_a_limit(client_):
    account = client_.bank_accounts.get()
    makers.make_app(client_)
    makers.make_operation(account, "Hier", "1", timezone.localdate() - timedelta(days=1))
    page = text_of(StrictBrowser.logged_in(client_.user).get(account.get_absolute_url()))
    assert "Hier" in page
    assert LIMIT not in page


@pytest.mark.parametrize("asked", [{"period": "old"}, {"before": 2}, {"after": 0}])
def test_page_leads_back_to_exactly_where_the_client_was(world, owing, old_day, asked):
    asked = {name: f"{old_day:%Y-%m}" if value == "old" else value for name, value in asked.items()}
    address = f"{world.account.get_absolute_url()}?{urlencode(asked | {'search': 'vieil &é'})}"
    led = owing.get(address)["Location"]
    assert urlsplit(led).path == PROVE
    assert parse_qs(urlsplit(led).query) == {"suite": [address]}
    assert prove(owing, world, led)["Location"] == address


def test_search_that_stops_at_90_days_says_so_and_goes_on_after_the_proof(world, owing):
    address = f"{world.account.get_absolute_url()}?search=vieil"
    page = owing.get(address)
    assert "La recherche s’arrête à 90 jours" in text_of(page)
    assert prove(owing, world, page.context["further_back"])["Location"] == address
    assert OLD in text_of(owing.get(address))


def test_export_leads_back_to_the_page_that_offers_it(world, owing):
    led = owing.get(f"{reverse('operations_csv', args=[world.account.pk])}?direction=out")["Location"]
    assert prove(owing, world, led)["Location"] == f"{world.account.get_absolute_url()}?direction=out#download"


def test_sums_of_the_month_that_is_cut_are_not_shown(client_):
    account, today = client_.bank_accounts.get(), timezone.localdate()
    limit = today - timedelta(days=90)
    makers.make_app(client_)
    makers.make_operation(account, "Avant", "100", limit.replace(day=1) - timedelta(days=1))
    makers.make_operation(account, "Le premier jour", "1", limit)
    makers.make_operation(account, "Aujourd’hui", "1", today)
    months = StrictBrowser.logged_in(client_.user).get(account.get_absolute_url()).context["months"]
    assert [month.moved is None for month in months] == [month.first < limit for month in months]


def test_proof_serves_for_the_session_and_the_next_asks_again(world, owing):
    prove(owing, world)
    for _ in range(2):
        assert OLD in text_of(owing.get(world.account.get_absolute_url()))
    again = StrictBrowser.logged_in(world.client.user)
    assert OLD not in text_of(again.get(world.account.get_absolute_url()))


def test_moyen_shown_at_the_login_is_not_asked_again(world):
    browser = StrictBrowser()
    makers.log_in(browser, world.client.client_code, makers.CODE)
    page = browser.get("/connexion/second/")
    fields = {"challenge": page.context["challenge"].pk, "code": makers.number_of(world.secret)}
    browser.post("/connexion/second/", fields)
    assert OLD in text_of(browser.get(world.account.get_absolute_url()))


def test_login_over_an_open_session_begins_anew(world, owing):
    prove(owing, world)
    owing.force_login(world.client.user, backend="auth_codes.login.backends.ClientBackend")
    assert OLD not in text_of(owing.get(world.account.get_absolute_url()))


def test_ended_moyen_proves_nothing_any_more(world, owing, client_):
    makers.make_passkey(client_, generation=2)
    prove(owing, world)
    ending.end(world.factor, Factor.Why.REMOVED, by=Actor(client_.user), now=timezone.now())
    assert OLD not in text_of(owing.get(world.account.get_absolute_url()))


def test_wrong_numbers_count_as_at_a_login_and_pause(world, owing):
    for attempt in range(5):
        answer = prove(owing, replace_secret(world))
        assert answer.status_code == (429 if attempt == 4 else 200)
    fields = {"challenge": Challenge.objects.latest("expires_at").pk, "code": makers.number_of(world.secret)}
    assert owing.post(PROVE, fields).status_code == 429
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.FACTOR_FAILED).count() == 5
    assert OLD not in text_of(owing.get(world.account.get_absolute_url()))


def replace_secret(world):
    """The same with a number that the app will not show for a long time."""
    return world._replace(secret=b"another key of 20 by")


def test_second_click_finds_it_proved_and_counts_nothing(world, owing):
    page = owing.get(PROVE)
    fields = {"challenge": page.context["challenge"].pk, "code": makers.number_of(world.secret)}
    assert [owing.post(PROVE, fields)["Location"] for _ in range(2)] == ["/espace-client/"] * 2
    assert SecurityEvent.objects.filter(kind=SecurityEvent.Kind.FACTOR_SHOWN).count() == 1
    assert not SecurityEvent.objects.filter(kind=SecurityEvent.Kind.FACTOR_FAILED).exists()


@pytest.mark.parametrize("challenge", ["", "x", "a\0b", "00000000-0000-4000-8000-000000000000"])
def test_page_of_another_session_or_hour_is_made_anew_and_counts_nothing(world, owing, challenge):
    answer = owing.post(PROVE, {"challenge": challenge, "code": makers.number_of(world.secret)})
    assert answer.status_code == 200
    assert "En voici une nouvelle" in text_of(answer)
    assert not SecurityEvent.objects.filter(kind=SecurityEvent.Kind.FACTOR_FAILED).exists()


def test_curves_are_drawn_of_the_months_that_are_seen(world, owing):
    pages = {
        "overview": lambda context: [each.spark for each in context["accounts"] if each.spark],
        "represented": lambda context: [each.spark for each in context["accounts"] if each.spark],
        "account": lambda context: [],
    }

    def drawn():
        """By page, of how many months each line or curve tells."""
        found = {}
        for name, sparks in pages.items():
            context = owing.get(reverse(name, kwargs=world.fitting.get(name, [{}])[0])).context
            curves = [context["curve"]] if context.get("curve") else []
            found[name] = {one.line.count("C") + 1 for one in sparks(context)} | {len(one.ends) for one in curves}
        return found

    assert all(number < 6 for numbers in drawn().values() for number in numbers)
    prove(owing, world)
    assert drawn() == {name: {12} for name in pages}


def test_page_that_was_left_open_too_long_is_made_anew(world, owing):
    page = owing.get(PROVE)
    Challenge.objects.update(expires_at=timezone.now())
    fields = {"challenge": page.context["challenge"].pk, "code": makers.number_of(world.secret)}
    assert "En voici une nouvelle" in text_of(owing.post(PROVE, fields))
    assert prove(owing, world)["Location"] == "/espace-client/"


@pytest.mark.parametrize("typed", ["", "12 34", "١٢٣٤٥٦", "123\0456", "abcdef"])
def test_what_is_no_number_is_said_and_not_counted(world, owing, typed):
    page = owing.get(PROVE)
    answer = owing.post(PROVE, {"challenge": page.context["challenge"].pk, "code": typed})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert not SecurityEvent.objects.filter(kind=SecurityEvent.Kind.FACTOR_FAILED).exists()


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "x"])
def test_proof_leads_nowhere_else(world, owing, away):
    assert prove(owing, world, f"{PROVE}?{urlencode({'suite': away})}")["Location"] == "/espace-client/"


def test_passkey_proves_it_too(client_, old_day):
    _, authenticator = makers.make_passkey(client_)
    account = client_.bank_accounts.get()
    fill(account, old_day)
    browser = StrictBrowser.logged_in(client_.user)
    page = browser.get(PROVE).context
    sent = {"challenge": page["challenge"].pk, "assertion": authenticator.get(page["options"])}
    assert browser.post(PROVE, sent)["Location"] == "/espace-client/"
    assert OLD in text_of(browser.get(account.get_absolute_url()))


def test_each_kind_of_paper_says_whether_it_tells_operations():
    assert {kind for kind, paper in PAPERS.items() if paper.KIND.tells_operations} == {"statement", "receipt"}


def test_joint_account_of_somebody_with_a_moyen_is_limited_for_him_alone(world, owing, advisor):
    other = makers.make_personalised_client(advisor, family_name="Autre")
    joint = open_account(other, kind=BankAccount.Kind.CURRENT, by=Actor(advisor))
    makers.make_mandate(joint, world.client)
    makers.make_operation(joint, OLD, AMOUNT, timezone.localdate() - timedelta(days=120))
    assert OLD not in text_of(owing.get(joint.get_absolute_url()))
    assert OLD in text_of(StrictBrowser.logged_in(other.user).get(joint.get_absolute_url()))


def test_list_that_is_shown_after_the_app_takes_nothing_from_it(world, client_):
    listed, _ = makers.make_list(client_)
    session, now = SessionStore(), timezone.now()
    for factor, level in ((listed, Level.CHECKED), (world.factor, Level.STRONG), (listed, Level.STRONG)):
        levels.note(session, factor)
        assert levels.standing(client_.user, session, now).level == level
