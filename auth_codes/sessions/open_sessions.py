"""How many sessions a person has at once: a customer three, staff one. One more login ends the oldest.

Whoever finds a session of his gone, or another than expected ended, notices a stranger: both browsers are told.
Exact also for logins at the same moment: each holds its owner while it counts, and the row of an ended session is
deleted, so that no request under way can write it again.
"""

from contextlib import nullcontext
from datetime import datetime
from enum import StrEnum

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext, gettext_noop

from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.models import OpenSession, SecurityEvent
from auth_codes.owner import Owner
from auth_codes.prepared import KEY, MOMENT, TEXT, Blank, Prepared
from auth_codes.prepared_changes import PreparedChange, PreparedDelete, PreparedUpsert
from auth_codes.prepared_together import gathered
from auth_codes.sessions import limits, told_lock
from auth_codes.sessions.store import LIVING, SessionStore, row_keys

CLIENT_AT_MOST, STAFF_AT_MOST = 3, 1
# A name in the session: what the next page of this browser tells.
WAITING = "about_sessions"


class News(StrEnum):
    """What a browser is told: that its own session was ended, or that it ended another; to a customer or to staff."""

    CLIENT_ENDED = "client_ended"
    CLIENT_ENDS = "client_ends"
    STAFF_ENDED = "staff_ended"
    STAFF_ENDS = "staff_ends"


SENTENCES = {
    News.CLIENT_ENDED: gettext_noop(
        "Votre session a pris fin ici : trois connexions au plus restent ouvertes, et une nouvelle vient d’être "
        "ouverte ailleurs. Si elle n’est pas de vous, connectez-vous et choisissez « Ce n’était pas moi »."
    ),
    News.CLIENT_ENDS: gettext_noop(
        "Vous aviez déjà trois connexions ouvertes : la plus ancienne a été fermée. Si elles n’étaient pas toutes de "
        "vous, choisissez « Ce n’était pas moi » dans « Mon profil »."
    ),
    News.STAFF_ENDED: (
        "Votre session a pris fin ici : quelqu’un vient de se connecter ailleurs sous votre nom, et une seule session "
        "reste ouverte par personne. Si ce n’était pas vous, prévenez tout de suite un administrateur."
    ),
    News.STAFF_ENDS: (
        "Une session était ouverte ailleurs sous votre nom : elle a été fermée, une seule reste ouverte par personne. "
        "Si elle n’était pas de vous, prévenez tout de suite un administrateur."
    ),
}


def _held(owner: Blank, row_key: Blank) -> QuerySet[OpenSession]:
    """Those of the owner but one, the latest first."""
    others = OpenSession.objects.select_for_update().filter(owner=owner, ended_at=None).exclude(row_key=row_key)
    return others.order_by("-began_at", "-pk")


HELD = Prepared(_held, owner=KEY, row_key=TEXT)
NOTED = PreparedUpsert(OpenSession, unique="row_key", updates=("owner", "began_at", "ended_at"))
ENDED = PreparedChange(
    lambda row_keys: OpenSession.objects.filter(row_key__in=row_keys),
    sets=("ended_at",), row_keys=TEXT, ended_at=MOMENT,
)  # fmt: skip
FORGOTTEN = PreparedDelete(lambda keys: OpenSession.objects.filter(pk__in=keys).values_list("pk"), keys=KEY)
DELETED = PreparedDelete(
    lambda row_keys: Session.objects.filter(session_key__in=row_keys).values_list("session_key"), row_keys=TEXT
)


def begin_at_login(sender: type[Owner], request: HttpRequest, user: Owner, **kwargs: object) -> None:
    """Receives Django's signal: no login, from wherever it comes, opens a session without limits or beyond the number.

    The session is written here, its limits included: another login counts it from the moment this one lets go.
    """
    now = timezone.now()
    limits.begin_for(request.session, user, now)
    told_lock.forget(request.session)
    is_new = request.session.session_key is None
    with transaction.atomic():
        # Of a session that is there already the owner is held first, as by another login that ends it.
        with gathered() if is_new else nullcontext():
            owners.lock_at_login(user, now)
            row_key = _written(request.session)
            _note(user, row_key, now)
        ends = _end_oldest(user, row_key, now)
        if ends:
            by = Actor.at(request, user)
            journal.record(SecurityEvent.Kind.SESSION_REPLACED, owner=user, by=by, details={"count": ends})
    if ends:
        request.session[WAITING] = (News.STAFF_ENDS if user.is_staff else News.CLIENT_ENDS).value


def note_end(session: SessionBase, key: str) -> None:
    """To the visitor whose browser still sends `key`: whether a later login ended the session that it opened."""
    ended_ones = OpenSession.objects.filter(ended_at__isnull=False).select_related("owner")
    ended = ended_ones.filter(row_key__in=row_keys(key)).first()
    if ended:
        session[WAITING] = (News.STAFF_ENDED if ended.owner.is_staff else News.CLIENT_ENDED).value


def take_news(session: SessionBase) -> str:
    """The sentence that waits, or nothing; taken off."""
    news = session.pop(WAITING, None) if WAITING in session else None
    return gettext(SENTENCES[News(news)]) if news else ""


def _written(session: SessionBase) -> str:
    """Stores the session, and says where."""
    if not isinstance(session, SessionStore):
        raise ImproperlyConfigured("SESSION_ENGINE is not the one of this room")
    session.save_at_login()
    return row_keys(session.session_key or "")[0]


def _note(owner: Owner, row_key: str, now: datetime) -> None:
    """A login in a session of one's own makes it the latest."""
    NOTED.save(OpenSession(owner=owner, row_key=row_key, began_at=now))


def _end_oldest(owner: Owner, row_key: str, now: datetime) -> int:
    """Ends what is more than allowed beside the session of this row; says how many. Forgets those that had ended."""
    # Held first, and their sessions looked for after it: a change of code may be giving one another key.
    others = HELD.ask(owner=owner.pk, row_key=row_key)
    if not others:
        return 0
    living = _living(owner, [other.row_key for other in others], now)
    gone = [other.pk for other in others if other.row_key not in living]
    if gone:
        FORGOTTEN.make(keys=gone)
    allowed = STAFF_AT_MOST if owner.is_staff else CLIENT_AT_MOST
    surplus = [other.row_key for other in others if other.row_key in living][allowed - 1 :]
    if surplus:
        ENDED.make(row_keys=surplus, ended_at=now)
        DELETED.make(row_keys=surplus)
    return len(surplus)


def _living(owner: Owner, keys: list[str], now: datetime) -> set[str]:
    """Those whose session is still open: neither at its limit, nor ended with all others of the owner."""
    living = set()
    for row in LIVING.ask(keys=keys, now=now):
        session = SessionStore()
        session.update(SessionStore.data_of(row))
        marks, known = limits.life(session), session.get(HASH_SESSION_KEY, "")
        if marks and marks.end > now and constant_time_compare(known, owner.get_session_auth_hash()):
            living.add(row.session_key)
    return living
