"""The end of a client: a death, a departure, a guardianship that begins. What he had ends; his number stays his.

One advisor notes it at once, because it gives nothing to anybody and a dead man's code in somebody's hand is a danger;
two advisors take it back (undoing.py). The client is told by e-mail and by post: who is declared dead by mistake hears
of it. His row stays, so that his number is never issued again, and it answers at the login as one that nobody holds.
"""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.bank_accounts import closing_requests, contract_ends, mandates, representations
from accounts.clients import client_journal, living, telling
from accounts.kinds import Event, Mail
from accounts.models import Client, Mandate, ServiceContract
from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.renewals import code_life

End = Client.End


class StillHolds(Exception):
    """Who leaves the bank has an open account or a contract: these are closed and ended first."""


def judge(client: Client, why: End) -> None:
    """Raises StillHolds. The accounts of the dead and of wards go on: for their heirs, under their guardian."""
    if why != End.DEPARTURE:
        return
    contracts = client.service_contracts.in_force().exclude(kind=ServiceContract.Kind.CARD)
    if client.bank_accounts.filter(closed_on=None).exists() or contracts.exists():
        raise StillHolds


def end_client(client: Client, *, why: End, by: Actor) -> None:
    """Ends access, mandates and representations given and received, cards and the letters with codes, today.

    The guardian of a ward stays: from that day on he alone acts.

    Raises living.ClientEnded or StillHolds.
    """
    with transaction.atomic():
        stored = _lock(client, why)
        judge(stored, why)
        end_access(stored, by=by)
        _end_mandates(stored, by)
        for card in stored.service_contracts.in_force().filter(kind=ServiceContract.Kind.CARD):
            contract_ends.write_end(card, ServiceContract.End.CLIENT, by)
        today = timezone.localdate()
        ward_since = today if why == End.GUARDIANSHIP else stored.ward_since
        Client.objects.filter(pk=stored.pk).update(ended_on=today, end_reason=why, ward_since=ward_since)
        stored.refresh_from_db(fields=["ended_on", "end_reason"])
        representations.end_all_of(stored, by=by)
        closing_requests.change_all_of(stored, by=by)
        client_journal.record(Event.CLIENT_ENDED, stored, by=by, client_end=why.value)
        telling.tell_both_ways(Mail.CLIENT_ENDED, stored, why=str(why.label))


def _lock(client: Client, why: End) -> Client:
    """As `living.lock` does, but that a ward may die: his guardian acts no more."""
    stored = Client.objects.locked(client.pk)
    if stored.ended_on and not (stored.is_ward and why == End.DEATH):
        raise living.ClientEnded
    return stored


def end_access(client: Client, *, by: Actor) -> None:
    """No code, session, device or sealed letter is left, and his name is nobody's to the login and to requests."""
    if client.user is None:
        return
    owners.lock(client.user)
    code_life.end_all(client.user, by=by)
    client.user.sealed_letters.filter(batch=None).update(ciphertext=None)  # nor is one printed whose code is long gone
    client.user.is_active = False
    client.user.save(update_fields=["is_active"])


def _end_mandates(client: Client, by: Actor) -> None:
    """Those that he has received, and those on his accounts: holders give them together, and he gives none any more."""
    given = Q(account__holdings__client=client)
    for mandate in Mandate.objects.in_force(timezone.localdate()).filter(given | Q(proxy=client)).distinct():
        mandates.revoke(mandate, by=by)
