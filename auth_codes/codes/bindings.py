"""What binds an owner: to whom his login shows, to the number of his present code and, of staff, to the password.

Whoever can write the database but has no key may point one client's row at another's user, put an earlier row of a
code back, or a password's hash of his own into a colleague's row. The MAC in the owner's row covers all three. The
number of the present code, raised whenever one ends, stands in what the code is sealed with as well.
"""

from collections.abc import Callable, Collection, Iterator

from django.contrib.auth import get_user_model
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q, QuerySet

from auth_codes.crypto import bindings
from auth_codes.owner import Owner

BATCH = 1000


def holds(owner: Owner) -> bool:
    """Whether he is still bound as we left him; who shows nobody anything is bound to nothing."""
    parts = _parts(owner)
    return not parts[-1] or bindings.holds(owner.code_binding, parts)


def bind(owner: Owner) -> None:
    """Binds him to whom he shows from now on. Called where an online space is made or a password set, nowhere else."""
    bind_unsaved(owner)
    owner.save(update_fields=["code_binding"])


def bind_unsaved(owner: Owner) -> None:
    """The same of a new owner who has his key, and whose row is about to be written."""
    owner.code_binding = bindings.made(_parts(owner))


def bind_many(owners: Collection[Owner]) -> None:
    """The same for many new owners at once."""
    for owner in owners:
        bind_unsaved(owner)
    get_user_model()._default_manager.bulk_update(owners, ["code_binding"])


def replace_hash(owner: Owner, hashed: str) -> int:
    """Stores another writing of a staff member's hash, if his row is bound and still what was read; says how many."""
    if not holds(owner):
        return 0
    read = {"pk": owner.pk, "password": owner.password, "code_binding": owner.code_binding}
    owner.password = hashed
    anew = {"password": hashed, "code_binding": bindings.made(_parts(owner))}
    return get_user_model()._default_manager.filter(**read).update(**anew)


def end_generation(owner: Owner) -> None:
    """His present code has ended: the next one has another number. Called under his lock.

    A binding that is broken stays so: no act of the portal mends what a stranger's hand has done.
    """
    held = owners_with_bound().get(pk=owner.pk)
    is_bound = held.code_binding and holds(held)
    held.code_generation += 1
    if is_bound:
        held.code_binding = bindings.made(_parts(held))
    held.save(update_fields=["code_generation", "code_binding"])
    owner.code_generation, owner.code_binding = held.code_generation, held.code_binding


def make_anew(advance: Callable[[int], None]) -> int:
    """Makes again, by today's key, each binding that an earlier one made and that holds; says how many.

    Each is stored only where its row is still what was read: a change of code at the same moment wins.
    """
    made = 0
    for batch in in_batches(~Q(code_binding="") & ~Q(code_binding__startswith=bindings.todays_key())):
        for owner in filter(holds, batch):
            as_read = get_user_model()._default_manager.filter(pk=owner.pk, code_binding=owner.code_binding)
            made += as_read.update(code_binding=bindings.made(_parts(owner)))
        advance(len(batch))
    return made


def under_missing_keys(database: str = DEFAULT_DB_ALIAS) -> int:
    """How many owners were bound by a key that is not at hand: they cannot log in."""
    at_hand = Q(code_binding="")
    for beginning in bindings.keys_at_hand():
        at_hand |= Q(code_binding__startswith=beginning)
    return get_user_model()._default_manager.using(database).exclude(at_hand).count()


def owners_with_bound() -> QuerySet[Owner]:
    """All users, each read in one statement with whom he shows."""
    users = get_user_model()
    return users._default_manager.select_related(users.BOUND_THROUGH)


def in_batches(which: Q) -> Iterator[list[Owner]]:
    """The users that `which` finds, each read with whom he shows, a thousand at a time.

    Their numbers are found first: beside a range of them PostgreSQL would go through all whom earlier ones show, batch
    after batch.
    """
    last = 0
    users = get_user_model()._default_manager.filter(which).order_by("pk")
    while batch := list(_numbered(users.filter(pk__gt=last)[:BATCH])):
        yield batch
        last = batch[-1].pk


def _numbered(some: QuerySet[Owner]) -> QuerySet[Owner]:
    return owners_with_bound().filter(pk__in=some.values("pk")).order_by("pk")


def _parts(owner: Owner) -> tuple[str, ...]:
    # Of staff, a name may change: whose password it is, the primary key says.
    name = "" if owner.is_staff else owner.username
    return str(owner.pk), name, str(owner.code_generation), owner.bound_to()
