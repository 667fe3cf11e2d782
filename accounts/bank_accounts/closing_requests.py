"""A closing that waits for its holders: as it stands, and how it ends. It is begun and answered in cosigning.py.

It is about the account as it was: where its holders, its mandates or who signs for a holder change, or somebody of them
ends, it comes to nothing, so that nobody has agreed to what he has not read. Each of these acts says so itself, in its
own transaction; who answers or closes compares besides, under the lock of the account.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.bank_accounts import changes
from accounts.bank_accounts.signers import signers_of
from accounts.kinds import Event, Mail
from accounts.ledger import books
from accounts.models import BankAccount, Client, ClosingAgreement, ClosingRequest
from auth_codes.actor import SYSTEM, Actor

Answer = ClosingAgreement.Answer
Outcome = ClosingRequest.Outcome
PAPER, ONLINE = "paper", "online"


def standing_on(account: BankAccount) -> ClosingRequest | None:
    """The one that nothing has ended, with its agreements; whether it still counts, `outcome_of` says."""
    return ClosingRequest.objects.standing().with_agreements().filter(account=account).first()


def outcome_of(asked: ClosingRequest, today: date) -> str:
    """What has become of it, whether or not anybody has written it down; empty while it may be answered."""
    if asked.outcome:
        return asked.outcome
    if asked.last_day < today:
        return Outcome.LAPSED
    return "" if _is_as_asked(asked, today) else Outcome.CHANGED


def agreed_holders(asked: ClosingRequest) -> dict[int, str]:
    """The keys of the holders who have agreed, each with PAPER or ONLINE; of whom two sign, once both have."""
    agreed: dict[int, str] = {}
    for holder, rows in _by_holder(asked).items():
        if any(row.is_on_paper for row in rows):
            agreed[holder] = PAPER
        elif all(row.is_agreed for row in rows):
            agreed[holder] = ONLINE
    return agreed


def write_paper(asked: ClosingRequest, holders: Collection[int], *, by: Actor, now: datetime) -> None:
    """That these have signed on paper, which the advisor has read."""
    read = {"answer": Answer.AGREED, "answered_at": now, "confirmed_by": by.user}
    ClosingAgreement.objects.bulk_create(
        ClosingAgreement(request=asked, holder_id=holder, **read) for holder in sorted(holders)
    )


def agreed_on(account: BankAccount, signed: Collection[int]) -> dict[int, str]:
    """Who agrees to its closing today, by holder with PAPER or ONLINE: those of `signed`, on paper and now, and those
    who have answered a request that still stands.
    """
    asked = standing_on(account)
    counts = asked is not None and not outcome_of(asked, timezone.localdate())
    return dict.fromkeys(signed, PAPER) | (agreed_holders(asked) if asked and counts else {})


def write_closed(account: BankAccount, agreed: Mapping[int, str], *, by: Actor) -> None:
    """Keeps with the account who has agreed to the closing that is carried out, on what and when.

    A request that does not stand any more ends untold: that the account is closed is told.
    """
    now, asked = timezone.now(), standing_on(account)
    if asked and (outcome := outcome_of(asked, timezone.localdate(now))):
        _write_end(asked, outcome, by=by, now=now)
        asked = None
    if asked is None:
        day = timezone.localdate(now)
        asked = ClosingRequest.objects.create(account=account, started_by=by.user, started_at=now, last_day=day)
    kept = agreed_holders(asked)
    write_paper(asked, [holder for holder in agreed if holder not in kept], by=by, now=now)
    _write_end(asked, Outcome.CLOSED, by=by, now=now)


def come_to_nothing(asked: ClosingRequest, outcome: str, *, by: Actor, now: datetime) -> None:
    """Ends it without a closing, under the lock of the account; the holders and who was to sign for them are told."""
    if not _write_end(asked, outcome, by=by, now=now):
        return
    told = people_of(asked)
    changes.note(Event.CLOSING_OFF, asked.account, told, by=by, closing_end=str(outcome))
    living = [client for client in told if not client.ended_on]
    changes.tell(Mail.CLOSING_OFF, asked.account, living, lambda: {"why": str(Outcome(outcome).label)})


def change(account: BankAccount, *, by: Actor) -> None:
    """Under the lock of the account: what is asked about it comes to nothing, since something of it is another."""
    if asked := standing_on(account):
        come_to_nothing(asked, Outcome.CHANGED, by=by, now=timezone.now())


def change_all_of(*people: Client, by: Actor) -> None:
    """The same of all that one of these holds, or was to sign for: he, or who acts for him, is another.

    What somebody asks for at this very moment goes on, and is over for whoever reads it.
    """
    theirs = Q(agreements__holder__in=people) | Q(agreements__signer__in=people) | Q(account__holders__in=people)
    found = ClosingRequest.objects.standing().filter(theirs).values_list("account", flat=True)
    for account in books.lock(BankAccount(pk=pk) for pk in set(found)).values():
        change(account, by=by)


def end_those_over(today: date) -> int:
    """Writes down what is over by itself, and tells; says how many."""
    standing = ClosingRequest.objects.standing().select_related("account").order_by("pk")
    return sum(_end_if_over(asked, today) for asked in standing)


def people_of(asked: ClosingRequest) -> list[Client]:
    """The holders, and whoever was to sign for one of them, each once."""
    signing = [row.signer for row in asked.agreements.all() if row.signer]
    return list({client.pk: client for client in [*changes.holders_of(asked.account), *signing]}.values())


def _end_if_over(asked: ClosingRequest, today: date) -> bool:
    with transaction.atomic():
        books.lock([asked.account])
        stored = standing_on(asked.account)
        outcome = outcome_of(stored, today) if stored else ""
        if stored and outcome:
            come_to_nothing(stored, outcome, by=SYSTEM, now=timezone.now())
    return bool(outcome)


def _is_as_asked(asked: ClosingRequest, today: date) -> bool:
    """Whether the account is open, and all who were asked still hold it and are signed for by the same people."""
    if asked.account.is_closed:
        return False
    holders = {holder.pk: holder for holder in changes.holders_of(asked.account)}
    return all(
        holder in holders and (any(row.is_on_paper for row in rows) or _signed_by(rows, holders[holder], today))
        for holder, rows in _by_holder(asked).items()
    )


def _signed_by(rows: Iterable[ClosingAgreement], holder: Client, today: date) -> bool:
    return {row.signer_id for row in rows} == {signer.pk for signer in signers_of(holder, today)}


def _by_holder(asked: ClosingRequest) -> dict[int, list[ClosingAgreement]]:
    rows: dict[int, list[ClosingAgreement]] = {}
    for row in asked.agreements.all():
        rows.setdefault(row.holder_id, []).append(row)
    return rows


def _write_end(asked: ClosingRequest, outcome: str, *, by: Actor, now: datetime) -> bool:
    """False where another act has ended it before."""
    standing = ClosingRequest.objects.standing().filter(pk=asked.pk)
    return bool(standing.update(outcome=outcome, ended_at=now, ended_by=by.user))
