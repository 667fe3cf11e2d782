"""Addresses of objects that a customer asks for and is refused, because they are another's or are not at all.

Whoever tries numbers one after the other is seen in his journal, and nobody learns there or by the time which of them
exist: both are refused by the same question, and counted alike. The count stands in the session's own row: what the
session itself holds is lost between requests at the same moment.
"""

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.models import OpenSession, SecurityEvent
from auth_codes.sessions.store import row_keys

# A link of yesterday is one line, a script does not fill the journal.
EVERY = 20


def count(request: HttpRequest) -> None:
    """Counts one in the session; the first and every twentieth are a line of the journal."""
    actor = Actor.of(request)
    with transaction.atomic():
        number = _counted(request.session)
        if number == 1 or (number and number % EVERY == 0):
            journal.record(SecurityEvent.Kind.OBJECT_REFUSED, owner=actor.user, by=actor, details={"refused": number})


def _counted(session: SessionBase) -> int:
    """The new count, whose row stays locked; 0 for a session that was ended at this moment."""
    own = OpenSession.objects.filter(row_key__in=row_keys(session.session_key or ""))
    own.update(refused_objects=F("refused_objects") + 1)
    return own.values_list("refused_objects", flat=True).first() or 0
