"""Hands the waiting sealed letters to the print workshop."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from auth_codes.handover import batch_folders
from auth_codes.letters import batches
from auth_codes.letters.batches import WrittenBatch
from auth_codes.models import LetterBatch


class Command(BaseCommand):
    help = (
        "Écrit dans DIR/LOT les lots qu’un arrêt brutal aurait laissés inachevés, puis un nouveau lot avec les plis en "
        "attente ; chacun avec son manifeste et ses sommes de contrôle (sha256sum -c manifest.sha256). Affiche une "
        "ligne JSON par lot. Un lot peut être écrit de nouveau (--batch) tant qu’il n’est pas confirmé ; les plis "
        "annulés entre-temps n’y sont plus."
    )

    def add_arguments(self, parser):
        parser.add_argument("--to", required=True, type=Path, metavar="DIR", help="dossier où écrire le lot")
        parser.add_argument("--batch", metavar="LOT", help="écrire de nouveau ce lot au lieu d’en faire un")

    def handle(self, *, to, batch, **options):
        try:
            written = self._said(_again(batch, to) if batch else batches.export(to))
        except batches.AlreadyConfirmed:
            raise CommandError(f"Le lot {batch} est confirmé : ses plis sont détruits.") from None
        except batch_folders.CannotWrite as error:
            again = f"export_sealed_letters --to DIR --batch {error.batch_id}"
            problem = f"Le lot {error.batch_id} n’a pu être écrit : {batch_folders.why_not_written(to, error.reason)}."
            raise CommandError(f"{problem} Recommencez : {again}") from None
        if not written:
            self._say_what_waits_for_confirmation()
            self.stdout.write(json.dumps({"batch": None, "letters": 0}))

    def _said(self, writing: Iterable[WrittenBatch]) -> int:
        """Says each batch as soon as it is written: the next one may fail. Gives how many there were."""
        count = 0
        for written in writing:
            count += 1
            confirm = f"confirm_sealed_letters {written.batch_id}"
            self.stderr.write(f"{written.folder} : à remettre à l’atelier, puis « {confirm} » quand tout est posté.")
            line = {"batch": written.batch_id, "letters": written.letters, "manifest_sha256": written.manifest_sha256}
            self.stdout.write(json.dumps(line))
        return count

    def _say_what_waits_for_confirmation(self):
        waiting = LetterBatch.objects.filter(confirmed_at=None).order_by("exported_at").values_list("id", flat=True)
        self.stderr.write("Aucun pli n’attend.")
        if waiting:
            self.stderr.write(f"Lots exportés et non confirmés : {', '.join(waiting)}.")


def _again(batch_id: str, folder: Path) -> Iterator[WrittenBatch]:
    batch = LetterBatch.objects.filter(pk=batch_id).first()
    if batch is None:
        raise CommandError(f"Il n’y a pas de lot {batch_id}. « list_sealed_letters » montre les lots.")
    yield batches.write_again(batch, folder)
