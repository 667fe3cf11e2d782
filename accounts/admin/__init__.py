"""The advisors' desk: all its ModelAdmins, each registered by its module."""

from accounts.admin import (
    access_requests,
    clients,
    identity_changes,
    letters,
    post,
    renewals,
    staff,
    staff_requests,
    unblockings,
)

__all__ = [
    "access_requests",
    "clients",
    "identity_changes",
    "letters",
    "post",
    "renewals",
    "staff",
    "staff_requests",
    "unblockings",
]
