"""Proves that no money appeared or vanished in the ledger."""

import json
import time

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import ngettext_lazy
from tqdm import tqdm

from accounts.ledger import checking
from accounts.ledger.checking import Finding
from accounts.ledger.findings import in_a_sentence

SHOWN = 50
SOUND = ngettext_lazy("Grand livre juste : {} opération contrôlée.", "Grand livre juste : {} opérations contrôlées.")


class Command(BaseCommand):
    help = (
        "Contrôle le grand livre tel qu’il est à cet instant, sans retenir personne : écritures équilibrées, soldes "
        "qui se suivent, relevés, rectifications et virements conformes, déclencheurs en place. Nomme chaque écart. "
        "Affiche une ligne JSON ; se termine par 1 si quelque chose ne va pas."
    )

    def handle(self, **options):
        self.found, started = 0, time.monotonic()
        with checking.one_moment():
            steps = checking.plan()
            with tqdm(total=len(steps), desc="Contrôles", unit=" étapes", disable=None) as bar:
                done = checking.check(steps, self._tell, bar.update)
        seconds = time.monotonic() - started
        figures = done._asdict() | {
            "owed": str(done.owed),
            "findings": self.found,
            "seconds": round(seconds, 2),
            "entries_per_second": round(done.entries / seconds),
        }
        self.stdout.write(json.dumps(figures))
        if self.found:
            raise CommandError(self._conclusion())
        self.stderr.write(SOUND.format(done.entries))

    def _tell(self, finding: Finding) -> None:
        self.found += 1
        if self.found <= SHOWN:
            self.stderr.write(in_a_sentence(finding))

    def _conclusion(self) -> str:
        more = f" (les {SHOWN} premiers sont ci-dessus)" if self.found > SHOWN else ""
        return (
            f"Le grand livre n’est pas juste : {self.found} constat(s){more}. Gardez une copie de la base avant tout."
        )
