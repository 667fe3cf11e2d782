"""Hands the waiting sealed letters to the print workshop."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from auth_codes import batches
from auth_codes.models import LetterBatch


class Command(BaseCommand):
    help = (
        "Écrit les plis scellés en attente dans DIR/LOT, avec leur manifeste, et affiche une ligne JSON. "
        "Un lot peut être écrit de nouveau (--batch) tant qu’il n’est pas confirmé."
    )

    def add_arguments(self, parser):
        parser.add_argument("--to", required=True, type=Path, metavar="DIR", help="dossier où écrire le lot")
        parser.add_argument("--batch", metavar="LOT", help="écrire de nouveau ce lot au lieu d’en faire un")

    def handle(self, *, to, batch, **options):
        exported = self._known(batch) if batch else batches.collect()
        if exported is None:
            self._say_what_waits_for_confirmation()
            self.stdout.write(json.dumps({"batch": None, "letters": 0}))
            return
        try:
            folder = batches.write(exported, to)
        except batches.AlreadyConfirmed:
            raise CommandError(f"Le lot {exported.id} est confirmé : ses plis sont détruits.") from None
        except OSError as error:
            again = f"export_sealed_letters --to DIR --batch {exported.id}"
            raise CommandError(f"Le lot {exported.id} n’a pu être écrit ({error}). Recommencez : {again}") from None
        self.stderr.write(f"{folder} : à remettre à l’atelier, puis « confirm_sealed_letters {exported.id} ».")
        self.stdout.write(json.dumps({"batch": exported.id, "letters": exported.letters.count()}))

    def _known(self, batch_id):
        batch = LetterBatch.objects.filter(pk=batch_id).first()
        if batch is None:
            raise CommandError(f"Il n’y a pas de lot {batch_id}.")
        return batch

    def _say_what_waits_for_confirmation(self):
        waiting = LetterBatch.objects.filter(confirmed_at=None).order_by("exported_at").values_list("id", flat=True)
        self.stderr.write("Aucun pli n’attend.")
        if waiting:
            self.stderr.write(f"Lots exportés et non confirmés : {', '.join(waiting)}.")
