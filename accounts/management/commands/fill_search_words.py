"""Gives each client the words that he is found by, also those who were registered before there were any.

The migration that brings the words fills them itself. A big bank does not let it run for as long: it applies `accounts`
up to the table's migration, runs this command while the portal is still the old one, migrates the rest, and runs it
once more for the sheets that the old portal has written meanwhile.
"""

import json

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from accounts.clients import found_by
from accounts.models import Client


class Command(BaseCommand):
    help = (
        "Compare les mots par lesquels le poste de travail retrouve chaque client avec sa fiche, et corrige ce qui "
        "diffère. Peut être interrompue et relancée à tout moment, à côté du portail. Affiche une ligne JSON. À lancer "
        "chaque semaine par une minuterie, et après une restauration."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--check",
            action="store_true",
            help="ne rien corriger : dire quels clients diffèrent ; le code de sortie est 1 s’il y en a",
        )

    def handle(self, *, check, **options):
        with tqdm(total=Client.objects.count(), desc="Clients", unit=" clients", disable=None) as bar:
            if not check:
                self.stdout.write(json.dumps({"clients": bar.total, "corrected": found_by.put_right(bar.update)}))
                return
            differing = [self._name(pk) for pk in found_by.compare(bar.update)]
        if differing:
            raise CommandError(
                f"Clients dont les mots ne sont pas ceux de la fiche : {len(differing)}. Relancez sans --check."
            )
        self.stdout.write(json.dumps({"clients": bar.total, "differing": 0}))

    def _name(self, pk):
        self.stdout.write(json.dumps({"client": pk}))
        return pk
