"""The one audit trail: what other rooms write to it."""

from auth_codes.journal.lines import device_of, record, record_many

__all__ = ["device_of", "record", "record_many"]
