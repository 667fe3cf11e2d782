"""Telling a client by e-mail what happened to his codes: written with the act, sent afterwards.

A notice is a row of the caller's transaction, so that no act is told which did not happen, and none happens untold. It
is sent as soon as that transaction has committed; what could not be sent waits for `manage.py send_notices`. A mail
carries no code, no code client and no link: whoever reads it, or forges one like it, gains nothing (ASVS 5.0 6.3.7).
The number to call that it names could be forged as well: it asks to compare it with the one on the statement.
"""

import logging
import smtplib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import parseaddr
from functools import partial
from typing import NamedTuple, TypeAlias

from django.conf import settings
from django.core import checks
from django.core.mail import EmailMessage
from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation

from auth_codes import browser
from auth_codes.actor import SYSTEM, Actor
from auth_codes.kinds import NoticeKind
from auth_codes.models import Notice
from auth_codes.owner import Owner
from auth_codes.prepared_changes import PreparedInsert
from auth_codes.wording import FRENCH

log = logging.getLogger(__name__)

# Longer than any sending takes: within it nobody else takes up a row, even if its sender was killed.
CLAIM = timedelta(minutes=10)
GIVEN_UP_AFTER = timedelta(days=7)
# What Django and smtplib raise: the network and the server (OSError), an address that cannot be written (ValueError).
NOT_SENT = (OSError, ValueError)


Facts: TypeAlias = Mapping[str, str | list[str]]
# What an app above does for an owner who has no e-mail address; see `post_by`.
WRITTEN = PreparedInsert(Notice)
_posting: list[Callable[[NoticeKind, Owner, datetime, Facts], None]] = []


class Sent(NamedTuple):
    """What a run of `send_waiting` did. `is_cut_short`: the server failed, the rest was not tried."""

    sent: int
    refused: int
    given_up: int
    is_cut_short: bool


@contextmanager
def in_language_of(owner: Owner | None) -> Iterator[None]:
    """What a mail to `owner` tells is worded as he reads, whoever acts: in the language that he chose, else French."""
    with translation.override(owner.language if owner and owner.language else FRENCH):
        yield


def post_by(posting: Callable[[NoticeKind, Owner, datetime, Facts], None]) -> None:
    """Declares who is asked, in the transaction of the act, for each notice to an owner without an e-mail address."""
    _posting.append(posting)


def tell_owner(
    kind: NoticeKind, owner: Owner, *, by: Actor = SYSTEM, at: datetime | None = None, **facts: str | list[str]
) -> list[Notice]:
    """Tells a client at each of his recent addresses, so that whoever has changed the present one hides nothing.

    `by` is himself, of whom the mail names the browser; `at` is when it happened, now unless it is said. See `tell` for
    the facts. Who has no address is told as `post_by` has declared; no notice is kept of that.
    """
    written = leave_for_owner(kind, owner, by=by, at=at, **facts)
    for notice in written:
        _send_on_commit(notice)
    return written


def leave_for_owner(
    kind: NoticeKind, owner: Owner, *, by: Actor = SYSTEM, at: datetime | None = None, **facts: str | list[str]
) -> list[Notice]:
    """The same, left for `manage.py send_notices` to send: nobody's login waits for the mail server."""
    at = at or timezone.now()
    seen = browser.describe(by.user_agent)
    if not seen.startswith(browser.UNKNOWN):
        facts["browser"] = seen
    with in_language_of(owner):
        told = {"owner": owner, "salutation": owner.salutation(), "at": at, "facts": facts}
    recipients, is_told_by_post = owner.ways_to_tell()
    if is_told_by_post:
        for post in _posting:
            post(kind, owner, at, facts)
    notices = [Notice(kind=kind, recipient=recipient, **told) for recipient in recipients]
    for notice in notices:
        WRITTEN.save(notice)
    return notices


def tell(
    kind: NoticeKind,
    *,
    owner: Owner | None,
    recipient: str,
    salutation: str,
    at: datetime,
    **facts: str | list[str],
) -> None:
    """Writes a notice in the caller's transaction, to be sent when that commits; nothing without a `recipient`.

    The salutation and the facts are worded by the caller `in_language_of` the owner.

    `facts` are what the mail's template names, all optional: `browser` in words; for LETTER_ISSUED the letter's
    `occasion`, a SealedLetter.Occasion; what another app's kinds need besides. Never a code.
    """
    _send_on_commit(leave(kind, owner=owner, recipient=recipient, salutation=salutation, at=at, **facts))


def leave(
    kind: NoticeKind,
    *,
    owner: Owner | None,
    recipient: str,
    salutation: str,
    at: datetime,
    **facts: str | list[str],
) -> Notice | None:
    """The same, left for `manage.py send_notices` to send: nobody's page waits for the mail server."""
    return _write(kind, owner=owner, recipient=recipient, salutation=salutation, at=at, facts=facts)


def _write(kind: NoticeKind, *, recipient: str, **fields: object) -> Notice | None:
    if not recipient:
        return None
    notice = Notice(kind=kind, recipient=recipient, **fields)
    WRITTEN.save(notice)
    return notice


