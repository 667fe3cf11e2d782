"""Whether somebody new on the staff is somebody who has an account already: one person has one."""

from accounts.models import StaffRequest, User
from accounts.notation.user_names import readings

NAMED = ("username", "first_name", "last_name", "email")


def alike(asked: StaffRequest) -> list[str]:
    """Accounts, closed ones too, and open requests whose name or address looks like that of somebody new; in words."""
    wanted, address = _read(asked.username, asked.first_name, asked.last_name), asked.email.casefold()
    staff = User.objects.filter(is_staff=True).order_by("username")
    others = StaffRequest.objects.filter(kind=StaffRequest.Kind.NEW, decision="").exclude(token=asked.token)
    known = [
        *staff.values_list(*NAMED, "is_active"),
        *((*named, None) for named in others.order_by("username").values_list(*NAMED)),
    ]
    return [
        f"« {username} » ({first_name} {last_name}{STATES[state]})"
        for username, first_name, last_name, email, state in known
        if wanted & _read(username, first_name, last_name) or (address and address == email.casefold())
    ]


STATES = {True: "", False: ", compte désactivé", None: ", demande en attente"}


def _read(username: str, first_name: str, last_name: str) -> frozenset[str]:
    return readings(username) | readings(f"{first_name} {last_name}")
