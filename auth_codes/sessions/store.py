"""Django's sessions in the database, in rows that a thief of them cannot use, and that expire with this room's limits.

What the browser holds is a key that the database never sees: its row stands under a hash of it, keyed by SECRET_KEY.
"""

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from auth_codes.sessions import limits

ROW_KEY_SALT = "auth_codes.sessions.row_key"
# Of the hash, in hexadecimal, as much as Django's column holds: 160 bits.
ROW_KEY_LENGTH = 40


@sensitive_variables()
def row_keys(key: str) -> list[str]:
    """Where the row of a browser's key may stand: by today's SECRET_KEY, then by each of SECRET_KEY_FALLBACKS."""
    known = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    hashes = [salted_hmac(ROW_KEY_SALT, key, secret=secret, algorithm="sha256").hexdigest() for secret in known]
    return [hashed[:ROW_KEY_LENGTH] for hashed in hashes]


class SessionStore(db.SessionStore):
    """A session whose row is found by a hash of its key, and kept a little longer than the session itself lasts."""

    # Django's own would write the key itself into the row: these wait for the methods below.
    aload, asave, acreate = SessionBase.aload, SessionBase.asave, SessionBase.acreate
    aexists, adelete = SessionBase.aexists, SessionBase.adelete

    def __init__(self, session_key: str | None = None):
        super().__init__(session_key)
        self._found_at: dict[str, str] = {}

    @property
    def row_key(self) -> str | None:
        """The key of its row: where it was found, else where it will stand; None while the browser has no key."""
        return self._row_key_of(self.session_key) if self.session_key else None

    def exists(self, session_key: str) -> bool:
        return self.model.objects.filter(session_key__in=row_keys(session_key)).exists()

    def create_model_instance(self, data: dict[str, object]) -> AbstractBaseSession:
        row = super().create_model_instance(data)
        row.session_key = self._row_key_of(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            self.model.objects.filter(session_key__in=row_keys(key)).delete()

    def get_session_cookie_age(self) -> int:
        """Seconds until the row may go (`clearsessions` deletes it); the cookie itself goes with the browser."""
        marks = limits.life(self)
        if marks is None:
            return super().get_session_cookie_age()
        return int((marks.end + limits.KEPT_AFTER - timezone.now()).total_seconds())

    @sensitive_variables()
    def _row_key_of(self, key: str) -> str:
        return self._found_at.get(key) or row_keys(key)[0]

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        key = self.session_key
        rows = self.model.objects.filter(expire_date__gt=timezone.now())
        row = rows.filter(session_key__in=row_keys(key)).first() if key else None
        if key and row:
            self._found_at[key] = row.session_key
        else:
            self._session_key = None
        return row
