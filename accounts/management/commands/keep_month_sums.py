"""Keeps the sums of the months that have ended, so that pages need not add them up."""

import json
import time

from django.core.management.base import BaseCommand
from django.utils import timezone
from tqdm import tqdm

from accounts.operations import sums


class Command(BaseCommand):
    help = (
        "Additionne, par compte, mois et catégorie, les opérations des mois terminés, pour que les pages n’aient pas à "
        "le faire. Les pages sont justes sans elle, mais plus lentes. Peut être interrompue et relancée à tout moment. "
        "Affiche une ligne JSON. À lancer par une minuterie, le premier jour de chaque mois."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--anew", action="store_true", help="tout additionner de nouveau, par exemple si des catégories ont changé"
        )

    def handle(self, *, anew, **options):
        started, month = time.monotonic(), timezone.localdate().replace(day=1)
        if anew:
            sums.forget()
        with tqdm(total=sums.behind(month).count(), desc="Comptes", unit=" comptes", disable=None) as bar:
            kept = sums.keep(month, bar.update)
        self.stdout.write(json.dumps({"accounts": kept, "seconds": round(time.monotonic() - started, 2)}))
