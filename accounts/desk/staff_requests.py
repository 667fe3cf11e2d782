"""Who works at the desk, and with which rights, is for two administrators of the staff: one asks, a second approves.

One alone could make himself a second account and approve with it what he began. Nobody acts on his own account, and
nobody learns another's password: somebody new, or without one, gets a one-time link.
"""

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.desk import first_access, roles
from accounts.kinds import Event
from accounts.models import Branch, Client, FirstAccess, StaffRequest, User
from accounts.notation import names
from auth_codes import dual_control, journal
from auth_codes.actor import Actor
from auth_codes.factors import staff, tickets

Kind = StaffRequest.Kind


class OwnAccount(Exception):
    """Nobody changes his own account or rights, nor approves that somebody else does."""


class NameTaken(Exception):
    """Somebody got the name asked for since."""


class SheetDeclared(Exception):
    """This client sheet is another account's own: a person has one account."""


class RolesContradict(Exception):
    """Nobody may have these roles at once, see roles.py."""


class BranchNeeded(Exception):
    """Who serves clients works in one branch, and nobody has said in which."""


class NotPossible(Exception):
    """The account is not what was asked about any more: it was closed, or opened again."""


def start(asked: StaffRequest, groups: Collection[Group], *, by: Actor) -> StaffRequest:
    """Asks; nothing changes before another administrator approves. The same token again gives what it has started.

    Raises OwnAccount, RolesContradict, BranchNeeded, SheetDeclared, NotPossible, or what `dual_control` raises:
    AlreadyDecided, AlreadyStarted.
    """
    asked.started_by = by.person
    asked.branch = _branch_of(asked, groups)
    with transaction.atomic():
        lock_administration()
        if known := dual_control.started_before(asked):
            return known
        _judge(asked, groups, by)
        dual_control.start(asked)
        asked.groups.set(groups)
        _note(Event.STAFF_ASKED, asked, by)
    return asked


def approve(asked: StaffRequest, *, by: Actor, now: datetime | None = None) -> str | None:
    """Carries it out; gives the token of a one-time link when somebody has a password to choose.

    Raises OwnAccount, NameTaken, RolesContradict, BranchNeeded, SheetDeclared, NotPossible, or what `dual_control`
    raises.
    """
    now = now or timezone.now()
    dual_control.require_another(asked, by)
    with transaction.atomic():
        lock_administration()
        _judge(asked, list(asked.groups.all()), by)
        dual_control.approve(asked, by=by, now=now)
        token = _carry_out(asked, by, now)
        _note(Event.STAFF_APPROVED, asked, by)
    return token


def refuse(asked: StaffRequest, *, by: Actor, now: datetime | None = None) -> None:
    """Nothing changes; who asked may take it back so. Raises dual_control.AlreadyDecided, or OwnAccount."""
    if asked.member_id == by.person.pk:
        raise OwnAccount
    with transaction.atomic():
        dual_control.refuse(asked, by=by, now=now or timezone.now())
        _note(Event.STAFF_REFUSED, asked, by)


def lock_administration() -> None:
    """One act about the staff at a time, in the whole bank."""
    Group.objects.select_for_update().get(name=roles.STAFF_ADMINISTRATORS)


def possible_for(member: User) -> list[Kind]:
    """What may be asked about him as he is today."""
    return [Kind.GROUPS, Kind.OWN_CLIENT, Kind.RESET, Kind.DEACTIVATE] if member.is_active else [Kind.REACTIVATE]


def is_named_alike(asked: StaffRequest) -> bool:
    """Whether the sheet declared as his own bears the name of the member of staff."""
    sheet, name = asked.own_client, names.key(f"{asked.first_name} {asked.last_name}").split()
    if sheet is None:
        return False
    return {*sheet.family_key.split(), *sheet.given_key.split()[:1]} <= set(name)


def _branch_of(asked: StaffRequest, groups: Collection[Group]) -> Branch | None:
    """Where he is to work: named, or where he works already; in a bank of one branch, that one."""
    if asked.kind not in (Kind.NEW, Kind.GROUPS) or not roles.serves_clients([group.name for group in groups]):
        return None
    present = asked.branch or (asked.member and asked.member.branch)
    return present or (Branch.objects.get() if Branch.objects.count() == 1 else None)


