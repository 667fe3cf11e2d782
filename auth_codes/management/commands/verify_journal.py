"""Proves that nothing was removed from the journal, altered or slipped in."""

import json
import re
import time
from argparse import ArgumentTypeError

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import ngettext_lazy
from tqdm import tqdm

from auth_codes.journal import verification
from auth_codes.journal.chain import Place
from auth_codes.journal.findings import in_a_sentence
from auth_codes.journal.verification import BreachFound
from auth_codes.models import JournalLink

SHOWN = 50
INTACT = ngettext_lazy(
    "Journal intact : {lines} ligne vérifiée, {waiting} en attente de scellement.",
    "Journal intact : {lines} lignes vérifiées, {waiting} en attente de scellement.",
    "lines",
)


def place(text: str) -> Place:
    """« POSITION:SCEAU » as seal_journal prints them. Raises ArgumentTypeError."""
    found = re.fullmatch(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", text.strip().lower())
    if not found:
        raise ArgumentTypeError("attendu : POSITION:SCEAU, les champs « position » et « mac » de seal_journal")
    return Place(int(found[1]), bytes.fromhex(found[2]))


class Command(BaseCommand):
    help = (
        "Relit le journal scellé depuis le dernier repère de purge et nomme toute ligne supprimée, modifiée, déplacée "
        "ou insérée après coup, tout sceau modifié, tout faux repère. Une fin coupée ne se voit qu’avec --head. "
        "Affiche une ligne JSON ; se termine par 1 si quelque chose ne va pas."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--head",
            type=place,
            metavar="POSITION:SCEAU",
            help="une position et son sceau, tels que seal_journal les a affichés : prouve que la fin est là",
        )

    def handle(self, *, head, **options):
        self.found, started = 0, time.monotonic()
        total = JournalLink.objects.count()
        with tqdm(total=total, desc="Lignes vérifiées", unit=" lignes", disable=None) as bar:
            done = verification.verify(timezone.now(), self._tell, bar.update, head)
        seconds = time.monotonic() - started
        figures = {
            "verified": done.lines,
            "waiting": done.waiting,
            "findings": self.found,
            "from": done.start.position,
            "position": done.head.position,
            "mac": done.head.mac.hex(),
            "seconds": round(seconds, 2),
            "lines_per_second": round(done.lines / seconds),
        }
        self.stdout.write(json.dumps(figures))
        if self.found:
            raise CommandError(self._conclusion())
        self.stderr.write(INTACT.format(lines=done.lines, waiting=done.waiting))

    def _tell(self, finding: BreachFound) -> None:
        self.found += 1
        if self.found <= SHOWN:
            self.stderr.write(in_a_sentence(finding))

    def _conclusion(self) -> str:
        more = f" (les {SHOWN} premiers sont ci-dessus)" if self.found > SHOWN else ""
        return f"Le journal n’est pas prouvé : {self.found} constat(s){more}. Gardez une copie de la base avant tout."
