"""The printed list: ordered, made by a timer, activated, asked for by its numbers, used up, lapsed."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from auth_codes import checks
from auth_codes.actor import SYSTEM, Actor
from auth_codes.codes import factor_seals
from auth_codes.crypto.sealing import SealError
from auth_codes.factors import ending, lists, lists_activating, lists_issuing, proving
from auth_codes.letters import batches, list_codes
from auth_codes.locking import locks
from auth_codes.models import AccessLock, Factor, ListCode, Notice, SealedLetter, SecurityEvent
from auth_codes.renewals import closing, code_life, erasing
from tests import makers
from tests.portal.traces import database_cells

pytestmark = pytest.mark.django_db

Kind = SecurityEvent.Kind
NOW = timezone.now
ALL = range(1, list_codes.CODES_ON_A_LIST + 1)


@pytest.fixture
def listed(client_):
    """The client's list, and its codes by their numbers."""
    return makers.make_list(client_)


def stored(factor):
    return Factor.objects.select_related("owner", "letter").get(pk=factor.pk)


def use(factor, codes):
    """Shows the code that is asked; says which number that was."""
    present = stored(factor)
    assert proving.is_right(present, codes[present.asked], NOW())
    return present.asked


def kinds(client):
    return list(client.user.security_events.order_by("pk").values_list("kind", flat=True))


def order(client, now=None):
    lists.order(client.user, by=Actor(client.user), now=now or NOW())


# Codes


def test_list_has_forty_codes_of_eight_digits_no_two_alike_with_their_check_digit():
    codes = list_codes.draw()
    assert len(set(codes)) == len(codes) == 40
    assert all(map(list_codes.is_well_formed, codes))
    assert list_codes.in_groups("12345678") == "1234\u00a05678"


def test_every_wrong_digit_and_every_exchange_of_neighbours_is_a_slip():
    code = list_codes.draw()[0]
    for place in range(len(code)):
        for digit in "0123456789".replace(code[place], ""):
            assert not list_codes.is_well_formed(code[:place] + digit + code[place + 1 :])
    for place in range(len(code) - 1):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        assert swapped == code or not list_codes.is_well_formed(swapped)


@pytest.mark.parametrize("typed", ["", "1234567", "١٢٣٤٥٦٧٨", "1234567\x00", "123456789", "½½½½½½½½"])
def test_what_is_no_code_is_none(typed):
    assert not list_codes.is_well_formed(typed)


# Ordering


def test_ordered_list_waits_for_the_timer_and_its_letter_for_the_workshop(client_):
    order(client_)
    waiting = lists.waiting(client_.user)
    assert (waiting.state, waiting.letter, waiting.list_codes.count()) == ("pending", None, 0)
    assert lists_issuing.issue_all(NOW()) == {"issued": 1, "waiting": 0, "failed": 0, "lapsed": 0}
    waiting = lists.waiting(client_.user)
    assert waiting.list_codes.count() == 40
    assert waiting.letter.occasion == "list"
    assert list(SealedLetter.objects.waiting().filter(occasion="list")) == [waiting.letter]
    assert kinds(client_)[-2:] == ["list_ordered", "list_issued"]
    assert Notice.objects.filter(kind=Notice.Kind.LIST_ORDERED).exists()


def test_timer_says_what_it_did_and_does_it_once(client_, capsys):
    order(client_)
    call_command("issue_lists")
    assert json.loads(capsys.readouterr().out) == {"issued": 1, "waiting": 0, "failed": 0, "lapsed": 0}
    call_command("issue_lists")
    assert json.loads(capsys.readouterr().out) == {"issued": 0, "waiting": 0, "failed": 0, "lapsed": 0}
    assert ListCode.objects.count() == 40


def test_one_list_in_fourteen_days(client_):
    now = NOW()
    order(client_, now)
    with pytest.raises(lists.ListOnItsWay):
        order(client_, now + timedelta(days=20))
    lists_issuing.issue_all(now)
    ending.end_waiting_lists(client_.user, Factor.Why.CANCELLED, now=now)
    with pytest.raises(lists.ListLately) as lately:
        order(client_, now + timedelta(days=13, hours=23))
    assert lately.value.again_from == now + timedelta(days=14)
    order(client_, now + timedelta(days=14))


