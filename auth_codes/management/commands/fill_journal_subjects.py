"""Tells of each line of the journal, also of those from before this was noted, whose journal it is read in.

The migration that brings the rows fills them itself, in batches that each commit, so that the pages of a client's
journal lose no line on the way. A big bank does not let that migration run for as long: it applies `auth_codes` up to
the table's migration, runs this command while the portal is still the old one, and migrates the rest, which then finds
little to do. Lines that the old portal wrote after that migration are filled by one more run.
"""

import json

from django.core.management.base import BaseCommand
from tqdm import tqdm

from auth_codes.journal import mentions, subjects


class Command(BaseCommand):
    help = (
        "Range chaque ligne du journal dans celui de la personne qu’elle concerne : utile pour les lignes d’avant ce "
        "rangement, que la migration range aussi. Peut être interrompue et relancée à tout moment, à côté du portail. "
        "Affiche une ligne JSON."
    )

    def handle(self, **options):
        total = subjects.without().count() + mentions.without().count()
        with tqdm(total=total, desc="Lignes rangées", unit=" lignes", disable=None) as bar:
            filled = subjects.fill(bar.update)
        self.stdout.write(json.dumps({"filled": filled}))
