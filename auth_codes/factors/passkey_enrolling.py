"""The second half of adding a passkey: its authenticator's answer, for the handle that waits in this session."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.views.decorators.debug import sensitive_variables

from auth_codes.actor import Actor
from auth_codes.factors import challenges, client_tickets, enrolling, passkey_proofs, passkeys
from auth_codes.factors.passkeys import PasskeyFault
from auth_codes.models import Factor


@sensitive_variables()
def options(pending: enrolling.WaitingKey, account: str = "", beside: Sequence[Factor] | None = None) -> str:
    """What the browser is asked; the authenticators that hold one of those `beside` which it comes make none.

    `beside`: all that he has unless it says which. One that ends is in nobody's way: its owner may have no other
    authenticator. `account` is what his authenticator calls it: how he is addressed, unless it says something else.
    """
    return passkeys.creation_options(
        passkeys.read(pending.secret),
        passkey_proofs.all_opened(_staying(pending.factor) if beside is None else beside),
        challenge=challenges.bytes_of(pending.challenge),
        account=account or pending.factor.owner.salutation(),
    )


@sensitive_variables()
def registered(pending: enrolling.WaitingKey, shown: passkey_proofs.Assertion) -> tuple[bytes, dict[str, str | int]]:
    """Of the passkey that was made: what its row seals, and the columns beside it. Raises passkeys.Refused."""
    made = passkeys.register(
        passkeys.read(pending.secret),
        shown.text,
        challenge=challenges.bytes_of(pending.challenge),
        origin=shown.origin,
    )
    columns: dict[str, str | int] = {
        "credential_digest": passkeys.digest_of(made.passkey.name),
        "sign_count": made.sign_count,
    }
    return passkeys.written(made.passkey), columns


@sensitive_variables()
def confirm(pending: enrolling.WaitingKey, shown: passkey_proofs.Assertion, *, by: Actor, now: datetime) -> Factor:
    """Puts the passkey into service, sealed anew in its new state, and tells its owner at each of his addresses.

    Raises passkeys.Refused; enrolling.NothingPending where another tab was faster; SessionEnded.
    """
    made, columns = registered(pending, shown)
    try:
        with transaction.atomic():
            return enrolling.put_in_service(pending, made, by=by, now=now, **columns)
    except IntegrityError:  # another row has this digest: no authenticator gives two passkeys one name
        raise passkeys.Refused(PasskeyFault.ALREADY) from None


def _staying(factor: Factor) -> Sequence[Factor]:
    return [] if client_tickets.replaces(factor) else owners_passkeys(factor)


def owners_passkeys(factor: Factor) -> list[Factor]:
    """His passkeys in service."""
    owner = factor.owner
    found = list(owner.factors.active().filter(kind=Factor.Kind.PASSKEY))
    for each in found:
        each.owner = owner
    return found
