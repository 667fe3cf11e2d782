"""Lets go of the journal's lines after thirteen months; a timer runs it every day."""

import json

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from auth_codes.journal import purging
from auth_codes.journal.findings import in_a_sentence


class Command(BaseCommand):
    help = (
        "Efface les lignes scellées du journal qui ont plus de treize mois (Code monétaire et financier, L133-23 et "
        "L133-24), en laissant un repère signé d’où la chaîne continue, et affiche une ligne JSON. Des lignes qui ne "
        "se vérifient pas sont des preuves : elles restent, et la commande le dit. À lancer chaque jour ; peut être "
        "interrompue et relancée à tout moment."
    )

    def handle(self, **options):
        now = timezone.now()
        try:
            with tqdm(desc="Lignes effacées", unit=" lignes", disable=None) as bar:
                done = purging.purge(now, bar.update)
        except purging.NotProved as error:
            [finding] = error.args
            problem = f"Rien n’a été effacé à partir de là. {in_a_sentence(finding)}"
            raise CommandError(f"{problem}\nLancez verify_journal et gardez une copie de la base.") from None
        figures = {
            "purged": done.purged,
            "proofs_purged": done.proofs_purged,
            "position": done.start.position,
            "mac": done.start.mac.hex(),
        }
        self.stdout.write(json.dumps(figures | {"kept_since": purging.kept_since(now).isoformat()}))
