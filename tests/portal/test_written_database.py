"""What somebody can do who writes in the database but has no key: some things do not open, some cannot be hindered."""

import uuid
from contextlib import nullcontext
from importlib import import_module
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.clients import as_seen
from accounts.desk import first_access
from accounts.models import Client, User
from auth_codes.actor import Actor
from auth_codes.codes import bindings, changing, checking
from auth_codes.codes.put_back import SpaceOfAnother
from auth_codes.locking import locks
from auth_codes.lockout import watch
from auth_codes.login import passwords
from auth_codes.models import AccessLock, AttemptCounter, SealedLetter, SecretCode, SecurityEvent
from auth_codes.renewals import by_advisors, code_life
from tests import makers
from tests.auth_codes.login.test_statements import asked_by, log_in
from tests.conftest import StrictBrowser
from tests.pages import text_of

sealing_of_hashes = import_module("accounts.migrations.0027_seal_staff_passwords")

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

COLUMNS = [field.attname for field in SecretCode._meta.concrete_fields]


@pytest.fixture
def victim(advisor):
    return makers.make_personalised_client(advisor, makers.OTHER_CODE, given_names="Paul", family_name="Petit")


@pytest.fixture
def second_advisor():
    return makers.make_advisor("marc.lefevre")


def swap(one, other):
    """The two UPDATEs: each client's login shows the other's space."""
    users = one.user_id, other.user_id
    Client.objects.filter(pk=one.pk).update(user=None)
    Client.objects.filter(pk=other.pk).update(user=users[0])
    Client.objects.filter(pk=one.pk).update(user=users[1])


def rows_of(client):
    """All that stands about his codes: what a writer has kept from an earlier day."""
    return list(SecretCode.objects.filter(owner=client.user).values(*COLUMNS))


def put_back(client, rows):
    SecretCode.objects.filter(owner=client.user).delete()
    SecretCode.objects.bulk_create(SecretCode(**row) for row in rows)


def change_code(client, code):
    present = checking.present_code(client.user)
    changing.personalise(client.user, code, replacing=present, by=Actor(client.user))


def gets_in(client, code):
    return makers.log_in(StrictBrowser(), client.client_code, code).status_code == 302


def found():
    """What check_owners says on stderr, when it finds something."""
    errors = StringIO()
    with pytest.raises(CommandError):
        call_command("check_owners", stdout=StringIO(), stderr=errors)
    return errors.getvalue()


def lines(kind):
    return SecurityEvent.objects.filter(kind=kind)


def test_one_clients_codes_do_not_open_the_space_of_another(client_, victim):
    assert gets_in(client_, makers.CODE)
    swap(client_, victim)
    assert not gets_in(client_, makers.CODE)
    assert not gets_in(victim, makers.OTHER_CODE)
    assert lines("login_failed").latest("id").details == {"device": "unknown", "binding": "broken"}


def test_a_broken_binding_is_answered_as_any_wrong_pair(client_, victim):
    third = makers.make_personalised_client(victim.advisor, given_names="Zoé")
    wrong, asked_for_wrong = asked_by(log_in(third, makers.WRONG_CODE))
    swap(client_, victim)
    broken, asked = asked_by(log_in(client_, makers.CODE))
    assert (broken.status_code, asked) == (wrong.status_code, asked_for_wrong)
    pages = [page.content.replace(who.client_code.encode(), b"") for page, who in ((wrong, third), (broken, client_))]
    assert len(pages[0]) == len(pages[1])


def test_a_session_copied_into_ones_own_row_opens_nothing(client_browser, client_, victim):
    """Signed for its own row: whoever logs in and copies another's session over his own has none at all."""
    own = StrictBrowser.logged_in(victim.user)
    assert own.get("/espace-client/").status_code == 200
    mine, others = (Session.objects.get(pk=browser.session.row_key) for browser in (own, client_browser))
    Session.objects.filter(pk=mine.pk).update(session_data=others.session_data)
    answer = own.get("/espace-client/")
    assert (answer.status_code, "/connexion/" in answer["Location"]) == (302, True)
    assert client_browser.get("/espace-client/").status_code == 200


