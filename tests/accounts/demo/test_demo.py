"""The demo bank, and the wall between it and a real one."""

import csv
import re
import stat
from datetime import timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone

from accounts import client_codes
from accounts.demo import bank, crowd, mark, people
from accounts.desk import roles
from accounts.models import BankAccount, Booking, Client, DemoMark, Entry, PostalItem, User
from accounts.notation import names
from accounts.operations import sums
from auth_codes.codes import bindings
from auth_codes.crypto import hashing
from auth_codes.models import HashingCost, Notice, SealedLetter, SecretCode, SecurityEvent
from auth_codes.weakness import why_weak
from tests import makers
from tests.settings import WORKSHOP_IDENTITY, WORKSHOP_RECIPIENT
from tests.standing import made_once

pytestmark = pytest.mark.slow


class Seeded(NamedTuple):
    """What `seed_demo` printed, and the files that it wrote: their paths in the demo's folder, modes and contents."""

    printed: str
    files: list[tuple[Path, int, bytes]]


def settings_of_a_demo(folder: Path) -> dict:
    """With the workshop's key in the folder."""
    (folder / "workshop.key").write_text(f"{WORKSHOP_IDENTITY}\n")
    recipients = (WORKSHOP_RECIPIENT,)
    key = folder / "workshop.key"
    return {"DEMO": True, "VAR_DIR": folder, "DEMO_WORKSHOP_KEY": key, "LETTER_RECIPIENTS": recipients}


@pytest.fixture
def demo(db, tmp_path):
    """The settings of a demo, in a folder of its own."""
    with override_settings(**settings_of_a_demo(tmp_path)):
        yield tmp_path


@made_once
def seeded(db):
    """The demo's three people."""
    with TemporaryDirectory() as name, override_settings(**settings_of_a_demo(Path(name))):
        printed, folder = seed(), Path(name)
        files = [(path.relative_to(folder), mode_of(path), path.read_bytes()) for path in folder.rglob("*.*")]
    return Seeded(printed, files)


@pytest.fixture
def three_people(demo, seeded):
    """The demo's folder once the three people have been made."""
    for path, mode, content in seeded.files:
        (demo / path).parent.mkdir(parents=True, exist_ok=True)
        (demo / path).write_bytes(content)
        (demo / path).chmod(mode)
    return demo


def seed(*arguments: str) -> str:
    printed = StringIO()
    call_command("seed_demo", *arguments, stdout=printed)
    return printed.getvalue()


