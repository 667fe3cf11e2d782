"""What is left of an owner's access once the bank has to forget who he was: a number that logs nobody in."""

from django.db.models import F
from django.db.models.functions import Coalesce

from auth_codes.actor import Actor
from auth_codes.codes import owners
from auth_codes.factors import ending
from auth_codes.models import (
    CodeReminder,
    FactorsEnding,
    KnownDevice,
    LockCode,
    Notice,
    OpenSession,
    Renewal,
    RenewalRequest,
    SealedLetter,
    SecretCode,
    TicketRequest,
    Unblocking,
    Unlocking,
)
from auth_codes.owner import Owner
from auth_codes.renewals import code_life


def waits(owner: Owner) -> bool:
    """Whether something about his codes is under way: an act of two advisors, or a letter asked for."""
    kinds = (FactorsEnding, Renewal, TicketRequest, Unblocking, Unlocking)
    acts = any(model.objects.filter(owner=owner, decision="").exists() for model in kinds)
    asked = RenewalRequest.objects.filter(client_code=owner.username, handled_at=None)
    return acts or asked.exists()


def erase(owner: Owner, *, by: Actor) -> None:
    """Ends what still opened his space and deletes codes, devices and e-mails, in the caller's transaction.

    Of letters, locks and acts of advisors the rows stay, which say when and by whom: they name nobody. So does his
    user, whose name is his number: it is never given to anybody else.
    """
    owners.lock(owner)
    code_life.end_all(owner, by=by)
    ending.erase(owner)
    SecretCode.objects.filter(owner=owner).delete()
    for model in (KnownDevice, OpenSession, CodeReminder, LockCode):
        model._default_manager.filter(owner=owner).delete()
    SealedLetter.objects.filter(owner=owner).update(ciphertext=None, voided_at=Coalesce("voided_at", F("issued_at")))
    RenewalRequest.objects.filter(client_code=owner.username).delete()
    Notice.objects.filter(owner=owner).update(recipient="", salutation="", facts={})
    owner.is_active, owner.last_login, owner.language = False, None, ""
    owner.first_name = owner.last_name = owner.email = ""
    owner.save(update_fields=["is_active", "last_login", "language", "first_name", "last_name", "email"])
