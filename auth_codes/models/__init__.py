"""What the database holds of codes, letters and attempts. No field of any model ever holds a code in clear."""

from auth_codes.models.attempts import AttemptCounter, Budget, FailedAttempt, StandingAlarm
from auth_codes.models.batches import Batch, BatchQuerySet
from auth_codes.models.bound_rows import BoundRow
from auth_codes.models.chain import JournalCheckpoint, JournalLink, KeptProof
from auth_codes.models.codes import CodeReminder, HashingCost, SecretCode, SecretCodeQuerySet
from auth_codes.models.devices import KnownDevice, RememberedNumber
from auth_codes.models.dual_control import Concerned, DualControlAct, approved_by_another
from auth_codes.models.factors import Challenge, Factor, FactorQuerySet
from auth_codes.models.factors_ending import FactorsEnding
from auth_codes.models.journal import JournalMention, JournalSubject, Notice, SecurityEvent
from auth_codes.models.key_fingerprints import KeyFingerprint
from auth_codes.models.letters import DELIVERED_LIFETIME, ISSUED_LIFETIME, LetterBatch, SealedLetter
from auth_codes.models.list_codes import ListCode
from auth_codes.models.locks import AccessLock, LockCode
from auth_codes.models.login_slices import LoginSlice
from auth_codes.models.renewals import Renewal, RenewalRequest
from auth_codes.models.sessions import OpenSession
from auth_codes.models.ticket_request import TicketRequest
from auth_codes.models.tickets import ClientTicket, HandedTicket, StaffTicket
from auth_codes.models.tokens import Token
from auth_codes.models.unblocking import Unblocking
from auth_codes.models.unlocking import Unlocking

__all__ = [
    "DELIVERED_LIFETIME",
    "ISSUED_LIFETIME",
    "AccessLock",
    "AttemptCounter",
    "Batch",
    "BatchQuerySet",
    "BoundRow",
    "Budget",
    "Challenge",
    "ClientTicket",
    "CodeReminder",
    "Concerned",
    "DualControlAct",
    "Factor",
    "FactorQuerySet",
    "FactorsEnding",
    "FailedAttempt",
    "HandedTicket",
    "HashingCost",
    "JournalCheckpoint",
    "JournalLink",
    "JournalMention",
    "JournalSubject",
    "KeptProof",
    "KeyFingerprint",
    "KnownDevice",
    "LetterBatch",
    "ListCode",
    "LockCode",
    "LoginSlice",
    "Notice",
    "OpenSession",
    "RememberedNumber",
    "Renewal",
    "RenewalRequest",
    "SealedLetter",
    "SecretCode",
    "SecretCodeQuerySet",
    "SecurityEvent",
    "StaffTicket",
    "StandingAlarm",
    "TicketRequest",
    "Token",
    "Unblocking",
    "Unlocking",
    "approved_by_another",
]
