"""Who people are and what they own."""

from accounts.models.bank_accounts import AccessRequest, BankAccount, Holding, Mandate
from accounts.models.birth import EARLIEST_BIRTH
from accounts.models.branches import FIRST_BRANCH, Branch, Substitution
from accounts.models.categories import Category
from accounts.models.closings import ClosingAgreement, ClosingRequest
from accounts.models.command_runs import CommandRun
from accounts.models.contacts import ContactChange
from accounts.models.contracts import ServiceContract
from accounts.models.demo import DemoMark
from accounts.models.documents import Document, DocumentFile, Letter, Statement
from accounts.models.drafts import Draft
from accounts.models.identity import IDENTITY_FIELDS, IdentityChange
from accounts.models.joining import Joining
from accounts.models.ledger import Booking, Entry, InternalAccount, Merchant, PendingEntry
from accounts.models.months import MonthSum, SummedAccount
from accounts.models.names import FormerName
from accounts.models.people import ADDRESS_FIELDS, TOLD_FOR, Client, User
from accounts.models.post import PostalItem, PostBatch
from accounts.models.representations import Capacity, Representation, RepresentationRequest
from accounts.models.search import SearchWord
from accounts.models.staff import FirstAccess, StaffRequest
from accounts.models.transfers import Transfer
from accounts.models.undoing import Undoing

__all__ = [
    "ADDRESS_FIELDS",
    "EARLIEST_BIRTH",
    "FIRST_BRANCH",
    "IDENTITY_FIELDS",
    "TOLD_FOR",
    "AccessRequest",
    "BankAccount",
    "Booking",
    "Branch",
    "Capacity",
    "Category",
    "Client",
    "ClosingAgreement",
    "ClosingRequest",
    "CommandRun",
    "ContactChange",
    "DemoMark",
    "Document",
    "DocumentFile",
    "Draft",
    "Entry",
    "FirstAccess",
    "FormerName",
    "Holding",
    "IdentityChange",
    "InternalAccount",
    "Joining",
    "Letter",
    "Mandate",
    "Merchant",
    "MonthSum",
    "PendingEntry",
    "PostBatch",
    "PostalItem",
    "Representation",
    "RepresentationRequest",
    "SearchWord",
    "ServiceContract",
    "StaffRequest",
    "Statement",
    "Substitution",
    "SummedAccount",
    "Transfer",
    "Undoing",
    "User",
]
