"""What waits for the print workshop, and the batches that were handed over."""

import json
from datetime import datetime

from django.core.management.base import BaseCommand
from django.db.models import Min, QuerySet
from django.utils.translation import ngettext_lazy

from auth_codes import wording
from auth_codes.models import LetterBatch, SealedLetter

COLUMNS = "{:<16} {:<17} {:<17} {:<17} {:>6} {:>8}"
WAITING = ngettext_lazy(
    "{number} pli attend d’être exporté, depuis le {since}.",
    "{number} plis attendent d’être exportés, le plus ancien depuis le {since}.",
    "number",
)


class Command(BaseCommand):
    help = (
        "Liste les lots de plis scellés, un par ligne, du plus ancien au plus récent, et dit combien de plis "
        "attendent d’être exportés, et depuis quand."
    )

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="la même chose en une ligne JSON")

    def handle(self, **options):
        batches = LetterBatch.objects.with_counts().order_by("exported_at", "id")
        waiting, oldest = SealedLetter.objects.waiting().count(), _oldest_waiting()
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(batches, waiting, oldest)))
            return
        self.stdout.write(COLUMNS.format("LOT", "EXPORTÉ", "ÉCRIT", "CONFIRMÉ", "PLIS", "ANNULÉS"))
        for batch in batches:
            self.stdout.write(_as_line(batch))
        self.stdout.write(_as_sentence(waiting, oldest))


def _oldest_waiting() -> datetime | None:
    return SealedLetter.objects.waiting().aggregate(oldest=Min("issued_at"))["oldest"]


def _as_json(batches: QuerySet, waiting: int, oldest: datetime | None) -> dict[str, object]:
    listed = [
        {
            "batch": batch.id,
            "exported_at": _iso(batch.exported_at),
            "last_written_at": _iso(batch.last_written_at),
            "confirmed_at": _iso(batch.confirmed_at),
            "letters": batch.letter_count,
            "voided": batch.voided_count,
        }
        for batch in batches
    ]
    return {"waiting": waiting, "oldest_waiting": _iso(oldest), "batches": listed}


def _as_line(batch: LetterBatch) -> str:
    dates = map(_shown, (batch.exported_at, batch.last_written_at, batch.confirmed_at))
    return COLUMNS.format(batch.id, *dates, batch.letter_count, batch.voided_count)


def _as_sentence(waiting: int, oldest: datetime | None) -> str:
    if oldest is None:
        return "Aucun pli n’attend."
    return WAITING.format(number=waiting, since=wording.short_moment(oldest))


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _shown(moment: datetime | None) -> str:
    return wording.short_moment(moment) if moment else "non"
