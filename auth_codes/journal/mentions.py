"""Whom a line shows without being about him, as a search does: found from his page, compared with what the line says.

Beside `subjects`, where each line is in one journal: a search of a common name would fill those of all who bear it.
"""

from collections.abc import Collection, Iterator, Mapping

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from auth_codes.models import JournalMention, SecurityEvent

BATCH = 2000
# Where a line's details name them: numbers, with spaces between.
DETAIL = "shown"
LONGEST = 18


def said(details: object) -> set[int]:
    """The numbers that a line names."""
    shown = details.get(DETAIL) if isinstance(details, Mapping) else None
    numbers = shown.split() if isinstance(shown, str) else []
    # In SQLite a stranger's hand may have left anything there.
    return {int(number) for number in numbers if number.isascii() and number.isdecimal() and len(number) <= LONGEST}


def write(lines: Collection[SecurityEvent]) -> None:
    """The rows of all whom these lines show; nothing is asked of the database for lines that show nobody."""
    rows = [
        JournalMention(event_id=line.pk, subject=number, at=line.at)
        for line in lines
        for number in sorted(said(line.details))
    ]
    if rows:
        # Two fillings at once write the same.
        JournalMention.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)


def without() -> QuerySet[SecurityEvent]:
    """The lines that show somebody and have no row: those from before there were any."""
    showing = SecurityEvent.objects.filter(details__has_key=DETAIL).exclude(**{f"details__{DETAIL}": ""})
    return showing.filter(~Exists(JournalMention.objects.filter(event=OuterRef("pk"))))


def differing(lines: Mapping[int, object]) -> Iterator[tuple[int, bool]]:
    """Of these lines, details by ids: those whose rows say something else, and whether it is that some are missing."""
    rows: dict[int, set[object]] = {}
    for event_id, number, is_same_moment in _between(min(lines), max(lines)):
        rows.setdefault(event_id, set()).add(number if is_same_moment else None)
    for event_id, details in lines.items():
        expected, found = said(details), rows.get(event_id, set())
        if expected != found:
            yield event_id, found < expected


def _between(first: int, last: int) -> QuerySet[JournalMention, tuple[int, object, bool]]:
    rows = JournalMention.objects.filter(event__gte=first, event__lte=last)
    return rows.annotate(is_same_moment=Q(at=F("event__at"))).values_list("event", "subject", "is_same_moment")
