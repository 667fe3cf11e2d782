"""Tells the journal of default codes that expired unused; a timer runs it every day."""

import json

from django.core.management.base import BaseCommand
from django.utils import timezone
from tqdm import tqdm

from auth_codes.renewals import code_life


class Command(BaseCommand):
    help = (
        "Note au journal les codes provisoires expirés sans avoir été remplacés. Affiche une ligne JSON. À lancer "
        "chaque jour ; peut être interrompue et relancée à tout moment."
    )

    def handle(self, **options):
        with tqdm(desc="Codes expirés", unit=" codes", disable=None) as bar:
            expired = code_life.note_expired(timezone.now(), bar.update)
        self.stdout.write(json.dumps({"expired": expired}))
