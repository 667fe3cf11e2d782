"""« Code secret oublié », asked online by whoever knows a code client.

Asking only stores a row, the same for every well-formed number, so neither answer nor time tells who is a client; a
timer issues the letters afterwards. Each network that asks for a number has a row of its own: whoever asks for it, and
asks again, in the place of its owner holds back no letter that the owner asks for from home. Nothing is voided by
asking: the old code stays valid until the new one is first used, and the letter goes only where the bank knows the
client to live. Source: ASVS 5.0 6.4.3.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from auth_codes import browser, journal, notices
from auth_codes.codes import checking, owners
from auth_codes.locking import locks
from auth_codes.lockout import budgets
from auth_codes.models import Notice, RenewalRequest, SealedLetter, SecretCode, SecurityEvent
from auth_codes.owner import Owner
from auth_codes.renewals import issuing, shares

log = logging.getLogger(__name__)

# An hour; wide enough for a shared office or a carrier's address. Letters are bounded per client and per day as well.
REQUESTS_PER_NETWORK = 30
LETTER_ON_ITS_WAY = timedelta(days=14)
# For an address to be confirmed.
HELD_AT_MOST = timedelta(days=30)
# For a share or the ceiling, since anybody asked last: a letter that comes weeks later is one that nobody waits for.
WAITS_AT_MOST = timedelta(days=7)
KEPT_AFTERWARDS = timedelta(days=1)
Outcome = RenewalRequest.Outcome


class CeilingReached(Exception):
    """The bank has sent as many letters today as it ever does on one day: somebody may be asking in bulk."""


def ask(client_code: str, request: HttpRequest, now: datetime | None = None) -> None:
    """Stores the request for a well-formed number, held by somebody or not; a second one while it waits keeps its turn.

    Raises budgets.Spent.
    """
    now = now or timezone.now()
    budgets.spend("renewal", request, REQUESTS_PER_NETWORK, now)
    asked = RenewalRequest(
        client_code=client_code, network=browser.network(request), requested_at=now, last_asked_at=now
    )
    RenewalRequest.objects.bulk_create([asked], ignore_conflicts=True)
    # Also when there was none: for every number the same is asked of the database.
    _unhandled().filter(client_code=client_code, network=asked.network).update(last_asked_at=now)


def held() -> QuerySet[RenewalRequest]:
    """The requests whose letter waits because nobody has confirmed the address that was changed, one for a number."""
    return _unhandled().filter(held_at__isnull=False)


def held_request(client_code: str) -> RenewalRequest | None:
    """That of this number."""
    return held().filter(client_code=client_code).first()


def waiting() -> QuerySet[RenewalRequest]:
    """The numbers that wait, the oldest first: the first request of each, by which all of them are handled."""
    earlier = _unhandled().filter(client_code=OuterRef("client_code"), pk__lt=OuterRef("pk"))
    return _unhandled().filter(~Exists(earlier))


def handle(asked: RenewalRequest, now: datetime) -> str:
    """Issues the letter that `asked` and others with it ask for, or says why not: an `Outcome`, or "" while they wait.

    Raises CeilingReached.
    """
    owner = _owner_of(asked.client_code)
    if owner is None:
        return _close(asked, Outcome.UNKNOWN, now)
    refusal = _why_no_letter(checking.living_codes(owner.username), now)
    if refusal:
        return _close(asked, refusal, now, owner)
    together = _together(asked.client_code)
    if _have_waited_too_long(together, now):
        return _close(asked, Outcome.LAPSED, now, owner)
    if locks.standing(owner):
        return ""  # no code leaves for an access that its owner has locked
    if owner.letter_address().is_held:
        return _hold(asked, owner, now)
    if shares.issued_today(now) >= settings.ONLINE_RENEWALS_PER_DAY:
        raise CeilingReached
    # Whoever has used up his share waits for the next day, as he would at the ceiling.
    paying = shares.first_with_some_left(together, now)
    return _issue(paying, owner, now) if paying else ""


def sound_ceiling_alarm(now: datetime) -> None:
    """Tells the operators, and the journal once a day, that requests wait because of the day's ceiling."""
    log.error("The day's ceiling of %d letters asked for online is reached", settings.ONLINE_RENEWALS_PER_DAY)
    ceiling = SecurityEvent.Kind.RENEWAL_CEILING
    if not SecurityEvent.objects.filter(kind=ceiling, at__gte=shares.midnight(now)).exists():
        journal.record(ceiling, details={"ceiling": settings.ONLINE_RENEWALS_PER_DAY})


def purge(now: datetime) -> int:
    """Deletes the requests handled a day ago, and spent budgets; the journal keeps what concerned a client."""
    budgets.purge(now)
    deleted, _ = RenewalRequest.objects.filter(handled_at__lte=now - KEPT_AFTERWARDS).delete()
    return deleted


