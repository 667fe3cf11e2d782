"""The roles of those who work at the desk: a group each, with its rights and nothing beside them."""

from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet

from accounts.models import User

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
]
RENEWALS = ["view_renewal", "change_renewal", "view_letterbatch"]
# By group, then by app: codenames of permissions.
MAY = {
    ADVISORS: {"accounts": CLIENTELE, "auth_codes": RENEWALS},
    # Like an advisor today: what he alone approves comes with the branches.
    BRANCH_MANAGERS: {"accounts": CLIENTELE, "auth_codes": RENEWALS},
    # Reads the journal, changes nothing.
    AUDITORS: {"auth_codes": ["view_securityevent"]},
    # « Connexions par heure » alone, which names no client.
    OPERATORS: {"auth_codes": ["view_securityevent"]},
    PRINT_OPERATORS: {"accounts": ["view_postbatch"], "auth_codes": ["view_letterbatch"]},
    # No right on any table of clients. Django's own pages of users and groups only show: see accounts/admin/staff.py.
    STAFF_ADMINISTRATORS: {
        "accounts": ["view_user", "view_staffrequest", "add_staffrequest", "change_staffrequest"],
        "auth": ["view_group"],
    },
}


def make_groups(**kwargs: object) -> None:
    """After each migration: every group, with at least the rights of its role."""
    for name, rights in MAY.items():
        group, _ = Group.objects.get_or_create(name=name)
        for app_label, codenames in rights.items():
            permissions = Permission.objects.filter(content_type__app_label=app_label, codename__in=codenames)
            group.permissions.add(*permissions)


def in_role(name: str) -> QuerySet[User]:
    """Those who have this role and may log in today."""
    return User.objects.filter(groups__name=name, is_staff=True, is_active=True)


def has_role(user: User, name: str) -> bool:
    """Whether this person works in the role `name`; a superuser, who may all, has it too."""
    return user.is_superuser or user.groups.filter(name=name).exists()
