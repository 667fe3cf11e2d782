"""Ends what a restored backup has brought back to life."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand

from accounts.desk import restoring


class Command(BaseCommand):
    help = (
        "Après la restauration d’une sauvegarde, avant de rouvrir le portail : met fin à toutes les sessions, aux "
        "appareils connus et aux liens d’accès du personnel, dont certains avaient pris fin depuis la sauvegarde, et "
        "annule les codes des clients nommés par --codes : "
        "ceux qui ont changé de code ou fermé leur accès depuis, d’après les messages partis. Affiche une ligne JSON, "
        "dont la dernière heure du journal. Peut être interrompue et relancée."
    )

    def add_arguments(self, parser):
        parser.add_argument("--codes", type=Path, metavar="FICHIER", help="un code client par ligne")

    def handle(self, *, codes, **options):
        typed = codes.read_text(encoding="utf-8").splitlines() if codes else []
        names = ["".join(line.split()) for line in typed]
        restored = restoring.end_what_came_back(filter(None, names))
        self.stdout.write(json.dumps(restored._asdict(), default=str))
