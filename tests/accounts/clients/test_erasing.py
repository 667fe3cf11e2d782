"""A client whom the law has the bank forget: when, of whom never, what goes, what stays, and nothing is missed."""

import io
import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models
from django.utils import timezone

from accounts.bank_accounts import client_ends
from accounts.clients import contact_changes, erasing
from accounts.models import (
    EARLIEST_BIRTH,
    BankAccount,
    Capacity,
    Client,
    Document,
    Draft,
    FormerName,
    IdentityChange,
    Joining,
    PostalItem,
    SearchWord,
    ServiceContract,
    Undoing,
    User,
)
from auth_codes.actor import Actor
from auth_codes.models import KnownDevice, Notice, RenewalRequest, SecretCode, SecurityEvent
from tests import makers, processes
from tests.conftest import StrictBrowser
from tests.pages import text_of
from tests.portal.traces import database_cells

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
LATER = TODAY + relativedelta(years=5)
# Words that nothing else in the database says.
PRIVATE = {
    "given_names": "Zéphyrine", "family_name": "Quillivéré", "birth_name": "Trévarezec", "email": "zq@courriel.example",
    "street": "7 venelle Kerzu", "address_complement": "Logis Bruzec", "city": "PLOUGUENAST", "postcode": "22999",
    "mobile_phone": "+33639981277", "home_phone": "+33261911288",
}  # fmt: skip


@pytest.fixture
def left(advisor):
    """A client with a life at the bank behind him, who has left it today."""
    return leave(make_client(advisor), advisor)


def make_client(advisor, **changed):
    client = makers.make_personalised_client(advisor, **{**PRIVATE, **changed})
    makers.log_in(StrictBrowser(), client.client_code, makers.CODE)
    return client


def leave(client, advisor):
    for account in client.bank_accounts.all():
        makers.close_account(account, by=Actor(advisor))
    client_ends.end_client(client, why=Client.End.DEPARTURE, by=Actor(advisor))
    PostalItem.objects.filter(client=client).update(ended_at=timezone.now(), contents="", address="")  # long posted
    client.refresh_from_db()
    return client


def run(*arguments):
    said = io.StringIO()
    call_command("erase_clients", *arguments, stdout=said)
    return json.loads(said.getvalue())


def age(**passed):
    """As if all of it had been so long ago."""
    long_ago = timezone.now() - timedelta(**passed)
    Client.objects.update(registered_at=long_ago)
    Client.objects.filter(ended_on__isnull=False).update(ended_on=long_ago.date())
    BankAccount.objects.update(opened_on=long_ago.date())
    BankAccount.objects.filter(closed_on__isnull=False).update(closed_on=long_ago.date())


def test_five_years_to_the_day_and_not_a_day_before(left):
    assert not erasing.is_due(left, LATER - timedelta(days=1))
    assert erasing.is_due(left, LATER)


def test_year_of_birth_alone_and_name_of_birth_are_forgotten(advisor):
    client = leave(make_client(advisor, birth_date=None, birth_year=1961), advisor)
    assert erasing.erase(client, LATER)
    client.refresh_from_db()
    assert (client.birth_date, client.birth_year, client.birth_name) == (EARLIEST_BIRTH, None, "")
    assert erasing.half_erased() == []


def test_last_thing_that_ended_begins_the_five_years(left):
    assert erasing.end_of(left) == TODAY
    ServiceContract.objects.create(
        client=left, kind="credit", number="12345678901", opened_on=date(2020, 1, 1),
        ended_on=TODAY + timedelta(days=40), end_reason="term",
    )  # fmt: skip
    assert erasing.end_of(left) == TODAY + timedelta(days=40)
    assert not erasing.is_due(left, LATER)


def test_sheet_of_who_never_became_a_client_goes_too(person):
    assert erasing.end_of(person) == TODAY
    assert erasing.erase(person, LATER)


