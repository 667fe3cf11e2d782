"""Seals every stored code anew under the first of the sealing keys."""

import json
import time
from argparse import RawDescriptionHelpFormatter

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, DjangoHelpFormatter
from tqdm import tqdm

from auth_codes import journal
from auth_codes.codes import bindings, bound_rows, costs, factor_seals, rotation, staff_hashes
from auth_codes.models import SecurityEvent

HELP = """
Scelle de nouveau, sous la première clé de SECRET_CODE_KEYS, tous les codes secrets qui sont encore sous une autre.
Peut être interrompue et relancée à tout moment, pendant que les clients se connectent et changent de code.

Changer de clé :
  1. ajoutez la nouvelle clé EN DERNIER dans SECRET_CODE_KEYS, sur chaque serveur : chacun sait alors l’ouvrir ;
  2. placez-la EN PREMIER, sur chaque serveur : les nouveaux codes sont scellés sous elle ;
  3. lancez « manage.py rotate_secret_codes » ;
  4. « manage.py check --database default » dit si une ligne a encore besoin de l’ancienne clé ;
  5. si plus aucune, retirez l’ancienne clé. Gardez-la hors ligne aussi longtemps que les sauvegardes de la base.

Affiche une ligne JSON : lignes scellées de nouveau, illisibles, secondes, lignes par seconde, lignes par autre clé,
coûts de hachage devenus inutiles, liens des accès et des représentations refaits après un changement de SECRET_KEY
(bindings), mots de passe du personnel scellés de nouveau (staff_passwords) : ces personnes se connectent alors une
fois de plus ; seconds moyens des clients scellés de nouveau (factors).
"""
UNREADABLE = """
{count} code(s) illisible(s), laissé(s) en l’état ; le journal technique donne l’identifiant et la cause de chacun.
Si leur clé n’est plus celle qui portait ce nom, remettez la bonne et relancez. Sinon ces lignes sont abîmées : ceux de
ces clients dont c’est le code en cours ne peuvent plus se connecter, et il leur faut un nouveau code secret.
"""
MISSING_KEY = """
La clé « {key} » manque dans SECRET_CODE_KEYS : {count} code(s) sous elle, laissé(s) en l’état. Remettez-la et relancez.
Si elle est perdue, il faut à ceux de ces clients dont c’est le code en cours un nouveau code secret.
"""
LEFT = """
{count} code(s) encore sous une autre clé : un serveur scelle sans doute toujours sous l’ancienne. Placez la nouvelle
clé en premier sur chaque serveur, puis relancez.
"""


class _KeepLines(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Django's help, with the lines of the description as they are."""


class Command(BaseCommand):
    help = HELP.strip()

    def create_parser(self, *args, **kwargs):
        return super().create_parser(*args, formatter_class=_KeepLines, **kwargs)

    def handle(self, **options):
        started = time.monotonic()
        with tqdm(total=rotation.openable().count(), desc="Codes scellés", unit=" codes", disable=None) as bar:
            done = rotation.rotate(bar.update)
        with tqdm(desc="Liens refaits", unit=" liens", disable=None) as bar:
            bound = bindings.make_anew(bar.update) + bound_rows.make_anew(bar.update)
        with tqdm(desc="Mots de passe scellés", unit=" mots de passe", disable=None) as bar:
            staff = staff_hashes.seal_anew(bar.update)
        with tqdm(desc="Moyens scellés", unit=" moyens", disable=None) as bar:
            factors = factor_seals.seal_anew(bar.update)
        seconds = time.monotonic() - started
        unreadable = len(done.unreadable) + sum(done.under_missing_keys.values())
        figures = {
            "rotated": done.rotated,
            "bindings": bound,
            "staff_passwords": staff,
            "factors": factors,
            "unreadable": unreadable,
            "seconds": round(seconds, 2),
            "rows_per_second": round(done.rotated / seconds),
            "under_other_keys": rotation.rows_under_other_keys(),
            "costs_retired": costs.retire(),
        }
        first = next(iter(settings.SECRET_CODE_KEYS))
        details = {"key": first, "rotated": done.rotated, "unreadable": unreadable}
        journal.record(SecurityEvent.Kind.CODES_ROTATED, details=details)
        self.stderr.write(_summary(figures, first))
        self.stdout.write(json.dumps(figures))
        problems = "\n".join(_problems(done, left=sum(figures["under_other_keys"].values()) - unreadable))
        if problems:
            raise CommandError(problems)


def _summary(figures, first_key):
    if not figures["rotated"] and not figures["under_other_keys"]:
        return f"Rien à faire : tous les codes sont sous « {first_key} »."
    return f"{figures['rotated']} codes scellés sous « {first_key} », {figures['rows_per_second']} lignes par seconde."


def _problems(done, *, left):
    """What the operator has to mend, if anything."""
    for key, count in done.under_missing_keys.items():
        yield MISSING_KEY.strip().format(key=key, count=count)
    if done.unreadable:
        yield UNREADABLE.strip().format(count=len(done.unreadable))
    if left > 0:
        yield LEFT.strip().format(count=left)