def _send_on_commit(notice: Notice | None) -> None:
    if notice:
        transaction.on_commit(partial(_send_at_once, notice.pk))


def send_waiting(now: datetime) -> Sent:
    """Sends what waits, the oldest first; stops at the first sign that the server itself fails."""
    started = time.monotonic()
    given_up = _give_up(now)
    in_turn = waiting().order_by("at", "id").values_list("pk", flat=True)
    sent = refused = 0
    for pk in list(in_turn):
        try:
            # Each claim counts from its own moment: a long run must not leave claims that look old.
            sent += _send(pk, now + timedelta(seconds=time.monotonic() - started))
        except NOT_SENT as error:
            _log_failure(pk, error)
            if not _is_about_one_mail(error):
                return Sent(sent, refused, given_up, is_cut_short=True)
            refused += 1
    return Sent(sent, refused, given_up, is_cut_short=False)


def count_waiting() -> int:
    """How many e-mails were written and have not left, those given up aside."""
    return waiting().count()


def can_send() -> bool:
    """Whether EMAIL_URL names a way out; until it does, notices wait."""
    return bool(settings.EMAIL_HOST)


def tell_of_waiting(app_configs: object, **kwargs: object) -> list[checks.CheckMessage]:
    """For `check --deploy`: until there is a way out, clients are told nothing."""
    if can_send():
        return []
    hint = "Exemple : EMAIL_URL=smtp+tls://utilisateur:mot-de-passe@smtp.banque.example:587"
    text = "EMAIL_URL manque : les courriels aux clients attendent, et sont abandonnés au bout de sept jours."
    return [checks.Info(text, hint=hint, id="auth_codes.I004")]


def worded(kind: str, *, salutation: str, at: datetime, **facts: str | list[str]) -> tuple[str, str]:
    """Subject and text of a notice: the first line of its template, and the rest.

    `by_post` among the facts words it for a letter.
    """
    rendered = render_to_string(f"mail/{kind}.txt", {"salutation": salutation, "at": at, **facts})
    subject, _, text = rendered.strip().partition("\n")
    return subject, text.strip()


def message_of(notice: Notice) -> EmailMessage:
    """The mail of a notice."""
    with in_language_of(notice.owner):
        subject, text = worded(notice.kind, salutation=notice.salutation, at=notice.at, **notice.facts)
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    headers = {
        # Nobody's « absent » answers it (RFC 3834).
        "Auto-Submitted": "auto-generated",
        # The same at each try: a mailbox shows once what a crash made us send twice.
        "Message-ID": f"<notice-{notice.pk}-{notice.at:%Y%m%d%H%M%S}@{domain}>",
    }
    return EmailMessage(subject, text + "\n", to=[notice.recipient], headers=headers)


def waiting() -> QuerySet[Notice]:
    """Those that could not leave yet: one given up has lost its recipient."""
    return Notice.objects.filter(sent_at__isnull=True).exclude(recipient="")


def _send_at_once(pk: int) -> None:
    """Never fails: the act that is told has already happened, and its page must say so."""
    if not can_send():
        return
    try:
        _send(pk, timezone.now())
    except (*NOT_SENT, DatabaseError) as error:
        _log_failure(pk, error)


def _send(pk: int, now: datetime) -> bool:
    """Sends one notice unless somebody else has claimed it. Raises one of NOT_SENT.

    A failed one keeps its claim, so that it is not tried again within ten minutes.
    """
    if not _claim(pk, now):
        return False
    notice = Notice.objects.select_related("owner").get(pk=pk)
    message_of(notice).send()
    Notice.objects.filter(pk=pk).update(sent_at=now, recipient="", salutation="", **_unowned(notice))
    return True


def _unowned(notice: Notice) -> dict[str, dict[str, str]]:
    """What else is emptied where nobody would find it later by whose it is: what the mail said of a person."""
    return {} if notice.owner_id else {"facts": {}}


def _is_about_one_mail(error: Exception) -> bool:
    """Whether the server was reached and would not have this mail alone: the next one may still go."""
    # A certificate that does not hold is both an OSError and a ValueError, and about the server.
    is_refusal = isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
    return is_refusal or not isinstance(error, OSError)


def _claim(pk: int, now: datetime) -> bool:
    """One conditional update: of two senders at once, one gets the row."""
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lte=now - CLAIM)
    return waiting().filter(free, pk=pk).update(claimed_at=now) == 1


def _give_up(now: datetime) -> int:
    """Lets go of what nobody needs any more: a warning that comes a week late helps nobody and alarms."""
    given_up = 0
    for notice in waiting().filter(at__lte=now - GIVEN_UP_AFTER).only("pk", "owner_id"):
        if waiting().filter(pk=notice.pk).update(recipient="", salutation="", **_unowned(notice)):
            log.error("Notice %s could not be sent for 7 days and is given up", notice.pk)
            given_up += 1
    return given_up


def _log_failure(pk: int, error: Exception) -> None:
    # The error's own text may quote the address or the mail.
    log.error("Notice %s was not sent and waits: %s", pk, type(error).__name__)
