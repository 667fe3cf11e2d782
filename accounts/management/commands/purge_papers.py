"""Lets go of papers after their ten years; a timer runs it every month."""

import json

from django.core.management.base import BaseCommand
from django.utils import timezone
from tqdm import tqdm

from accounts.documents import purging


class Command(BaseCommand):
    help = (
        "Dit combien de documents ont été gardés aussi longtemps que la loi le demande : dix ans après la fin de "
        "l’année de leur émission (Code de commerce, L123-22) ; un contrat, dix ans après la fin de l’année où il a "
        "pris fin. Avec --purge, les efface. Affiche une ligne JSON. À lancer chaque mois avec --purge ; peut être "
        "interrompue et relancée à tout moment."
    )

    def add_arguments(self, parser):
        parser.add_argument("--purge", action="store_true", help="effacer ; sans cela rien n’est changé")

    def handle(self, *, purge, **options):
        today = timezone.localdate()
        with tqdm(desc="Documents", unit=" documents", disable=None) as bar:
            if purge:
                figures = {"purged": purging.purge(today, bar.update)}
            else:
                figures = {"due": sum(map(len, purging.due(today)))}
        self.stdout.write(json.dumps(figures | {"kept_since": purging.kept_since(today).isoformat()}))
