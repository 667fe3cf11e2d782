"""Makes the printed lists of codes that were ordered, and ends those never activated; a timer runs it every hour."""

import json

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from auth_codes.factors import lists_issuing
from auth_codes.one_at_a_time import alone


class Command(BaseCommand):
    help = (
        "Prépare les listes de codes commandées et scelle leurs plis, et met fin à celles que personne n’a activées en "
        "45 jours. Affiche une ligne JSON. À lancer toutes les heures ; peut être interrompue et relancée."
    )

    def handle(self, **options):
        # Two runs at once would make the same lists twice, and throw one of each away.
        with alone("issue_lists"), tqdm(desc="Listes", unit=" listes", disable=None) as bar:
            done = lists_issuing.issue_all(timezone.now(), bar.update)
        self.stdout.write(json.dumps(done))
        if done[lists_issuing.FAILED]:
            raise CommandError(f"{done[lists_issuing.FAILED]} liste(s) en échec, voir le journal technique.")
