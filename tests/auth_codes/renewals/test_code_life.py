"""The life of a code that a letter carries: beside the old one, first used, voided, expired."""

from datetime import timedelta
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from auth_codes.actor import Actor
from auth_codes.codes import changing, checking
from auth_codes.letters import letter_numbers
from auth_codes.lockout import counters
from auth_codes.models import AttemptCounter, LetterBatch, Notice, SealedLetter, SecretCode, SecurityEvent
from auth_codes.renewals import code_life, issuing
from tests import makers
from tests.conftest import StrictBrowser
from tests.standing import made_once

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

Kind = SecurityEvent.Kind
CODE_PAGE = "/mon-profil/code-secret/"


@made_once
def letter(client_):
    """The letter with a code that stands beside the one `client_` uses."""
    return makers.make_pending_code(client_)


def kinds(client):
    return list(client.user.security_events.order_by("id").values_list("kind", flat=True))


def log_in_by_letter(browser, client, letter):
    return makers.log_in(browser, client.client_code, letter.secret_code, letter=letter.letter_number)


def confirm_batch(letter_row, at):
    letter_row.batch = LetterBatch.objects.create(id=f"{at:%Y%m%d}-TEST", exported_at=at, confirmed_at=at)
    letter_row.save()


# A code beside the present one.


def test_old_code_stays_valid_until_the_new_one_is_used(browser, client_, letter):
    assert makers.log_in(browser, client_.client_code, makers.CODE)["Location"] == "/espace-client/"
    assert client_.user.secret_codes.filter(role=SecretCode.Role.PENDING).exists()


def test_new_code_without_its_letters_number_is_refused(browser, client_, letter):
    assert makers.log_in(browser, client_.client_code, letter.secret_code).status_code == 200


def test_old_code_under_the_letters_number_is_refused(browser, client_, letter):
    answer = makers.log_in(browser, client_.client_code, makers.CODE, letter=letter.letter_number)
    assert answer.status_code == 200


def test_new_code_under_its_letters_number_opens_the_page_that_replaces_it(browser, client_, letter):
    assert log_in_by_letter(browser, client_, letter)["Location"] == CODE_PAGE
    assert browser.get("/espace-client/")["Location"] == CODE_PAGE


def test_first_use_of_the_new_code_voids_the_old_one(browser, client_, letter):
    log_in_by_letter(browser, client_, letter)
    assert makers.log_in(StrictBrowser(), client_.client_code, makers.CODE).status_code == 200
    assert {Kind.DEFAULT_CODE_USED, Kind.CODE_VOIDED, Kind.CODE_RENEWED} <= set(kinds(client_))


def test_client_is_told_by_e_mail_of_the_letter_and_of_its_first_use(browser, client_, letter):
    log_in_by_letter(browser, client_, letter)
    told = client_.user.notices.order_by("id").values_list("kind", flat=True)
    assert list(told)[-3:] == [Notice.Kind.LETTER_ISSUED, Notice.Kind.CODE_RENEWED, Notice.Kind.NEW_DEVICE]


def test_used_once_the_new_code_needs_no_number_any_more(browser, client_, letter):
    log_in_by_letter(browser, client_, letter)
    assert makers.log_in(StrictBrowser(), client_.client_code, letter.secret_code)["Location"] == CODE_PAGE


@pytest.mark.proves("ASVS 7.4.3")
def test_first_use_ends_the_sessions_that_the_old_code_opened(browser, client_browser, client_, letter):
    log_in_by_letter(browser, client_, letter)
    assert client_browser.get("/espace-client/")["Location"].startswith("/connexion/")
    assert browser.get(CODE_PAGE).status_code == 200


def test_the_code_before_may_not_be_chosen_again_after_a_renewal(browser, client_, letter):
    log_in_by_letter(browser, client_, letter)
    fields = {"old_password": letter.secret_code, "new_password1": makers.CODE, "new_password2": makers.CODE}
    answer = browser.post(CODE_PAGE, fields)
    assert "l’un de vos codes précédents" in answer.content.decode()


