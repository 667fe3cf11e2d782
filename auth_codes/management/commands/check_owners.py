"""Names the owners whose rows somebody put back or wrote in."""

import json
import time

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.text import capfirst
from django.utils.translation import ngettext_lazy
from tqdm import tqdm

from auth_codes.codes import bound_rows, put_back
from auth_codes.codes.put_back import OwnerFound, OwnerProblem

SHOWN = 50
KEY_CHANGED = (
    "La base a été modifiée sans la clé, ou SECRET_KEY a changé sans que l’ancienne soit dans SECRET_KEY_FALLBACKS"
)
OF_CLIENTS = {
    OwnerProblem.PUT_BACK: (
        "Code client {name} : ses lignes datent d’avant le remplacement n° {told} de son code (elles en disent "
        "{stands}). Quelqu’un a remis un état antérieur : faites renouveler le code, par deux conseillers."
    ),
    OwnerProblem.NOT_BOUND: (
        f"Code client {{name}} : l’accès n’est plus lié à son client. {KEY_CHANGED} : remettez-la. Sinon, un "
        "renouvellement du code par deux conseillers le lie de nouveau."
    ),
    OwnerProblem.LOCK_GONE: (
        "Code client {name} : le journal dit son accès verrouillé, et la base n’a plus ce verrou. Quelqu’un l’a levé "
        "sans la banque : fermez l’accès aussitôt, appelez le client, puis faites renouveler son code, par deux "
        "conseillers."
    ),
}
OF_STAFF = {
    OwnerProblem.PUT_BACK: (
        "Membre du personnel {name} : son mot de passe date d’avant son changement n° {told} (sa ligne en dit "
        "{stands}). Quelqu’un a remis un état antérieur : faites-lui donner un nouveau lien d’accès."
    ),
    OwnerProblem.NOT_BOUND: (
        f"Membre du personnel {{name}} : son mot de passe n’est plus lié à lui. {KEY_CHANGED} : remettez-la. Sinon, "
        "faites-lui donner un nouveau lien d’accès."
    ),
}
LOOSE = (
    "{} : cette ligne, qui donne accès aux comptes d’un autre, n’est plus celle qu’a écrite la banque. "
    f"{KEY_CHANGED} : remettez-la. Sinon, elle ne sert à rien : qu’un conseiller y mette fin et l’enregistre de "
    "nouveau."
)
SOUND = ngettext_lazy("{} accès contrôlé, rien à signaler.", "{} accès contrôlés, rien à signaler.")


class Command(BaseCommand):
    help = (
        "Compare le code de chaque client, et le mot de passe de chaque membre du personnel, avec ce que le journal "
        "dit de leurs remplacements, et nomme les accès dont "
        "les lignes ont été remises à un état antérieur ou modifiées sans la clé. Lancez aussi verify_journal : le "
        "journal doit être prouvé. Affiche une ligne JSON ; se termine par 1 si quelque chose ne va pas."
    )

    def handle(self, **options):
        self.found, started = 0, time.monotonic()
        total = get_user_model()._default_manager.count()
        with tqdm(total=total, desc="Accès contrôlés", unit=" accès", disable=None) as bar:
            checked = put_back.check(self._tell, bar.update)
        with tqdm(desc="Représentations contrôlées", unit=" lignes", disable=None) as bar:
            for row in bound_rows.loose(bar.update):
                self._say(LOOSE.format(capfirst(row)))
        seconds = round(time.monotonic() - started, 2)
        self.stdout.write(json.dumps({"checked": checked, "findings": self.found, "seconds": seconds}))
        if self.found:
            more = f" (les {SHOWN} premiers sont ci-dessus)" if self.found > SHOWN else ""
            raise CommandError(f"{self.found} constat(s){more}. Gardez une copie de la base avant tout.")
        self.stderr.write(SOUND.format(checked))

    def _tell(self, finding: OwnerFound) -> None:
        sentences = OF_STAFF if finding.is_staff else OF_CLIENTS
        self._say(sentences[finding.problem].format(**finding._asdict()))

    def _say(self, sentence: str) -> None:
        self.found += 1
        if self.found <= SHOWN:
            self.stderr.write(sentence)
