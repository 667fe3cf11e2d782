"""What this package needs from a user: what follows, answered by the project's user model."""

from collections.abc import Sequence
from datetime import datetime
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


class LetterAddress(NamedTuple):
    """Where a letter goes. `lines` begin with the name.

    `is_held`: it was changed at the desk, and nobody but who did it has confirmed it: whoever changes an address may be
    a thief waiting at the new one, and waits as long as it takes (ASVS 5.0 6.4.3). `large_print`: he reads it in 20
    points alone.
    """

    salutation: str
    lines: Sequence[str]
    is_held: bool = False
    large_print: bool = False


class CodeOwner(Protocol):
    """A user who holds a secret code. `username` is the code client."""

    username: str

    # The path from a user to an opaque number under which the lines about him are found again, beside those about the
    # same person that were written before he was a user; NULL where there is none. A path, not a method of the row: a
    # login's line must ask for nobody's number in a statement of its own, which would tell known owners from unknown.
    JOURNAL_SUBJECT: ClassVar[str]

    # The relation through which `bound_to` answers, read in the statement that reads the user.
    BOUND_THROUGH: ClassVar[str]

    # Of his mails, as he chose it on a page; empty for who has chosen none, and for staff.
    language: str

    # The number of his present code, raised when one ends, and the MAC over both; kept by codes/bindings.py alone.
    code_generation: int
    code_binding: str

    def bound_to(self) -> str:
        """Whom his login shows and, of staff, the hash of the password, without any "|"; empty for who has neither."""

    def shows_his_own(self) -> bool:
        """Whether the person whom his login shows bears his own number."""

    @classmethod
    def read_client_code(cls, typed: str) -> str:
        """The ten digits of what was typed. Raises ValidationError, with a helpful sentence, for what is none."""

    def personal_data(self) -> PersonalData:
        """The digits that his code must not be derived from."""

    def letter_address(self) -> LetterAddress:
        """The postal address as it stands now."""

    def address_changed_at(self) -> datetime | None:
        """When that was last changed; None of the one that stood there from the start."""

    def salutation(self) -> str:
        """How a mail addresses him, after « Bonjour »."""

    def notification_email(self) -> str:
        """Where he is told of what happens to his codes, a member of staff to his password; empty when unknown."""

    def ways_to_tell(self) -> tuple[Sequence[str], bool]:
        """That one and those that were valid before it in the last 90 days, so that who has changed it cannot hide from
        him; and whether letters tell him what those mails do.
        """

    def is_settled_at(self, now: datetime) -> bool:
        """Whether a member of staff has had his rights long enough to be the second of two people."""

    def is_himself(self, owner: Owner | None, subject: int | None) -> bool:
        """Whether a line about `owner`, or about this number, is about this member of staff as a client."""