@pytest.mark.parametrize("end", ["close", "renew"])
def test_nor_does_a_code_whose_row_was_taken_away_before_it_ended(client_, advisor, second_advisor, end):
    """The writer deletes the present row, waits until the code is ended, and puts it back."""
    kept, number = rows_of(client_), User.objects.filter(pk=client_.user_id).values("code_generation", "code_binding")
    earlier = number.get()
    SecretCode.objects.filter(owner=client_.user).delete()
    if end == "close":
        code_life.void_all(User.objects.get(pk=client_.user_id), why=code_life.Why.FRAUD, by=Actor(advisor))
    else:
        renew(Client.objects.get(pk=client_.pk), advisor, second_advisor)
    put_back(client_, kept)
    assert not gets_in(client_, makers.CODE)
    User.objects.filter(pk=client_.user_id).update(**earlier)
    assert f"Code client {client_.client_code} : ses lignes datent d’avant" in found()


@pytest.mark.parametrize("end", ["link", "command"])
def test_a_staff_password_that_was_ended_is_named_when_it_is_put_back(advisor, end):
    earlier = User.objects.filter(pk=advisor.pk).values("password", "code_generation", "code_binding").get()
    if end == "link":
        first_access.issue(advisor, now=timezone.now())
    else:
        advisor.set_password("four words of her own")
        advisor.save()
    nothing_found()
    User.objects.filter(pk=advisor.pk).update(**earlier)
    assert f"Membre du personnel {advisor.username} : son mot de passe date d’avant" in found()


def test_new_password_after_one_was_put_back_has_a_number_that_nobody_has_seen(advisor):
    earlier = User.objects.filter(pk=advisor.pk).values("password", "code_generation", "code_binding").get()
    for words in ("four words of her own", "four words of another day"):
        passwords.change(User.objects.get(pk=advisor.pk), words, by=Actor(advisor))
    User.objects.filter(pk=advisor.pk).update(**earlier)
    passwords.change(User.objects.get(pk=advisor.pk), "four words for good", by=Actor(advisor))
    nothing_found()


def test_whoever_writes_another_address_has_the_letters_sent_there(client_):
    """Not hindered, and nothing tells: contacts are bound to nothing."""
    Client.objects.filter(pk=client_.pk).update(street="1 rue du Voleur")
    assert "1 rue du Voleur" in Client.objects.get(pk=client_.pk).letter_address().lines
    nothing_found()


def test_a_session_that_stands_open_ends_on_its_next_page(client_browser, client_, victim):
    assert client_browser.get("/espace-client/").status_code == 200
    swap(client_, victim)
    answer = client_browser.get("/espace-client/")
    assert answer.status_code == 302
    assert "/connexion/" in answer["Location"]
    assert SESSION_KEY not in client_browser.session
    assert lines("binding_broken").get().owner == client_.user
    client_browser.get("/espace-client/")
    assert lines("binding_broken").count() == 1


def test_one_members_desk_opens_no_clients_space(advisor_browser, advisor, client_):
    Client.objects.filter(pk=client_.pk).update(user=advisor)
    assert advisor_browser.get("/admin/").status_code == 302


def test_it_rings_an_alarm(client_, victim, advisor):
    swap(client_, victim)
    assert not gets_in(client_, makers.CODE)
    now = timezone.now()
    assert watch.watch_bindings(now) == 1
    assert [alarm.name for alarm in watch.alarms(now)] == [watch.BINDING_BROKEN]
    assert watch.watch_bindings(now + watch.DAY * 2) == 0
    assert watch.alarms(now) == []


def test_no_act_of_the_portal_mends_what_a_writer_has_broken(client_, victim):
    swap(client_, victim)
    user = User.objects.get(pk=client_.user_id)
    changing.personalise(user, "582937", replacing=checking.present_code(user), by=Actor(user))
    assert not bindings.holds(User.objects.get(pk=user.pk))
    assert not gets_in(client_, "582937")


def test_an_earlier_row_of_a_code_does_not_open_again(client_):
    earlier = rows_of(client_)
    change_code(client_, makers.OTHER_CODE)
    put_back(client_, earlier)
    assert not gets_in(client_, makers.CODE)


def test_nor_with_the_number_of_its_day(client_):
    earlier, number = rows_of(client_), User.objects.get(pk=client_.user_id).code_generation
    change_code(client_, makers.OTHER_CODE)
    put_back(client_, earlier)
    User.objects.filter(pk=client_.user_id).update(code_generation=number)
    assert not gets_in(client_, makers.CODE)


def test_nor_after_the_access_was_closed(client_, advisor):
    earlier = rows_of(client_)
    code_life.void_all(client_.user, why=code_life.Why.FRAUD, by=Actor(advisor))
    put_back(client_, earlier)
    assert not gets_in(client_, makers.CODE)


