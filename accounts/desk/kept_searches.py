"""What an advisor has typed into the search, as the address of its page: for him alone, and for a day's work.

Neither a log nor the database holds it in clear, and nothing of it is stored: so two tabs do not lose each other's, and
whoever comes back from a sheet finds the page that he left. A page that is loaded again is searched again.
"""

from base64 import urlsafe_b64encode
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken

from accounts.models import User
from auth_codes import keyed_hashes

SALT = "accounts.desk.kept_searches"
KEPT_FOR = timedelta(hours=12)


def sealed(text: str, by: User) -> str:
    """For an address that only `by` can open."""
    return _key_of(by).encrypt(text.encode()).decode()


def opened(token: str, by: User) -> str | None:
    """What was typed; None when it was long ago, by somebody else, or never."""
    try:
        return _key_of(by).decrypt(token.encode(), ttl=int(KEPT_FOR.total_seconds())).decode()
    except InvalidToken:
        return None


def _key_of(advisor: User) -> Fernet:
    key = keyed_hashes.of(SALT, str(advisor.pk))
    return Fernet(urlsafe_b64encode(key))
