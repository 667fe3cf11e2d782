"""Who may hand a member of the staff the ticket for a second moyen: another administrator of the staff, in person.

The first administrators have nobody to ask: a command issues theirs, as long as no other administrator could.
"""

from datetime import datetime
from enum import Enum, auto

from django.db import transaction
from django.db.models import QuerySet
from django.views.decorators.debug import sensitive_variables

from accounts.desk import roles, staff_requests
from accounts.kinds import Event, Mail
from accounts.models import User
from auth_codes import journal, notices, wording
from auth_codes.actor import SYSTEM, Actor
from auth_codes.factors import staff, tickets
from auth_codes.models import Factor, StaffTicket


class WhyNot(Enum):
    """Why somebody issues no ticket for a member."""

    OWN = auto()
    LEFT = auto()
    ABOVE = auto()
    NOT_SETTLED = auto()
    LACKS_FACTOR = auto()


class NotByCommand(Exception):
    """This ticket is for an administrator to hand over at the desk; `who` are those who could."""

    def __init__(self, who: str = ""):
        super().__init__(who)
        self.who = who


def why_not(member: User, *, by: Actor, now: datetime) -> WhyNot | None:
    """None where `by`, an administrator of the staff, may hand over a ticket for this member."""
    acting = User.objects.get(pk=by.person.pk)
    if acting == member:
        return WhyNot.OWN
    if not member.is_active:
        return WhyNot.LEFT
    if member.is_superuser and not acting.is_superuser:
        return WhyNot.ABOVE
    # Whoever makes himself a second account must not open with it those of others.
    if not acting.is_settled_at(now):
        return WhyNot.NOT_SETTLED
    # A ticket takes the place of a moyen: whose password alone was stolen must not end with it those of colleagues.
    replaces = staff.factor_of(member) is not None
    return WhyNot.LACKS_FACTOR if replaces and staff.factor_of(acting) is None else None


@sensitive_variables()
def issue(member: User, *, by: Actor, now: datetime) -> str:
    """The ticket, once. The caller has asked `why_not` and for the administrator's own moyen."""
    with transaction.atomic():
        staff_requests.lock_administration()
        return tickets.issue(member, by=by, now=now)


@sensitive_variables()
def issue_by_command(name: str, *, now: datetime) -> str:
    """That of an administrator whom no other could hand one; who watches the staff is told.

    Raises User.DoesNotExist for who is no administrator or may not log in, NotByCommand.
    """
    with transaction.atomic():
        staff_requests.lock_administration()
        member = administrators().get(username=name.lower())
        others = _who_could(member)
        if others.exists():
            raise NotByCommand(", ".join(other.get_username() for other in others))
        ticket = tickets.issue(member, by=SYSTEM, now=now)
        _tell(member)
    return ticket


def administrators() -> QuerySet[User]:
    """Those who may issue tickets."""
    superusers = User.objects.filter(is_staff=True, is_active=True, is_superuser=True)
    return (roles.in_role(roles.STAFF_ADMINISTRATORS) | superusers).distinct().order_by("pk")


def in_words(member: User, now: datetime) -> str:
    """Of the ticket that waits for him; empty where none does."""
    waiting = StaffTicket.objects.filter(owner=member, expires_at__gt=now).select_related("issued_by").first()
    if waiting is None:
        return ""
    issuer = waiting.issued_by or "une commande du serveur"
    return f"remis par {issuer}, valable jusqu’au {wording.moment(waiting.expires_at)}"


def _who_could(member: User) -> QuerySet[User]:
    """The other administrators who have a moyen of their own: they reach the desk and confirm what they do there."""
    return administrators().exclude(pk=member.pk).filter(factors__state=Factor.State.ACTIVE)


def _tell(member: User) -> None:
    line = journal.record(Event.TICKET_BY_COMMAND, owner=member, details={"staff_name": member.username})
    watching = roles.in_role(roles.STAFF_ADMINISTRATORS) | roles.in_role(roles.AUDITORS)
    for colleague in watching.exclude(pk=member.pk).distinct().order_by("pk"):
        told = {"recipient": colleague.notification_email(), "salutation": colleague.salutation()}
        notices.tell(Mail.TICKET_BY_COMMAND, owner=colleague, at=line.at, name=member.username, **told)
