"""A lock: what it ends, what it leaves, that there is one, and how two advisors undo it."""

import uuid
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, transaction
from django.test import RequestFactory
from django.utils import timezone

from accounts.clients import client_journal, own_journal
from accounts.documents import issuing as papers
from accounts.models import Client, PostalItem
from auth_codes import dual_control, notices
from auth_codes.actor import SYSTEM, Actor
from auth_codes.codes import checking
from auth_codes.journal import chain
from auth_codes.letters import batches, letter_numbers
from auth_codes.locking import lock_codes, locks, unlocking
from auth_codes.lockout import hours, watch
from auth_codes.models import (
    AccessLock,
    KnownDevice,
    LockCode,
    Notice,
    RenewalRequest,
    SealedLetter,
    SecretCode,
    SecurityEvent,
    Unlocking,
)
from auth_codes.renewals import by_advisors, code_life, issuing, online
from tests import makers
from tests.conftest import StrictBrowser
from tests.pages import text_of
from tests.standing import made_once

pytestmark = pytest.mark.django_db

Way = AccessLock.Way
PAGES = "/admin/auth_codes/unlocking/"


@made_once
def colleague(advisor):
    return makers.make_advisor("marc.lefevre")


def lock(client, way=Way.SESSION):
    return locks.lock(client.user, way=way, by=Actor(client.user))


def start(client, by, **fields):
    return unlocking.start(client.user, by=Actor(by), **{"identity_check": "phone", "token": uuid.uuid4()} | fields)


def page(client):
    return f"/admin/accounts/client/{client.pk}/deverrouiller/"


def known_device(client):
    browser = StrictBrowser()
    makers.log_in(browser, client.client_code, makers.CODE)
    return browser


# What it does.


@pytest.mark.proves("PSD2 70(1)(e)")
def test_every_session_ends_and_nothing_else_is_lost(client_):
    browser = known_device(client_)
    before = SecretCode.objects.get(owner=client_.user, role="present")
    lock(client_)
    assert browser.get("/espace-client/")["Location"].startswith("/connexion/")
    assert SecretCode.objects.get(owner=client_.user, role="present") == before
    assert KnownDevice.objects.filter(owner=client_.user).count() == 1


@pytest.mark.proves("PSD2 70(1)(e)")
def test_right_codes_reach_the_page_that_says_how_to_unlock_and_open_no_session(client_):
    lock(client_)
    browser = StrictBrowser()
    answer = makers.log_in(browser, client_.client_code, makers.CODE)
    assert (answer.status_code, answer["Location"]) == (302, "/deverrouiller/")
    assert "_auth_user_id" not in browser.session
    assert AccessLock.objects.get().reference in text_of(browser.get("/deverrouiller/"))
    assert browser.get("/espace-client/").status_code == 302


@pytest.mark.proves("RTS 4(3)(a)")
def test_wrong_codes_are_answered_as_if_nothing_were_locked(client_):
    def answered():
        answer = makers.log_in(StrictBrowser(), client_.client_code, makers.WRONG_CODE)
        return answer.status_code, text_of(answer).partition("csrfmiddlewaretoken")[0]

    before = answered()
    lock(client_)
    assert answered() == before


def test_session_that_is_open_in_spite_of_the_lock_reaches_nothing(client_):
    lock(client_)
    client_.user.refresh_from_db()
    browser = StrictBrowser.logged_in(client_.user)
    for path in ("/espace-client/", "/mon-profil/", "/mon-profil/code-secret/"):
        assert browser.get(path)["Location"].startswith("/connexion/")
    assert browser.get("/mon-profil/verrouiller/")["Location"] == "/verrouiller/recu/"


def test_attempt_with_the_right_codes_counts_no_failure_and_is_told_in_his_journal(client_):
    lock(client_)
    for _ in range(7):
        assert makers.log_in(StrictBrowser(), client_.client_code, makers.CODE).status_code == 302
    [line] = own_journal.in_words(client_journal.lines_about(client_).filter(kind="found_locked"), client_)
    assert "accès verrouillé : personne n’est entré" in line.event
    assert not SecurityEvent.objects.filter(kind="login_failed").exists()


