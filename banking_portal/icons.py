"""`{% icon "transfer" %}`: an icon of the sprite, for the eye alone; its meaning stands beside it in words."""

from functools import cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.models import BankAccount, Category, ServiceContract

register = template.Library()

SPRITE = "img/icons.svg"


@register.simple_tag
@cache  # a sprite's address changes with its bytes alone, and the process is then another one
def icon(name: str, variant: str = "") -> SafeString:
    """The icon `name` of static/img/icons.svg; `variant` is a modifier of `.icon`, such as « small »."""
    classes = f"icon icon--{variant}" if variant else "icon"
    drawn = '<svg class="{}" aria-hidden="true" viewBox="0 0 24 24"><use href="{}#{}"/></svg>'
    return format_html(drawn, classes, static(SPRITE), name)


CATEGORIES = {
    Category.FOOD: "groceries",
    Category.HOME: "home",
    Category.BILLS: "bill",
    Category.TRAVEL: "transport",
    Category.HEALTH: "health",
    Category.LEISURE: "leisure",
    Category.SHOPPING: "shopping",
    Category.BANK: "branch",
    Category.TRANSFERS: "transfer",
    Category.OTHER: "other",
}
CONTRACTS = {
    ServiceContract.Kind.CREDIT: "credit",
    ServiceContract.Kind.INSURANCE: "insurance",
    ServiceContract.Kind.CARD: "card",
}
DESK = {
    "Client": "people",
    "AccessRequest": "key",
    "IdentityChange": "edit",
    "RepresentationRequest": "people",
    "StaffRequest": "profile",
    "User": "shield",
    "Group": "list-code",
    "Branch": "branch",
    "CommandRun": "check-circle",
    "Substitution": "stand-in",
    "Renewal": "letter",
    "Unblocking": "clock",
    "FactorsEnding": "device",
    "TicketRequest": "device",
    "Unlocking": "lock",
    "Undoing": "undo",
    "Joining": "joint",
    "LetterBatch": "mail",
    "PostBatch": "print",
}


@register.filter
def category_icon(category: str) -> str:
    """The icon of what an operation was for."""
    return CATEGORIES[Category(category)]


@register.filter
def contract_icon(kind: str) -> str:
    """The icon of a kind of service contract."""
    return CONTRACTS[ServiceContract.Kind(kind)]


@register.filter
def account_icon(account: BankAccount) -> str:
    """The icon of an account: what it is for, or that it has several holders."""
    if account.kind == BankAccount.Kind.SAVINGS:
        return "savings"
    return "joint" if account.is_joint else "account"


@register.filter
def desk_icon(model: str) -> str:
    """The icon of what the desk lists, by the name of its model."""
    return DESK[model]
