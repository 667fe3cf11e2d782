"""The one audit trail: what other rooms write to it."""

from auth_codes.journal.lines import ActsForHimself, device_of, record, record_many

__all__ = ["ActsForHimself", "device_of", "record", "record_many"]