def test_right_codes_at_a_lock_ring_no_alarm_however_often(client_, settings):
    settings.LOGIN_FAILURES_ALARM = 2
    lock(client_)
    for _ in range(3):
        makers.log_in(StrictBrowser(), client_.client_code, makers.CODE)
    assert watch.failures_within_an_hour(timezone.now()) == hours.hours(timezone.now(), 1)[0].failures == 0


def test_right_codes_at_the_door_of_locks_leave_a_trace_too(client_):
    """Else whoever has them would try them where nobody is told."""
    lock(client_)
    for _ in range(3):
        StrictBrowser().post("/verrouiller/", {"username": client_.client_code, "password": makers.CODE})
    [line] = own_journal.in_words(client_journal.lines_about(client_).filter(kind="lock_asked_again"), client_)
    assert line.details.startswith("Avec le code client et le code secret")


def test_lock_asked_for_again_is_shown_to_the_second_advisor_and_refuses_nothing(client_, advisor, colleague):
    lock(client_)
    lock(client_)
    asked = start(client_, advisor)
    lock(client_, Way.CODES)
    assert SecurityEvent.objects.filter(kind="lock_asked_again").count() == 2
    assert "Redemandé le" in text_of(StrictBrowser.logged_in(colleague).get(f"{PAGES}{asked.pk}/change/"))
    unlocking.approve(asked, by=Actor(colleague))
    assert locks.standing(client_.user) is None


def test_owner_is_told_of_the_asking_before_anything_opens(client_, advisor):
    reference = lock(client_).reference
    start(client_, advisor)
    told = notices.message_of(Notice.objects.get(kind=Notice.Kind.UNLOCKING_ASKED))
    assert reference in told.body
    assert "un second conseiller doit l’approuver" in told.body


def test_who_has_no_e_mail_is_told_of_the_asking_by_post(client_, advisor):
    lock(client_)
    Client.objects.filter(pk=client_.pk).update(email="")
    client = Client.objects.get(pk=client_.pk)
    start(client, advisor)
    assert PostalItem.objects.filter(title="On demande à déverrouiller votre accès").count() == 1


def test_code_of_a_letter_is_not_used_up_by_trying_it(new_client):
    code = makers.default_code(new_client)
    lock(new_client)
    assert makers.log_in(StrictBrowser(), new_client.client_code, code)["Location"] == "/deverrouiller/"
    assert SealedLetter.objects.get().first_used_at is None


def test_code_beside_the_present_one_does_not_take_its_place(client_):
    pending = makers.make_pending_code(client_)
    lock(client_)
    answer = makers.log_in(StrictBrowser(), client_.client_code, pending.secret_code, letter=pending.letter_number)
    assert answer["Location"] == "/deverrouiller/"
    assert {code.role for code in checking.living_codes(client_.client_code)} == {"present", "pending"}


def test_use_of_a_letter_s_code_that_was_verified_before_the_lock_is_refused_after_it(new_client):
    [code] = checking.living_codes(new_client.client_code)
    lock(new_client)
    with pytest.raises(locks.AccessLocked):
        code_life.note_use(code, by=SYSTEM)


def test_login_that_was_verified_before_the_lock_opens_nothing_after_it(client_):
    """Its session is bound to the password that the lock has made anew."""
    [code] = checking.living_codes(client_.client_code)
    assert code.is_locked is False
    locked = lock(client_)
    AccessLock.objects.filter(pk=locked.pk).update(undone_at=timezone.now(), undone_by=client_.user)
    assert StrictBrowser.logged_in(code.owner).get("/espace-client/").status_code == 302


def test_locking_again_gives_the_first_receipt_and_notes_it_alone(client_):
    first = lock(client_)
    assert lock(client_, Way.CODES) == first
    assert (AccessLock.objects.count(), client_.documents.filter(kind="lock").count()) == (1, 1)
    assert Notice.objects.filter(kind=Notice.Kind.ACCESS_LOCKED).count() == 1
    assert SecurityEvent.objects.filter(kind="access_locked").count() == 1


