"""Who is logged in, with what every page asks of his code, in one compiled question.

What it says of the code is of the moment at which the page began, as is all else that it says of him.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet

from auth_codes.codes import bindings
from auth_codes.models import AccessLock, CodeReminder, SecretCode
from auth_codes.owner import Owner
from auth_codes.prepared import KEY, Blank, Prepared

NAME = "present_code_as_read"
READ = {
    "code_id": "code__id",
    "code_kind": "code__kind",
    "code_letter_id": "code__letter_id",
    "code_created_at": "code__created_at",
    "reminder_silent_until": "code_reminder__silent_until",
    "reminder_never_again": "code_reminder__never_again",
}


Read = tuple[UUID, str, UUID | None, datetime, date | None, bool | None]


@dataclass(frozen=True)
class PresentCode:
    """Of the code in use, nothing of what it holds; and what was last answered to the reminder to change it."""

    id: UUID
    is_default: bool
    letter_id: UUID | None
    created_at: datetime
    silent_until: date | None
    never_again: bool


def owner(key: int) -> Owner | None:
    """The user of this key with whom he shows, and his code remembered for `code_of`; None while his access is locked.

    So no session reaches anything of who has locked his access, however it came to be open.
    """
    found = OWNER.first(key=key)
    if found is not None:
        read = [vars(found).pop(name) for name in READ]
        vars(found)[NAME] = _code(*read) if read[0] else None
    return found


def code_of(owner: Owner) -> PresentCode | None:
    """The present code of somebody; of who was read otherwise than by `owner`, it is asked for."""
    if hasattr(owner, NAME):
        code: PresentCode | None = getattr(owner, NAME)
        return code
    [read] = CODE.ask(key=owner.pk)
    return _code(*read) if read[0] else None


def remember(owner: Owner, code: SecretCode) -> None:
    """For `code_of`, of who has just proved this code, his present one; `owner` was read with his reminder."""
    reminder: CodeReminder | None = getattr(owner, "code_reminder", None)
    answered = (reminder.silent_until, reminder.never_again) if reminder else (None, None)
    vars(owner)[NAME] = _code(code.id, code.kind, code.letter_id, code.created_at, *answered)


def _code(
    key: UUID, kind: str, letter: UUID | None, created_at: datetime, silent_until: date | None, never: bool | None
) -> PresentCode:
    return PresentCode(key, kind == SecretCode.Kind.DEFAULT, letter, created_at, silent_until, bool(never))


def _with_code(owners: QuerySet[Owner]) -> QuerySet[Owner]:
    present = FilteredRelation("secret_codes", condition=Q(secret_codes__role=SecretCode.Role.PRESENT))
    return owners.annotate(code=present)


def _owner(key: Blank) -> QuerySet[Owner]:
    of_code = {name: F(path) for name, path in READ.items()}
    unlocked = bindings.owners_with_bound().filter(~Exists(AccessLock.objects.of(OuterRef("pk"))), pk=key)
    return _with_code(unlocked).annotate(**of_code)


def _code_alone(key: Blank) -> QuerySet[Owner, Read]:
    return _with_code(get_user_model()._default_manager.filter(pk=key)).values_list(*READ.values())


OWNER = Prepared(_owner, key=KEY)
CODE = Prepared(_code_alone, key=KEY)
