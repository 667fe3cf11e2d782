"""Telling a client at every e-mail address of the last 90 days; by post where there is none, or it must be certain."""

from collections.abc import Callable, Collection

from django.utils import timezone

from accounts.models import Client
from accounts.post import notices as by_post
from auth_codes import notices, wording
from auth_codes.kinds import NoticeKind


def tell(kind: NoticeKind, client: Client, **facts: str) -> None:
    """By e-mail; by post to who has no address, or none for long."""
    if _mail(kind, client, facts):
        by_post.tell(kind, client, **facts)


def tell_both_ways(kind: NoticeKind, client: Client, **facts: str) -> None:
    """By post as well: what somebody must hear who reads no mails any more, or his family in his place."""
    _mail(kind, client, facts)
    by_post.tell(kind, client, **facts)


def tell_worded_both_ways(kind: NoticeKind, client: Client, facts: Callable[[], dict[str, str]]) -> None:
    """The same with `facts` that are words: those of the mail in his language, those of the letter in French."""
    with notices.in_language_of(client.user):
        _mail(kind, client, facts())
    with wording.in_french():
        by_post.tell(kind, client, **facts())


def tell_of_two(kind: NoticeKind, kept: Client, closed: Client, **facts: str) -> None:
    """One person who had two sheets, at the addresses of both, each once; by post where the sheet that ends says, too:
    if it was somebody else's after all, he hears of it.
    """
    tell(kind, kept, **facts)
    _mail(kind, closed, facts, told={address.casefold() for address in kept.recent_emails()})
    by_post.tell(kind, closed, **facts)


def _mail(kind: NoticeKind, client: Client, facts: dict[str, str], told: Collection[str] = ()) -> bool:
    """Whether letters tell him the same."""
    recipients, is_told_by_post = client.ways_to_tell()
    for recipient in recipients:
        if recipient.casefold() not in told:
            notices.tell(
                kind, owner=client.user, recipient=recipient, salutation=client.salutation, at=timezone.now(), **facts
            )
    return is_told_by_post
