"""The link by which a member of staff chooses his password: made once, shown once, used once.

Nobody else ever chooses or knows it. The token is 256 random bits; the database holds its keyed digest alone.
"""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from accounts.desk import roles
from accounts.kinds import Event, Mail
from accounts.models import FirstAccess, StaffRequest, User
from auth_codes import journal, keyed_hashes, notices
from auth_codes.actor import Actor
from auth_codes.codes import owners, put_back
from auth_codes.login import passwords
from auth_codes.models import SecurityEvent

LIFE = timedelta(hours=48)
TOKEN_BYTES = 32
# Who was given a link was told the name with it; who found one guesses.
MOST_WRONG_NAMES = 5
DIGEST_SALT = "accounts.desk.first_access"


class WrongName(Exception):
    """The link was made for somebody else than who was typed."""


class LinkEnded(Exception):
    """Used, too old, replaced by a newer one, of somebody who has left, or none at all."""


@sensitive_variables("token")
def issue(owner: User, *, now: datetime) -> str:
    """The token of a new link, in the caller's transaction; ends earlier links, the password and every session."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    owners.end_sessions(owner)
    put_back.end_number(owner)
    FirstAccess.objects.update_or_create(owner=owner, defaults={"digest": _digests(token)[0], "expires_at": now + LIFE})
    return token


@sensitive_variables("token")
def find(token: str, *, now: datetime) -> FirstAccess:
    """Raises LinkEnded."""
    links = FirstAccess.objects.filter(owner__is_active=True, owner__is_staff=True, expires_at__gt=now)
    link = links.select_related("owner").filter(digest__in=_digests(token)).first()
    if link is None:
        raise LinkEnded
    return link


def check_name(link: FirstAccess, typed: str, *, by: Actor) -> None:
    """Raises WrongName for another name than its owner's, which is counted; LinkEnded when one too many was, or for it.

    One at a time: of many at once no more are compared than one after the other.
    """
    with transaction.atomic():
        owners.lock(link.owner)
        if not FirstAccess.objects.filter(pk=link.pk, digest=link.digest).exists():
            raise LinkEnded
        if typed.casefold() == link.owner.get_username().casefold():
            return
        is_alive = _count_wrong_name(link, by)
    raise WrongName if is_alive else LinkEnded


@sensitive_variables("password")
def use(link: FirstAccess, password: str, *, by: Actor) -> None:
    """Sets the password, which was judged. Raises LinkEnded when somebody was faster, or passwords.Busy."""
    owner = link.owner
    with transaction.atomic():
        owners.lock(owner)
        used, _ = FirstAccess.objects.filter(pk=link.pk, digest=link.digest, owner__is_active=True).delete()
        if not used:
            raise LinkEnded
        passwords.change(owner, password, by=by)
        journal.record(Event.FIRST_ACCESS_USED, owner=owner, by=by)


def _count_wrong_name(link: FirstAccess, by: Actor) -> bool:
    """Whether the link lives on; its end is told to the administrators who had it made."""
    journal.record(Event.FIRST_ACCESS_FAILED, owner=link.owner, by=by)
    since = link.expires_at - LIFE
    failed = SecurityEvent.objects.filter(owner=link.owner, kind=Event.FIRST_ACCESS_FAILED, at__gte=since)
    if failed.count() < MOST_WRONG_NAMES:
        return True
    FirstAccess.objects.filter(pk=link.pk).delete()
    line = journal.record(Event.FIRST_ACCESS_ENDED, owner=link.owner, by=by)
    for administrator in _who_had_it_made(link.owner):
        told = {"recipient": administrator.notification_email(), "salutation": administrator.salutation()}
        notices.tell(Mail.FIRST_ACCESS, owner=administrator, at=line.at, name=link.owner.get_username(), **told)
    return False


def _who_had_it_made(owner: User) -> list[User]:
    """The two administrators of the request; all of them for a link that no request has made."""
    asked = StaffRequest.objects.filter(member=owner, decision=StaffRequest.Decision.APPROVED)
    last = asked.filter(kind__in=StaffRequest.OPENED_BY_A_LINK).order_by("decided_at").last()
    if last and last.decided_by:
        return [last.started_by, last.decided_by]
    return list(roles.in_role(roles.STAFF_ADMINISTRATORS).exclude(pk=owner.pk).order_by("pk"))


@sensitive_variables("token")
def _digests(token: str) -> list[str]:
    """By today's SECRET_KEY, then by each of SECRET_KEY_FALLBACKS."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [keyed_hashes.hex_of(DIGEST_SALT, token, key) for key in keys]
