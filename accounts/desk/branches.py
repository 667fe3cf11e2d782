"""What a branch manager sees: what the advisors of his branch ask for."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from accounts.desk import roles
from accounts.models import Client, User
from auth_codes.models import DualControlAct

Act = TypeVar("Act", bound=DualControlAct)
Row = TypeVar("Row", bound=Model)


def of_his_branch(acts: QuerySet[Act], user: User) -> QuerySet[Act]:
    """Those of these acts that `user` may see: all, unless he manages a branch and is no advisor."""
    return _kept(acts, user, "started_by__branch")


def of_his_advisors(clients: QuerySet[Client], user: User) -> QuerySet[Client]:
    """The same of clients, by the branch of their advisors."""
    return _kept(clients, user, "advisor__branch")


def _kept(rows: QuerySet[Row], user: User, branch: str) -> QuerySet[Row]:
    if not _manages_alone(user):
        return rows
    return rows.filter(**{branch: user.branch_id}) if user.branch_id else rows.none()


def _manages_alone(user: User) -> bool:
    held = set() if user.is_superuser else set(user.groups.values_list("name", flat=True))
    return roles.BRANCH_MANAGERS in held and roles.ADVISORS not in held
