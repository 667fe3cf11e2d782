"""What an e-mail says, by post: of changed contacts always, of all else to whoever has no e-mail address.

A letter goes to each postal address of the last 90 days, so that whoever has changed the present one hides nothing.
It holds no code, no code client and no new contact in full: who lives at a former address may read it.
"""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime
from enum import Enum

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts import bank
from accounts.kinds import Mail
from accounts.models import Client, PostalItem
from accounts.papers.postal_notice import NoticeContents
from accounts.post import queue
from auth_codes import notices, wording
from auth_codes.kinds import NoticeKind
from auth_codes.models import Notice, SealedLetter
from auth_codes.owner import Owner

log = logging.getLogger(__name__)


class ByPost(Enum):
    """How often letters of one kind leave for one client."""

    EACH_TIME = "what the bank, or both advisors, did: never by the thousand, and each time another thing"
    ONCE_A_DAY = "what whoever holds the codes does as often as he likes"
    RATIONED = "what a stranger brings about: once a day as well, and a number a day for the whole bank"
    NEVER = "nothing to tell by post: the paper itself leaves, or it is told to the staff"


HOW_OFTEN: Mapping[str, ByPost] = {
    Mail.CONTACT_CHANGED: ByPost.EACH_TIME,
    Mail.HOLDER_ADDED: ByPost.EACH_TIME,
    Mail.MANDATE_GRANTED: ByPost.EACH_TIME,
    Mail.MANDATE_ENDED: ByPost.EACH_TIME,
    Mail.REPRESENTED: ByPost.EACH_TIME,
    Mail.REPRESENT_ENDED: ByPost.EACH_TIME,
    Mail.ACCOUNT_CLOSED: ByPost.EACH_TIME,
    Mail.CLOSING_ASKED: ByPost.EACH_TIME,
    Mail.CLOSING_OFF: ByPost.EACH_TIME,
    Mail.CONTRACT_ENDED: ByPost.EACH_TIME,
    Mail.CLIENT_ENDED: ByPost.EACH_TIME,
    Mail.ACT_UNDONE: ByPost.EACH_TIME,
    Mail.SHEETS_JOINED: ByPost.EACH_TIME,
    Notice.Kind.CODE_RENEWED: ByPost.EACH_TIME,
    Notice.Kind.ACCESS_CLOSED: ByPost.EACH_TIME,
    Notice.Kind.CLOSED_BY_OWNER: ByPost.EACH_TIME,
    Notice.Kind.SESSIONS_SHUT: ByPost.EACH_TIME,
    Notice.Kind.UNBLOCKED: ByPost.EACH_TIME,
    Notice.Kind.ACCESS_LOCKED: ByPost.EACH_TIME,
    Notice.Kind.UNLOCKING_ASKED: ByPost.EACH_TIME,
    Notice.Kind.ACCESS_UNLOCKED: ByPost.EACH_TIME,
    Notice.Kind.LETTER_ISSUED: ByPost.EACH_TIME,  # but see OF_OCCASION
    Mail.OWN_CONTACTS: ByPost.ONCE_A_DAY,
    Mail.TRANSFER_MADE: ByPost.ONCE_A_DAY,
    Notice.Kind.CODE_CHANGED: ByPost.ONCE_A_DAY,
    Notice.Kind.NEW_DEVICE: ByPost.ONCE_A_DAY,
    Notice.Kind.FACTOR_ADDED: ByPost.ONCE_A_DAY,
    Notice.Kind.FACTOR_REMOVED: ByPost.ONCE_A_DAY,
    Notice.Kind.FACTOR_BLOCKED: ByPost.ONCE_A_DAY,
    Notice.Kind.PASSKEY_COPIED: ByPost.ONCE_A_DAY,
    Notice.Kind.CODE_KNOWN: ByPost.ONCE_A_DAY,
    Notice.Kind.CLIENT_TICKET: ByPost.EACH_TIME,
    Notice.Kind.TICKET_VOID: ByPost.EACH_TIME,
    Notice.Kind.LIST_ORDERED: ByPost.EACH_TIME,
    Notice.Kind.LIST_LAPSED: ByPost.EACH_TIME,
    Notice.Kind.LOGIN_BLOCKED: ByPost.RATIONED,
    Notice.Kind.NEXT_IS_LAST: ByPost.RATIONED,
    Notice.Kind.LETTER_HELD: ByPost.RATIONED,
    Mail.EMAIL_GIVEN: ByPost.NEVER,
    Mail.LETTER_WRITTEN: ByPost.NEVER,
    Notice.Kind.PASSWORD_CHANGED: ByPost.NEVER,
    Notice.Kind.STAFF_BLOCKED: ByPost.NEVER,
    Notice.Kind.COLLEAGUE_BLOCKED: ByPost.NEVER,
    Notice.Kind.STAFF_NEW_DEVICE: ByPost.NEVER,
    Notice.Kind.STAFF_TICKET: ByPost.NEVER,
    Notice.Kind.TICKET_ENDED: ByPost.NEVER,
    Notice.Kind.STAFF_FACTOR: ByPost.NEVER,
    Notice.Kind.STAFF_REMOVED: ByPost.NEVER,
    Notice.Kind.STAFF_COPIED: ByPost.NEVER,
    Notice.Kind.STAFF_PAUSED: ByPost.NEVER,
    Notice.Kind.STAFF_KNOWN: ByPost.NEVER,
    Notice.Kind.REQUEST_LAPSED: ByPost.NEVER,
    Mail.SUPERUSER_MADE: ByPost.NEVER,
    Mail.STAFF_PASSWORD: ByPost.NEVER,
    Mail.TICKET_BY_COMMAND: ByPost.NEVER,
    Mail.FIRST_ACCESS: ByPost.NEVER,
    Mail.STAND_IN: ByPost.NEVER,
    Mail.BULK_ACTS: ByPost.NEVER,
}
# Of a sealed letter: the letter of welcome announces the first one, and strangers ask for one online.
OF_OCCASION: Mapping[str, ByPost] = {
    SealedLetter.Occasion.FIRST: ByPost.NEVER,
    SealedLetter.Occasion.REQUEST: ByPost.RATIONED,
}
# Of the last, all are counted: those of other occasions are never limited, so never among the counted rows.
BY_STRANGERS = [
    *(kind for kind, often in HOW_OFTEN.items() if often == ByPost.RATIONED),
    Notice.Kind.LETTER_ISSUED,
]


