"""Drawing a secret code, and replacing the one in use."""

import hmac
import secrets
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from auth_codes import journal, notices
from auth_codes.actor import Actor
from auth_codes.codes import bindings, stored
from auth_codes.codes.owners import end_sessions, lock
from auth_codes.crypto import hashing
from auth_codes.models import Notice, SecretCode, SecurityEvent
from auth_codes.owner import Owner
from auth_codes.weakness import CODE_LENGTH, PersonalData, why_weak

EARLIER_CODES_KEPT = 3


class CodeInUse(Exception):
    """The code chosen is the present one or one of the three before it."""


class CodeChangedMeanwhile(Exception):
    """Another request replaced the present code first."""


@sensitive_variables("code")
def draw(personal: PersonalData) -> str:
    """Six digits from the CSPRNG that this person may use: a code attributed is itself not weak."""
    while True:
        code = "".join(secrets.choice("0123456789") for _ in range(CODE_LENGTH))
        if why_weak(code, personal) is None:
            return code


@sensitive_variables()
def personalise(
    owner: Owner,
    code: str,
    *,
    replacing: SecretCode,
    by: Actor,
    alongside: Callable[[], object] | None = None,
) -> None:
    """Replaces the present code by one that the owner chose, ends his other sessions, and tells him by e-mail.

    `code` has passed `why_weak`; `replacing` is the row that the current code was just checked against; `alongside`
    is what else he asked for, done in the same transaction.
    Raises CodeInUse, or CodeChangedMeanwhile when another request was faster.
    """
    hashed = stored.hash_for(owner, code)
    if _was_used(owner, code, hashed):
        # The code in use may be this very one, stored a moment ago by the first click of a double click.
        is_still_present = owner.secret_codes.present().filter(id=replacing.id).exists()
        raise CodeInUse if is_still_present else CodeChangedMeanwhile
    with transaction.atomic():
        lock(owner)
        retire(owner, replacing)
        stored.insert(owner, hashed, SecretCode.Kind.PERSONAL)
        replacing.its_letter().update(personalised_at=timezone.now())
        end_sessions(owner)
        details = {"generation": owner.code_generation}
        journal.record(SecurityEvent.Kind.CODE_CHANGED, owner=owner, by=by, details=details)
        notices.tell_owner(Notice.Kind.CODE_CHANGED, owner, by=by)
        if alongside:
            alongside()


@sensitive_variables()
def _was_used(owner: Owner, code: str, hashed: stored.HashedCode) -> bool:
    """Whether `code` is one of those stored; `hashed` is what it gives with the salt that most of them share.

    Those of an earlier cost have a salt of their own, and cost one computation more.
    """
    computed = {(hashed.salt, hashed.cost): hashed.hashed}
    for row in owner.secret_codes.select_related("owner"):
        known, parameters = stored.unsealed(row), (bytes(row.salt), row.cost)
        if known is None:
            continue
        if parameters not in computed:
            computed[parameters] = hashing.argon2id(code, *parameters)
        if hmac.compare_digest(computed[parameters], known):
            return True
    return False


@sensitive_variables()
def retire(owner: Owner, present: SecretCode) -> None:
    """Makes the present code an earlier one; the three latest are kept. Raises CodeChangedMeanwhile."""
    deleted, _ = SecretCode.objects.filter(id=present.id, role=SecretCode.Role.PRESENT).delete()
    if not deleted:
        raise CodeChangedMeanwhile
    known = stored.unsealed(present)
    bindings.end_generation(owner)
    if known:
        stored.insert(
            owner,
            stored.HashedCode(known, bytes(present.salt), present.cost),
            present.kind,
            role=SecretCode.Role.PAST,
            created_at=present.created_at,
        )
    past = owner.secret_codes.filter(role=SecretCode.Role.PAST).order_by("-created_at", "-id")
    kept = list(past.values_list("id", flat=True)[:EARLIER_CODES_KEPT])
    past.exclude(id__in=kept).delete()
