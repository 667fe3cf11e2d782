"""The end of a service contract: one advisor notes it, because it gives nothing to anybody. Its paper stays."""

from django.db import transaction
from django.utils import timezone

from accounts.clients import client_journal, telling
from accounts.kinds import Event, Mail
from accounts.models import Client, ServiceContract
from auth_codes.actor import Actor

End = ServiceContract.End


class ContractOver(Exception):
    """This contract runs no more."""


def end_contract(contract: ServiceContract, *, why: End, by: Actor) -> None:
    """Ends it today and tells the client. Raises ContractOver."""
    with transaction.atomic():
        client = Client.objects.locked(contract.client_id)
        write_end(contract, why, by)
        facts = {"contract": str(contract.label), "why": str(why.label)}
        telling.tell(Mail.CONTRACT_ENDED, client, **facts)


def write_end(contract: ServiceContract, why: End, by: Actor) -> None:
    """The end and its line alone, for an act that tells more than this. Raises ContractOver."""
    today = max(timezone.localdate(), contract.opened_on)
    living = ServiceContract.objects.in_force().filter(pk=contract.pk)
    if not living.update(ended_on=today, end_reason=why):
        raise ContractOver
    details = {"number": contract.number, "contract_end": why.value}
    client_journal.record(Event.CONTRACT_ENDED, contract.client, by=by, **details)
