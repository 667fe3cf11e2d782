"""The printed list of codes, for whoever has no smartphone: ordered, asked for by its numbers, used up.

It is a safety net and no strong moyen: whoever copies the paper has it too (EBA-Op-2019-06). The number that is asked
is pinned until its code has served, so that nobody draws again until he is asked for one that he has seen.
"""

import hmac
import secrets
import struct
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from auth_codes import journal, notices
from auth_codes.actor import SYSTEM, Actor
from auth_codes.codes import owners
from auth_codes.crypto import hashing
from auth_codes.crypto.hashing import Cost
from auth_codes.factors import ending, enrolling
from auth_codes.letters.list_codes import CODES_ON_A_LIST
from auth_codes.models import Factor, FactorQuerySet, ListCode, Notice, SecurityEvent
from auth_codes.owner import Owner
from auth_codes.prepared import KEY, Blank, Prepared

# So many left, and the next list leaves by itself: before they are used up it has come, also after a holiday.
LOW = 8
ONE_LIST_IN = timedelta(days=14)
# Whoever has changed an address may wait there for what comes.
ADDRESS_RESTS = timedelta(days=30)
PACKED = struct.Struct(f">IHH{hashing.SALT_BYTES}s")


class ListOnItsWay(Exception):
    """One is on its way, or waits to be activated."""


class ListLately(Exception):
    """One was ordered of late; the next one may be from `again_from` on."""

    def __init__(self, again_from: datetime):
        super().__init__("a list was ordered of late")
        self.again_from = again_from


class AddressTooRecent(Exception):
    """No list goes to an address that was changed of late: before `again_from`, or before it is confirmed, if None."""

    def __init__(self, again_from: datetime | None):
        super().__init__("the address is too recent")
        self.again_from = again_from


class AnotherIsAsked(Exception):
    """The code has served meanwhile, in another window or by a second click: another number is asked now."""


class ListSecret(NamedTuple):
    """What all codes of a list are hashed with; it stands sealed in the list's own row."""

    cost: Cost
    salt: bytes

    @classmethod
    @sensitive_variables()
    def drawn(cls) -> Self:
        return cls(hashing.present_cost(), secrets.token_bytes(hashing.SALT_BYTES))

    @classmethod
    @sensitive_variables()
    def of(cls, factor: Factor) -> Self:
        """Raises SealError."""
        *cost, salt = PACKED.unpack(factor.unseal())
        return cls(Cost(*cost), salt)

    @sensitive_variables()
    def packed(self) -> bytes:
        return PACKED.pack(*self.cost, self.salt)

    @sensitive_variables()
    def hashed(self, code: str) -> bytes:
        """Raises hashing.HashingFailed."""
        return hashing.argon2id(code, self.salt, self.cost)


def of(owner: Owner) -> FactorQuerySet:
    """All lists that he ever had."""
    return owner.factors.filter(kind=Factor.Kind.LIST)


def waiting(owner: Owner) -> Factor | None:
    """The list that is on its way, or that he has not activated yet."""
    factor = WAITING.first(owner=owner.pk)
    if factor:
        factor.owner = owner
    return factor


def _waiting(owner: Blank) -> FactorQuerySet:
    lists = Factor.objects.waiting_lists().filter(owner=owner)
    return lists.select_related("letter")[:1]


WAITING = Prepared(_waiting, owner=KEY)


def left_on(factor: Factor) -> int:
    """How many codes have not served."""
    return factor.list_codes.filter(used_at=None).count()


def judge(owner: Owner, now: datetime) -> None:
    """Raises ListOnItsWay, ListLately or AddressTooRecent where he may have none; certain under his lock alone."""
    if waiting(owner):
        raise ListOnItsWay
    latest = latest_order(owner)
    if latest and latest > now - ONE_LIST_IN:
        raise ListLately(latest + ONE_LIST_IN)
    judge_address(owner, now)