def test_second_lock_after_the_first_was_undone_is_another(client_, advisor, colleague):
    first = lock(client_)
    unlocking.approve(start(client_, advisor), by=Actor(colleague))
    assert lock(client_).reference != first.reference


# The receipt, and what proves it.


@pytest.mark.proves("PSD2 70(1)(c)")
def test_receipt_says_where_the_journal_stood_and_is_a_document(client_):
    call_command("seal_journal")
    head = chain.head()
    locked = lock(client_, Way.LOCK_CODE)
    assert (locked.position, bytes(locked.mac)) == (head.position, head.mac)
    paper = papers.contents_of(client_.documents.get(kind="lock"))
    assert (paper.reference, paper.locked_at, paper.position) == (locked.reference, locked.at, str(head.position))
    assert paper.mac.replace(" ", "") == head.mac.hex()


def test_before_anything_was_chained_the_receipt_says_so(client_):
    assert (lock(client_).position, lock(client_).journal_mac) == (0, "")


def test_client_is_told_by_mail_and_reads_it(client_):
    reference = lock(client_).reference
    told = Notice.objects.get(kind=Notice.Kind.ACCESS_LOCKED)
    assert f"référence {reference}" in notices.message_of(told).body
    [line] = own_journal.in_words(client_journal.lines_about(client_).filter(kind="access_locked"), client_)
    assert (line.by, line.details) == ("Vous", f"Depuis « Mon profil », référence {reference}")


def test_who_has_no_e_mail_is_told_by_post(client_):
    Client.objects.filter(pk=client_.pk).update(email="")
    PostalItem.objects.all().delete()
    locks.lock(type(client_.user).objects.get(pk=client_.user_id), way=Way.CODES, by=SYSTEM)
    assert PostalItem.objects.get().title == "Votre accès est verrouillé"


# What waits meanwhile.


def test_letter_with_a_code_waits_for_the_end_of_the_lock(new_client, advisor, colleague):
    lock(new_client)
    assert batches.collect() is None
    unlocking.approve(start(new_client, advisor), by=Actor(colleague))
    assert list(batches.collect().letters.all()) == [SealedLetter.objects.get()]


def test_online_request_waits_and_is_answered_after_the_end(client_, advisor, colleague):
    now = timezone.now()
    lock(client_)
    asked = RenewalRequest.objects.create(client_code=client_.client_code, network="203.0.113.7/32")
    assert online.handle(asked, now) == ""
    asked.refresh_from_db()
    assert asked.handled_at is None
    unlocking.approve(start(client_, advisor), by=Actor(colleague))
    assert online.handle(asked, now) == "issued"


def test_online_request_that_nobody_repeats_lapses_as_any_other(client_):
    lock(client_)
    asked = RenewalRequest.objects.create(client_code=client_.client_code, network="203.0.113.7/32")
    assert online.handle(asked, timezone.now() + timedelta(days=8)) == "lapsed"


def test_renewal_by_two_voids_the_code_at_once_and_its_letter_waits(client_, advisor, colleague):
    """Else whoever knows the code would enter between the end of the lock and the renewal."""
    lock(client_)
    asked = by_advisors.start(client_.user, by=Actor(advisor), identity_check="branch", token=uuid.uuid4())
    by_advisors.approve(asked, by=Actor(colleague))
    assert batches.collect() is None
    unlocking.approve(start(client_, advisor), by=Actor(colleague))
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.CODE).status_code == 200
    assert batches.collect().letters.filter(occasion=SealedLetter.Occasion.RENEWAL).count() == 1


# Its end.


def test_access_opens_as_it_was_once_the_second_advisor_has_approved(client_, advisor, colleague):
    browser = known_device(client_)
    locked = lock(client_)
    asked = start(client_, advisor)
    assert makers.log_in(browser, client_.client_code, makers.CODE)["Location"] == "/deverrouiller/"
    unlocking.approve(asked, by=Actor(colleague))
    assert makers.log_in(browser, client_.client_code, makers.CODE)["Location"] == "/espace-client/"
    locked.refresh_from_db()
    assert (locked.undone_by, KnownDevice.objects.count()) == (colleague, 1)