def test_order_called_off_before_its_letter_counts_too(client_):
    now = NOW()
    order(client_, now)
    ending.end_waiting_lists(client_.user, Factor.Why.CANCELLED, now=now)
    with pytest.raises(lists.ListLately):
        order(client_, now + timedelta(days=1))


def test_no_list_goes_to_an_address_of_less_than_thirty_days(client_, advisor):
    makers.change_address(client_, advisor)
    with pytest.raises(lists.AddressTooRecent) as held:
        order(client_)
    assert held.value.again_from is None
    changed = client_.contact_changes.get(contact="address")
    client_.contact_changes.update(confirmed_at=NOW(), confirmed_by=client_.user)
    with pytest.raises(lists.AddressTooRecent) as recent:
        order(client_, changed.changed_at + timedelta(days=29))
    assert recent.value.again_from == changed.changed_at + timedelta(days=30)
    order(client_, changed.changed_at + timedelta(days=30))


@pytest.mark.parametrize("hindrance", ["address", "lock", "closed"])
def test_ordered_list_waits_as_long_as_it_must_not_leave(client_, advisor, hindrance):
    order(client_)
    match hindrance:
        case "address":
            makers.change_address(client_, advisor)
        case "lock":
            locks.lock(client_.user, way=AccessLock.Way.SESSION, by=Actor(client_.user))
        case "closed":
            client_.user.secret_codes.all().delete()
    assert lists_issuing.issue_all(NOW())["waiting"] == 1
    assert not ListCode.objects.exists()


def test_letter_of_who_locks_afterwards_is_not_printed(client_):
    makers.order_list(client_)
    locks.lock(client_.user, way=AccessLock.Way.SESSION, by=Actor(client_.user))
    assert not SealedLetter.objects.waiting().filter(occasion="list").exists()


def test_failed_hash_is_said_and_keeps_nobody_from_his_turn(client_, advisor, monkeypatch, caplog):
    other = makers.make_personalised_client(advisor, family_name="Petit")
    order(client_)
    order(other)
    own = lists.waiting(client_.user)
    Factor.objects.filter(pk=own.pk).update(generation=9)  # somebody wrote in its row
    with pytest.raises(CommandError, match="1 liste"):
        call_command("issue_lists")
    assert str(own.pk) in caplog.text
    assert lists.waiting(other.user).letter


# Asking and using


def test_number_is_pinned_until_its_code_has_served(client_, listed):
    factor, codes = listed
    asked = stored(factor).asked
    assert asked in ALL
    assert not proving.is_right(stored(factor), codes[asked % 40 + 1], NOW())
    assert stored(factor).asked == asked
    assert use(factor, codes) == asked
    assert stored(factor).asked != asked


def test_each_code_serves_once_and_leaves_nothing_in_its_row(client_, listed):
    factor, codes = listed
    before = stored(factor)
    used = use(factor, codes)
    row = ListCode.objects.get(factor=factor, number=used)
    assert (row.ciphertext, row.used_at is None) == (None, False)
    with pytest.raises(proving.AnotherIsAsked):
        proving.is_right(before, codes[used], NOW())
    assert not proving.is_right(stored(factor), codes[used], NOW())


def test_what_is_found_and_not_taken_is_not_used_up(client_, listed):
    factor, codes = listed
    assert proving.find(stored(factor), codes[stored(factor).asked], NOW())
    assert ListCode.objects.filter(used_at=None).count() == 40
    use(factor, codes)


def test_at_eight_left_the_next_list_leaves_by_itself_and_the_old_one_serves_until_it_is_active(client_):
    factor, codes = makers.make_list(client_)
    SealedLetter.objects.filter(occasion="list").update(issued_at=NOW() - timedelta(days=20))
    Factor.objects.update(created_at=NOW() - timedelta(days=20))
    keep = list(ListCode.objects.filter(used_at=None).exclude(number=stored(factor).asked).values_list("pk", flat=True))
    ListCode.objects.filter(pk__in=keep[9:]).update(used_at=NOW(), ciphertext=None)
    use(factor, codes)
    assert lists.left_on(factor) == 9
    assert lists.waiting(client_.user) is None
    use(factor, codes)
    assert lists.left_on(factor) == 8
    following = lists.waiting(client_.user)
    assert following.name == factor.name
    assert Notice.objects.filter(kind=Notice.Kind.LIST_ORDERED).latest("pk").facts["by_itself"]
    use(factor, codes)
    assert lists.of(client_.user).waiting_lists().count() == 1
    lists_issuing.issue_all(NOW())
    anew, _ = activated(client_)
    assert stored(factor).ended_why == "next_list"
    assert not ListCode.objects.filter(factor=factor).exists()
    assert stored(anew).state == "active"
    assert anew.asked_from <= NOW()


