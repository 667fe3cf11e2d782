"""The advisors' desk: all its ModelAdmins, each registered by its module."""

from accounts.admin import clients, letters, renewals, staff

__all__ = ["clients", "letters", "renewals", "staff"]