def _judge(asked: StaffRequest, groups: Collection[Group], by: Actor) -> None:
    """Raises PermissionDenied, RolesContradict, BranchNeeded, SheetDeclared, OwnAccount or NotPossible."""
    acting = User.objects.get(pk=by.person.pk)
    if not acting.is_active or not roles.has_role(acting, roles.STAFF_ADMINISTRATORS):
        raise PermissionDenied
    if roles.contradiction([group.name for group in groups]):
        raise RolesContradict
    if roles.serves_clients([group.name for group in groups]) and asked.branch is None:
        raise BranchNeeded
    declared = asked.own_client and User.objects.filter(own_client=asked.own_client).first()
    if declared and declared != asked.member:
        raise SheetDeclared
    if asked.member_id is not None:
        _judge_member(asked, User.objects.get(pk=asked.member_id), acting)


def _judge_member(asked: StaffRequest, member: User, acting: User) -> None:
    if member == acting:
        raise OwnAccount
    if member.is_superuser and not acting.is_superuser:
        raise PermissionDenied
    if not member.is_staff or asked.kind not in possible_for(member):
        raise NotPossible


def _carry_out(asked: StaffRequest, by: Actor, now: datetime) -> str | None:
    if asked.member_id is None:
        return first_access.issue(_make_member(asked, now), now=now)
    member = User.objects.select_for_update().get(pk=asked.member_id)
    if asked.kind == Kind.GROUPS:
        _change_groups(member, set(asked.groups.all()), now)
        _move(member, asked.branch, now)
    elif asked.kind == Kind.OWN_CLIENT:
        _declare(member, asked.own_client, now)
    elif asked.kind == Kind.DEACTIVATE:
        _set_active(member, is_active=False)
        staff.end_all(member, by=by, now=now)
    else:
        # Whoever holds the link is perhaps not he: for seven days he is nobody's second. Of who comes back, the
        # password of before opens nothing.
        _set_active(member, is_active=True)
        _raise(member, now)
        return first_access.issue(member, now=now)
    return None


def _make_member(asked: StaffRequest, now: datetime) -> User:
    fields = {name: getattr(asked, name) for name in ("first_name", "last_name", "email", "own_client", "branch")}
    try:
        member = User.objects.take_name(
            lambda: User.objects.create_user(asked.username, is_staff=True, raised_at=now, **fields)
        )
    except ValidationError as error:
        raise NameTaken from error
    member.groups.set(asked.groups.all())
    asked.member = member
    asked.save(update_fields=["member"])
    return member


def _change_groups(member: User, wanted: set[Group], now: datetime) -> None:
    present = set(member.groups.filter(name__in=roles.MAY))
    member.groups.remove(*present - wanted)
    member.groups.add(*wanted - present)
    if not roles.has_role(member, roles.STAFF_ADMINISTRATORS):
        tickets.void_issued_by(member)
    if wanted - present:
        _raise(member, now)


def _move(member: User, branch: Branch | None, now: datetime) -> None:
    """A manager has other rights in another branch: the week of who has new ones begins."""
    if branch == member.branch:
        return
    member.branch = branch
    member.save(update_fields=["branch"])
    if branch and member.groups.filter(name=roles.BRANCH_MANAGERS).exists():
        _raise(member, now)


def _declare(member: User, sheet: Client | None, now: datetime) -> None:
    """From then on nothing of this client is his to see or to do here; one that is taken back frees what it barred."""
    if member.own_client_id and member.own_client != sheet:
        _raise(member, now)
    member.own_client = sheet
    member.save(update_fields=["own_client"])


def _set_active(member: User, *, is_active: bool) -> None:
    member.is_active = is_active
    member.save(update_fields=["is_active"])
    FirstAccess.objects.filter(owner=member).delete()


def _raise(member: User, now: datetime) -> None:
    member.raised_at = now
    member.save(update_fields=["raised_at"])


def _note(kind: Event, asked: StaffRequest, by: Actor) -> None:
    details = {"staff_act": asked.kind, "staff_name": asked.username}
    if groups := ", ".join(group.name for group in asked.groups.order_by("name")):
        details["staff_groups"] = groups
    if asked.branch:
        details["staff_branch"] = asked.branch.name
    if asked.own_client or asked.kind == Kind.OWN_CLIENT:
        details["staff_client"] = (asked.own_client and asked.own_client.client_code) or ""
    journal.record(kind, owner=asked.member, by=by, details=details)
