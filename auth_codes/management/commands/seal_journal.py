"""Chains the journal; a timer runs it every few minutes."""

import json

from django.core.management.base import BaseCommand
from django.utils import timezone
from tqdm import tqdm

from auth_codes.journal import chain_keys, chaining


class Command(BaseCommand):
    help = (
        "Scelle les lignes du journal qui ne le sont pas encore, chacune liée à la précédente, et affiche une ligne "
        "JSON avec la position et le sceau de la dernière. Gardez ces lignes hors de la base (journal de la "
        "minuterie) : « verify_journal --head POSITION:SCEAU » prouve avec l’une d’elles que la fin n’a pas été "
        "coupée. À lancer toutes les quelques minutes ; peut être interrompue et relancée à tout moment."
    )

    def handle(self, **options):
        with tqdm(desc="Lignes scellées", unit=" lignes", disable=None) as bar:
            done = chaining.chain_new_lines(timezone.now(), bar.update)
        figures = {"sealed": done.lines, "position": done.head.position, "mac": done.head.mac.hex()}
        self.stdout.write(json.dumps(figures | {"key": chain_keys.signing()[0]}))
