"""The demo's postman: plays the timers and the print workshop, so that a newcomer receives the letters he asked for."""

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accounts.demo import bank
from accounts.models import PostBatch
from accounts.print_stream import batches, drawing
from auth_codes.models import SealedLetter


class Command(BaseCommand):
    help = (
        "Dans la démonstration : traite les demandes, « poste » plis scellés et courrier ordinaire, et dit où les lire."
    )

    def handle(self, **options):
        if not settings.DEMO:
            raise CommandError("Cette commande ne sert qu’à la démonstration : DEMO=1 manque.")
        call_command("issue_requested_letters", stdout=self.stderr)
        call_command("issue_lists", stdout=self.stderr)
        call_command("send_notices", stdout=self.stderr)  # of pauses: the others left with their act
        self._print_ordinary_post()
        if not SealedLetter.objects.waiting().exists():
            self.stdout.write("Aucun courrier n’attend.")
            return
        folder = settings.VAR_DIR / "demo_letters"
        before = set(folder.glob("*.pdf"))
        bank.print_letters(folder, settings.DEMO_WORKSHOP_KEY)
        for letter in sorted(set(folder.glob("*.pdf")) - before):
            self.stdout.write(f"Courrier reçu : {letter}")

    def _print_ordinary_post(self):
        drawing.draw_waiting()
        for written in batches.export(settings.VAR_DIR / "demo_post"):
            batches.mark_posted(PostBatch.objects.get(pk=written.batch_id))
            self.stderr.write(f"Courrier ordinaire : {written.letters} lettre(s) dans {written.folder}")