@pytest.mark.parametrize("typed_letter", [True, False])
def test_one_attempt_computes_one_hash_also_beside_a_renewal(browser, client_, letter, hashes, typed_letter):
    number = letter.letter_number if typed_letter else ""
    makers.log_in(browser, client_.client_code, makers.WRONG_CODE, letter=number)
    assert len(hashes) == 1


def test_expired_new_code_is_refused_and_the_old_one_still_opens(browser, client_):
    letter = makers.make_pending_code(client_, timezone.now() - timedelta(days=45))
    assert log_in_by_letter(browser, client_, letter).status_code == 200
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_double_click_on_the_first_login_opens_both_times(client_, race):
    letter = makers.make_pending_code(client_)
    browsers = [StrictBrowser(), StrictBrowser(), StrictBrowser()]
    answers = race(lambda browser: log_in_by_letter(browser, client_, letter), browsers)
    assert [answer.status_code for answer in answers] == [302] * 3
    assert [browser.get(CODE_PAGE).status_code for browser in browsers] == [200] * 3
    assert kinds(client_).count(Kind.CODE_RENEWED) == 1


@pytest.mark.django_db(transaction=True)
def test_change_of_code_and_first_use_at_once_leave_one_code_in_use(client_, race):
    letter = makers.make_pending_code(client_)
    present = checking.present_code(client_.user)

    def change_or_log_in(act):
        if act == "log in":
            return log_in_by_letter(StrictBrowser(), client_, letter).status_code
        try:
            return changing.personalise(client_.user, makers.OTHER_CODE, replacing=present, by=Actor(client_.user))
        except changing.CodeChangedMeanwhile:
            return "too late"

    assert race(change_or_log_in, ["log in", "change"])[0] == 302
    assert client_.user.secret_codes.present().count() == 1


def test_code_voided_while_it_was_verified_lets_nobody_in(client_, letter):
    verified = client_.user.secret_codes.get(role=SecretCode.Role.PENDING)
    makers.make_pending_code(client_)
    with pytest.raises(changing.CodeChangedMeanwhile):
        code_life.note_use(verified, by=Actor(verified.owner))
    assert not client_.user.secret_codes.present().get().is_default


def test_default_code_voided_while_it_was_verified_is_not_said_to_have_been_used(new_client):
    verified = checking.present_code(new_client.user)
    issuing.issue(new_client.user, issuing.prepare(new_client.user, SealedLetter.Occasion.RENEWAL))
    with pytest.raises(changing.CodeChangedMeanwhile):
        code_life.note_use(verified, by=Actor(verified.owner))
    assert SealedLetter.objects.get(pk=verified.letter_id).first_used_at is None


def test_closed_access_opens_with_nothing_until_a_renewal(browser, client_browser, client_, advisor, letter):
    code_life.void_all(client_.user, why=code_life.Why.FRAUD, by=Actor(advisor))
    assert client_browser.get("/espace-client/")["Location"].startswith("/connexion/")
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 200
    assert log_in_by_letter(browser, client_, letter).status_code == 200
    assert client_.user.security_events.get(kind=Kind.ACCESS_CLOSED).by == advisor
    issuing.issue(client_.user, issuing.prepare(client_.user, SealedLetter.Occasion.RENEWAL))
    assert makers.log_in(browser, client_.client_code, makers.default_code(client_))["Location"] == CODE_PAGE


# The letter's own count.


def block(client, code=makers.WRONG_CODE, **fields):
    return [makers.log_in(StrictBrowser(), client.client_code, code, **fields).status_code for _ in range(6)]


def test_strangers_who_block_the_number_do_not_keep_its_owner_from_the_letter(browser, client_, letter):
    assert block(client_)[-1] == 429
    assert log_in_by_letter(browser, client_, letter)["Location"] == CODE_PAGE


def test_strangers_who_block_the_number_do_not_keep_its_owner_from_choosing_a_code(browser, client_, letter):
    log_in_by_letter(browser, client_, letter)
    block(client_)
    fields = {"new_password1": makers.OTHER_CODE, "new_password2": makers.OTHER_CODE}
    answer = browser.post(CODE_PAGE, {"old_password": letter.secret_code, **fields})
    assert answer["Location"] == "/espace-client/"


