"""The one place from which a page of the desk gets a client: no page shows one without a line of the journal.

A line is written once for each client, session and reason; a page that says more of itself (`page`) has one each time.
The reason was tapped on the page of reasons.py, for this session, or follows from who looks or from what the page is.
Beyond what is usual it is said in words, and who has a second moyen shows it: for some sheets more, for an hour.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.http import Http404, HttpRequest
from django.utils import timezone

from accounts.clients import looks
from accounts.clients.looks import Reason, Said
from accounts.desk import bulk_acts, step_up
from accounts.kinds import Event
from accounts.models import Client, Substitution
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.journal import ActsForHimself

REASONS, NOTED, CONFIRMED = "look_reasons", "looks_noted", "looks_confirmed"


class ReasonNeeded(Exception):
    """Nothing of this client is shown before somebody has said why: by a tap or, where it is one too many, in words."""

    def __init__(self, client_pk: int, *, is_own: bool, in_words: bool):
        super().__init__()
        self.client_pk = client_pk
        self.is_own = is_own
        self.in_words = in_words


class SheetJoined(Exception):
    """Nothing begins on a sheet that was joined to another one: its person has that one."""

    def __init__(self, kept_pk: int):
        super().__init__()
        self.kept_pk = kept_pk


def find(request: HttpRequest, pk: int | str, **page: str) -> Client:
    """The client of this number, about to be shown to who has the right to. Raises Http404, or what `show` raises."""
    try:
        client = Client.objects.get(pk=pk)
    except (Client.DoesNotExist, ValueError):
        raise Http404 from None
    show(request, client, because=None, **page)
    return client


def find_to_act(request: HttpRequest, pk: int | str) -> Client:
    """The same, for an act that begins on his sheet. Raises SheetJoined as well."""
    client = find(request, pk)
    if client.joined_into_id:
        raise SheetJoined(client.joined_into_id)
    return client


def show(request: HttpRequest, client: Client, *, because: Reason | None = None, **page: str) -> None:
    """Writes the line of a client whom a page is about to show, `because` of what the page is.

    Raises ReasonNeeded, or ActsForHimself.
    """
    require_another(request, client)
    said = _said(request, client, because)
    mark, noted = f"{client.pk} {said.reason.value}", request.session.get(NOTED, [])
    if mark not in noted:
        _open(request, client, said, **page)
        request.session[NOTED] = [*noted, mark]
    elif page:
        looks.note(client, said, by=Actor.of(request), **page)


def require_another(request: HttpRequest, client: Client) -> None:
    """Raises ActsForHimself: what is one's own as a client is read and changed in the Espace Client alone."""
    if Actor.of(request).person.is_himself(None, client.pk):
        raise ActsForHimself


def _open(request: HttpRequest, client: Client, said: Said, **page: str) -> None:
    """The first line of this session for this reason: one sheet more, to be counted."""
    by = Actor.of(request)
    with transaction.atomic():
        owners.lock(by.person)  # else two tabs open the last usual one at once
        is_told = said.words and not awaits_moyen(request, client.pk)
        if not is_told and bulk_acts.is_one_too_many(client.pk, by):
            raise ReasonNeeded(client.pk, is_own=bool(_own_reason(request, client)), in_words=True)
        looks.note(client, said, by=by, **page)
        bulk_acts.ring_if_many(Event.CLIENT_CONSULTED, by=by)


def awaits_moyen(request: HttpRequest, client_pk: int) -> bool:
    """Whether a sheet beyond what is usual opens by a second moyen alone, which was not shown for it yet."""
    confirmed_at, now = request.session.get(CONFIRMED), timezone.now()
    if confirmed_at and bulk_acts.is_covered(client_pk, Actor.of(request), datetime.fromisoformat(confirmed_at), now):
        return False
    return step_up.asks(request)


def note_moyen(request: HttpRequest, shown_at: datetime) -> None:
    """It was shown then on the page that asks for it: for how many sheets says bulk_acts.is_covered.

    A second click notes the moment of the first: it covers no more, and what the first has noted may be overwritten.
    """
    request.session[CONFIRMED] = shown_at.isoformat()


def words_given(request: HttpRequest, client_pk: int) -> str:
    """What was said of this client; of another one the last that was said in this session, to go on with a list."""
    said = request.session.get(REASONS, {})
    own = said.get(str(client_pk), ("", ""))[1]
    return str(own or next((words for _, words in reversed(said.values()) if words), ""))


def search(request: HttpRequest, ways: Iterable[str], shown: Iterable[Client]) -> None:
    """The line of a page that has looked clients up by something typed, and shows those."""
    looks.note_search(ways, shown, by=Actor.of(request))
    bulk_acts.ring_if_many(Event.CLIENTS_SEARCHED, by=Actor.of(request))


def refuse_search(request: HttpRequest, ways: Iterable[str]) -> None:
    """The line of a page that looks nobody up, since what was typed may show too many."""
    looks.note_refused_search(ways, by=Actor.of(request))
    bulk_acts.ring_if_many(Event.SEARCH_REFUSED, by=Actor.of(request))


def keep(request: HttpRequest, client_pk: int, said: Said) -> None:
    """Why this client is looked up, until the end of the session."""
    request.session[REASONS] = request.session.get(REASONS, {}) | {str(client_pk): [said.reason.value, said.words]}


def reason_given(request: HttpRequest, client: Client) -> str:
    """Why this client was looked up in this session, as it was tapped; empty where nobody was asked."""
    return str(request.session.get(REASONS, {}).get(str(client.pk), ("", ""))[0])


def registered_by(token: str) -> Client | None:
    """Whom the form with this token has registered already; nothing of him is shown by that."""
    try:
        return Client.objects.filter(registration=uuid.UUID(token)).first()
    except ValueError:
        return None


def _said(request: HttpRequest, client: Client, because: Reason | None) -> Said:
    own = _own_reason(request, client)
    kept, words = request.session.get(REASONS, {}).get(str(client.pk), ("", ""))
    if kept == Reason.OWN_ADVISOR:
        kept = own  # what he is today: the client may have another advisor by now, and a stand-in ends
    reason = because or kept or own
    if not reason:
        raise ReasonNeeded(client.pk, is_own=False, in_words=False)
    return Said(Reason(reason), words)


def _own_reason(request: HttpRequest, client: Client) -> str:
    """Why nobody asks an advisor: the client is his own, or today that of a colleague for whom he stands in."""
    if not request.user.has_perm("accounts.view_client"):
        return ""  # who controls, and once was the advisor
    person = Actor.of(request).person
    if client.advisor_id == person.pk:
        return Reason.OWN_ADVISOR
    stands_in = Substitution.objects.in_force().of(client.advisor_id, person.pk).exists()
    return Reason.SUBSTITUTE if stands_in else ""
