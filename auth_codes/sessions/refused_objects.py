"""Addresses of objects that a customer asks for and is refused, because they are another's or are not at all.

Whoever tries numbers one after the other is seen in his journal, and nobody learns there or by the time which of them
exist: both are refused by the same question, and counted alike.
"""

from django.http import HttpRequest

from auth_codes import journal
from auth_codes.actor import Actor
from auth_codes.models import SecurityEvent

COUNT = "refused_objects"
# A link of yesterday is one line, a script does not fill the journal.
EVERY = 20


def count(request: HttpRequest) -> None:
    """Counts one in the session; the first and every twentieth are a line of the journal."""
    number = request.session[COUNT] = request.session.get(COUNT, 0) + 1
    if number == 1 or number % EVERY == 0:
        actor = Actor.of(request)
        journal.record(SecurityEvent.Kind.OBJECT_REFUSED, owner=actor.user, by=actor, details={"refused": number})
