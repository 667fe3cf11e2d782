"""What waits for an advisor who did not begin it: renewals and accesses to approve, addresses to confirm."""

from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from accounts.bank_accounts import access_requests
from accounts.models import Client, User
from auth_codes.renewals import by_advisors, online


class HeldRequest(NamedTuple):
    """« Code secret oublié », asked online, whose letter waits for an address that was changed a short while ago."""

    client: Client
    requested_at: datetime


def shown_to(user: User) -> dict[str, int | list[HeldRequest]]:
    """For the desk's templates: how many renewals and accesses wait, and which requests.

    Nothing that `user` has no right to end.
    """
    return {
        "renewals_waiting": by_advisors.waiting(timezone.now()).count()
        if user.has_perm("auth_codes.change_renewal")
        else 0,
        "accesses_waiting": access_requests.waiting(timezone.now()).count()
        if user.has_perm("accounts.change_accessrequest")
        else 0,
        "held_requests": held_requests() if user.has_perm("accounts.change_client") else [],
    }


def held_requests() -> list[HeldRequest]:
    """The requests that an advisor frees by confirming the address, the oldest first."""
    held = online.waiting().filter(held_at__isnull=False)
    requested_at = dict(held.values_list("client_code", "requested_at"))
    clients = Client.objects.filter(client_code__in=requested_at).select_related("address_changed_by")
    waiting = [HeldRequest(who, requested_at[who.client_code]) for who in clients if who.address_awaits_confirmation]
    return sorted(waiting, key=lambda request: request.requested_at)
