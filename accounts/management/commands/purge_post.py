"""Lets go of ordinary letters some time after they were posted."""

import json

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.print_stream import purging


class Command(BaseCommand):
    help = (
        "Efface l’adresse, le texte et le PDF des courriers ordinaires postés depuis plus de 60 jours. À lancer chaque "
        "jour."
    )

    def handle(self, **options):
        self.stdout.write(json.dumps({"purged": purging.purge(timezone.now())}))
