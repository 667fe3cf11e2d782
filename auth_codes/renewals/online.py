"""« Code secret oublié », asked online by whoever knows a code client.

Asking only stores a row, the same for every well-formed number, so neither answer nor time tells who is a client; a
timer issues the letters afterwards. Nothing is voided by asking: the old code stays valid until the new one is first
used, and the letter goes only where the bank knows the client to live.
Source: ASVS 5.0 6.4.3.
"""

import ipaddress
import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from auth_codes import browser, journal, notices
from auth_codes.codes import checking, owners
from auth_codes.lockout import budgets
from auth_codes.models import Notice, RenewalRequest, SealedLetter, SecretCode, SecurityEvent
from auth_codes.owner import Owner
from auth_codes.renewals import issuing

log = logging.getLogger(__name__)

# An hour; wide enough for a shared office or a carrier's address. Letters are bounded per client and per day as well.
REQUESTS_PER_NETWORK = 30
LETTER_ON_ITS_WAY = timedelta(days=14)
# The part of a day's letters that one site may bring about, be it for a thousand clients whose numbers it knows: else
# it would use up the day of all others.
SHARE_OF_A_DAY = 50
# What a household, a firm or a rented server has; the addresses of a carrier are counted one by one.
SITE_WIDTHS = {4: 24, 6: 48}
HELD_AT_MOST = timedelta(days=30)
KEPT_AFTERWARDS = timedelta(days=1)
Outcome = RenewalRequest.Outcome


class CeilingReached(Exception):
    """The bank has sent as many letters today as it ever does on one day: somebody may be asking in bulk."""


def ask(client_code: str, request: HttpRequest, now: datetime | None = None) -> None:
    """Stores the request for a well-formed number, held by somebody or not; a second one while it waits adds nothing.

    Raises budgets.Spent.
    """
    now = now or timezone.now()
    budgets.spend("renewal", request, REQUESTS_PER_NETWORK, now)
    asked = RenewalRequest(client_code=client_code, network=browser.network(request), requested_at=now)
    RenewalRequest.objects.bulk_create([asked], ignore_conflicts=True)


def held_request(client_code: str) -> RenewalRequest | None:
    """The request whose letter waits because nobody has confirmed the address that was changed."""
    return waiting().filter(client_code=client_code, held_at__isnull=False).first()


def waiting() -> QuerySet[RenewalRequest]:
    """The requests not yet handled, the oldest first."""
    return RenewalRequest.objects.filter(handled_at=None).order_by("requested_at", "id")


def handle(asked: RenewalRequest, now: datetime) -> str:
    """Issues the letter that was asked for, or says why not: an `Outcome`, or "" while the request goes on waiting.

    Raises CeilingReached.
    """
    owner = _owner_of(asked.client_code)
    if owner is None:
        return _close(asked, Outcome.UNKNOWN, now)
    refusal = _why_no_letter(checking.living_codes(owner.username), now)
    if refusal:
        return _close(asked, refusal, now, owner)
    if asked.held_at and asked.requested_at <= now - HELD_AT_MOST:
        return _close(asked, Outcome.LAPSED, now, owner)
    if owner.letter_address().is_held:
        return _hold(asked, owner, now)
    if issued_today(now) >= settings.ONLINE_RENEWALS_PER_DAY:
        raise CeilingReached
    if _has_used_its_share(asked.network, now):
        return ""  # it waits for the next day, as it would at the ceiling
    return _issue(asked, owner, now)


def issued_today(now: datetime) -> int:
    """How many letters online requests have brought about since midnight, Paris time."""
    return SealedLetter.objects.filter(occasion=SealedLetter.Occasion.REQUEST, issued_at__gte=_midnight(now)).count()


def site_of(network: str) -> str:
    """Whose requests share a day's letters: the /24 or /48 that a request's `network` lies in; "" for none."""
    if not network:
        return ""
    line = ipaddress.ip_network(network)
    if budgets.carrier_of(str(line.network_address)):
        return str(line)
    return str(line.supernet(new_prefix=SITE_WIDTHS[line.version]))


def _has_used_its_share(network: str, now: datetime) -> bool:
    """Whether a site has brought about a fiftieth of the day's letters, or one where a day has fewer."""
    share = max(1, settings.ONLINE_RENEWALS_PER_DAY // SHARE_OF_A_DAY)
    issued = RenewalRequest.objects.filter(outcome=Outcome.ISSUED, handled_at__gte=_midnight(now))
    # A day's letters are few, and each costs a hash that takes longer than reading them all.
    return sum(site_of(other) == site_of(network) for other in issued.values_list("network", flat=True)) >= share


def sound_ceiling_alarm(now: datetime) -> None:
    """Tells the operators, and the journal once a day, that requests wait because of the day's ceiling."""
    log.error("The day's ceiling of %d letters asked for online is reached", settings.ONLINE_RENEWALS_PER_DAY)
    ceiling = SecurityEvent.Kind.RENEWAL_CEILING
    if not SecurityEvent.objects.filter(kind=ceiling, at__gte=_midnight(now)).exists():
        journal.record(ceiling, details={"ceiling": settings.ONLINE_RENEWALS_PER_DAY})


def purge(now: datetime) -> int:
    """Deletes the requests handled a day ago, and spent budgets; the journal keeps what concerned a client."""
    budgets.purge(now)
    deleted, _ = RenewalRequest.objects.filter(handled_at__lte=now - KEPT_AFTERWARDS).delete()
    return deleted


def _owner_of(client_code: str) -> Owner | None:
    users = get_user_model()._default_manager
    return users.filter(username=client_code, is_active=True, secret_codes__isnull=False).first()


def _midnight(now: datetime) -> datetime:
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


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
        if not _claim(asked, outcome, now):
            return ""
        if owner:
            _record_request(asked, owner)
            journal.record(SecurityEvent.Kind.RENEWAL_DECLINED, owner=owner, details={"reason": outcome})
    return outcome


def _hold(asked: RenewalRequest, owner: Owner, now: datetime) -> str:
    """Lets the request wait until the address is confirmed, or until it lapses itself."""
    with transaction.atomic():
        if RenewalRequest.objects.filter(pk=asked.pk, held_at=None, handled_at=None).update(held_at=now):
            _record_request(asked, owner)
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
        if not _claim(asked, Outcome.ISSUED, now):
            return ""
        _record_request(asked, owner)
        _issue_in_its_place(owner, prepared, checking.candidate_among(codes), now)
    return Outcome.ISSUED


def _issue_in_its_place(owner: Owner, prepared: issuing.IssuedCode, present: SecretCode | None, now: datetime) -> None:
    """Beside a valid code; instead of one that expired, or of none, so that no letter number need be typed."""
    if present is None or present.has_expired(now):
        issuing.issue(owner, prepared)
        return
    issuing.issue_beside(owner, prepared)


def _claim(asked: RenewalRequest, outcome: str, now: datetime) -> bool:
    """Whether this process is the one that handles the request: two timers, or a rerun after a crash, do it once."""
    waiting_row = RenewalRequest.objects.filter(pk=asked.pk, handled_at=None)
    return bool(waiting_row.update(handled_at=now, outcome=outcome))


def _record_request(asked: RenewalRequest, owner: Owner) -> None:
    if asked.held_at:
        return  # it was told to the journal when it was held
    details = {"requested_at": asked.requested_at.isoformat(timespec="seconds"), "network": asked.network}
    journal.record(SecurityEvent.Kind.RENEWAL_REQUESTED, owner=owner, details=details)