def test_without_a_lock_there_is_nothing_to_undo(client_, advisor):
    with pytest.raises(locks.NotLocked):
        start(client_, advisor)


def test_one_advisor_alone_undoes_none(client_, advisor):
    lock(client_)
    asked = start(client_, advisor)
    with pytest.raises(dual_control.SameAdvisor):
        unlocking.approve(asked, by=Actor(advisor))
    with pytest.raises(IntegrityError), transaction.atomic():
        Unlocking.objects.filter(pk=asked.pk).update(decision="approved", decided_by=advisor)
    assert locks.standing(client_.user)


def test_double_click_asks_once_and_a_refusal_leaves_the_lock(client_, advisor, colleague):
    lock(client_)
    token = uuid.uuid4()
    asked = start(client_, advisor, token=token)
    assert start(client_, advisor, token=token) == asked
    with pytest.raises(dual_control.AlreadyStarted):
        start(client_, advisor)
    unlocking.refuse(asked, by=Actor(colleague))
    assert locks.standing(client_.user)


def test_both_steps_are_told(client_, advisor, colleague):
    lock(client_)
    unlocking.approve(start(client_, advisor), by=Actor(colleague))
    told = Notice.objects.get(kind=Notice.Kind.ACCESS_UNLOCKED)
    assert "a été déverrouillé" in notices.message_of(told).body
    lines = client_journal.lines_about(client_).filter(kind__in=("unlocking_asked", "access_unlocked"))
    assert [line.by for line in own_journal.in_words(lines, client_)] == ["Un conseiller de la banque"] * 2


# What the database keeps.


@pytest.mark.parametrize(
    "changed",
    [
        {"at": timezone.now() - timedelta(days=400)}, {"way": "codes"}, {"position": 7}, {"mac": b"x"},
        {"id": uuid.uuid4()},
    ],
)  # fmt: skip
def test_nothing_of_a_lock_is_changed_but_its_end(client_, changed):
    locked = lock(client_)
    with pytest.raises(DatabaseError), transaction.atomic():
        AccessLock.objects.filter(pk=locked.pk).update(**changed)


def test_end_of_a_lock_is_written_once_and_names_who(client_, advisor):
    locked, rows = lock(client_), AccessLock.objects
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.filter(pk=locked.pk).update(undone_at=timezone.now())
    rows.filter(pk=locked.pk).update(undone_at=timezone.now(), undone_by=advisor)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.filter(pk=locked.pk).update(undone_at=None, undone_by=None)


def test_two_locks_of_one_owner_never_stand_together(client_):
    lock(client_)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessLock.objects.create(owner=client_.user, way=Way.CODES, position=0, mac=b"")


# The code of a letter.


def locks_by(code):
    """Whether a lock code locks somebody's access; it is tried without locking."""
    return lock_codes.owner_of(code, RequestFactory().post("/verrouiller/")) is not None


@pytest.mark.parametrize("occasion", [value for value in SealedLetter.Occasion.values if value != "list"])
def test_each_letter_brings_a_lock_code_and_voids_the_one_before(new_client, occasion):
    """Else whoever has once read a letter locks its owner for ever."""
    first = makers.open_letter(new_client).lock_code
    assert locks_by(first)
    issuing.issue(new_client.user, issuing.prepare(new_client.user, occasion))
    again = makers.open_letter(new_client).lock_code
    assert (locks_by(first), locks_by(again)) == (False, True)


def test_renewal_gives_a_lock_code_to_who_never_had_one(client_):
    LockCode.objects.all().delete()
    issuing.issue(client_.user, issuing.prepare(client_.user, SealedLetter.Occasion.RENEWAL))
    assert locks_by(makers.open_letter(client_).lock_code)


