"""The link by which a member of staff chooses his password: made once, shown once, used once.

Nobody else ever chooses or knows it. The token is 256 random bits; the database holds its keyed digest alone.
"""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from accounts.kinds import Event
from accounts.models import FirstAccess, User
from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.login import passwords

LIFE = timedelta(hours=48)
TOKEN_BYTES = 32
DIGEST_SALT = "accounts.desk.first_access"


class LinkEnded(Exception):
    """Used, too old, replaced by a newer one, of somebody who has left, or none at all."""


@sensitive_variables("token")
def issue(owner: User, *, now: datetime) -> str:
    """The token of a new link, in the caller's transaction; ends earlier links, the password and every session."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    owners.end_sessions(owner)
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


@sensitive_variables("token")
def _digests(token: str) -> list[str]:
    """By today's SECRET_KEY, then by each of SECRET_KEY_FALLBACKS."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [salted_hmac(DIGEST_SALT, token, secret=key, algorithm="sha256").hexdigest() for key in keys]
