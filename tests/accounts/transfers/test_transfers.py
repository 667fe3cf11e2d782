"""Transfers: what is booked, every refusal, the limits of a day, and the fingerprint of what the client read."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.clients import client_journal, own_journal
from accounts.documents import issuing
from accounts.kinds import Event, Mail
from accounts.ledger import books
from accounts.models import BankAccount, Booking, Client, Document, Entry, Holding, PendingEntry, Transfer
from accounts.models.transfers import LIFETIME
from accounts.notation import ibans
from accounts.transfers import eligibility, ordering, refusals
from auth_codes import notices
from auth_codes.actor import SYSTEM, Actor
from auth_codes.codes import owners
from auth_codes.models import Notice, SecurityEvent
from tests import makers
from tests.standing import made_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 25, 23, 0, tzinfo=UTC)  # in Paris, where the day of the limits ends
MINUTE = timedelta(minutes=1)


@made_once
def savings(client_, current):
    return makers.make_savings(client_, "200")


def available(account) -> Decimal:
    return BankAccount.objects.with_balances().get(pk=account.pk).balance


def prepare(client, source, destination, amount="30.10", label="", now=None):
    return ordering.prepare(client, source, destination, Decimal(amount), label, now=now)


def confirm(order, now=None):
    return ordering.confirm(order, by=Actor(order.client.user), seen=ordering.fingerprint(order), now=now)


def make(client, source, destination, amount="1", now=None):
    return confirm(prepare(client, source, destination, amount, now=now), now)


def rich(account, amount="100000"):
    makers.make_operations(account, amount)


def test_prepared_order_moves_nothing(client_, current, savings):
    order = prepare(client_, current, savings)
    assert (order.is_confirmed, available(current), available(savings)) == (False, Decimal(1000), Decimal(200))


def test_confirmed_order_is_booked_on_both_accounts(client_, current, savings):
    order = confirm(prepare(client_, current, savings, "30.10", "Vacances"))
    assert (available(current), available(savings)) == (Decimal("969.90"), Decimal("230.10"))
    assert (order.booking.pk, order.booking.kind, order.booking.by) == (order.pk, Booking.Kind.TRANSFER, client_.user)
    labels = list(order.booking.entries.order_by("pk").values_list("label", flat=True))
    assert labels == ["Virement émis : Vacances", "Virement reçu : Vacances"]


def test_without_a_reason_the_statement_names_the_other_account(client_, current, savings):
    order = confirm(prepare(client_, current, savings))
    labels = list(order.booking.entries.order_by("pk").values_list("label", flat=True))
    expected = [f"Virement émis vers le compte {ibans.display_number(savings.number)}",
                f"Virement reçu du compte {ibans.display_number(current.number)}"]  # fmt: skip
    assert labels == expected


def test_receipt_is_the_client_s_own_and_carries_his_code(client_, current, savings):
    order = confirm(prepare(client_, current, savings, label="Vacances"))
    document = order.receipt
    assert (document.client, document.kind) == (client_, "receipt")
    told = issuing.contents_of(document)
    assert (told.client_code, told.amount, told.label) == (client_.client_code, Decimal("30.10"), "Vacances")
    assert (told.reference, told.ordered_by) == (order.reference, client_.title_and_name)


def test_confirmation_is_noted_without_the_amount(client_, current, savings):
    order = confirm(prepare(client_, current, savings))
    line = SecurityEvent.objects.latest("id")
    assert (line.kind, line.owner, line.by) == (Event.TRANSFER_MADE, client_.user, client_.user)
    assert line.details == {"number": order.reference}


def test_confirmed_again_it_gives_what_was_done_and_books_nothing(client_, current, savings):
    order = prepare(client_, current, savings)
    first, again = confirm(order), confirm(order)
    assert (first.booking, first.receipt) == (again.booking, again.receipt)
    assert (available(savings), Document.objects.filter(kind="receipt").count()) == (Decimal("230.10"), 1)
    assert SecurityEvent.objects.filter(kind=Event.TRANSFER_MADE).count() == 1


def test_confirmed_again_long_after_it_is_not_expired(client_, current, savings):
    order = prepare(client_, current, savings)
    confirm(order)
    assert confirm(order, timezone.now() + timedelta(days=1)).is_confirmed


def test_same_account_twice_is_refused(client_, current):
    with pytest.raises(refusals.SameAccount, match="C’est le compte que vous débitez"):
        prepare(client_, current, current)


def test_more_than_is_available_is_refused_with_what_is(client_, current, savings):
    with pytest.raises(refusals.InsufficientFunds, match="Il y a 1\u202f000,00"):
        prepare(client_, current, savings, "1000.01")
    prepare(client_, current, savings, "1000")


def test_authorised_overdraft_counts_as_available(client_, current, savings):
    BankAccount.objects.filter(pk=current.pk).update(overdraft=Decimal(500))
    confirm(prepare(client_, current, savings, "1500"))
    assert available(current) == Decimal(-500)
    with pytest.raises(refusals.InsufficientFunds, match="plus rien de disponible"):
        prepare(client_, current, savings, "0.01")


def test_announced_debits_are_held_and_announced_credits_do_not_count(client_, current, savings):
    for amount in ("-300", "50"):
        PendingEntry.objects.create(
            account=current, amount=Decimal(amount), label="À venir", expected_on=timezone.localdate()
        )
    with pytest.raises(refusals.InsufficientFunds, match="Il y a 700,00"):
        prepare(client_, current, savings, "700.01")
    confirm(prepare(client_, current, savings, "700"))


def test_funds_gone_between_review_and_confirmation_are_judged_anew(client_, current, savings):
    order = prepare(client_, current, savings, "600")
    makers.make_operations(current, "-500")
    with pytest.raises(refusals.InsufficientFunds):
        confirm(order)
    assert available(current) == Decimal(500)


@pytest.mark.parametrize(
    ("which", "error"), [("current", refusals.SourceClosed), ("savings", refusals.DestinationClosed)]
)
def test_closed_account_is_refused_before_and_after_the_review(client_, current, savings, which, error):
    order = prepare(client_, current, savings)
    closed = {"current": current, "savings": savings}[which]
    BankAccount.objects.filter(pk=closed.pk).update(closed_on=timezone.localdate())
    for act in (lambda: confirm(order), lambda: prepare(client_, current, savings)):
        with pytest.raises(error, match="clôturé"):
            act()
    assert not Booking.objects.filter(kind=Booking.Kind.TRANSFER).exists()


def test_account_that_does_not_take_operations_today_is_refused_whole(client_, current, savings):
    order = prepare(client_, current, savings)
    BankAccount.objects.filter(pk=savings.pk).update(books_closed_on=timezone.localdate())
    with pytest.raises(refusals.NotToday, match="Rien n’a été débité"):
        confirm(order)
    assert available(current) == Decimal(1000)
    assert not Transfer.objects.confirmed().exists()


def test_joint_account_is_his_own(client_, current, other):
    joint = other.bank_accounts.get()
    Holding.objects.create(account=joint, client=client_)
    confirm(prepare(client_, current, joint, "10"))
    assert available(joint) == Decimal(10)


@pytest.mark.parametrize("way", [1, -1])
def test_account_of_somebody_else_is_refused_both_ways(client_, current, other, way):
    rich(other.bank_accounts.get())
    with pytest.raises(refusals.NotYours, match="deux de vos comptes"):
        prepare(client_, *[current, other.bank_accounts.get()][::way])


def test_account_no_longer_his_is_refused_at_the_confirmation(client_, current, savings):
    order = prepare(client_, current, savings)
    Holding.objects.filter(account=savings).delete()
    with pytest.raises(refusals.NotYours):
        confirm(order)


@made_once
def entrusted(client_, other):
    """Two accounts of another, on which the client has mandates."""
    accounts = [other.bank_accounts.get(), makers.make_savings(other)]
    rich(accounts[0], "500")
    for account in accounts:
        makers.make_mandate(account, client_, may_transfer=True)
    return accounts


def test_proxy_moves_money_between_two_accounts_of_the_holder(client_, entrusted):
    order = confirm(prepare(client_, *entrusted, "20"))
    assert available(entrusted[1]) == Decimal(20)
    assert (order.receipt.client, order.booking.by) == (client_, client_.user)


def test_holder_finds_in_his_journal_that_a_proxy_has_moved_his_money(client_, other, entrusted):
    order = confirm(prepare(client_, *entrusted, "20"))
    [line] = SecurityEvent.objects.filter(kind=Event.TRANSFER_BY_ANOTHER)
    assert (line.owner, line.by, line.address) == (other.user, client_.user, None)
    [told] = own_journal.in_words([line], other)
    assert (told.event, told.by) == (
        "Une autre personne, qui a accès à l’un de vos comptes, y a confirmé un virement",
        "Un cotitulaire, un mandataire ou un représentant",
    )
    assert told.details == f"N°\u00a0{order.reference}"


def test_joint_holder_without_an_online_space_will_find_it_in_his_journal_too(client_, advisor, current, savings):
    holder = makers.make_person(advisor, given_names="Zoé", family_name="Roux")
    Holding.objects.create(account=savings, client=holder)
    confirm(prepare(client_, current, savings, "10"))
    assert client_journal.lines_about(holder).get().kind == Event.TRANSFER_BY_ANOTHER


@pytest.fixture
def told():
    """Whom the mails of transfers went to, with their texts."""

    def told() -> dict[str, str]:
        mails = Notice.objects.filter(kind=Mail.TRANSFER_MADE).order_by("recipient")
        return {mail.recipient: notices.message_of(mail).body for mail in mails}

    return told


def test_orderer_and_every_holder_of_either_account_are_told_by_mail(client_, other, current, told):
    shared = makers.open_account(client_, kind="savings", by=Actor(client_.advisor))
    Holding.objects.create(client=other, account=shared)
    make(client_, current, shared, "30.10")
    assert set(told()) == {client_.email, other.email}
    assert Notice.objects.filter(kind=Mail.TRANSFER_MADE).count() == 2
    for body in told().values():
        assert "30,10\u00a0€" in body
        assert f"compte courant se terminant par {current.number[-4:]}" in body
        assert f"livret d’épargne se terminant par {shared.number[-4:]}" in body
        assert "Appelez tout de suite votre conseiller" in body
        assert current.number not in body
        assert "http" not in body


def test_proxy_and_holder_are_both_told(client_, other, entrusted, told):
    make(client_, *entrusted)
    assert set(told()) == {client_.email, other.email}


def test_who_has_no_address_is_told_by_post_of_the_first_of_a_day(client_, current, savings, told):
    Client.objects.filter(pk=client_.pk).update(email="")
    client_.refresh_from_db()
    client_.postal_items.all().delete()
    for amount in ("10", "20"):
        make(client_, current, savings, amount)
    assert told() == {}
    assert client_.postal_items.get(document=None).title.replace("\u00a0", " ") == "Un virement de 10,00 €"


def test_transfer_that_is_refused_tells_nobody(client_, current, savings, told):
    with pytest.raises(refusals.InsufficientFunds):
        make(client_, current, savings, "5000")
    assert told() == {}


def test_transfer_confirmed_again_is_told_once(client_, current, savings, told):
    order = make(client_, current, savings)
    ordering.confirm(order, by=Actor(client_.user), seen=ordering.fingerprint(order))
    assert Notice.objects.filter(kind=Mail.TRANSFER_MADE).count() == 1


@pytest.mark.parametrize("way", [1, -1])
def test_proxy_moves_nothing_to_or_from_his_own_accounts(client_, current, entrusted, way):
    with pytest.raises(refusals.NotYours):
        prepare(client_, *[entrusted[0], current][::way], "20")


def test_proxy_moves_nothing_to_an_account_that_he_holds_with_the_holder(client_, other, entrusted):
    joint = makers.make_savings(other)
    Holding.objects.create(account=joint, client=client_)
    with pytest.raises(refusals.NotYours):
        prepare(client_, entrusted[0], joint, "20")


def test_proxy_of_two_people_moves_nothing_from_one_to_the_other(client_, advisor, entrusted):
    third = makers.make_personalised_client(advisor, given_names="Zoé", family_name="Roux").bank_accounts.get()
    makers.make_mandate(third, client_, may_transfer=True)
    with pytest.raises(refusals.NotYours):
        prepare(client_, entrusted[0], third, "20")


@pytest.mark.parametrize(
    "weaker",
    [
        {"may_transfer": False},
        {"revoked_at": NOW},
        {"granted_on": date(2026, 1, 1), "ends_on": date(2026, 11, 24)},
        {"granted_on": date(2026, 11, 26)},
    ],
)
def test_mandate_that_does_not_hold_today_lets_nobody_order(client_, entrusted, weaker):
    entrusted[1].mandates.update(granted_on=date(2026, 1, 1))
    entrusted[0].mandates.update(granted_on=date(2026, 1, 1))
    prepare(client_, *entrusted, "20", now=NOW)
    entrusted[1].mandates.update(**weaker)
    with pytest.raises(refusals.NotYours):
        prepare(client_, *entrusted, "20", now=NOW)


def test_mandate_revoked_after_the_review_stops_the_confirmation(client_, entrusted):
    order = prepare(client_, *entrusted, "20")
    entrusted[0].mandates.update(revoked_at=timezone.now())
    with pytest.raises(refusals.NotYours):
        confirm(order)


def test_accounts_offered_are_his_own_and_those_he_may_move_money_on(client_, current, savings, other, entrusted):
    seen_only = makers.make_savings(other)
    makers.make_mandate(seen_only, client_, may_transfer=False)
    offered = eligibility.usable_accounts(client_, timezone.localdate())
    assert [each.account for each in offered] == [current, savings, *entrusted]
    assert [each.holders for each in offered] == ["", "", str(other), str(other)]


def test_amount_of_a_day_is_limited(client_, current, savings):
    rich(current)
    make(client_, current, savings, "14000", NOW)
    with pytest.raises(refusals.LimitReached, match="il vous reste 1\u202f000,00"):
        make(client_, current, savings, "1000.01", NOW)
    make(client_, current, savings, "1000", NOW)
    with pytest.raises(refusals.LimitReached, match="déjà viré 15\u202f000,00"):
        make(client_, current, savings, "0.01", NOW)


@pytest.mark.slow
def test_number_of_a_day_is_limited(client_, current, savings):
    for _ in range(ordering.NUMBER_PER_DAY):
        make(client_, current, savings, "1", NOW)
    with pytest.raises(refusals.LimitReached, match="20 virements aujourd’hui"):
        make(client_, current, savings, "1", NOW)


def test_limits_begin_anew_at_midnight_in_paris(client_, current, savings):
    rich(current)
    make(client_, current, savings, "15000", MIDNIGHT - MINUTE)
    with pytest.raises(refusals.LimitReached):
        make(client_, current, savings, "1", MIDNIGHT - timedelta(microseconds=1))
    make(client_, current, savings, "15000", MIDNIGHT)
    with pytest.raises(refusals.LimitReached):
        make(client_, current, savings, "1", MIDNIGHT + timedelta(hours=23, minutes=59))


def test_order_reviewed_before_midnight_counts_for_the_day_of_its_confirmation(client_, current, savings):
    rich(current)
    make(client_, current, savings, "10000", MIDNIGHT - MINUTE)
    order = prepare(client_, current, savings, "5000", now=MIDNIGHT - MINUTE)
    confirm(order, MIDNIGHT)
    make(client_, current, savings, "10000", MIDNIGHT + MINUTE)


def test_limits_are_each_client_s_own(client_, current, savings, other, entrusted):
    rich(entrusted[0])
    make(client_, *entrusted, "15000", timezone.now())
    make(other, *entrusted, "15000", timezone.now())


def test_order_expires_after_ten_minutes(client_, current, savings):
    order = prepare(client_, current, savings, now=NOW)
    with pytest.raises(refusals.Expired, match="10 minutes"):
        confirm(order, NOW + LIFETIME)
    assert confirm(order, NOW + LIFETIME - timedelta(microseconds=1)).is_confirmed


@pytest.mark.proves("RTS 5")
@pytest.mark.parametrize(
    "altered", [{"amount": Decimal("3010")}, {"label": "Loyer"}, {"prepared_at": NOW - MINUTE}, {"id": uuid4()}]
)
def test_what_was_not_read_is_not_booked(client_, current, savings, altered):
    order = prepare(client_, current, savings, label="Vacances", now=NOW)
    seen = ordering.fingerprint(order)
    Transfer.objects.filter(pk=order.pk).update(**altered)
    order.pk = altered.get("id", order.pk)
    with pytest.raises(refusals.Changed, match="n’est plus celui que vous avez relu"):
        ordering.confirm(order, by=Actor(client_.user), seen=seen, now=NOW)
    assert not Transfer.objects.confirmed().exists()


def test_altered_accounts_void_what_was_read(client_, current, savings):
    order = prepare(client_, current, savings)
    seen, third = ordering.fingerprint(order), makers.make_savings(client_)
    for altered in ({"destination": third}, {"source": savings, "destination": third}):
        Transfer.objects.filter(pk=order.pk).update(**altered)
        with pytest.raises(refusals.Changed):
            ordering.confirm(order, by=Actor(client_.user), seen=seen)


@pytest.mark.parametrize("which", [0, 1])
def test_altered_number_of_an_account_voids_what_was_read(client_, current, savings, which):
    order = prepare(client_, current, savings)
    seen = ordering.fingerprint(order)
    BankAccount.objects.filter(pk=[current, savings][which].pk).update(number="12345678901")
    with pytest.raises(refusals.Changed):
        ordering.confirm(order, by=Actor(client_.user), seen=seen)


@pytest.mark.parametrize("seen", ["", "x", "é", "A" * 43])
def test_seal_of_nothing_confirms_nothing(client_, current, savings, seen):
    order = prepare(client_, current, savings)
    with pytest.raises(refusals.Changed):
        ordering.confirm(order, by=Actor(client_.user), seen=seen)


@pytest.mark.proves("RTS 5")
def test_seal_of_one_order_does_not_confirm_another_alike(client_, current, savings):
    first, second = prepare(client_, current, savings), prepare(client_, current, savings)
    with pytest.raises(refusals.Changed):
        ordering.confirm(second, by=Actor(client_.user), seen=ordering.fingerprint(first))


def test_void_order_cannot_be_confirmed_even_as_it_stands(client_, current, savings):
    order = prepare(client_, current, savings)
    seen = ordering.fingerprint(order)
    ordering.void(order)
    order.refresh_from_db()
    for read in (seen, ordering.fingerprint(order)):
        with pytest.raises(refusals.Expired):
            ordering.confirm(order, by=Actor(client_.user), seen=read)


def test_what_is_confirmed_is_not_made_void(client_, current, savings):
    order = confirm(prepare(client_, current, savings))
    ordering.void(order)
    order.refresh_from_db()
    assert order.is_confirmed


def test_sessions_ended_since_the_code_was_right_stop_the_booking(client_, current, savings):
    order = prepare(client_, current, savings)
    by = type(client_.user).objects.get(pk=client_.user.pk)
    owners.end_sessions(client_.user)
    with pytest.raises(owners.SessionEnded):
        ordering.confirm(order, by=Actor(by), seen=ordering.fingerprint(order))
    assert not Entry.objects.filter(booking=order.pk).exists()


def test_orders_never_confirmed_are_forgotten_when_the_next_is_prepared(client_, current, savings):
    done = confirm(prepare(client_, current, savings, now=NOW), NOW)
    left = prepare(client_, current, savings, now=NOW)
    fresh = prepare(client_, current, savings, now=NOW + timedelta(minutes=59))
    new = prepare(client_, current, savings, now=NOW + timedelta(hours=1))
    assert set(client_.transfers.all()) == {done, fresh, new}
    assert left not in client_.transfers.all()


def test_timer_forgets_what_was_never_confirmed(client_, current, savings):
    long_ago = timezone.now() - timedelta(hours=2)
    done = make(client_, current, savings, "5", long_ago)
    waiting = prepare(client_, current, savings, now=timezone.now() - timedelta(minutes=59))
    Transfer.objects.create(
        client=client_, source=current, destination=savings, amount=Decimal(5), prepared_at=long_ago
    )
    said = StringIO()
    call_command("forget_unconfirmed_transfers", stdout=said)
    assert json.loads(said.getvalue()) == {"forgotten": 1}
    assert set(Transfer.objects.all()) == {done, waiting}


def test_only_the_newest_unconfirmed_orders_are_kept(client_, current, savings):
    orders = [prepare(client_, current, savings) for _ in range(ordering.WAITING_PER_CLIENT + 3)]
    assert set(client_.transfers.all()) == set(orders[3:])


def test_order_that_another_tab_prepares_meanwhile_is_kept(client_, current, savings):
    """At each moment at which older ones are thrown away."""
    for _ in range(ordering.WAITING_PER_CLIENT):
        prepare(client_, current, savings)
    others = []

    def another_tab(execute, sql, params, many, context):
        if sql.startswith("DELETE") and None not in others:
            others.append(None)
            others[-1] = prepare(client_, current, savings)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(another_tab):
        order = prepare(client_, current, savings)
    assert others
    assert {order, *others} <= set(client_.transfers.all())


def test_order_forgotten_meanwhile_has_expired(client_, current, savings):
    order = prepare(client_, current, savings)
    seen = ordering.fingerprint(order)
    client_.transfers.all().delete()
    with pytest.raises(refusals.Expired):
        ordering.confirm(Transfer(pk=order.pk, client=client_), by=Actor(client_.user), seen=seen)


def test_same_transfer_of_minutes_ago_is_noticed(client_, current, savings):
    done = make(client_, current, savings, "5", NOW)
    again = prepare(client_, current, savings, "5", now=NOW + MINUTE)
    assert ordering.same_before(again, NOW + MINUTE) == done
    assert ordering.same_before(again, NOW + ordering.SAME_AGAIN_WITHIN) is None
    assert ordering.same_before(prepare(client_, current, savings, "5.01"), NOW + MINUTE) is None
    assert ordering.same_before(prepare(client_, savings, current, "5"), NOW + MINUTE) is None


def test_transfer_that_the_bank_took_back_is_not_made_a_second_time(client_, current, savings):
    first, second = (make(client_, current, savings, "5") for _ in range(2))
    again, now = prepare(client_, current, savings, "5"), timezone.now()
    assert ordering.same_before(again, now) == second
    books.correct(second.booking, by=SYSTEM)
    assert ordering.same_before(again, now) == first
    books.correct(first.booking, by=SYSTEM)
    assert ordering.same_before(again, now) is None


def test_transfer_knows_when_the_bank_took_it_back(client_, current, savings):
    waiting, order = prepare(client_, current, savings), make(client_, current, savings)
    assert (waiting.corrected_on, order.corrected_on) == (None, None)
    correction = books.correct(order.booking, by=SYSTEM)
    assert Transfer.objects.get(pk=order.pk).corrected_on == correction.booked_on


def test_transfer_that_the_bank_took_back_counts_for_the_limits_of_its_day(client_, current, savings):
    rich(current)
    books.correct(make(client_, current, savings, "15000").booking, by=SYSTEM)
    with pytest.raises(refusals.LimitReached):
        make(client_, current, savings, "1")