def how_often(kind: NoticeKind, facts: notices.Facts) -> ByPost:
    """That of the kind; a notice of a sealed letter depends on why that was made."""
    if kind == Notice.Kind.LETTER_ISSUED:
        return OF_OCCASION.get(str(facts.get("occasion")), HOW_OFTEN[kind])
    return HOW_OFTEN[kind]


def tell(kind: NoticeKind, client: Client, **facts: str | list[str]) -> None:
    """Queues in the caller's transaction what the mail of this kind says, to each recent postal address of `client`.

    As often as its kind may.
    """
    tell_of(kind, client, timezone.now(), facts)


@wording.in_french()
def tell_of(kind: NoticeKind, client: Client, at: datetime, facts: notices.Facts) -> None:
    """The same of what happened at that moment."""
    often, today = how_often(kind, facts), timezone.localdate()
    if often == ByPost.NEVER or (often == ByPost.RATIONED and _is_used_up(kind)):
        return
    is_limited = often != ByPost.EACH_TIME
    wordings = {"by_post": "yes", "once_a_day": "yes" if is_limited else "", **facts}
    subject, body = notices.worded(kind, salutation=client.salutation, at=at, **wordings)
    papers = [
        NoticeContents(
            address=address,
            written_on=today,
            subject=subject,
            body=body,
            bank_name=bank.NAME,
            bank_phone=bank.PHONE,
        )
        for address in client.recent_postal_addresses()
    ]
    queue.send_notices(client, papers, kind=kind, only_one_on=today if is_limited else None)


def tell_owner(kind: NoticeKind, owner: Owner, at: datetime, facts: notices.Facts) -> None:
    """What `auth_codes` asks for where it finds no e-mail address."""
    if not owner.is_staff:
        tell_of(kind, owner.client, at, facts)


def _is_used_up(kind: NoticeKind) -> bool:
    """Whether strangers have cost the bank as many letters today as they may; the journal keeps what is not told."""
    most = settings.STRANGERS_LETTERS_PER_DAY
    if _queued_today(BY_STRANGERS).count() < most:
        return False
    log.error("The day's %d letters on acts of strangers are used up: a %s is not told", most, kind)
    return True


def _queued_today(kinds: Collection[str]) -> QuerySet[PostalItem]:
    """The limited ones of these kinds; by the index of those whose address nobody has let go of yet."""
    return PostalItem.objects.filter(only_one_on=timezone.localdate(), notice_kind__in=kinds).exclude(address="")
