"""The roles of those who work at the desk: a group each, with its rights and nothing beside them."""

from collections.abc import Collection, Sequence

from django.contrib.auth.models import Group, Permission
from django.core.checks import CheckMessage, Warning
from django.db import connections
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import FIRST_BRANCH, Branch, User

ADVISORS, BRANCH_MANAGERS = "Conseillers", "Directeurs d’agence"
AUDITORS, OPERATORS = "Contrôleurs", "Exploitants"
PRINT_OPERATORS, STAFF_ADMINISTRATORS = "Éditique", "Administrateurs du personnel"

CLIENTELE = [
    "view_client",
    "add_client",
    "change_client",
    "view_accessrequest",
    "change_accessrequest",
    "view_identitychange",
    "change_identitychange",
    "view_joining",
    "change_joining",
    "view_undoing",
    "change_undoing",
    "view_representationrequest",
    "change_representationrequest",
]
RENEWALS = [
    *("view_renewal", "change_renewal", "view_unblocking", "change_unblocking", "view_unlocking", "change_unlocking"),
    *("view_factorsending", "change_factorsending", "view_ticketrequest", "change_ticketrequest"),
    "view_letterbatch",
]
STAND_INS = ["view_substitution", "add_substitution", "change_substitution"]
# By group, then by app: codenames of permissions.
MAY = {
    ADVISORS: {"accounts": CLIENTELE + STAND_INS, "auth_codes": RENEWALS},
    # Of the requests he sees those of his branch, and alone approves them above the daily number.
    BRANCH_MANAGERS: {"accounts": [*CLIENTELE, *STAND_INS, "manage_branch"], "auth_codes": RENEWALS},
    # Reads « Journal » and « Historique », by role: see journal_page.py. Changes nothing.
    AUDITORS: {"auth_codes": ["view_securityevent"]},
    # « Connexions par heure » and how the commands ended, which name no client.
    OPERATORS: {"accounts": ["view_commandrun"], "auth_codes": ["view_securityevent"]},
    PRINT_OPERATORS: {"accounts": ["view_postbatch"], "auth_codes": ["view_letterbatch"]},
    # No right on any table of clients. Django's own pages of users and groups only show: see accounts/admin/staff.py.
    STAFF_ADMINISTRATORS: {
        "accounts": [
            *("view_user", "view_staffrequest", "add_staffrequest", "change_staffrequest"),
            *("view_branch", "add_branch", "change_branch"),
        ],
        "auth": ["view_group"],
    },
}
# Of one person never both: a role, those that contradict it, and why. Source: separation of duties, NIST AC-5.
CLIENTELE_ROLES = (ADVISORS, BRANCH_MANAGERS)
CONTRADICTIONS = [
    (AUDITORS, [name for name in MAY if name != AUDITORS], "qui contrôle ne fait rien de ce qu’il contrôle"),
    (STAFF_ADMINISTRATORS, CLIENTELE_ROLES, "qui fait les comptes du personnel ne voit les données d’aucun client"),
    (PRINT_OPERATORS, CLIENTELE_ROLES, "qui remet les codes à l’atelier n’en demande pas"),
    (OPERATORS, CLIENTELE_ROLES, "qui exploite les serveurs n’agit pas pour les clients"),
]


def contradiction(names: Collection[str]) -> str:
    """Why one person cannot have these roles at once, as a sentence; empty when nothing is against it."""
    for name, others, why in CONTRADICTIONS:
        other = next((other for other in others if other in names), None)
        if name in names and other:
            return f"« {name} » et « {other} » ne vont pas ensemble : {why}. Gardez l’un des deux."
    return ""


def make_groups(**kwargs: object) -> None:
    """After each migration: every group, with at least the rights of its role."""
    for name, rights in MAY.items():
        group, _ = Group.objects.get_or_create(name=name)
        for app_label, codenames in rights.items():
            permissions = Permission.objects.filter(content_type__app_label=app_label, codename__in=codenames)
            group.permissions.add(*permissions)


def make_first_branch(*, using: str, **kwargs: object) -> None:
    """After each migration: a bank has one branch at least."""
    is_there = Branch._meta.db_table in connections[using].introspection.table_names()
    if is_there and not Branch.objects.using(using).exists():
        Branch.objects.using(using).create(name=FIRST_BRANCH)


def in_role(name: str) -> QuerySet[User]:
    """Those who have this role and may log in today."""
    return User.objects.filter(groups__name=name, is_staff=True, is_active=True)


def has_role(user: User, name: str) -> bool:
    """Whether this person works in the role `name`; a superuser, who may all, has it too."""
    return user.is_superuser or user.groups.filter(name=name).exists()


def at_the_desk() -> QuerySet[User]:
    """Those who serve clients and may log in today, each once."""
    return User.objects.filter(
        Exists(Group.objects.filter(name__in=CLIENTELE_ROLES, user=OuterRef("pk"))), is_staff=True, is_active=True
    )


def serves_clients(names: Collection[str]) -> bool:
    """Whether somebody with these roles works in a branch."""
    return any(name in CLIENTELE_ROLES for name in names)


def check_roles(databases: Sequence[str] | None = None, **kwargs: object) -> list[CheckMessage]:
    """For `check --database`: the accounts whose roles contradict each other, given before anybody judged them."""
    hint = "Deux administrateurs du personnel lui retirent l’un des deux groupes."
    return [
        Warning(f"{username} : {why}", hint, id="accounts.W001")
        for alias in databases or []
        if User.groups.through._meta.db_table in connections[alias].introspection.table_names()
        for username, names in sorted(_roles(alias).items())
        if (why := contradiction(names))
    ]


def check_branches(databases: Sequence[str] | None = None, **kwargs: object) -> list[CheckMessage]:
    """For `check --database`: the advisors who work in no branch, whose requests no manager sees."""
    hint = "Deux administrateurs du personnel lui donnent une agence, par un changement de groupes ou d’agence."
    return [
        Warning(f"{username} : ce membre du personnel sert des clients et n’a pas d’agence.", hint, id="accounts.W002")
        for alias in databases or []
        if Branch._meta.db_table in connections[alias].introspection.table_names()
        for username in at_the_desk()
        .using(alias)
        .filter(branch=None)
        .order_by("username")
        .values_list("username", flat=True)
    ]


def _roles(alias: str) -> dict[str, set[str]]:
    """The roles of each member of the staff who may log in, by his user name."""
    held: dict[str, set[str]] = {}
    staff = User.objects.using(alias).filter(is_staff=True, is_active=True, groups__name__in=MAY)
    for username, name in staff.values_list("username", "groups__name"):
        held.setdefault(username, set()).add(name)
    return held