def test_wrong_default_codes_on_the_code_page_count_with_the_letter(browser, client_, letter):
    log_in_by_letter(browser, client_, letter)
    fields = {"new_password1": makers.OTHER_CODE, "new_password2": makers.OTHER_CODE}
    posts = [browser.post(CODE_PAGE, {"old_password": makers.WRONG_CODE, **fields}).status_code for _ in range(6)]
    assert posts == [200] * 4 + [429] * 2


def test_letters_number_has_five_attempts_of_its_own(browser, client_, letter):
    assert block(client_, letter=letter.letter_number) == [200] * 4 + [429] * 2
    assert log_in_by_letter(browser, client_, letter).status_code == 429
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 302


def test_made_up_letter_numbers_draw_on_the_count_of_the_client(client_, letter, hashes):
    answers = [
        makers.log_in(StrictBrowser(), client_.client_code, makers.WRONG_CODE, letter=letter_numbers.draw()).status_code
        for _ in range(7)
    ]
    assert (answers, len(hashes)) == ([200] * 4 + [429] * 3, 5)


def test_first_use_brings_the_count_of_the_number_back_to_zero(browser, client_, letter):
    block(client_)
    log_in_by_letter(browser, client_, letter)
    assert counters.block_of(counters.client_counter(client_.client_code)) is None
    assert not AttemptCounter.objects.filter(key=counters.client_counter(client_.client_code).key).exists()


def test_asking_for_a_letter_lifts_no_block(client_):
    block(client_)
    makers.make_pending_code(client_)
    assert counters.block_of(counters.client_counter(client_.client_code)) is not None


# Dates.


def test_first_use_of_the_very_first_code_is_dated_once(browser, new_client):
    code = makers.default_code(new_client)
    makers.log_in(browser, new_client.client_code, code)
    first = SealedLetter.objects.get().first_used_at
    makers.log_in(StrictBrowser(), new_client.client_code, code)
    assert SealedLetter.objects.get().first_used_at == first is not None
    assert kinds(new_client).count(Kind.DEFAULT_CODE_USED) == 1


def test_personal_code_ends_the_letters_life(client_):
    assert [state for state, _ in SealedLetter.objects.get().life(timezone.now())] == [
        "attribué et scellé",
        "remplacé par un code personnel",
    ]


def test_life_tells_each_state_with_its_date(new_client):
    row, start = SealedLetter.objects.get(), timezone.now() - timedelta(days=40)
    row.issued_at, row.first_used_at = start, start + timedelta(days=5)
    confirm_batch(row, start + timedelta(days=2))
    assert row.life(timezone.now()) == [
        ("attribué et scellé", start),
        ("remis à l’atelier d’impression", start + timedelta(days=2)),
        ("posté", start + timedelta(days=2)),
        ("utilisé pour la première fois", start + timedelta(days=5)),
        ("expiré", start + timedelta(days=32)),
    ]


@pytest.mark.proves("ASVS 6.4.1", "RTS 23")
def test_unposted_letter_expires_45_days_after_it_was_issued(new_client):
    row = SealedLetter.objects.get()
    before, after = row.issued_at + timedelta(days=45, seconds=-1), row.issued_at + timedelta(days=45)
    assert [state for state, _ in row.life(before)] == ["attribué et scellé"]
    assert row.life(after)[-1] == ("expiré", after)


# Issuing again.


def test_later_letter_voids_the_one_before_and_destroys_it(browser, client_, letter):
    makers.make_pending_code(client_)
    first, second = client_.user.sealed_letters.filter(occasion="request").order_by("issued_at")
    assert (first.voided_at is None, first.ciphertext, second.voided_at) == (False, None, None)
    assert log_in_by_letter(browser, client_, letter).status_code == 200


def test_issuing_instead_voids_both_living_codes(browser, client_, letter):
    issuing.issue(client_.user, issuing.prepare(client_.user, SealedLetter.Occasion.RENEWAL))
    assert makers.log_in(browser, client_.client_code, makers.CODE).status_code == 200
    assert log_in_by_letter(browser, client_, letter).status_code == 200
    assert makers.log_in(browser, client_.client_code, makers.default_code(client_))["Location"] == CODE_PAGE
    assert kinds(client_).count(Kind.CODE_VOIDED) == kinds(client_).count(Kind.DEFAULT_CODE_VOIDED) == 1


