"""Forgets who clients were, five years after the end of the relation; a timer runs it every month."""

import json

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from accounts.clients import erasing

LEFT = "{count} fiche(s) effacée(s) où quelque chose a été récrit : {pks}. Regardez qui l’a fait, puis videz-les."


class Command(BaseCommand):
    help = (
        "Dit combien de fiches de clients le délai légal oblige à effacer, cinq ans après la fin de la relation (Code "
        "monétaire et financier, L561-12). Avec --erase, les efface : noms, coordonnées, mots de recherche, codes et "
        "appareils ; le code client reste pris, les documents et les écritures restent dix ans (Code de commerce, "
        "L123-22). Affiche une ligne JSON. À lancer chaque mois avec --erase ; peut être interrompue et relancée à "
        "tout moment."
    )

    def add_arguments(self, parser):
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--erase", action="store_true", help="effacer ; sans cela rien n’est changé")
        what.add_argument("--check", action="store_true", help="vérifier les fiches déjà effacées (code de fin 1)")

    def handle(self, *, erase, check, **options):
        if check:
            self._check()
            return
        today = timezone.localdate()
        with tqdm(desc="Fiches", unit=" fiches", disable=None) as bar:
            if erase:
                figures = {"erased": erasing.erase_all(today, bar.update)}
            else:
                figures = {"due": sum(1 for _ in erasing.due(today))}
        self.stdout.write(json.dumps(figures))

    def _check(self):
        left = erasing.half_erased()
        self.stdout.write(json.dumps({"left": len(left)}))
        if left:
            raise CommandError(LEFT.format(count=len(left), pks=", ".join(map(str, left[:20]))))
