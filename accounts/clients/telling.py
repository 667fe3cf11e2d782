"""Telling a client at every e-mail address of the last 90 days; by post where there is none, or it must be certain."""

from django.utils import timezone

from accounts.models import Client
from accounts.post import notices as by_post
from auth_codes import notices
from auth_codes.kinds import NoticeKind


def tell(kind: NoticeKind, client: Client, **facts: str) -> None:
    """By e-mail; by post to who has no address."""
    if not _mail(kind, client, facts):
        by_post.tell(kind, client, **facts)


def tell_both_ways(kind: NoticeKind, client: Client, **facts: str) -> None:
    """By post as well: what somebody must hear who reads no mails any more, or his family in his place."""
    _mail(kind, client, facts)
    by_post.tell(kind, client, **facts)


def _mail(kind: NoticeKind, client: Client, facts: dict[str, str]) -> bool:
    recipients = client.recent_emails()
    for recipient in recipients:
        notices.tell(
            kind, owner=client.user, recipient=recipient, salutation=client.salutation, at=timezone.now(), **facts
        )
    return bool(recipients)
