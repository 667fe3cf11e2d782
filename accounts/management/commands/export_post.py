"""Hands the ordinary letters that wait to the print workshop."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from accounts.models import PostalItem, PostBatch
from accounts.print_stream import batches, drawing
from accounts.print_stream.batches import WrittenPost
from auth_codes.handover import batch_folders


class Command(BaseCommand):
    help = (
        "Écrit dans DIR/LOT les lots de courrier ordinaire qu’un arrêt brutal aurait laissés inachevés, puis un "
        "nouveau lot avec le courrier en attente : un PDF par lettre, la liste letters.csv, le manifeste signé et les "
        "sommes de contrôle (sha256sum -c manifest.sha256). Affiche une ligne JSON par lot. Un lot peut être écrit de "
        "nouveau (--batch), octet pour octet, tant que mark_post_sent ne l’a pas dit posté."
    )

    def add_arguments(self, parser):
        parser.add_argument("to", type=Path, metavar="DIR", help="dossier où écrire le lot")
        parser.add_argument("--batch", metavar="LOT", help="écrire de nouveau ce lot au lieu d’en faire un")

    def handle(self, *, to, batch, **options):
        failed = [] if batch else self._draw()
        try:
            written = self._said(_again(batch, to) if batch else batches.export(to))
        except batches.AlreadyPosted:
            raise CommandError(f"Le lot {batch} est posté : il ne s’écrit plus.") from None
        except drawing.DamagedItem as error:
            raise CommandError(
                f"Le PDF du courrier {error} est abîmé dans la base : rien n’a été écrit de son lot. Voyez le journal "
                "du serveur, et la sauvegarde."
            ) from None
        except batch_folders.CannotWrite as error:
            again = f"export_post DIR --batch {error.batch_id}"
            problem = f"Le lot {error.batch_id} n’a pu être écrit : {batch_folders.why_not_written(to, error.reason)}."
            raise CommandError(f"{problem} Recommencez : {again}") from None
        if not written:
            self._say_what_waits()
            self.stdout.write(json.dumps({"batch": None, "letters": 0}))
        if failed:
            raise CommandError("Courriers dont le PDF n’a pu être fait, et qui attendent :\n" + "\n".join(failed))

    def _draw(self) -> list[str]:
        undrawn = PostalItem.objects.undrawn().count()
        with tqdm(total=undrawn, desc="Lettres composées", unit="lettre", disable=None) as bar:
            return [str(item) for item in drawing.draw_waiting(bar.update)]

    def _said(self, writing: Iterable[WrittenPost]) -> int:
        """Says each batch as soon as it is written: the next one may fail. Gives how many there were."""
        count = 0
        for written in writing:
            count += 1
            posted = f"mark_post_sent {written.batch_id}"
            self.stderr.write(f"{written.folder} : à remettre à l’atelier, puis « {posted} » quand tout est posté.")
            line = {
                "batch": written.batch_id,
                "letters": written.letters,
                "pages": written.pages,
                "manifest_sha256": written.manifest_sha256,
            }
            self.stdout.write(json.dumps(line))
        return count

    def _say_what_waits(self):
        exported = PostBatch.objects.filter(confirmed_at=None).order_by("exported_at").values_list("id", flat=True)
        self.stderr.write("Aucun courrier prêt n’attend.")
        if exported:
            self.stderr.write(f"Lots exportés, et pas encore dits postés : {', '.join(exported)}.")


def _again(batch_id: str, folder: Path) -> Iterator[WrittenPost]:
    batch = PostBatch.objects.filter(pk=batch_id).first()
    if batch is None:
        raise CommandError(f"Il n’y a pas de lot {batch_id}. « list_post » montre les lots.")
    yield batches.write_again(batch, folder)