def test_lock_code_of_a_letter_beside_a_valid_code_locks_once_that_code_has_served(client_):
    before = lock_codes.draw()
    lock_codes.keep(client_.user, lock_codes.digest(before))
    letter = makers.make_pending_code(client_)
    assert (locks_by(before), locks_by(letter.lock_code)) == (True, False)
    makers.log_in(StrictBrowser(), client_.client_code, letter.secret_code, letter=letter.letter_number)
    assert (locks_by(before), locks_by(letter.lock_code)) == (False, True)


def test_lock_code_of_a_letter_that_a_later_one_replaced_never_locks(client_):
    first, second = makers.make_pending_code(client_), makers.make_pending_code(client_)
    makers.log_in(StrictBrowser(), client_.client_code, second.secret_code, letter=second.letter_number)
    assert (locks_by(first.lock_code), locks_by(second.lock_code)) == (False, True)
    assert LockCode.objects.filter(owner=client_.user).count() == 1


def test_closed_access_has_no_lock_code_left(client_):
    lock_codes.keep(client_.user, lock_codes.digest(lock_codes.draw()))
    makers.make_pending_code(client_)
    code_life.void_all(client_.user, why=code_life.Why.LOST, by=SYSTEM)
    assert not LockCode.objects.filter(owner=client_.user).exists()


@pytest.mark.parametrize(
    "typed",
    ["7kq4 m2xd r9tb", "7KQ4-M2XD-R9TB", "\u20027KQ4–M2XD_R9TB\n", "７ＫＱ４Ｍ２ＸＤＲ９ＴＢ", "7KQ4\0M2XDR9TB"],
)
def test_code_is_read_however_it_is_copied(typed):
    assert lock_codes.normalise(typed) == "7KQ4M2XDR9TB"


def test_signs_that_look_alike_are_taken_for_what_is_printed():
    assert lock_codes.normalise("oIlu") == "011V"


def test_digest_is_neither_that_of_a_letter_s_number_nor_the_code():
    assert lock_codes.digest("7KQ4M2XDR9TB") != letter_numbers.digest("7KQ4M2XDR9TB")


# The desk.


def test_sheet_says_it_at_its_top_and_leads_to_the_act(advisor_browser, client_):
    reference = lock(client_).reference
    sheet = text_of(advisor_browser.get(f"/admin/accounts/client/{client_.pk}/change/"))
    assert f"référence {reference}" in sheet
    assert "Dites comment l’identité a été vérifiée" in text_of(
        advisor_browser.post(page(client_), {"token": uuid.uuid4()})
    )
    fields = {"identity_check": "branch", "token": uuid.uuid4()}
    assert "Déverrouillage demandé" in text_of(advisor_browser.post(page(client_), fields, follow=True))
    assert "attend déjà l’approbation" in text_of(advisor_browser.get(page(client_)))


def test_page_says_so_where_nothing_is_locked(advisor_browser, client_, person):
    answer = advisor_browser.get(page(client_))
    assert "n’est pas verrouillé" in text_of(answer)
    assert b'name="identity_check"' not in answer.content
    assert "pas encore d’espace en ligne" in text_of(advisor_browser.get(page(person)))


def test_second_advisor_sees_the_facts_and_the_number_to_ring(client_, advisor, colleague):
    reference = lock(client_).reference
    browser, asked = StrictBrowser.logged_in(colleague), start(client_, advisor)
    shown = text_of(browser.get(f"{PAGES}{asked.pk}/change/"))
    for fact in (reference, "Numéro à rappeler", "06 12 34 56 78"):
        assert fact in shown
    answer = browser.post(f"{PAGES}{asked.pk}/change/", {"answer": "approve", "seen": ""}, follow=True)
    assert "Accès déverrouillé" in text_of(answer)


def test_first_page_lists_what_waits_and_whom_to_call(advisor, colleague, advisor_browser, client_):
    reference = lock(client_).reference
    assert f"référence {reference}" in text_of(advisor_browser.get("/admin/"))
    start(client_, advisor)
    assert "Déverrouillage d’un accès" in text_of(StrictBrowser.logged_in(colleague).get("/admin/"))