def rows_of(path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def mode_of(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def assert_codes_open_what_their_kind_says(browser, rows):
    for row in rows:
        answer = makers.log_in(browser, row["client_code"], row["secret_code"])
        page = {"default": "/mon-profil/code-secret/", "personal": "/espace-client/"}[row["kind"]]
        assert (answer.status_code, answer.url) == (302, page)
        browser.logout()


def test_refused_outside_the_demo(db, tmp_path):
    with pytest.raises(CommandError, match="DEMO=1 manque"):
        seed("--clients", "3", "--credentials", str(tmp_path / "codes.csv"))
    assert not Client.objects.exists()
    assert not DemoMark.objects.exists()


def test_refused_on_a_bank_s_database(demo, person):
    with pytest.raises(CommandError, match="n’est pas celle d’une démonstration"):
        seed()
    assert Client.objects.count() == 1


def test_three_people_in_three_states(three_people):
    rows = {row["kind"]: row for row in rows_of(three_people / "demo_codes.csv")}
    ines, julien, sophie = (
        Client.objects.get(client_code=rows[kind]["client_code"]) for kind in ("default", "personal", "no online space")
    )
    assert ines.user.secret_codes.get().is_default
    assert julien.user.secret_codes.present().get().kind == SecretCode.Kind.PERSONAL
    assert sophie.user is None
    assert rows["no online space"]["secret_code"] == ""


def test_two_of_them_hold_an_account_together_and_the_third_may_see_one(three_people):
    ines, julien, sophie = Client.objects.order_by("birth_date").reverse()
    joint = BankAccount.objects.get(holders=sophie)
    assert set(joint.holders.all()) == {julien, sophie}
    mandate = ines.mandates.get()
    assert (julien in mandate.account.holders.all(), mandate.may_transfer) == (True, False)
    assert joint.entries.exists()


def test_nobody_who_is_drawn_bears_the_name_of_one_of_them(three_people):
    theirs = set(Client.objects.values_list("family_key", flat=True))
    assert len(theirs) == 3
    assert theirs.isdisjoint(map(names.key, people.FAMILIES))


def test_codes_of_the_three_people_log_in(three_people, browser):
    assert_codes_open_what_their_kind_says(
        browser, [r for r in rows_of(three_people / "demo_codes.csv") if r["secret_code"]]
    )


def test_customer_with_a_year_of_entries_has_had_the_accounts_for_a_year(three_people):
    julien = Client.objects.get(user__secret_codes__kind=SecretCode.Kind.PERSONAL)
    for account in julien.bank_accounts.filter(closed_on=None):
        first, last = account.entries.last().booked_on, account.entries.first().booked_on
        assert account.opened_on <= first
        assert (last - first).days > 320
        assert last <= timezone.localdate()


def test_rent_is_the_same_every_month_and_each_card_payment_says_its_trade(three_people):
    rents = Entry.objects.filter(label="Loyer", account__isnull=False).values_list("account", "amount", "booked_on")
    for account in {account for account, *_ in rents}:
        assert len({amount for holder, amount, _ in rents if holder == account}) == 1
        assert len({day.replace(day=1) for holder, _, day in rents if holder == account}) == 12
    cards = Booking.objects.filter(kind=Booking.Kind.CARD)
    assert cards.exists()
    assert not cards.filter(merchant=None).exists()


def test_ended_months_of_the_demo_are_kept(three_people):
    assert not sums.behind(timezone.localdate().replace(day=1)).exists()


def test_customer_with_a_year_of_entries_was_registered_before_them(three_people):
    julien = Client.objects.get(user__secret_codes__kind=SecretCode.Kind.PERSONAL)
    first = min(account.entries.last().booked_on for account in julien.bank_accounts.all())
    assert timezone.localdate(julien.registered_at) <= first
    assert julien.service_contracts.get().opened_on <= first


def test_one_account_of_the_demo_has_an_overdraft_and_operations_to_come(three_people):
    account = BankAccount.objects.with_balances().exclude(overdraft=0).get()
    assert account.pending_entries.waiting().count() > 1
    assert account.held < 0
    assert all(entry.expected_on > timezone.localdate() for entry in account.pending_entries.all())


def test_customer_with_a_year_of_entries_has_a_year_of_connections(three_people):
    julien = Client.objects.get(family_name__iexact="moreau")
    logins = julien.user.security_events.filter(kind="logged_in").order_by("at")
    today = timezone.localdate()
    days = [timezone.localdate(line.at) for line in logins]
    assert len(days) > 50
    assert (days[0] < today - timedelta(days=340), days[-1]) == (True, today - timedelta(days=1))
    assert {line.kind for line in julien.user.security_events.all()} >= {"login_failed", "device_known", "code_changed"}
    assert set(julien.user.known_devices.values_list("label", flat=True)) == {
        "Safari sur iPhone",
        "Firefox sur Windows",
    }


def test_journal_of_the_demo_proves_itself(three_people):
    call_command("seal_journal", stdout=StringIO())
    call_command("verify_journal", stdout=StringIO())


def test_mistyped_code_of_the_demo_is_old_news(three_people, browser):
    row = next(row for row in rows_of(three_people / "demo_codes.csv") if row["kind"] == "personal")
    makers.log_in(browser, row["client_code"], row["secret_code"])
    page = browser.get("/espace-client/").content.decode()
    assert "Safari sur iPhone" in page
    assert "code erroné" not in page
    assert "Et si vous changiez" not in page


def test_closed_account_of_the_demo_is_empty_and_was_closed_after_its_last_entry(three_people):
    account = BankAccount.objects.with_balances().exclude(closed_on=None).get()
    assert account.balance == 0
    assert account.opened_on <= account.entries.last().booked_on <= account.entries.first().booked_on
    assert account.entries.first().booked_on <= account.closed_on


def test_codes_and_passwords_are_printed_and_kept_for_the_owner_alone(three_people, seeded):
    printed = seeded.printed
    people, staff = rows_of(three_people / "demo_codes.csv"), rows_of(three_people / "demo_staff.csv")
    for row in people:
        assert client_codes.display(row["client_code"]).replace("\u00a0", " ") in printed
        assert row["secret_code"] in printed
    assert [row["username"] for row in staff[:2]] == ["claire.dubois", "marc.lefevre"]
    assert {row["role"] for row in staff} == set(roles.MAY)
    assert all(row["password"] in printed for row in staff)
    assert mode_of(three_people / "demo_codes.csv") == mode_of(three_people / "demo_staff.csv") == 0o600


def test_passwords_of_the_staff_open_the_desk_that_each_role_sees(three_people, browser):
    for row in rows_of(three_people / "demo_staff.csv"):
        answer = browser.post("/admin/login/?next=/admin/", row)
        assert answer.status_code == 302
        assert browser.get("/admin/").status_code == 200
        sees_clients = row["role"] in (roles.ADVISORS, roles.BRANCH_MANAGERS)
        assert browser.get("/admin/accounts/client/").status_code == (200 if sees_clients else 403)
        browser.logout()


def test_run_again_changes_nothing_and_prints_the_same(three_people, seeded):
    assert seed() == seeded.printed
    assert Client.objects.count() == 3
    assert User.objects.filter(is_staff=True).count() == len(bank.STAFF)


def test_letters_of_the_three_have_left_and_are_destroyed(three_people):
    assert not SealedLetter.objects.filter(batch__confirmed_at=None).exists()
    assert not SealedLetter.objects.filter(ciphertext__isnull=False).exists()
    assert len(list((three_people / "demo_letters").rglob("*.pdf"))) == 2


def test_missing_workshop_key_is_said_and_nobody_is_made(demo):
    (demo / "workshop.key").unlink()
    with pytest.raises(CommandError, match="La clé de l’atelier manque"):
        seed()
    assert not Client.objects.exists()


def test_many_clients_log_in_with_the_codes_listed(demo, browser):
    seed("--clients", "12", "--credentials", str(demo / "codes.csv"))
    rows = rows_of(demo / "codes.csv")
    assert [row["kind"] for row in rows] == ["personal"] * 9 + ["default"] + ["personal"] * 2
    assert list(rows[0]) == ["client_code", "secret_code", "kind"]
    assert_codes_open_what_their_kind_says(browser, rows)


def test_many_clients_have_what_clients_have(demo):
    seed("--clients", "11")
    for client in Client.objects.all():
        assert client_codes.is_well_formed(client.client_code)
        assert client.user.username == client.client_code
        assert client.bank_accounts.get().entries.count() > 0
        assert client.service_contracts.count() == 1
    assert SealedLetter.objects.count() == 1


def test_cost_of_the_many_clients_codes_is_registered(demo):
    seed("--clients", "2")
    costs = HashingCost.objects.values_list("memory_kib", "iterations", "parallelism")
    assert list(costs) == [tuple(hashing.present_cost())]


def test_code_of_a_demo_client_is_not_weak_for_that_client(demo):
    seed("--clients", "20", "--credentials", str(demo / "codes.csv"))
    for row in rows_of(demo / "codes.csv"):
        client = Client.objects.get(client_code=row["client_code"])
        assert why_weak(row["secret_code"], client.personal_data()) is None


def test_many_clients_can_be_added_again(demo):
    seed("--clients", "3")
    assert "4 clients ajoutés" in seed("--clients", "4")
    assert Client.objects.count() == 7


def test_many_clients_never_share_a_number(demo, monkeypatch):
    seed("--clients", "2")
    taken = list(Client.objects.values_list("client_code", flat=True))
    fresh = [client_codes.draw() for _ in range(3)]
    draws = iter([taken[0], fresh[0], fresh[0], taken[1], *fresh[1:]])
    monkeypatch.setattr(client_codes, "draw", lambda: next(draws))
    seed("--clients", "3")
    assert set(Client.objects.values_list("client_code", flat=True)) == {*taken, *fresh}


def test_credentials_are_for_the_owner_alone_even_in_a_file_that_was_open_to_all(demo):
    path = demo / "codes.csv"
    path.write_text("")
    path.chmod(0o644)
    seed("--clients", "2", "--credentials", str(path))
    assert mode_of(path) == 0o600


def test_credentials_that_cannot_be_written_are_said_before_the_work(demo):
    (demo / "folder").mkdir()
    with pytest.raises(CommandError, match="ne peut pas être écrit"):
        seed("--clients", "2", "--credentials", str(demo / "folder"))
    assert not Client.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--clients", "-1"], "attend un nombre positif"),
        (["--credentials", "codes.csv"], "--clients N"),
        (["--with-codes", "0", "--credentials", "codes.csv"], "--clients N"),
        (["--clients", "3", "--with-codes", "4"], "de 0 à celui de --clients"),
        (["--clients", "3", "--with-codes", "-1"], "de 0 à celui de --clients"),
        (["--with-codes", "1"], "de 0 à celui de --clients"),
    ],
)
def test_senseless_options_are_refused(demo, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        seed(*arguments)
    assert not User.objects.exists()


@pytest.mark.slow
def test_progress_is_told_to_the_end(demo):
    bank.make_staff()
    told = []
    bank.make_many(bank.CHUNK + 1, told.append)
    assert told == [bank.CHUNK, 1]
    assert BankAccount.objects.count() == bank.CHUNK + 1


def test_seeding_the_three_people_sends_them_no_mail(three_people):
    assert not Notice.objects.exclude(recipient="").exists()


def test_demo_writes_no_code_to_the_journal(three_people):
    codes = [row["secret_code"] for row in rows_of(three_people / "demo_codes.csv") if row["secret_code"]]
    lines = " ".join(str(event.details) for event in SecurityEvent.objects.all())
    assert not any(code in lines for code in codes)


def test_server_of_the_demo_refuses_a_bank_s_database(demo):
    with pytest.raises(ImproperlyConfigured, match="n’est pas marquée"):
        mark.refuse_mixture()


def test_server_of_the_bank_refuses_the_demo_s_database(db, settings):
    DemoMark.objects.create()
    with pytest.raises(ImproperlyConfigured, match="DEMO=1"):
        mark.refuse_mixture()


def test_server_starts_where_both_agree(demo, settings):
    mark.mark_as_demo()
    mark.refuse_mixture()
    DemoMark.objects.all().delete()
    settings.DEMO = False
    mark.refuse_mixture()


def test_marking_twice_is_marking_once(db, advisor):
    DemoMark.objects.create()
    mark.mark_as_demo()
    assert mark.is_demo_database()
    assert DemoMark.objects.count() == 1


def post() -> str:
    printed = StringIO()
    call_command("demo_post", stdout=printed, stderr=StringIO())
    return printed.getvalue()


def test_demos_post_brings_the_letters_that_were_asked_for(three_people, browser):
    julien = next(row for row in rows_of(three_people / "demo_codes.csv") if row["kind"] == "personal")
    browser.post("/code-secret-oublie/", {"username": julien["client_code"]})
    printed = post()
    letter = SealedLetter.objects.get(occasion=SealedLetter.Occasion.REQUEST)
    assert printed == f"Courrier reçu : {three_people / 'demo_letters' / str(letter.id)}.pdf\n"
    assert post() == "Aucun courrier n’attend.\n"


def test_demos_post_brings_ordinary_letters_too(three_people):
    post()
    assert not PostalItem.objects.filter(batch__confirmed_at=None).exists()
    [batch] = (three_people / "demo_post").iterdir()
    assert len(list(batch.glob("*.pdf"))) == PostalItem.objects.count() == 15  # three of welcome; Sophie has no space


def test_demos_post_tells_of_wrong_codes_that_paused_a_login(three_people, browser):
    julien = next(row for row in rows_of(three_people / "demo_codes.csv") if row["kind"] == "personal")
    for _ in range(5):
        makers.log_in(browser, julien["client_code"], makers.WRONG_CODE)
    post()
    assert Notice.objects.filter(kind=Notice.Kind.LOGIN_BLOCKED, sent_at__isnull=False).count() == 1


def test_post_is_played_in_the_demo_alone(db):
    with pytest.raises(CommandError, match="DEMO=1 manque"):
        post()


def test_without_a_word_all_have_a_code(demo):
    seed("--clients", "3")
    assert SecretCode.objects.count() == 3


def test_the_others_have_a_space_an_account_and_no_code(demo):
    told = seed("--clients", "5", "--with-codes", "2", "--credentials", str(demo / "codes.csv"))
    assert "5 clients ajoutés" in told
    assert len(rows_of(demo / "codes.csv")) == SecretCode.objects.count() == 2
    others = Client.objects.filter(user__secret_codes=None)
    assert others.count() == 3
    for client in others:
        assert client_codes.is_well_formed(client.client_code)
        assert (client.user.username, client.user.has_usable_password()) == (client.client_code, False)
        assert client.bank_accounts.get().holders.get() == client
        assert client.family_key == names.key(client.family_name)


def test_the_others_are_bound_to_their_logins(demo):
    seed("--clients", "3", "--with-codes", "0")
    owners = list(bindings.owners_with_bound().filter(is_staff=False))
    assert len(owners) == 3
    assert all(owner.code_binding and bindings.holds(owner) for owner in owners)


def test_the_others_get_keys_that_nobody_gets_after_them(demo):
    seed("--clients", "2", "--with-codes", "0")
    seed("--clients", "2", "--with-codes", "1")
    makers.make_new_client(bank.advisors()[0])
    assert Client.objects.count() == User.objects.filter(is_staff=False).count() == 5


def test_the_others_commit_by_chunks_and_tell_their_progress(demo, monkeypatch):
    bank.make_staff()
    monkeypatch.setattr(crowd, "CHUNK", 4)
    told = []
    crowd.make(9, bank.advisors(), told.append)
    assert told == [4, 4, 1]


def test_time_of_hashing_is_told_apart(demo):
    told = StringIO()
    call_command("seed_demo", "--clients", "3", "--with-codes", "1", stdout=StringIO(), stderr=told)
    assert re.search(r"1 avec un code : [0-9.]+ s, dont hachage [0-9.]+ s ; [0-9]+ par seconde\.", told.getvalue())
    assert re.search(r"2 sans code : [0-9.]+ s ; [0-9]+ par seconde\.", told.getvalue())