def test_the_row_of_another_owner_does_not_open(client_, victim):
    row = SecretCode.objects.present().filter(owner=client_.user).values(*COLUMNS).get()
    SecretCode.objects.filter(owner=client_.user).delete()
    put_back(victim, [row | {"owner_id": victim.user_id}])
    assert not gets_in(victim, makers.CODE)


def desk_opens(user, password):
    answer = StrictBrowser().post("/admin/login/?next=/admin/", {"username": user.username, "password": password})
    return answer.status_code == 302


def test_a_staff_hash_replaced_by_one_of_django_does_not_open(advisor, advisor_browser):
    assert desk_opens(advisor, makers.PASSWORD)
    User.objects.filter(pk=advisor.pk).update(password=make_password("four words of a thief"))
    # Twice: nothing that a login does may make it ours.
    assert not desk_opens(advisor, "four words of a thief")
    assert not desk_opens(advisor, "four words of a thief")
    assert advisor_browser.get("/admin/").status_code == 302


def test_nor_one_of_an_earlier_hasher_which_django_would_store_anew(advisor, settings):
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    thiefs = make_password("four words of a thief", hasher="pbkdf2_sha256")
    User.objects.filter(pk=advisor.pk).update(password=thiefs)
    for _ in range(2):
        assert not desk_opens(advisor, "four words of a thief")
    assert User.objects.get(pk=advisor.pk).password == thiefs


def test_ones_own_of_an_earlier_hasher_is_stored_anew_and_opens(advisor, settings):
    ours, settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS, ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    advisor.set_password(makers.PASSWORD)
    advisor.save()
    settings.PASSWORD_HASHERS = [*ours, *settings.PASSWORD_HASHERS]
    for _ in range(2):
        assert desk_opens(advisor, makers.PASSWORD)
    assert User.objects.get(pk=advisor.pk).password.startswith("sealed$")


@pytest.fixture
def stored_before(advisor, settings):
    """The advisor's password as the version before stored it: hashed and bound, and not sealed."""
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, "auth_codes.crypto.hashing.StaffPasswordHasher"]
    advisor.password = make_password(makers.PASSWORD, hasher="argon2")
    advisor.save()
    bindings.bind(advisor)
    return advisor.password


def stored_of(user):
    return User.objects.get(pk=user.pk).password


def test_upgrade_seals_what_was_bound_and_going_back_gives_it_as_it_was(advisor, stored_before):
    for _ in range(2):
        sealing_of_hashes.seal(apps, None)
    assert stored_of(advisor).startswith("sealed$")
    assert bindings.holds(User.objects.get(pk=advisor.pk))
    sealing_of_hashes.unseal(apps, None)
    assert stored_of(advisor) == stored_before
    assert bindings.holds(User.objects.get(pk=advisor.pk))
    sealing_of_hashes.seal(apps, None)
    assert desk_opens(advisor, makers.PASSWORD)


def test_one_that_a_server_of_before_stored_meanwhile_opens_and_is_sealed_then(advisor, stored_before):
    assert desk_opens(advisor, makers.PASSWORD)
    assert stored_of(advisor).startswith("sealed$")
    assert desk_opens(advisor, makers.PASSWORD)


def test_upgrade_makes_no_strangers_hash_ours(advisor, stored_before):
    thiefs = make_password("four words of a thief", hasher="argon2")
    User.objects.filter(pk=advisor.pk).update(password=thiefs)
    sealing_of_hashes.seal(apps, None)
    assert stored_of(advisor) == thiefs
    assert not desk_opens(advisor, "four words of a thief")


def test_nor_one_that_the_portal_saved_again(advisor):
    User.objects.filter(pk=advisor.pk).update(password=make_password("four words of a thief"))
    User.objects.get(pk=advisor.pk).save()
    assert not desk_opens(advisor, "four words of a thief")


def test_the_hash_of_a_colleague_does_not_open(advisor):
    boss = makers.make_advisor("marc.leroy")
    boss.set_password("four words of a boss")
    boss.save()
    assert desk_opens(boss, "four words of a boss")
    User.objects.filter(pk=boss.pk).update(
        **User.objects.filter(pk=advisor.pk).values("password", "code_binding").get()
    )
    assert not desk_opens(boss, makers.PASSWORD)


