"""The workshop has posted a batch: its letters are destroyed."""

import json

from django.core.management.base import BaseCommand, CommandError

from auth_codes.letters import batches
from auth_codes.models import LetterBatch


class Command(BaseCommand):
    help = (
        "Confirme qu’un lot est imprimé et posté : le contenu de ses plis est détruit, les 30 jours commencent. "
        "À lancer seulement quand l’atelier a tout ouvert sans fichier manquant, en trop ou abîmé, et tout posté."
    )

    def add_arguments(self, parser):
        parser.add_argument("batch", metavar="LOT", help="le lot, tel que l’export l’a nommé")

    def handle(self, *, batch, **options):
        exported = LetterBatch.objects.filter(pk=batch).first()
        if exported is None:
            raise CommandError(f"Il n’y a pas de lot {batch}. « list_sealed_letters » montre les lots.")
        try:
            count = batches.confirm(exported)
        except batches.AlreadyConfirmed:
            raise CommandError(f"Le lot {batch} est déjà confirmé.") from None
        except batches.NeverWritten:
            raise CommandError(
                f"Le lot {batch} n’a jamais été écrit en entier : l’atelier ne peut l’avoir posté. "
                f"Écrivez-le d’abord : export_sealed_letters --to DIR --batch {batch}"
            ) from None
        self.stdout.write(json.dumps({"batch": batch, "destroyed": count}))