def test_five_years_after_a_29_february_is_a_28(person):
    registered = datetime(2024, 2, 29, 12, tzinfo=UTC)
    Client.objects.filter(pk=person.pk).update(registered_at=registered)
    person.refresh_from_db()
    assert not erasing.is_due(person, date(2029, 2, 27))
    assert [*erasing.due(date(2029, 2, 28))] == [person]


def test_open_account_keeps_everything(client_):
    assert not erasing.is_due(client_, LATER)
    assert not erasing.erase(client_, LATER)


def test_account_of_the_dead_that_goes_on_keeps_everything(client_, advisor):
    client_ends.end_client(client_, why=Client.End.DEATH, by=Actor(advisor))
    assert not erasing.is_due(client_, LATER)


def test_contract_in_force_keeps_everything(left):
    ServiceContract.objects.create(client=left, kind="credit", number="12345678901", opened_on=date(2020, 1, 1))
    assert not erasing.is_due(left, LATER)


def test_mandate_in_force_keeps_everything_and_its_end_counts(person, client_):
    mandate = makers.make_mandate(client_.bank_accounts.get(), person)
    assert not erasing.is_due(person, LATER)
    type(mandate).objects.update(revoked_at=timezone.now() + timedelta(days=1))
    assert not erasing.is_due(person, LATER)
    assert erasing.is_due(person, LATER + timedelta(days=1))


def test_act_that_waits_keeps_everything(left, advisor):
    waiting = Undoing.objects.create(
        act="client", client=left, number=left.client_code, why="x", started_by=advisor
    )  # fmt: skip
    assert not erasing.is_due(left, LATER)
    waiting.decision = "lapsed"
    waiting.save()
    assert erasing.is_due(left, LATER)


def test_letters_that_wait_keep_everything(left):
    request = RenewalRequest.objects.create(client_code=left.client_code, network="192.0.2.1")
    assert not erasing.is_due(left, LATER)
    request.delete()
    PostalItem.objects.create(client=left, title="x", address="x", contents="{}")
    assert not erasing.is_due(left, LATER)


def test_sheet_that_a_member_of_staff_declared_as_his_own_stays(left, advisor):
    User.objects.filter(pk=advisor.pk).update(own_client=left)
    assert not erasing.is_due(left, LATER)


def test_nothing_of_him_is_left_but_in_his_papers(advisor):
    client = make_client(advisor)
    colleague = makers.make_advisor("marc.lefevre")
    told_everywhere(client, advisor, colleague)
    leave(client, advisor)
    private = [*PRIVATE.values(), "Trégomeur", "ancienne@courriel.example"]
    assert set(places_of(private)) - KEPT  # there was something to forget
    assert erasing.erase(client, LATER)
    assert set(places_of(private)) <= KEPT


# Papers as they were issued, and what accounting law has the bank keep beside them; the journal goes after 13 months.
KEPT = {"accounts_document.contents", "accounts_documentfile.pdf", "accounts_letter.body", "accounts_letter.subject"}


def told_everywhere(client, advisor, colleague):
    """Each table that may hold a word of his does."""
    client.email = "ancienne@courriel.example"
    contact_changes.note(client, ["email"], by=Actor(advisor))
    Client.objects.filter(pk=client.pk).update(email="ancienne@courriel.example")
    FormerName.objects.create(client=client, given_names="Zéphyrine", family_name="Trégomeur")
    SearchWord.objects.keep([client])
    asked = {"old_title": "Mme", "old_given_names": "Zéphyrine", "old_family_name": "Trégomeur",
             "old_birth_date": client.birth_date, "title_asked": "Mme", "given_names": "Zéphyrine",
             "family_name": "Quillivéré", "birth_date": client.birth_date}  # fmt: skip
    IdentityChange.objects.create(
        client=client, started_by=advisor, decided_by=colleague, decided_at=timezone.now(), decision="approved", **asked
    )
    Undoing.objects.create(
        act="client", client=client, number=client.client_code, why="Mme Quillivéré l’a dit", started_by=advisor,
        decided_by=advisor, decided_at=timezone.now(), decision="refused",
    )  # fmt: skip
    Joining.objects.create(
        kept=client, closed=makers.make_person(advisor, email="autre@example.org"), advisor=advisor,
        why="Mme Quillivéré a deux fiches", started_by=advisor, decided_by=advisor, decided_at=timezone.now(),
        decision="refused",
    )  # fmt: skip
    Notice.objects.create(
        kind=Notice.Kind.CODE_CHANGED, owner=client.user, recipient="zq@courriel.example", salutation="Mme Quillivéré",
        facts={"x": "Quillivéré"},
    )  # fmt: skip
    Draft.objects.create(
        owner=advisor, page=f"/admin/accounts/client/{client.pk}/change/", sealed="Quillivéré".encode()
    )