def activated(client):
    waiting = lists.waiting(client.user)
    waiting.owner = client.user
    made = lists_activating.activate(waiting, device=None, by=Actor(client.user), now=NOW())
    return made, makers.codes_of(client)


def test_list_ends_with_its_last_code_and_its_owner_is_told(client_, listed):
    factor, codes = listed
    others = ListCode.objects.filter(used_at=None).exclude(number=stored(factor).asked)
    others.update(used_at=NOW(), ciphertext=None)
    use(factor, codes)
    assert (stored(factor).state, stored(factor).ended_why) == ("ended", "used_up")
    assert Notice.objects.get(kind=Notice.Kind.FACTOR_REMOVED).facts["why"] == "used_up"


# Lapsing and ending


def test_list_that_nobody_activates_lapses_after_45_days(client_):
    now = NOW()
    waiting = makers.order_list(client_, now)
    assert lists_issuing.lapse(now + timedelta(days=44)) == 0
    assert lists_issuing.issue_all(now + timedelta(days=45))["lapsed"] == 1
    assert (stored(waiting).state, stored(waiting).ended_why) == ("ended", "lapsed")
    assert Notice.objects.filter(kind=Notice.Kind.LIST_LAPSED).exists()
    assert SealedLetter.objects.get(occasion="list").ciphertext is None
    assert not ListCode.objects.exists()


def test_order_that_never_could_leave_lapses_too(client_):
    now = NOW()
    order(client_, now)
    assert lists_issuing.lapse(now + timedelta(days=45)) == 1


ENDINGS = {
    "not_me": lambda client: closing.close(client.user, by=Actor(client.user)),
    "not_me_letter": lambda client: closing.close_with_letter(client.user, by=Actor(client.user)),
    "closed": lambda client: code_life.void_all(client.user, why=code_life.Why.FRAUD, by=SYSTEM),
    "advisors": lambda client: ending.end_all(client.user, Factor.Why.ADVISORS, by=SYSTEM, now=NOW()),
}


@pytest.mark.parametrize("how", ENDINGS)
def test_whatever_shuts_the_access_calls_off_a_list_that_is_on_its_way(client_, how):
    waiting = makers.order_list(client_)
    with transaction.atomic():
        ENDINGS[how](client_)
    assert stored(waiting).state == "ended"
    assert SealedLetter.objects.get(occasion="list").ciphertext is None
    assert not ListCode.objects.exists()


@pytest.mark.parametrize("how", ["not_me", "advisors"])
def test_young_list_in_service_ends_as_other_moyens_do(client_, listed, how):
    with transaction.atomic():
        ENDINGS[how](client_)
    assert stored(listed[0]).state == "ended"
    assert not ListCode.objects.exists()


def test_list_activated_today_is_young_however_long_its_letter_took(client_, listed):
    SealedLetter.objects.filter(occasion="list").update(issued_at=NOW() - timedelta(days=40))
    assert ending.end_doubted(client_.user, by=SYSTEM, now=NOW()) == 1


def test_erasing_leaves_no_list(client_, listed):
    with transaction.atomic():
        erasing.erase(client_.user, by=SYSTEM)
    assert not ListCode.objects.exists()
    assert not Factor.objects.exists()


# At rest


@pytest.mark.proves("RTS 22(2)(b)")
def test_thief_of_the_database_finds_no_code_of_a_list_in_any_cell(client_):
    makers.order_list(client_)
    codes = [code.encode() for code in makers.codes_of(client_).values()]
    cells = [cell for _, cell in database_cells()]
    assert not [code for code in codes for cell in cells if code in cell]


