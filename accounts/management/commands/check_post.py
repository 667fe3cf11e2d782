"""The print workshop's command: neither the bank's keys nor its database are needed."""

import json
from argparse import ArgumentTypeError
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.print_stream import checking
from auth_codes.handover import signing
from auth_codes.handover.signing import Senders


class Command(BaseCommand):
    help = (
        "À l’atelier d’impression : vérifie qu’un lot de courrier ordinaire est celui de la banque, et entier, avant "
        "d’en imprimer une page. Affiche en une ligne JSON le nombre de lettres et de pages."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, metavar="DIR", help="le dossier du lot")
        parser.add_argument(
            "--signer",
            type=_signer,
            action="append",
            default=[],
            metavar="CLE",
            help="ce qu’affiche letter_signer à la banque ; plusieurs fois pendant un changement de clé",
        )

    def handle(self, *, folder, signer, **options):
        signers = (*signer, *settings.LETTER_SIGNERS)
        if not signers:
            raise CommandError("Qui signe ? Donnez la clé de la banque : --signer CLE, ou LETTER_SIGNER.")
        try:
            manifest = checking.check(folder, Senders(signers))
        except checking.NotOurBatch as error:
            raise CommandError(f"N’imprimez rien de {folder} : {error}.") from None
        except OSError as error:
            raise CommandError(f"N’imprimez rien de {folder} : {error.filename} est inaccessible.") from None
        self.stdout.write(json.dumps({"batch": manifest.batch, "letters": manifest.count, "pages": manifest.pages}))


def _signer(text: str) -> str:
    try:
        return signing.signer_from(text)
    except signing.NoSigner:
        raise ArgumentTypeError("ce n’est pas une clé de letter_signer") from None