def test_whoever_puts_back_all_of_a_staff_members_earlier_password_gets_in(advisor):
    """As with codes: nothing at the login tells, the journal does."""
    earlier = User.objects.filter(pk=advisor.pk).values("password", "code_generation", "code_binding").get()
    passwords.change(advisor, "four words of her own", by=Actor(advisor))
    nothing_found()
    User.objects.filter(pk=advisor.pk).update(**earlier)
    assert desk_opens(advisor, makers.PASSWORD)
    assert f"Membre du personnel {advisor.username} : son mot de passe date d’avant son changement n° 1" in found()


def test_an_earlier_staff_password_alone_does_not_open(advisor):
    earlier = User.objects.filter(pk=advisor.pk).values("password", "code_binding").get()
    passwords.change(advisor, "four words of her own", by=Actor(advisor))
    User.objects.filter(pk=advisor.pk).update(**earlier)
    assert not desk_opens(advisor, makers.PASSWORD)
    assert f"Membre du personnel {advisor.username} : son mot de passe n’est plus lié à lui." in found()


def test_a_password_set_by_the_portal_opens(advisor):
    passwords.change(advisor, "four words of her own", by=Actor(advisor))
    assert desk_opens(advisor, "four words of her own")
    User.objects.filter(pk=advisor.pk).update(username="claire.martin")
    assert desk_opens(User.objects.get(pk=advisor.pk), "four words of her own")


def test_whoever_puts_back_all_rows_of_an_owner_gets_in(client_):
    """No key is needed for it, and nothing at the login tells; the journal does."""
    earlier = rows_of(client_)
    user = User.objects.filter(pk=client_.user_id).values("code_generation", "code_binding").get()
    change_code(client_, makers.OTHER_CODE)
    put_back(client_, earlier)
    User.objects.filter(pk=client_.user_id).update(**user)
    assert gets_in(client_, makers.CODE)
    assert f"Code client {client_.client_code} : ses lignes datent d’avant" in found()


def test_each_owner_whose_rows_were_written_in_is_named(client_, victim):
    swap(client_, victim)
    said = found()
    assert all(f"Code client {client.client_code} : l’accès n’est plus lié" in said for client in (client_, victim))


def renew(client, by, approver):
    """A renewal by two advisors; answers the code of its letter with the letter's number."""
    renewal = by_advisors.start(client.user, by=Actor(by), identity_check="branch", token=uuid.uuid4())
    by_advisors.approve(renewal, by=Actor(approver))
    return makers.open_letter(client)


def nothing_found():
    call_command("check_owners", stdout=StringIO(), stderr=StringIO())


@pytest.mark.parametrize(
    "written", [{"code_binding": "12345678:ff"}, {"code_binding": ""}, {"code_generation": 40}, {"code_generation": 0}]
)
def test_renewal_by_two_advisors_binds_again_and_opens_by_its_letter_alone(client_, advisor, second_advisor, written):
    earlier = rows_of(client_)
    change_code(client_, makers.OTHER_CODE)
    put_back(client_, earlier)
    User.objects.filter(pk=client_.user_id).update(**written)
    assert not gets_in(client_, makers.CODE)
    client_ = Client.objects.get(pk=client_.pk)
    contents = renew(client_, advisor, second_advisor)
    assert not gets_in(client_, makers.CODE)
    assert not gets_in(client_, makers.OTHER_CODE)
    answer = makers.log_in(StrictBrowser(), client_.client_code, contents.secret_code, letter=contents.letter_number)
    assert answer.status_code == 302
    nothing_found()
    line = lines("bound_again").get()
    assert (line.owner, line.by, line.details["problem"]) == (client_.user, second_advisor, "not_bound")


def test_renewal_settles_who_was_put_back_whole(client_, advisor, second_advisor):
    earlier = rows_of(client_)
    user = User.objects.filter(pk=client_.user_id).values("code_generation", "code_binding").get()
    for code in (makers.OTHER_CODE, "582937", "739148"):
        change_code(client_, code)
    put_back(client_, earlier)
    User.objects.filter(pk=client_.user_id).update(**user)
    found()
    renew(Client.objects.get(pk=client_.pk), advisor, second_advisor)
    assert not gets_in(client_, makers.CODE)
    nothing_found()
    assert lines("bound_again").get().details["problem"] == "put_back"


def remove_lock(client):
    """Past the trigger, as whoever owns the tables."""
    table, trigger = "auth_codes_accesslock", "lock_is_never_deleted"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else what is still to be checked holds the table
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        AccessLock.objects.filter(owner=client.user).delete()
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")


