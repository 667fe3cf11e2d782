"""The workshop has posted a batch of ordinary letters."""

import json

from django.core.management.base import BaseCommand, CommandError

from accounts.models import PostBatch
from accounts.print_stream import batches


class Command(BaseCommand):
    help = (
        "Note qu’un lot de courrier ordinaire est imprimé et posté ; il ne s’écrit alors plus. À lancer quand "
        "l’atelier a tout vérifié et tout posté."
    )

    def add_arguments(self, parser):
        parser.add_argument("batch", metavar="LOT", help="le lot, tel que l’export l’a nommé")

    def handle(self, *, batch, **options):
        exported = PostBatch.objects.filter(pk=batch).first()
        if exported is None:
            raise CommandError(f"Il n’y a pas de lot {batch}. « list_post » montre les lots.")
        try:
            count = batches.mark_posted(exported)
        except batches.AlreadyPosted:
            raise CommandError(f"Le lot {batch} est déjà dit posté.") from None
        except batches.NeverPrinted:
            raise CommandError(
                f"Le lot {batch} n’a jamais été écrit en entier : l’atelier ne peut l’avoir posté. "
                f"Écrivez-le d’abord : export_post DIR --batch {batch}"
            ) from None
        self.stdout.write(json.dumps({"batch": batch, "posted": count}))