def judge_address(owner: Owner, now: datetime) -> None:
    """Raises AddressTooRecent."""
    if owner.letter_address().is_held:
        raise AddressTooRecent(None)
    since = owner.address_changed_at()
    if since and since > now - ADDRESS_RESTS:
        raise AddressTooRecent(since + ADDRESS_RESTS)


def latest_order(owner: Owner) -> datetime | None:
    """When he, or the end of the list before, asked for one last."""
    dates = of(owner).values_list("letter__issued_at", "created_at")
    return max((issued_at or created_at for issued_at, created_at in dates), default=None)


def order(owner: Owner, *, is_shown: bool = False, by: Actor, now: datetime) -> None:
    """Orders a list by his code, which was just verified; a timer makes it, and seals its letter.

    `is_shown`: so was a moyen, without which whoever has another than a list orders none. Raises SessionEnded,
    enrolling.NotShown, and what `judge` raises.
    """
    with transaction.atomic():
        owners.lock_in_session(owner)
        judge(owner, now)
        if not is_shown and owner.factors.asked_at(now).exclude(kind=Factor.Kind.LIST).exists():
            raise enrolling.NotShown
        _place(owner, _("Ma liste de codes"), by=by, now=now)


@sensitive_variables()
def found(factor: Factor, code: str) -> ListCode | None:
    """The code of the number that is asked, if `code` is that; takes a hash, with no transaction open.

    Raises AnotherIsAsked where it has served meanwhile; SealError, of what somebody wrote; hashing.HashingFailed.
    """
    row = factor.list_codes.filter(number=factor.asked or 0).first()
    if row is None:
        return None
    if row.used_at:
        raise AnotherIsAsked
    row.factor = factor
    known = row.unseal()
    return row if hmac.compare_digest(ListSecret.of(factor).hashed(code), known) else None


def take(row: ListCode, now: datetime) -> None:
    """Uses the code that was found: it never serves again, and the next number is drawn. Raises AnotherIsAsked.

    Two conditional updates: of the same code many times at once, on however many servers, one is taken.
    """
    factor = row.factor
    with transaction.atomic():
        owners.lock(factor.owner)
        unused = ListCode.objects.filter(factor=factor, used_at=None).exclude(pk=row.pk)
        numbers = list(unused.order_by("number").values_list("number", flat=True))
        asked = Factor.objects.filter(pk=factor.pk, state=factor.state, asked=row.number)
        if not asked.update(asked=secrets.choice(numbers) if numbers else None, used_at=now):
            raise AnotherIsAsked
        if not ListCode.objects.filter(pk=row.pk, used_at=None).update(used_at=now, ciphertext=None):
            raise AnotherIsAsked
        if factor.state == Factor.State.ACTIVE:
            _look_ahead(factor, len(numbers), now)


def _look_ahead(factor: Factor, left: int, now: datetime) -> None:
    """The next list leaves by itself while a few codes are left; with the last one the list ends."""
    if not left:
        ending.end(factor, Factor.Why.USED_UP, by=SYSTEM, now=now)
    owner, latest = factor.owner, latest_order(factor.owner)
    if left <= LOW and not waiting(owner) and (latest is None or latest <= now - ONE_LIST_IN):
        _place(owner, factor.name, by=SYSTEM, now=now)


def _place(owner: Owner, name: str, *, by: Actor, now: datetime) -> None:
    ordered = Factor(
        owner=owner,
        kind=Factor.Kind.LIST,
        state=Factor.State.PENDING,
        name=name,
        generation=enrolling.next_generation(owner),
        created_at=now,
        asked_from=now,
        payments_from=now + enrolling.resting(),
        asked=secrets.choice(range(1, CODES_ON_A_LIST + 1)),
    )
    ordered.seal(ListSecret.drawn().packed())
    ordered.save(force_insert=True)
    journal.record(SecurityEvent.Kind.LIST_ORDERED, owner=owner, by=by, details={"factor_number": ordered.generation})
    itself = {} if by.user else {"by_itself": "yes"}
    notices.tell_owner(Notice.Kind.LIST_ORDERED, owner, by=by, at=now, **itself)