def test_change_by_the_old_code_leaves_the_letter_valid(browser, client_, letter):
    """Whoever learnt the old code must not be able to void the letter that its owner waits for."""
    changing.personalise(
        client_.user, makers.OTHER_CODE, replacing=checking.present_code(client_.user), by=Actor(client_.user)
    )
    assert log_in_by_letter(browser, client_, letter)["Location"] == CODE_PAGE


# The journal hears of what expired.


def test_expired_codes_are_told_to_the_journal_once(new_client):
    late = SealedLetter.objects.get().issued_at + timedelta(days=45)
    assert (code_life.note_expired(late), code_life.note_expired(late)) == (1, 0)
    assert kinds(new_client).count(Kind.DEFAULT_CODE_EXPIRED) == 1


def test_thirty_days_after_the_letter_was_posted_its_code_has_expired(new_client):
    row, now = SealedLetter.objects.get(), timezone.now()
    confirm_batch(row, now)
    almost = now + timedelta(days=30, seconds=-1)
    assert (code_life.note_expired(almost), code_life.note_expired(now + timedelta(days=30))) == (0, 1)


def test_replaced_code_is_not_said_to_have_expired(client_):
    assert code_life.note_expired(timezone.now() + timedelta(days=99)) == 0


def test_letter_that_expired_before_it_left_is_destroyed_and_not_exported(new_client):
    code_life.note_expired(SealedLetter.objects.get().issued_at + timedelta(days=45))
    assert SealedLetter.objects.get().ciphertext is None
    assert not SealedLetter.objects.waiting().exists()


def test_first_use_of_a_letter_lifts_the_block_of_its_number_also_where_no_code_was_valid(new_client):
    counter = counters.client_counter(new_client.client_code)
    for _ in range(3):
        counters.fail(makers.reserve(counter, "b" * 32))
    contents = makers.open_letter(new_client)
    makers.log_in(StrictBrowser(), new_client.client_code, contents.secret_code, letter=contents.letter_number)
    assert not AttemptCounter.objects.filter(key=counter.key).exists()


@pytest.mark.slow
def test_many_expired_codes_are_told_in_few_transactions_with_progress(advisor, monkeypatch):
    monkeypatch.setattr(code_life, "NOTED_AT_ONCE", 2)
    clients = [makers.make_new_client(advisor, email=f"{number}@example.org") for number in range(5)]
    told, late = [], timezone.now() + timedelta(days=46)
    assert code_life.note_expired(late, told.append) == 5
    assert told == [2, 2, 1]
    assert all(kinds(client).count(Kind.DEFAULT_CODE_EXPIRED) == 1 for client in clients)
    assert not SealedLetter.objects.filter(expiry_noted_at=None).exists()


def test_code_of_a_letter_in_an_older_batch_expires_by_its_issue(new_client):
    row, now = SealedLetter.objects.get(), timezone.now()
    confirm_batch(row, now + timedelta(days=40))
    assert code_life.note_expired(now + timedelta(days=44)) == 0
    assert code_life.note_expired(now + timedelta(days=46)) == 1


@pytest.mark.django_db(transaction=True)
def test_letter_that_a_renewal_holds_is_left_to_the_next_run(new_client):
    letter, held, done = SealedLetter.objects.get(), Event(), Event()

    def renew():
        with transaction.atomic():
            SealedLetter.objects.select_for_update().get(pk=letter.pk)
            held.set()
            done.wait(2)
        connection.close()

    renewal = Thread(target=renew)
    renewal.start()
    held.wait()
    late = letter.issued_at + timedelta(days=46)
    # SQLite has one writer at a time, who waits for the one before.
    assert code_life.note_expired(late) == {"postgresql": 0, "sqlite": 1}[connection.vendor]
    done.set()
    renewal.join()
    code_life.note_expired(late)
    assert kinds(new_client).count(Kind.DEFAULT_CODE_EXPIRED) == 1
