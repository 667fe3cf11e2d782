"""What ordinary post waits for the print workshop, and the batches that were handed over."""

import json

from django.core.management.base import BaseCommand
from django.db.models import Min

from accounts.models import PostalItem, PostBatch
from auth_codes import wording

COLUMNS = "{:<16} {:<17} {:<17} {:<17} {:>8} {:>8}"


class Command(BaseCommand):
    help = (
        "Liste les lots de courrier ordinaire, un par ligne, du plus ancien au plus récent, et dit combien de lettres "
        "attendent d’être exportées, et depuis quand."
    )

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="la même chose en une ligne JSON")

    def handle(self, **options):
        listed = PostBatch.objects.with_counts().order_by("exported_at", "id")
        waiting = PostalItem.objects.waiting().count()
        oldest = PostalItem.objects.waiting().aggregate(oldest=Min("queued_at"))["oldest"]
        if options["json"]:
            rows = [_as_json(batch) for batch in listed]
            self.stdout.write(json.dumps({"waiting": waiting, "oldest_waiting": _iso(oldest), "batches": rows}))
            return
        self.stdout.write(COLUMNS.format("LOT", "EXPORTÉ", "ÉCRIT", "POSTÉ", "LETTRES", "PAGES"))
        for batch in listed:
            dates = map(_shown, (batch.exported_at, batch.last_written_at, batch.confirmed_at))
            self.stdout.write(COLUMNS.format(batch.id, *dates, batch.item_count, batch.page_count))
        since = f", depuis le {wording.short_moment(oldest)}" if oldest else ""
        self.stdout.write(f"En attente d’un lot : {waiting}{since}.")


def _as_json(batch) -> dict[str, object]:
    return {
        "batch": batch.id,
        "exported_at": _iso(batch.exported_at),
        "last_written_at": _iso(batch.last_written_at),
        "posted_at": _iso(batch.confirmed_at),
        "letters": batch.item_count,
        "pages": batch.page_count,
    }


def _iso(moment):
    return moment.isoformat(timespec="seconds") if moment else None


def _shown(moment):
    return wording.short_moment(moment) if moment else "non"