def places_of(private):
    # Not the digits of a postcode within a longer number, as a code client drawn at random may hold them.
    sought = re.compile("|".join(rf"(?<!\d){re.escape(text.lower())}(?!\d)" for text in private))
    return [place for place, content in database_cells() if sought.search(content.decode("utf-8", "replace").lower())]


def test_a_postcode_within_a_code_client_is_none(advisor):
    client = make_client(advisor, postcode="22999")
    inside = client.client_code[2:7]
    assert [place for place in places_of([inside]) if "client_code" in place] == []
    assert "accounts_client.client_code" in places_of([client.client_code])
    assert "accounts_client.postcode" in places_of(["22999"])


@pytest.mark.proves("RTS 27(c)")
def test_number_stays_his_and_lets_nobody_in(left, browser):
    number = left.client_code
    erasing.erase(left, LATER)
    left.refresh_from_db()
    assert (left.client_code, str(left), left.erased_on) == (number, "Client effacé", LATER)
    assert not left.user.is_active
    assert not SecretCode.objects.filter(owner=left.user).exists()
    assert not KnownDevice.objects.filter(owner=left.user).exists()
    assert makers.log_in(browser, number, makers.CODE).status_code == 200


def test_papers_stay_as_they_were_issued(left):
    before = list(Document.objects.filter(client=left).values_list("pk", "contents"))
    assert before
    erasing.erase(left, LATER)
    assert list(Document.objects.filter(client=left).values_list("pk", "contents")) == before


def test_who_never_had_an_end_written_down_has_one_then(person):
    erasing.erase(person, LATER)
    person.refresh_from_db()
    assert (person.ended_on, person.end_reason) == (TODAY, Client.End.DEPARTURE)


def test_line_of_the_journal_names_the_sheet_by_its_number_alone(left):
    erasing.erase(left, LATER)
    line = SecurityEvent.objects.latest("id")
    assert (line.kind, line.details) == ("client_erased", {"client": left.pk})


def test_he_is_erased_once(left):
    assert erasing.erase(left, LATER)
    assert not erasing.erase(left, LATER)
    assert SecurityEvent.objects.filter(kind="client_erased").count() == 1


def test_nobody_else_changes(left, advisor, client_):
    before = Client.objects.filter(pk=client_.pk).values().get()
    erasing.erase(left, LATER)
    assert Client.objects.filter(pk=client_.pk).values().get() == before
    assert SearchWord.objects.filter(client=client_).exists()


def test_command_only_counts_unless_it_is_told_to_erase(left):
    age(days=6 * 366)
    assert run() == {"due": 1}
    left.refresh_from_db()
    assert left.erased_on is None
    assert run("--erase") == {"erased": 1}
    assert run("--erase") == {"erased": 0}
    assert run() == {"due": 0}
    assert run("--check") == {"left": 0}


def test_of_many_sheets_those_that_are_due_are_counted(left, advisor):
    waiting = makers.make_person(advisor, email="autre@exemple.fr")
    age(days=6 * 366)
    PostalItem.objects.create(client=waiting, title="x", address="x", contents="{}")
    assert [client.pk for client in erasing.due(TODAY)] == [left.pk]


