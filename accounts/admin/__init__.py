"""The advisors' desk: all its ModelAdmins, each registered by its module."""

from accounts.admin import (
    access_requests,
    branches,
    clients,
    command_runs,
    identity_changes,
    letters,
    post,
    renewals,
    staff,
    staff_requests,
    substitutes,
    unblockings,
    undoings,
)

__all__ = [
    "access_requests",
    "branches",
    "clients",
    "command_runs",
    "identity_changes",
    "letters",
    "post",
    "renewals",
    "staff",
    "staff_requests",
    "substitutes",
    "unblockings",
    "undoings",
]
