"""Takes the tokens of a manufacturer's file into stock, so that they may be lent."""

import getpass
import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from tqdm import tqdm

from auth_codes.crypto.sealing import SealError
from auth_codes.factors import token_import
from auth_codes.factors.seed_files import MOST_BYTES, RefusedFile, SeedFault, SeedFile
from auth_codes.one_at_a_time import alone

NOTHING = "Rien n’a été importé : "
SENTENCES = {
    SeedFault.UNREADABLE: "ce n’est pas un fichier PSKC (RFC 6030) lisible, ou il est abîmé.",
    SeedFault.TOO_LARGE: f"ce fichier dépasse {MOST_BYTES // 1_000_000} Mo : demandez au fabricant plusieurs fichiers.",
    SeedFault.IN_CLEAR: (
        "les clés de ce fichier ne sont pas chiffrées. Quiconque l’a lu connaît ces boîtiers : ne les prêtez pas, et "
        "demandez au fabricant d’autres boîtiers et un fichier chiffré."
    ),
    SeedFault.CIPHER: "il faut un fichier chiffré par AES, d’une clé partagée ou d’un mot de passe (PBKDF2).",
    SeedFault.UNPROVED: (
        "les clés chiffrées n’ont pas toutes leur code d’authentification (ValueMAC) : rien ne prouve que personne ne "
        "les a changées en route."
    ),
    SeedFault.WRONG_KEY: "la clé ou le mot de passe ne convient pas, ou le fichier a été changé en route.",
    SeedFault.EMPTY: "ce fichier ne contient aucun boîtier.",
    SeedFault.SERIAL: "le boîtier de rang {} n’a pas de numéro de série de 1 à 32 lettres et chiffres.",
    SeedFault.ALGORITHM: "le boîtier {} n’est pas un boîtier TOTP à SHA-1, le seul qui convienne.",
    SeedFault.DIGITS: "le boîtier {} ne montre pas six chiffres.",
    SeedFault.STEP: "le boîtier {} ne change pas de nombre toutes les 30 secondes.",
    SeedFault.NOT_ALLOWED: "le fabricant n’autorise pas, ou plus, l’usage du boîtier {}.",
    SeedFault.LENGTH: "la clé du boîtier {} n’a pas de 20 à 64 octets.",
    SeedFault.WEAK: "la clé du boîtier {} n’est pas tirée au sort : exemple d’une norme, ou essai du fabricant.",
    SeedFault.TWICE: "le numéro {} figure deux fois dans ce fichier.",
    SeedFault.SAME_KEY: "le boîtier {} a la même clé qu’un autre du fichier.",
}
ANOTHER_KEY = (
    "le boîtier {} est déjà connu, avec une autre clé. Ne prêtez aucun boîtier de ce fichier et appelez le fabricant."
)


class Command(BaseCommand):
    help = (
        "Importe les boîtiers d’un fichier PSKC (RFC 6030) du fabricant, chiffré d’une clé partagée (chiffres "
        "hexadécimaux) ou d’un mot de passe. La clé est demandée, ou lue dans un fichier, jamais sur la ligne de "
        "commande. Tout le fichier est importé, ou rien ; un boîtier déjà connu reste comme il est, la commande peut "
        "donc être relancée. Effacez ensuite le fichier. Affiche une ligne JSON."
    )

    def create_parser(self, *names, **kwargs):
        # « --key=… » must not be taken for « --key-file »: whoever tries it is told before he writes keys there.
        return super().create_parser(*names, allow_abbrev=False, **kwargs)

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE", help="fichier PSKC du fabricant")
        parser.add_argument(
            "--key-file", type=Path, metavar="FILE", help="fichier dont la première ligne est la clé ou le mot de passe"
        )

    @sensitive_variables()
    def handle(self, *, file, key_file, **options):
        try:
            seeds = SeedFile(_content(file))
            key = _first_line(key_file) if key_file else _asked(seeds.asks_for_password)
            with alone("import_tokens"), tqdm(total=len(seeds), desc="Boîtiers", unit=" boîtiers", disable=None) as bar:
                taken = token_import.take(seeds.seeds(key, timezone.now()), bar.update)
        except RefusedFile as refused:
            raise CommandError(NOTHING + SENTENCES[refused.why].format(refused.device)) from None
        except token_import.AnotherKey as other:
            raise CommandError(NOTHING + ANOTHER_KEY.format(other.serial)) from None
        except SealError:
            raise CommandError(f"{NOTHING}un boîtier connu ne s’ouvre plus. Lancez check --database default.") from None
        self.stdout.write(json.dumps(taken._asdict()))


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError:
        raise CommandError(f"{NOTHING}{path} est introuvable ou inaccessible.") from None


@sensitive_variables()
def _first_line(path: Path) -> str:
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        raise CommandError(
            f"{NOTHING}le fichier de la clé est introuvable, inaccessible, ou n’est pas un texte."
        ) from None
    return lines[0].strip() if lines else ""


@sensitive_variables()
def _asked(is_password: bool) -> str:
    if not sys.stdin.isatty():
        raise CommandError(f"{NOTHING}personne n’est là pour saisir la clé : donnez-la par --key-file.")
    return getpass.getpass("Mot de passe du fichier : " if is_password else "Clé du fichier, en hexadécimal : ").strip()
