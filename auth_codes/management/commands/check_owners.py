"""Names the owners whose rows somebody put back or wrote in."""

import json
import time

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import ngettext_lazy
from tqdm import tqdm

from auth_codes.codes import put_back
from auth_codes.codes.put_back import OwnerFound, OwnerProblem

SHOWN = 50
SENTENCES = {
    OwnerProblem.PUT_BACK: (
        "Code client {client_code} : ses lignes datent d’avant le remplacement n° {told} de son code (elles en disent "
        "{stands}). Quelqu’un a remis un état antérieur : fermez cet accès, puis renouvelez le code."
    ),
    OwnerProblem.NOT_BOUND: (
        "Code client {client_code} : l’accès n’est plus lié à son client. La base a été modifiée sans la clé, ou "
        "SECRET_KEY a changé sans que l’ancienne soit dans SECRET_KEY_FALLBACKS."
    ),
}
SOUND = ngettext_lazy("{} accès contrôlé, rien à signaler.", "{} accès contrôlés, rien à signaler.")


class Command(BaseCommand):
    help = (
        "Compare le code de chaque client avec ce que le journal dit de ses remplacements, et nomme les accès dont "
        "les lignes ont été remises à un état antérieur ou modifiées sans la clé. Lancez aussi verify_journal : le "
        "journal doit être prouvé. Affiche une ligne JSON ; se termine par 1 si quelque chose ne va pas."
    )

    def handle(self, **options):
        self.found, started = 0, time.monotonic()
        total = get_user_model()._default_manager.count()
        with tqdm(total=total, desc="Accès contrôlés", unit=" accès", disable=None) as bar:
            checked = put_back.check(self._tell, bar.update)
        seconds = round(time.monotonic() - started, 2)
        self.stdout.write(json.dumps({"checked": checked, "findings": self.found, "seconds": seconds}))
        if self.found:
            more = f" (les {SHOWN} premiers sont ci-dessus)" if self.found > SHOWN else ""
            raise CommandError(f"{self.found} constat(s){more}. Gardez une copie de la base avant tout.")
        self.stderr.write(SOUND.format(checked))

    def _tell(self, finding: OwnerFound) -> None:
        self.found += 1
        if self.found <= SHOWN:
            self.stderr.write(SENTENCES[finding.problem].format(**finding._asdict()))
