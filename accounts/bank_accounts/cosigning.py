"""Closing an account with the agreement that its holders give online: asked for, confirmed, refused, taken back.

An advisor asks in the online space of whoever has one; others sign on paper. Once all have agreed he closes the account
as ever (closing.py), and everything is judged anew: an agreement is no closing.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.bank_accounts import changes, closing, closing_requests
from accounts.bank_accounts.closing_requests import Answer, Outcome
from accounts.bank_accounts.signers import online_signers_of
from accounts.clients import client_journal
from accounts.kinds import Event, Mail
from accounts.ledger import books
from accounts.models import BankAccount, Client, ClosingAgreement, ClosingRequest
from accounts.notation.lists import enumerated
from auth_codes import wording
from auth_codes.actor import Actor
from auth_codes.codes import owners

# Who has no e-mail address reads the letter within a week, and most people open their space once a month, when the
# statement is there. After longer nobody knows any more what he was asked, and the account may be in use again.
OPEN_FOR = timedelta(days=30)


class AlreadyAsked(Exception):
    """Such a request waits for its answers."""


class NoOpenSpace(Exception):
    """Somebody who would sign has no open online space any more: he signs on paper."""


class Over(Exception):
    """The request was answered, taken back or overtaken: nobody can answer it any more."""


def ask(
    account: BankAccount, *, online: Collection[int], signed: Collection[int], by: Actor, now: datetime | None = None
) -> ClosingRequest:
    """Asks the holders of these ids, or who signs for them, in their online spaces; they have OPEN_FOR to answer.

    `signed` are those who have signed on paper; the others may still do so. It lapses after thirty days: see OPEN_FOR.
    Raises ledger.AccountClosed, closing.NotEmpty, closing.StillPending, closing.NotAgreed where these hold the account
    no more, AlreadyAsked or NoOpenSpace.
    """
    now = now or timezone.now()
    with transaction.atomic():
        account = changes.lock_open(account)
        holders = {holder.pk: holder for holder in changes.holders_of(account)}
        if not online or {*online, *signed} - holders.keys() or set(online) & set(signed):
            raise closing.NotAgreed
        _require_none(account, by=by, now=now)
        closing.require_empty(account)
        last_day = timezone.localdate(now) + OPEN_FOR
        asked = ClosingRequest(account=account, started_by=by.person, started_at=now, last_day=last_day)
        asked.save(force_insert=True)
        _name_signers(asked, [holders[pk] for pk in sorted(online)])
        closing_requests.write_paper(asked, signed, by=by, now=now)
        _tell_asked(asked, [holders[pk] for pk in sorted(signed)], by)
    return asked


def agree(asked: ClosingRequest, signer: Client, *, by: Actor, now: datetime | None = None) -> None:
    """The yes of one person, whose code was right, for himself and for all whom he signs for; done once.

    Raises Over, or owners.SessionEnded when his sessions or his code changed meanwhile.
    """
    now = now or timezone.now()
    with transaction.atomic():
        owners.lock_in_session(by.person)
        _answer(asked, signer, Answer.AGREED, by=by, now=now)


def refuse(asked: ClosingRequest, signer: Client, *, by: Actor, now: datetime | None = None) -> None:
    """The no of one person ends the request: the account stays open, and all are told. It asks no code. Raises Over.

    Also of who has agreed before: until the account is closed each may change his mind.
    """
    now = now or timezone.now()
    with transaction.atomic():
        _answer(asked, signer, Answer.REFUSED, by=by, now=now)
        closing_requests.come_to_nothing(_stored(asked), Outcome.REFUSED, by=by, now=now)


def withdraw(asked: ClosingRequest, *, by: Actor) -> None:
    """An advisor takes it back: the account stays open. Raises Over."""
    with transaction.atomic():
        books.lock([asked.account])
        stored = _stored(asked)
        if stored.outcome:
            raise Over
        closing_requests.come_to_nothing(stored, Outcome.WITHDRAWN, by=by, now=timezone.now())


def _require_none(account: BankAccount, *, by: Actor, now: datetime) -> None:
    """Writes down that an earlier one is over. Raises AlreadyAsked where it is not."""
    standing = closing_requests.standing_on(account)
    if standing is None:
        return
    outcome = closing_requests.outcome_of(standing, timezone.localdate(now))
    if not outcome:
        raise AlreadyAsked
    closing_requests.come_to_nothing(standing, outcome, by=by, now=now)


def _name_signers(asked: ClosingRequest, holders: Collection[Client]) -> None:
    today = timezone.localdate(asked.started_at)
    for holder in holders:
        signing = online_signers_of(holder, today)
        if not signing:
            raise NoOpenSpace
        for signer in signing:
            ClosingAgreement.objects.create(request=asked, holder=holder, signer=signer)


def _tell_asked(asked: ClosingRequest, signed: Collection[Client], by: Actor) -> None:
    """In the journals of all; by e-mail, or by post, to whoever is to answer."""
    changes.note(Event.CLOSING_ASKED, asked.account, closing_requests.people_of(asked), by=by)
    changes.note(Event.CLOSING_SIGNED, asked.account, signed, by=by)
    rows = asked.agreements.filter(signer__isnull=False).select_related("signer__user", "holder").order_by("pk")
    for signer in {row.signer.pk: row.signer for row in rows if row.signer}.values():
        others = [str(row.holder) for row in rows if row.signer == signer and row.is_for_another]
        changes.tell(Mail.CLOSING_ASKED, asked.account, [signer], partial(_facts, asked, others))


def _facts(asked: ClosingRequest, others: Sequence[str]) -> dict[str, str]:
    return {"until": wording.day(asked.last_day), "represented": enumerated(others)}


def _answer(asked: ClosingRequest, signer: Client, answer: Answer, *, by: Actor, now: datetime) -> None:
    """Writes what he answers for all whom he signs for, under the lock of the account. Raises Over."""
    books.lock([asked.account])
    stored = _stored(asked)
    theirs = [row for row in stored.agreements.all() if row.signer_id == signer.pk]
    if theirs and all(row.answer == answer for row in theirs):
        return
    if not theirs or closing_requests.outcome_of(stored, timezone.localdate(now)):
        raise Over
    given = {"answer": answer, "answered_at": now, "confirmed_by": by.person}
    ClosingAgreement.objects.filter(pk__in=[row.pk for row in theirs]).update(**given)
    _note(stored, signer, answer, by)


def _note(asked: ClosingRequest, signer: Client, answer: Answer, by: Actor) -> None:
    """In his own journal what he has answered, in that of each holder that another person has."""
    said = {"number": asked.account.number, "closing_answer": str(answer)}
    client_journal.record(Event.CLOSING_ANSWERED, signer, by=by, **said)
    for holder in changes.holders_of(asked.account):
        if holder != signer:
            client_journal.record(Event.CLOSING_BY_ANOTHER, holder, by=by, **said)


def _stored(asked: ClosingRequest) -> ClosingRequest:
    return ClosingRequest.objects.with_agreements().get(pk=asked.pk)
