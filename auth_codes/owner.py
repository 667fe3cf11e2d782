"""What this package needs from a user: what follows, answered by the project's user model."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Protocol, TypeAlias

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from auth_codes.weakness import PersonalData

if TYPE_CHECKING:
    # mypy takes it for the project's user model, which no name of another app may stand for here.
    from django.contrib.auth.models import _User

    Owner: TypeAlias = _User
else:
    Owner = AbstractBaseUser


class OwnersRequest(HttpRequest):
    """To mypy, a request that somebody logged in has sent: what takes one is reached by nobody else."""

    user: Owner


# Whoever changed an address a moment ago may be a thief waiting at the new one (ASVS 5.0 6.4.3).
ADDRESS_REST = timedelta(days=30)


class LetterAddress(NamedTuple):
    """Where a letter goes. `lines` begin with the name.

    `changed_on` is the day the address was last changed, None when it never was; `is_confirmed` whether somebody else
    than who changed it has confirmed it since.
    """

    salutation: str
    lines: Sequence[str]
    changed_on: date | None
    is_confirmed: bool = False

    def held_until(self, today: date) -> date | None:
        """Until when no letter with a code goes there; None when one may go today."""
        if self.changed_on is None or self.is_confirmed:
            return None
        until = self.changed_on + ADDRESS_REST
        return until if today < until else None


class CodeOwner(Protocol):
    """A user who holds a secret code. `username` is the code client."""

    username: str

    # The path from a user to an opaque number under which the lines about him are found again, beside those about the
    # same person that were written before he was a user; NULL where there is none. A path, not a method of the row: a
    # login's line must ask for nobody's number in a statement of its own, which would tell known owners from unknown.
    JOURNAL_SUBJECT: ClassVar[str]

    # The relation through which `bound_to` answers, read in the statement that reads the user.
    BOUND_THROUGH: ClassVar[str]

    # The number of his present code, raised when one ends, and the MAC over both; kept by codes/bindings.py alone.
    code_generation: int
    code_binding: str

    def bound_to(self) -> str:
        """Whom his login shows and, of staff, the hash of the password, without any "|"; empty for who has neither."""

    @classmethod
    def read_client_code(cls, typed: str) -> str:
        """The ten digits of what was typed. Raises ValidationError, with a helpful sentence, for what is none."""

    def personal_data(self) -> PersonalData:
        """The digits that his code must not be derived from."""

    def letter_address(self) -> LetterAddress:
        """The postal address as it stands now."""

    def salutation(self) -> str:
        """How a mail addresses him, after « Bonjour »."""

    def notification_email(self) -> str:
        """Where he is told of what happens to his codes, a member of staff to his password; empty when unknown."""

    def is_settled_at(self, now: datetime) -> bool:
        """Whether a member of staff has had his rights long enough to be the second of two people."""
