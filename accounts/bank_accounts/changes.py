"""What every change of an account's people and life has in common: made while nobody books, journalled, told."""

from collections.abc import Callable, Iterable

from django.utils import timezone

from accounts.clients import client_journal
from accounts.kinds import Event, Mail
from accounts.ledger import books
from accounts.models import BankAccount, Client
from accounts.post import notices as by_post
from auth_codes import notices, wording
from auth_codes.actor import Actor


def lock_open(account: BankAccount) -> BankAccount:
    """The account as it is now, with its balance; nobody books on it, or changes who reaches it, until the transaction
    ends. Raises ledger.AccountClosed.
    """
    locked = books.lock([account])[account.pk]
    if locked.is_closed:
        raise books.AccountClosed
    return locked


def holders_of(account: BankAccount) -> list[Client]:
    """In the order in which they came to hold it."""
    return list(account.holders.select_related("user").order_by("holdings__id"))


def note(
    kind: Event,
    account: BankAccount,
    people: Iterable[Client],
    *,
    by: Actor,
    **details: str,
) -> None:
    """One line in the journal of each; it names the account, and nobody else."""
    for client in people:
        client_journal.record(kind, client, by=by, number=account.number, **details)


def tell(
    kind: Mail, account: BankAccount, holders: Iterable[Client], facts: Callable[[], dict[str, str]] = dict
) -> None:
    """An e-mail to each holder, at each of his recent addresses, so that who has changed the present one hides nothing;
    a letter to who has no e-mail address. `facts` are worded anew for each, as he reads."""
    for client in holders:
        recipients, is_told_by_post = client.ways_to_tell()
        with notices.in_language_of(client.user):
            said, salutation = {"account": account.masked_name, **facts()}, client.salutation
        if is_told_by_post:
            with wording.in_french():
                by_post.tell(kind, client, account=account.masked_name, **facts())
        for recipient in recipients:
            notices.tell(kind, owner=client.user, recipient=recipient, salutation=salutation, at=timezone.now(), **said)