def test_check_names_a_sheet_that_somebody_has_written_in_again(left):
    erasing.erase(left, LATER)
    Client.objects.filter(pk=left.pk).update(city="PLOUGUENAST")
    with pytest.raises(CommandError, match=str(left.pk)):
        run("--check")


def test_desk_shows_a_sheet_without_a_name(left, advisor, advisor_browser):
    erasing.erase(left, LATER)
    page = advisor_browser.get(f"/admin/accounts/client/{left.pk}/change/")
    assert page.status_code == 200
    assert "Client effacé" in text_of(page)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_run_is_run_again(advisor):
    for number in range(3):
        leave(makers.make_personalised_client(advisor, email=f"e{number}@exemple.fr"), advisor)
    age(days=6 * 366)
    processes.kill_after(2, "accounts.clients.erasing.erase", "erase_clients", "--erase")
    assert Client.objects.filter(erased_on__isnull=False).count() == 2
    assert run("--erase") == {"erased": 1}
    assert run("--check") == {"left": 0}


GONE, EMPTY, STAYS = "deleted", "blanked", "stays"
NOBODY = "names nobody"
# What erasing does to each column that can hold words, bytes, JSON, an address or a birth date of a client. A new one,
# of any model, has its line here before it may be: else nobody has asked what becomes of it.
FATE = {
    **dict.fromkeys((f"accounts.Client.{name}" for name in erasing.BLANK if name != "large_print"), EMPTY),
    "accounts.Client.client_code": "stays his, for ever",
    "accounts.Client.end_reason": STAYS,
    **dict.fromkeys(("accounts.User.first_name", "accounts.User.last_name", "accounts.User.email",
                     "accounts.User.language"), EMPTY),
    "accounts.User.username": "the code client",
    "accounts.User.password": "of staff alone",
    "accounts.User.code_binding": "a MAC",
    "accounts.FormerName": GONE, "accounts.SearchWord": GONE, "accounts.ContactChange": GONE,
    "accounts.IdentityChange": GONE, "accounts.Draft": GONE, "admin.LogEntry": GONE,
    "accounts.PostalItem.title": "the kind of letter", "accounts.PostalItem.sha256": "a checksum",
    "accounts.PostalItem.notice_kind": NOBODY,
    "accounts.PostalItem.address": EMPTY, "accounts.PostalItem.contents": EMPTY, "accounts.PostalItem.pdf": EMPTY,
    "accounts.Undoing.why": EMPTY, "accounts.Undoing.number": "a number", "accounts.Undoing.act": NOBODY,
    "accounts.Undoing.decision": NOBODY,
    "accounts.Joining.why": EMPTY, "accounts.Joining.moved": "numbers of rows", "accounts.Joining.decision": NOBODY,
    "accounts.Representation": NOBODY, "accounts.RepresentationRequest.paper": EMPTY,
    "accounts.RepresentationRequest.capacity": NOBODY, "accounts.RepresentationRequest.decision": NOBODY,
    "accounts.Document": "ten years: L123-22", "accounts.DocumentFile": "ten years: L123-22",
    "accounts.Letter": "ten years: L123-22",
    "accounts.Booking": "ten years: L123-22", "accounts.Entry": "ten years: L123-22",
    "accounts.PendingEntry": "ten years: L123-22", "accounts.Transfer.label": "ten years: L123-22, as its entry",
    "accounts.Merchant": NOBODY, "accounts.MonthSum": NOBODY, "accounts.SummedAccount": NOBODY,
    "accounts.ClosingRequest": NOBODY, "accounts.ClosingAgreement": NOBODY,
    "accounts.BankAccount": "a number", "accounts.ServiceContract": "a number", "accounts.AccessRequest": NOBODY,
    "accounts.Branch": NOBODY, "accounts.CommandRun": NOBODY, "accounts.PostBatch": NOBODY,
    "accounts.StaffRequest": "of staff alone", "accounts.FirstAccess": "of staff alone",
    "auth_codes.SecretCode": GONE, "auth_codes.KnownDevice": GONE, "auth_codes.RememberedNumber": GONE,
    "auth_codes.OpenSession": GONE, "auth_codes.RenewalRequest": GONE,
    "auth_codes.Notice.recipient": EMPTY, "auth_codes.Notice.salutation": EMPTY, "auth_codes.Notice.facts": EMPTY,
    "auth_codes.Notice.kind": NOBODY,
    "auth_codes.SealedLetter.ciphertext": EMPTY, "auth_codes.SealedLetter.number_digest": "a keyed digest",
    "auth_codes.SealedLetter.occasion": NOBODY,
    "auth_codes.SecurityEvent": "thirteen months", "auth_codes.KeptProof": "eighteen months",
    "auth_codes.KeyFingerprint": NOBODY,
    "auth_codes.JournalLink": "a MAC", "auth_codes.JournalCheckpoint": "a MAC",
    "auth_codes.StaffTicket": "a keyed digest, and of the staff's",
    "auth_codes.AttemptCounter": "a keyed digest", "auth_codes.FailedAttempt": "a keyed digest",
    "auth_codes.Budget": "a keyed digest", "auth_codes.StandingAlarm": NOBODY, "auth_codes.LetterBatch": NOBODY,
    "auth_codes.Factor": GONE, "auth_codes.ListCode": GONE, "auth_codes.Challenge": GONE,
    "auth_codes.TicketRequest": NOBODY, "auth_codes.ClientTicket": GONE,
    "auth_codes.Token": "withdrawn, and lent to nobody any more",
    "auth_codes.FactorsEnding": NOBODY, "auth_codes.Renewal": NOBODY, "auth_codes.Unblocking": NOBODY,
    "auth_codes.Unlocking": NOBODY, "auth_codes.AccessLock": NOBODY, "auth_codes.LockCode": GONE,
    "sessions.Session": "hours", "auth.Permission": NOBODY, "auth.Group": NOBODY,
    "contenttypes.ContentType": NOBODY,
    "axes.AccessAttempt": "never written: our journal is", "axes.AccessLog": "never written: our journal is",
    "axes.AccessFailureLog": "never written: our journal is",
}  # fmt: skip
WORDS = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.GenericIPAddressField)


