"""Names the second moyens that somebody wrote into the database, deleted from it or put back."""

import json
import time

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import ngettext_lazy
from tqdm import tqdm

from auth_codes.factors import checking, token_checking
from auth_codes.factors.checking import FactorFound, FactorProblem
from auth_codes.factors.token_checking import TokenProblem

SHOWN = 50
WHO = {False: "Code client", True: "Membre du personnel"}
MENDED_BY = {
    False: "puis faites mettre fin par deux conseillers à ses seconds moyens",
    True: "puis donnez-lui un ticket : le moyen qu’il ajoute met fin à ceux d’avant",
}
SENTENCES = {
    FactorProblem.GONE: (
        "le journal dit son second moyen n° {number} en service, et la base ne l’a plus : rien n’est demandé après son "
        "code ou son mot de passe. Quelqu’un l’a effacé sans la banque : fermez l’accès aussitôt, appelez cette "
        "personne, {mended_by}, et faites renouveler son code ou son mot de passe."
    ),
    FactorProblem.PUT_BACK: (
        "le journal dit son second moyen n° {number} terminé, et la base l’a de nouveau en service. Quelqu’un l’a "
        "remis : appelez cette personne, {mended_by}."
    ),
    FactorProblem.NEVER_ADDED: (
        "la base a en service un second moyen n° {number} que le journal n’a jamais vu ajouter. Quelqu’un l’y a écrit "
        "sans la banque : appelez cette personne, {mended_by}."
    ),
    FactorProblem.NOT_SEALED: (
        "son second moyen n° {number} n’est plus celui qu’a écrit la banque, et n’ouvre rien. La base a été modifiée "
        "sans la clé : appelez cette personne, {mended_by}."
    ),
}
OF_TOKENS = {
    TokenProblem.PUT_BACK: (
        "le journal le dit perdu ou hors d’usage, et la base l’a de nouveau. Quelqu’un l’a remis : ne le prêtez plus ; "
        "s’il est prêté, faites-le rendre comme perdu."
    ),
    TokenProblem.NOT_SEALED: (
        "sa ligne n’est plus celle qu’a écrite la banque, et n’ouvre rien. La base a été modifiée sans la clé : ne le "
        "prêtez plus ; s’il est prêté, faites-le rendre comme hors d’usage."
    ),
}
SOUND = ngettext_lazy("{} second moyen contrôlé, rien à signaler.", "{} seconds moyens contrôlés, rien à signaler.")


class Command(BaseCommand):
    help = (
        "Compare les seconds moyens en service avec ce que le journal dit de leur ajout et de leur fin, et nomme ceux "
        "que quelqu’un a écrits dans la base, modifiés, effacés ou remis ; de même les boîtiers que la banque prête. "
        "Lancez aussi verify_journal : le journal "
        "doit être prouvé. Affiche une ligne JSON ; se termine par 1 si quelque chose ne va pas."
    )

    def handle(self, **options):
        self.found, started = 0, time.monotonic()
        total = get_user_model()._default_manager.filter(is_active=True).count()
        with tqdm(total=total, desc="Accès contrôlés", unit=" accès", disable=None) as bar:
            checked = checking.check(self._tell, bar.update)
        for token in token_checking.check():
            self._say(f"Boîtier n° {token.serial} : {OF_TOKENS[token.problem]}")
        seconds = round(time.monotonic() - started, 2)
        figures = {"checked": checked.factors, "owners": checked.owners, "findings": self.found, "seconds": seconds}
        self.stdout.write(json.dumps(figures))
        if self.found:
            more = f" (les {SHOWN} premiers sont ci-dessus)" if self.found > SHOWN else ""
            raise CommandError(f"{self.found} constat(s){more}. Gardez une copie de la base avant tout.")
        self.stderr.write(SOUND.format(checked.factors))

    def _tell(self, finding: FactorFound) -> None:
        said = SENTENCES[finding.problem].format(number=finding.number, mended_by=MENDED_BY[finding.is_staff])
        self._say(f"{WHO[finding.is_staff]} {finding.name} : {said}")

    def _say(self, sentence: str) -> None:
        self.found += 1
        if self.found <= SHOWN:
            self.stderr.write(sentence)