def end_lock(client):
    AccessLock.objects.filter(owner=client.user).update(undone_at=timezone.now(), undone_by=client.advisor)


@pytest.mark.parametrize("written", [remove_lock, end_lock])
def test_lock_that_a_writer_undid_is_named_until_the_code_is_renewed(client_, advisor, second_advisor, written):
    """Whoever writes in the database opens a locked access, and needs its codes as before."""
    locks.lock(client_.user, way=AccessLock.Way.SESSION, by=Actor(client_.user))
    nothing_found()
    written(client_)
    assert "n’a plus ce verrou" in found()
    renew(Client.objects.get(pk=client_.pk), advisor, second_advisor)
    assert lines("bound_again").get().details["problem"] == "lock_gone"
    nothing_found()


def test_lock_that_two_advisors_undid_is_not_named(client_, advisor):
    for _ in range(2):
        locks.lock(client_.user, way=AccessLock.Way.SESSION, by=Actor(client_.user))
        with transaction.atomic():
            locks.undo(client_.user, by=Actor(advisor))
    nothing_found()


def test_database_deletes_no_lock(client_):
    """On SQLite it does: there tests empty their tables by DELETE."""
    locks.lock(client_.user, way=AccessLock.Way.SESSION, by=Actor(client_.user))
    with pytest.raises(DatabaseError) if connection.vendor == "postgresql" else nullcontext(), transaction.atomic():
        AccessLock.objects.all().delete()


def test_renewal_blesses_no_space_of_another(client_, victim, advisor, second_advisor):
    """The thief asks his advisor for a new code: his letter would open his victim's space."""
    swap(client_, victim)
    thief = Client.objects.get(pk=client_.pk)
    renewal = by_advisors.start(thief.user, by=Actor(advisor), identity_check="branch", token=uuid.uuid4())
    with pytest.raises(SpaceOfAnother):
        by_advisors.approve(renewal, by=Actor(second_advisor))
    page = f"/admin/auth_codes/renewal/{renewal.pk}/change/"
    browser = StrictBrowser.logged_in(second_advisor)
    fields = {"answer": "approve", "seen": as_seen.fingerprint(thief.address_lines)}
    answer = browser.post(page, fields, follow=True)
    assert "n’est pas celui de la fiche" in text_of(answer)
    assert not SealedLetter.objects.filter(owner=thief.user, occasion="renewal").exists()
    assert not bindings.holds(User.objects.get(pk=thief.user_id))


def test_renewal_of_who_was_left_alone_binds_nobody_again(client_, advisor, second_advisor):
    renew(client_, advisor, second_advisor)
    assert not lines("bound_again").exists()


@pytest.mark.parametrize("told", [2**63, True, "4", -1, 1.5])
def test_line_that_a_writer_added_hinders_no_renewal(client_, advisor, second_advisor, told):
    SecurityEvent.objects.create(kind="code_changed", owner=client_.user, details={"generation": told})
    User.objects.filter(pk=client_.user_id).update(code_binding="12345678:ff")
    client_ = Client.objects.get(pk=client_.pk)
    contents = renew(client_, advisor, second_advisor)
    answer = makers.log_in(StrictBrowser(), client_.client_code, contents.secret_code, letter=contents.letter_number)
    assert answer.status_code == 302


def test_nobody_is_named_whose_codes_changed_as_the_portal_changes_them(client_, new_client, advisor):
    change_code(client_, makers.OTHER_CODE)
    contents = makers.make_pending_code(client_)
    makers.log_in(StrictBrowser(), client_.client_code, contents.secret_code, letter=contents.letter_number)
    code_life.void_all(new_client.user, why=code_life.Why.FRAUD, by=Actor(advisor))
    errors = StringIO()
    call_command("check_owners", stdout=StringIO(), stderr=errors)
    assert errors.getvalue() == "3 accès contrôlés, rien à signaler.\n"


def test_whoever_deletes_the_counters_guesses_on(client_):
    for _ in range(5):
        gets_in(client_, makers.WRONG_CODE)
    assert not gets_in(client_, makers.CODE)
    AttemptCounter.objects.all().delete()
    assert gets_in(client_, makers.CODE)


def test_whoever_raises_rights_has_them(advisor, advisor_browser):
    assert advisor_browser.get("/admin/accounts/user/").status_code == 403
    User.objects.filter(pk=advisor.pk).update(is_superuser=True)
    assert advisor_browser.get("/admin/accounts/user/").status_code == 200
