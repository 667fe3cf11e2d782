"""Representatives: somebody acts, by his own two codes, for a minor or for somebody under a measure of protection.

It opens all of one person's accounts to another, so that it begins by two advisors, see representation_requests.py; to
end it takes one. What a birthday, a day or the end of a client ends is over from that day on, whoever looks; a timer
writes it down and tells both. What each capacity lets do stands in models/representations.py.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.bank_accounts import closing_requests
from accounts.clients import client_journal, telling
from accounts.kinds import Event, Mail
from accounts.models import Capacity, Client, Representation, RepresentationRequest
from auth_codes.actor import SYSTEM, Actor

End = Representation.End
# Art. 372: a child has two parents who act for him.
PARENTS = 2


class SamePerson(Exception):
    """Nobody represents himself."""


class UnfitToRepresent(Exception):
    """He is a minor, no client any more, or somebody else acts for him. Source: Code civil, art. 395, 445."""


class DoesNotFit(Exception):
    """Nobody acts in this capacity for that person: a parent for an adult, a curator for a child."""


class OnlySees(Exception):
    """A curator assists, and does not act alone."""


class AlreadyRepresents(Exception):
    """He acts for that person already; it has to end before it begins anew."""


class TwoParents(Exception):
    """Both parents are registered."""


class LastDayOver(Exception):
    """The last day is over."""


class RepresentationOver(Exception):
    """It has ended, or was ended, before."""


def lock(*clients: Client) -> list[Client]:
    """These as they stand, in the order asked for; whoever ends one, or changes who acts for him, waits."""
    stored = {pk: Client.objects.locked(pk) for pk in sorted({client.pk for client in clients})}
    return [stored[client.pk] for client in clients]


def judge(asked: RepresentationRequest, today: date) -> None:
    """Raises what stands in the way of these terms today; both clients are as they stand."""
    represented, representative = asked.represented, asked.representative
    if represented == representative:
        raise SamePerson
    if not Capacity(asked.capacity).fits(represented, today):
        raise DoesNotFit
    if asked.capacity == Capacity.CURATOR and asked.may_transfer:
        raise OnlySees
    if asked.ends_on and asked.ends_on < today:
        raise LastDayOver
    is_represented = bool(Representation.objects.protecting(representative, today))
    if representative.ended_on or representative.is_minor(today) or is_represented:
        raise UnfitToRepresent
    present = Representation.objects.protecting(represented, today)
    if any(one.representative == representative for one in present):
        raise AlreadyRepresents
    if asked.capacity == Capacity.PARENT and sum(one.capacity == Capacity.PARENT for one in present) >= PARENTS:
        raise TwoParents


def begin(asked: RepresentationRequest, *, by: Actor, today: date) -> Representation:
    """What two advisors have agreed on, under the lock of both clients; both are told. Raises what `judge` raises."""
    judge(asked, today)
    _put_away_lapsed(asked, today)
    for own in Representation.objects.standing().filter(representative=asked.represented):
        end(own, why=End.REPRESENTED, by=by, today=today)  # who is acted for acts for nobody
    made = Representation.objects.create(
        request=asked,
        represented=asked.represented,
        representative=asked.representative,
        capacity=asked.capacity,
        may_transfer=asked.may_transfer,
        since=today,
        ends_on=asked.ends_on,
    )
    made.bind()
    made.save(update_fields=["binding"])
    note(Event.REPRESENTED, made, by=by)
    closing_requests.change_all_of(made.represented, by=by)
    _tell(Mail.REPRESENTED, made)
    return made


def end(representation: Representation, *, why: End, by: Actor, today: date | None = None) -> None:
    """Ends it at once: one advisor does it, since it gives nothing to anybody. Both are told.

    Raises RepresentationOver.
    """
    with transaction.atomic():
        lasting = Representation.objects.select_for_update(of=("self",)).filter(ended_on=None)
        held = lasting.filter(pk=representation.pk).first()
        if held is None:
            raise RepresentationOver
        is_ours = held.is_bound  # a stranger's row is ended, and stays a stranger's
        held.ended_on, held.end_reason = today or timezone.localdate(), why
        if is_ours:
            held.bind()
        held.save(update_fields=["ended_on", "end_reason", "binding"])
        note(Event.REPRESENTATION_ENDED, held, by=by, representation_end=why.value)
        closing_requests.change_all_of(held.represented, by=by)
        _tell(Mail.REPRESENT_ENDED, held)


def end_all_of(client: Client, *, by: Actor) -> None:
    """With the end of a client: those by which he acts, and those by which others act for him.

    But the guardian of a ward, who goes on with the accounts that stay.
    """
    today = timezone.localdate()
    for given in Representation.objects.standing().filter(representative=client):
        end(given, why=End.CLIENT, by=by, today=today)
    for received in Representation.objects.standing().filter(represented=client):
        if not Capacity(received.capacity).fits(client, today):
            end(received, why=End.CLIENT, by=by, today=today)


def end_those_over(today: date) -> int:
    """Writes down what is over by itself, and tells both; says how many."""
    ended = 0
    for representation in Representation.objects.perhaps_over(today).order_by("pk").iterator(chunk_size=500):
        why = representation.why_over(today)
        if why is None:
            continue
        try:
            end(representation, why=why, by=SYSTEM, today=today)
        except RepresentationOver:
            continue  # by an advisor, or by another run
        ended += 1
    return ended


def note(kind: Event, terms: Representation | RepresentationRequest, *, by: Actor, **details: str) -> None:
    """In the journal of both, each on his side; nobody else is named."""
    for side, client in (("represented", terms.represented), ("representative", terms.representative)):
        client_journal.record(kind, client, by=by, acting=side, capacity=terms.capacity, **details)


def _put_away_lapsed(asked: RepresentationRequest, today: date) -> None:
    """One that is over leaves its place, which the database gives once."""
    both = {"represented": asked.represented, "representative": asked.representative}
    for late in Representation.objects.standing().filter(**both):
        end(late, why=late.why_over(today) or End.DOUBT, by=SYSTEM, today=today)


def _tell(kind: Mail, representation: Representation) -> None:
    for client in (representation.represented, representation.representative):
        telling.tell_worded_both_ways(kind, client, lambda: _facts(representation))


def _facts(representation: Representation) -> dict[str, str]:
    facts = {
        "person": str(representation.representative),
        "represented": str(representation.represented),
        "capacity": representation.capacity_in_words,
        "right": representation.right_in_words,
        "until": representation.term_in_words,
    }
    if representation.ended_on:
        facts["why"] = str(End(representation.end_reason).label)
    if representation.end_reason == End.MAJORITY:
        facts["of_age"] = "yes"
    return facts