@pytest.mark.parametrize("moved", ["state", "generation", "owner", "number", "factor"])
def test_code_of_a_row_that_somebody_moved_is_never_right(client_, listed, advisor, moved, caplog):
    factor, codes = listed
    present, asked = stored(factor), stored(factor).asked
    match moved:
        case "state":
            Factor.objects.filter(pk=factor.pk).update(state="pending")
        case "generation":
            Factor.objects.filter(pk=factor.pk).update(generation=9)
        case "owner":
            other = makers.make_personalised_client(advisor, family_name="Petit")
            Factor.objects.filter(pk=factor.pk).update(owner=other.user)
        case "number":
            another = asked % 40 + 1
            ListCode.objects.filter(factor=factor, number=another).delete()
            ListCode.objects.filter(factor=factor, number=asked).update(number=another)
            Factor.objects.filter(pk=factor.pk).update(asked=another)
        case "factor":
            other = makers.make_personalised_client(advisor, family_name="Petit")
            own, _ = makers.make_list(other)
            ListCode.objects.filter(factor=factor, number=asked).update(number=99)
            ListCode.objects.filter(factor=own, number=asked).update(factor=factor)
            codes = makers.codes_of(other)
    assert present
    assert not proving.is_right(stored(factor), codes[asked], NOW())


def test_used_code_cannot_be_made_unused_by_its_date(client_, listed):
    used = use(*listed)
    with pytest.raises(IntegrityError), transaction.atomic():
        ListCode.objects.filter(factor=listed[0], number=used).update(used_at=None)


def test_rotation_seals_list_and_codes_anew_and_then_the_old_key_is_not_needed(client_, listed, settings, capsys):
    factor, codes = listed
    settings.SECRET_CODE_KEYS = {"test-2": bytes(range(32)), **settings.SECRET_CODE_KEYS}
    assert [message.id for message in checks.check_factors(["default"])] == ["auth_codes.I006"]
    call_command("rotate_secret_codes")
    assert '"factors": 41' in capsys.readouterr().out  # the list and its codes
    assert checks.check_factors(["default"]) == []
    settings.SECRET_CODE_KEYS = {"test-2": bytes(range(32))}
    use(factor, codes)


def test_check_names_a_missing_key_of_lists(client_, listed, settings):
    settings.SECRET_CODE_KEYS = {"test-2": bytes(32)}
    assert [message.id for message in checks.check_factors(["default"])] == ["auth_codes.E005"]


def test_code_that_cannot_be_opened_is_named_and_left(client_, listed, settings, caplog):
    settings.SECRET_CODE_KEYS = {"test-2": bytes(32), **settings.SECRET_CODE_KEYS}
    moved = ListCode.objects.filter(used_at=None).first()
    ListCode.objects.filter(pk=moved.pk).update(nonce=bytes(12))
    assert factor_seals.seal_anew(lambda done: None) == 40
    assert str(moved.pk) in caplog.text
    with pytest.raises(SealError):
        ListCode.objects.select_related("factor__owner").get(pk=moved.pk).unseal()


# The letter's life


def test_journal_tells_of_the_letter_as_of_a_list(client_, tmp_path):
    makers.order_list(client_)
    [written] = batches.export(tmp_path)
    batches.confirm(SealedLetter.objects.get(occasion="list").batch)
    assert written.letters >= 1
    assert {"list_exported", "list_delivered", "letter_exported", "letter_delivered"} <= set(kinds(client_))
    assert kinds(client_).count("list_delivered") == 1


def test_desk_reads_the_dates_of_the_letter_and_its_end_with_the_activation(client_, listed):
    letter, later = SealedLetter.objects.get(occasion="list"), NOW() + timedelta(days=60)
    assert [state for state, _ in letter.life(later)] == ["attribué et scellé", "utilisé pour la première fois"]
    assert not letter.is_alive(NOW())


def test_letter_of_a_list_lapses_45_days_after_it_was_made_also_when_posted(client_, tmp_path):
    waiting = makers.order_list(client_)
    list(batches.export(tmp_path))
    batches.confirm(stored(waiting).letter.batch)
    letter = stored(waiting).letter
    assert letter.expires_at() == letter.issued_at + timedelta(days=45)
