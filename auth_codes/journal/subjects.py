"""Whose journal each line is read in: written with the line, filled in for older lines, compared with what they say.

A line says it itself, by the number in its details or by its owner. The rows only let the pages of one journal be read
by one index, whoever's it is and however many lines all the others have.
"""

from collections.abc import Callable, Collection, Iterator, Mapping

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from auth_codes.journal import mentions
from auth_codes.models import JournalSubject, SecurityEvent
from auth_codes.one_at_a_time import alone
from auth_codes.prepared import Blank
from auth_codes.prepared_changes import PreparedInsertOfTwo

# So few that looking each up costs less than reading a table that holds a thousand times as many.
BATCH = 500
# Where a line's details name whom it is about; of others its owner tells.
DETAIL = "client"
NOBODY = 0
# Of a line: its id, owner and details; the row's event and subject, and whether it has the line's moment.
Compared = tuple[int, int | None, object, int | None, int | None, bool | None]


class OfOwner(Subquery):
    """The number of an owner, looked up by the very statement that writes the row.

    By the same text for a line that nobody owns: a login under a number that nobody holds costs what others cost.
    """

    # Of the sub-query's own tables, which Django takes for columns of the row that is being written.
    contains_column_references = False

    def __init__(self, owner_id: Blank):
        super().__init__(_owners([owner_id]).values(_path()))


def write(line: SecurityEvent, subject: int | None) -> None:
    """A line and its row, together; without a `subject`, the number of its owner."""
    row = JournalSubject(at=line.at, subject=subject)
    if subject:
        OF_SUBJECT.save(line, row)
    else:
        OF_OWNER.save(line, row, subject=line.owner_id or NOBODY)


OF_SUBJECT = PreparedInsertOfTwo(SecurityEvent, JournalSubject, "event_id")
OF_OWNER = PreparedInsertOfTwo(SecurityEvent, JournalSubject, "event_id", subject=OfOwner)


def write_many(lines: Collection[SecurityEvent]) -> None:
    """The rows of lines that have none yet."""
    numbers = _numbers({line.owner_id for line in lines})
    rows = (
        JournalSubject(event_id=line.pk, at=line.at, subject=_said(line.details, line.owner_id, numbers))
        for line in lines
    )
    # Two fillings at once write the same.
    JournalSubject.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)


def without() -> QuerySet[SecurityEvent]:
    """The lines that have no row: those from before there were any."""
    return SecurityEvent.objects.filter(~Exists(JournalSubject.objects.filter(event=OuterRef("pk"))))


def fill(advance: Callable[[int], None]) -> int:
    """Gives every line its row; says how many had none. Killed at any moment, it goes on where it was.

    Each batch commits by itself; `advance` is told how many lines it held. So it does with those that show somebody.
    """
    with alone("fill_journal_subjects"):
        return _fill(without(), write_many, advance) + _fill(mentions.without(), mentions.write, advance)


def differing() -> Iterator[tuple[int, bool]]:
    """The lines whose row says something else than they do, and whether they have none; in bounded memory."""
    last, lines = 0, SecurityEvent.objects.order_by("pk").values_list("pk", flat=True)
    while some := list(lines.filter(pk__gt=last)[:BATCH]):
        # By their numbers: beside a range of lines PostgreSQL would go through all rows up to it, batch after batch.
        rows = list(_compared().filter(pk__in=some))
        yield from _wrong(rows)
        if rows:
            yield from mentions.differing({event_id: details for event_id, _, details, *_ in rows})
        if len(some) < BATCH:
            return
        last = some[-1]


def _fill(
    lines: QuerySet[SecurityEvent], write: Callable[[list[SecurityEvent]], None], advance: Callable[[int], None]
) -> int:
    filled = last = 0
    while some := list(lines.filter(pk__gt=last).order_by("pk")[:BATCH]):
        write(some)
        filled, last = filled + len(some), some[-1].pk
        advance(len(some))
    return filled


def _wrong(rows: Collection[Compared]) -> Iterator[tuple[int, bool]]:
    numbers = _numbers({owner_id for _, owner_id, *_ in rows})
    for event_id, owner_id, details, row, subject, is_same_moment in rows:
        if row is None or not is_same_moment or subject != _said(details, owner_id, numbers):
            yield event_id, row is None


def _compared() -> QuerySet[SecurityEvent, Compared]:
    lines = SecurityEvent.objects.annotate(is_same_moment=Q(at=F("subject_row__at"))).order_by("pk")
    row = ("subject_row__event_id", "subject_row__subject", "is_same_moment")
    return lines.values_list("pk", "owner_id", "details", *row)


def _said(details: object, owner_id: int | None, numbers: Mapping[int | None, int | None]) -> int | None:
    """Whom the line is about, by what it says itself."""
    number = details.get(DETAIL) if isinstance(details, dict) else None
    return number if isinstance(number, int) else numbers.get(owner_id)


def _numbers(owner_ids: Collection[object]) -> dict[int | None, int | None]:
    # In SQLite a stranger's hand may have left anything there.
    known = {owner_id for owner_id in owner_ids if isinstance(owner_id, int)}
    return dict(_owners(known).values_list("pk", _path()))


def _owners(owner_ids: Collection[int | Blank]) -> QuerySet[AbstractBaseUser]:
    return get_user_model()._default_manager.filter(pk__in=owner_ids).order_by()


def _path() -> str:
    return get_user_model().JOURNAL_SUBJECT
