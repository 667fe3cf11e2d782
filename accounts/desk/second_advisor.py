"""What waits for an advisor who did not begin it: acts to approve, addresses to confirm."""

from datetime import datetime
from typing import NamedTuple

from django.apps import apps
from django.contrib.auth import get_permission_codename
from django.urls import reverse
from django.utils import timezone

from accounts.desk import branches
from accounts.models import Client, User
from auth_codes.models import DualControlAct
from auth_codes.renewals import online


class ActsToApprove(NamedTuple):
    """How many acts of a kind wait, in words, and the page where they do."""

    words: str
    page: str


class HeldRequest(NamedTuple):
    """« Code secret oublié », asked online, whose letter waits for an address that was changed."""

    client: Client
    requested_at: datetime


def shown_to(user: User) -> dict[str, list[ActsToApprove] | list[HeldRequest]]:
    """For the desk's templates: nothing that `user` has no right to end."""
    return {
        "acts_to_approve": acts_to_approve(user, timezone.now()),
        "held_requests": held_requests(user) if user.has_perm("accounts.change_client") else [],
    }


def acts_to_approve(user: User, now: datetime) -> list[ActsToApprove]:
    """One for each kind of act of which some wait and which `user` may decide."""
    kinds = [model for model in apps.get_models() if issubclass(model, DualControlAct) and _may_decide(user, model)]
    waiting = {kind: branches.of_his_branch(kind.objects.open_at(now), user).count() for kind in kinds}
    return [ActsToApprove(kind.waiting_in_words(number), _page(kind)) for kind, number in waiting.items() if number]


def held_requests(user: User) -> list[HeldRequest]:
    """The requests that `user` frees by confirming the address, the oldest first; a manager's are his branch's."""
    requested_at = dict(online.held().values_list("client_code", "requested_at"))
    clients = branches.of_his_advisors(Client.objects.filter(client_code__in=requested_at), user)
    waiting = [
        HeldRequest(who, requested_at[who.client_code or ""]) for who in clients if who.address_awaits_confirmation
    ]
    return sorted(waiting, key=lambda request: request.requested_at)


def _page(kind: type[DualControlAct]) -> str:
    return reverse(f"admin:{kind._meta.app_label}_{kind._meta.model_name}_changelist")


def _may_decide(user: User, kind: type[DualControlAct]) -> bool:
    return user.has_perm(f"{kind._meta.app_label}.{get_permission_codename('change', kind._meta)}")
