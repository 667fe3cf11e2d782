"""Django's sessions in the database, in rows that a thief of them cannot use, and that expire with this room's limits.

What the browser holds is a key that the database never sees: its row stands under a hash of it, keyed by SECRET_KEY.
What a row holds is signed for that row: copied into another one by whoever writes in the database, it is no session.
"""

from typing import Self

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, CreateError, SessionBase, UpdateError
from django.contrib.sessions.base_session import AbstractBaseSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes import keyed_hashes, random_texts
from auth_codes.models import OpenSession
from auth_codes.prepared import MOMENT, TEXT, Prepared
from auth_codes.prepared_changes import InsertUnlessThere, PreparedChange
from auth_codes.sessions import limits

NO_KEY = ""
NEW_KEY_LENGTH = 32
LIVING = Prepared(
    lambda keys, now: Session.objects.filter(expire_date__gt=now, session_key__in=keys), keys=TEXT, now=MOMENT
)
KEPT = PreparedChange(
    lambda key: Session.objects.filter(session_key=key),
    sets=("session_data", "expire_date"),
    key=TEXT, session_data=TEXT, expire_date=MOMENT,
)  # fmt: skip
ADDED = InsertUnlessThere(Session)
ROW_KEY_SALT = "auth_codes.sessions.row_key"
# Of the hash, in hexadecimal, as much as Django's column holds: 160 bits.
ROW_KEY_LENGTH = 40
# When no session that began earlier can still be open, nor anybody wait to hear how it ended.
FORGOTTEN_AFTER = max(limit.at_most for limit in limits.LIMITS.values()) + limits.KEPT_AFTER


@sensitive_variables()
def row_keys(key: str) -> list[str]:
    """Where the row of a browser's key may stand: by today's SECRET_KEY, then by each of SECRET_KEY_FALLBACKS."""
    known = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    hashes = [keyed_hashes.hex_of(ROW_KEY_SALT, key, secret) for secret in known]
    return [hashed[:ROW_KEY_LENGTH] for hashed in hashes]


class SessionStore(db.SessionStore):
    """A session whose row is found by a hash of its key, and kept a little longer than the session itself lasts."""

    # Django's own would write the key itself into the row: these wait for the methods below.
    aload, asave, acreate = SessionBase.aload, SessionBase.asave, SessionBase.acreate
    aexists, adelete = SessionBase.aexists, SessionBase.adelete

    def __init__(self, session_key: str | None = None):
        super().__init__(session_key)
        # By its key: where the row was found, else where it will stand.
        self._stands_at: dict[str, str] = {}
        # Where the login of this very request has written it, and what.
        self._at_login: tuple[str | None, bytes] | None = None

    @classmethod
    @sensitive_variables()
    def data_of(cls, row: AbstractBaseSession) -> dict[str, object]:
        """What a row holds, without its browser's key; empty where it was not signed for this row."""
        return cls.at(row).decode(row.session_data)

    @classmethod
    def at(cls, row: AbstractBaseSession) -> Self:
        """What reads and signs the data of this very row."""
        store = cls()
        store._stands_at[NO_KEY] = row.session_key
        return store

    @property
    def row_key(self) -> str | None:
        """The key of its row: where it was found, else where it will stand; None while the browser has no key."""
        return self._row_key_of(self.session_key) if self.session_key else self._stands_at.get(NO_KEY)

    @property
    def key_salt(self) -> str:
        return f"{super().key_salt} {self.row_key or NO_KEY}"

    def exists(self, session_key: str) -> bool:
        return self.model.objects.filter(session_key__in=row_keys(session_key)).exists()

    def create_model_instance(self, data: dict[str, object]) -> Session:
        key = self._get_or_create_session_key()  # type: ignore[attr-defined]  # as below
        return Session(self._row_key_of(key), self.encode(data), self.get_expiry_date())

    def save(self, must_create: bool = False) -> None:
        """One statement, and no transaction around it; none for what `save_at_login` has just written.

        Django takes any error of the database for a session that is gone, and its owner would be asked to log in.
        """
        if self.session_key is None:
            self.create()  # which comes back here with a key
            return
        if must_create:
            self._add()
        elif self._at_login is None or self._at_login != self._content():
            self._update(self.create_model_instance(dict(self.items())))

    def save_at_login(self) -> None:
        """Writes it before the answer; with the answer it is written again only if anything was added meanwhile.

        Anew if another login ended it at this very moment.
        """
        try:
            self.save()
        except UpdateError:
            self.create()
        self._at_login = self._content()

    def _content(self) -> tuple[str | None, bytes]:
        return self.row_key, self.serializer().dumps(dict(self.items()))

    def _add(self) -> None:
        data = self._get_session(no_load=True)  # type: ignore[attr-defined]  # the stubs forget it
        ADDED.must(self.create_model_instance(data), CreateError())

    def _update(self, row: Session) -> None:
        if not KEPT.make(key=row.session_key, session_data=row.session_data, expire_date=row.expire_date):
            raise UpdateError

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        self._at_login = None
        if key:
            self.model.objects.filter(session_key__in=row_keys(key)).delete()

    def _get_new_session_key(self) -> str:
        """Not looked for first: the row itself is refused, and another key drawn, where it is taken."""
        return random_texts.drawn(NEW_KEY_LENGTH, VALID_KEY_CHARS)

    def cycle_key(self) -> None:
        """Under a new key the session stays whose it is, unless a later login ends it at this very moment."""
        if SESSION_KEY not in self:
            if self.session_key is not None:
                super().cycle_key()
            return  # who has no key yet gets a new one when his session is first written
        with transaction.atomic():
            # Held before the row is touched, in the order of a login that ends it.
            held = OpenSession.objects.select_for_update().filter(row_key=self.row_key, ended_at=None).first()
            super().cycle_key()
            if held:
                OpenSession.objects.filter(pk=held.pk).update(row_key=self.row_key)
            else:
                self.delete()  # whoever then wants to save it is told that it is gone

    @classmethod
    def clear_expired(cls) -> None:
        super().clear_expired()
        OpenSession.objects.filter(began_at__lt=timezone.now() - FORGOTTEN_AFTER).delete()

    def get_session_cookie_age(self) -> int:
        """Seconds until the row may go (`clearsessions` deletes it); the cookie itself goes with the browser."""
        marks = limits.life(self)
        if marks is None:
            return super().get_session_cookie_age()
        return int((marks.end + limits.KEPT_AFTER - timezone.now()).total_seconds())

    @sensitive_variables()
    def _row_key_of(self, key: str) -> str:
        if key not in self._stands_at:
            self._stands_at[key] = row_keys(key)[0]
        return self._stands_at[key]

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        key = self.session_key
        row = LIVING.first(keys=row_keys(key), now=timezone.now()) if key else None
        if key and row:
            self._stands_at[key] = row.session_key
        else:
            self._session_key = None
        return row