def _owner_of(client_code: str) -> Owner | None:
    users = get_user_model()._default_manager
    return users.filter(username=client_code, is_active=True, secret_codes__isnull=False).first()


def _unhandled() -> QuerySet[RenewalRequest]:
    return RenewalRequest.objects.filter(handled_at=None).order_by("requested_at", "id")


def _together(client_code: str) -> QuerySet[RenewalRequest]:
    """All that wait for the same number, by whatever network they were asked."""
    return _unhandled().filter(client_code=client_code)


def _have_waited_too_long(together: Iterable[RenewalRequest], now: datetime) -> bool:
    held = [asked for asked in together if asked.held_at]
    if held:
        return any(asked.requested_at <= now - HELD_AT_MOST for asked in held)
    return all(asked.last_asked_at <= now - WAITS_AT_MOST for asked in together)


def _why_no_letter(codes: list[SecretCode], now: datetime) -> str:
    """The Outcome, by the owner's living codes; "" when a letter may leave.

    None of them lives: an advisor has closed the access, and two advisors open it again. Or a letter of the last 14
    days carries one that was not replaced yet and has not expired.
    """
    if not codes:
        return Outcome.CLOSED
    on_its_way = any(
        code.is_default
        and code.letter is not None
        and code.letter.issued_at > now - LETTER_ON_ITS_WAY
        and not code.has_expired(now)
        for code in codes
    )
    return Outcome.TOO_SOON if on_its_way else ""


def _close(asked: RenewalRequest, outcome: str, now: datetime, owner: Owner | None = None) -> str:
    with transaction.atomic():
        claimed = _claim(asked, outcome, now)
        if not claimed:
            return ""
        if owner:
            _record_request(asked, claimed, owner)
            journal.record(SecurityEvent.Kind.RENEWAL_DECLINED, owner=owner, details={"reason": outcome})
    return outcome


def _hold(asked: RenewalRequest, owner: Owner, now: datetime) -> str:
    """Lets the request wait until the address is confirmed, or until it lapses itself."""
    with transaction.atomic():
        together = list(_together(asked.client_code).select_for_update())
        if asked in together and not any(other.held_at for other in together):
            RenewalRequest.objects.filter(pk=asked.pk).update(held_at=now)
            _record_request(asked, together, owner)
            journal.record(SecurityEvent.Kind.RENEWAL_HELD, owner=owner)
            notices.tell_owner(Notice.Kind.LETTER_HELD, owner)
    return ""


def _issue(asked: RenewalRequest, owner: Owner, now: datetime) -> str:
    prepared = issuing.prepare(owner, SealedLetter.Occasion.REQUEST, now)
    with transaction.atomic():
        owners.lock(owner)
        # Again, under the lock: an advisor may have renewed the code or closed the access at this very moment.
        codes = checking.living_codes(owner.username)
        refusal = _why_no_letter(codes, now)
        if refusal:
            return _close(asked, refusal, now, owner)
        if locks.standing(owner):
            return ""
        claimed = _claim(asked, Outcome.ISSUED, now)
        if not claimed:
            return ""
        _record_request(asked, claimed, owner)
        _issue_in_its_place(owner, prepared, checking.candidate_among(codes), now)
    return Outcome.ISSUED


def _issue_in_its_place(owner: Owner, prepared: issuing.IssuedCode, present: SecretCode | None, now: datetime) -> None:
    """Beside a valid code; instead of one that expired, or of none, so that no letter number need be typed."""
    if present is None or present.has_expired(now):
        issuing.issue(owner, prepared)
        return
    issuing.issue_beside(owner, prepared)


def _claim(asked: RenewalRequest, outcome: str, now: datetime) -> list[RenewalRequest]:
    """Ends all that wait for this number, `asked` with `outcome`; nothing when another process has done so.

    Two timers, or a rerun after a crash, do it once.
    """
    together = list(_together(asked.client_code).select_for_update())
    if asked not in together:
        return []
    others = [other.pk for other in together if other != asked]
    RenewalRequest.objects.filter(pk__in=others).update(handled_at=now, outcome=Outcome.JOINED)
    RenewalRequest.objects.filter(pk=asked.pk).update(handled_at=now, outcome=outcome)
    return together


def _record_request(asked: RenewalRequest, together: Iterable[RenewalRequest], owner: Owner) -> None:
    if any(other.held_at for other in together):
        return  # it was told to the journal when it was held
    details = {"requested_at": asked.requested_at.isoformat(timespec="seconds"), "network": asked.network}
    journal.record(SecurityEvent.Kind.RENEWAL_REQUESTED, owner=owner, details=details)
