"""Accounts and a second client, for the tests of what is done with them."""

from tests import makers
from tests.standing import made_once


@made_once
def account(client_):
    """The current account of that client, with nothing on it."""
    return client_.bank_accounts.get()


@made_once
def current(account):
    """The same with 1,000 € on it."""
    makers.make_operations(account, "1000")
    return account


@made_once
def other(advisor):
    """Another client with a code of his own."""
    return makers.make_personalised_client(advisor, given_names="Paul", family_name="Durand", email="paul@example.org")