def test_every_column_that_can_say_something_of_somebody_has_its_fate():
    """A new one fails here until it is said what erasing does to it, and `erasing` does it."""
    columns = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, WORDS) or "birth" in field.name
    }
    untold = {column for column in columns if column not in FATE and column.rpartition(".")[0] not in FATE}
    assert untold == set()
    known = (
        columns | {column.rpartition(".")[0] for column in columns} | {"accounts.Merchant", "accounts.SummedAccount"}
    )
    assert set(FATE) <= known


@pytest.mark.parametrize("side", ["represented", "representative"])
def test_nobody_is_forgotten_while_somebody_acts_for_him_or_he_for_somebody(advisor, side):
    """Who has nothing left at the bank, and has never been said to have left it."""
    client, long_ago = make_client(advisor), timezone.now() - timedelta(days=6 * 366)
    BankAccount.objects.filter(holders=client).update(opened_on=long_ago.date(), closed_on=long_ago.date())
    Client.objects.filter(pk=client.pk).update(registered_at=long_ago)
    PostalItem.objects.update(ended_at=timezone.now(), address="", contents="")
    stored = Client.objects.get(pk=client.pk)
    assert erasing.is_due(stored, TODAY)
    other = makers.make_person(advisor, email="autre@example.org")
    sides = {"represented": (stored, other), "representative": (other, stored)}[side]
    makers.make_representation(*sides, capacity=Capacity.FUTURE, may_transfer=False)
    PostalItem.objects.update(ended_at=timezone.now(), address="", contents="")
    assert not erasing.is_due(stored, TODAY)
