"""The print workshop's command: neither the bank's keys nor its database are needed."""

from argparse import ArgumentTypeError
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import typst
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.views.decorators.debug import sensitive_variables
from tqdm import tqdm

from auth_codes.handover import manifest, signing
from auth_codes.handover.private_files import write_file
from auth_codes.handover.signing import Senders
from auth_codes.letters import envelopes, letter_pdf

NOBODY_CHECKED = (
    "Personne n’a vérifié l’expéditeur de ces plis : demandez à la banque sa clé (manage.py letter_signer) et "
    "écrivez-la dans FILE, sur une ligne « # signer: … »."
)


class Command(BaseCommand):
    help = (
        "À l’atelier d’impression : ouvre les plis scellés d’un lot avec la clé privée et écrit un PDF par pli. "
        "Un lot où un fichier manque, est en trop ou a changé n’est pas ouvert, et chaque fichier en cause est nommé : "
        "ne laissez confirmer que ce qui est complet. La somme de contrôle affichée pour le manifeste doit être celle "
        "que la banque a donnée. Dès que FILE contient une ligne « # signer: … » (ou que LETTER_SIGNER est défini), "
        "seuls les lots que cette clé a signés sont ouverts. "
        "Quand l’atelier change de clé, les plis émis auparavant ne s’ouvrent toujours qu’avec l’ancienne : gardez les "
        "deux clés dans FILE, une par ligne, jusqu’à ce que le dernier de ces plis soit imprimé."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument(
            "--identity", required=True, type=Path, metavar="FILE", help="clé(s) privée(s) age de l’atelier"
        )
        parser.add_argument(
            "--from", required=True, type=Path, metavar="DIR", dest="source", help="lot, ou dossier de lots"
        )
        parser.add_argument("--to", required=True, type=Path, metavar="DIR", help="dossier des PDF")
        parser.add_argument(
            "--unsigned-until",
            type=_day,
            metavar="DATE",
            help="ouvrir aussi les lots sans signature faits avant ce jour (AAAA-MM-JJ)",
        )

    def handle(self, *, identity, source, to, unsigned_until, **options):
        try:
            text = identity.read_text(errors="replace")
            keys = envelopes.identities_from(text)
            senders = self._senders(text, unsigned_until)
            sealed = [letter for batch in manifest.batches_in(source) for letter in self._checked(batch, senders)]
            to.mkdir(parents=True, exist_ok=True, mode=0o700)
        except (envelopes.UnreadableLetter, manifest.DamagedBatch) as error:
            raise CommandError(f"Rien n’a été ouvert : {error}.") from None
        except signing.NoSigner:
            raise CommandError("Rien n’a été ouvert : une ligne « # signer: » de ce fichier est abîmée.") from None
        except OSError as error:
            raise CommandError(f"Rien n’a été ouvert : {error.filename} est introuvable ou inaccessible.") from None
        refused = []
        for name, content in tqdm(sealed, desc="Plis ouverts", unit="pli", disable=None):
            problem = _print_to(to, content, keys)
            if problem:
                refused.append(f"{name} : {problem}")
        self.stdout.write(f"{len(sealed) - len(refused)} lettre(s) dans {to}")
        if refused:
            raise CommandError("Plis non ouverts :\n" + "\n".join(refused))

    def _senders(self, identity_file: str, unsigned_until: date | None) -> Senders:
        """Whose batches are opened; says so when they are anybody's. Raises NoSigner."""
        signers = (*signing.signers_in(identity_file), *settings.LETTER_SIGNERS)
        if not signers:
            self.stderr.write(NOBODY_CHECKED)
        return Senders(signers, unsigned_until)

    def _checked(self, batch_folder: Path, senders: Senders) -> list[tuple[str, bytes]]:
        sealed = manifest.letters_in(batch_folder, senders)
        said = (
            f"{batch_folder.name} : {len(sealed)} pli(s), lot complet ; manifeste {manifest.checksum_of(batch_folder)}"
        )
        self.stderr.write(said)
        return sealed


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("donnez un jour de la forme AAAA-MM-JJ") from None


@sensitive_variables("contents")
def _print_to(folder: Path, content: bytes, keys: Sequence) -> str | None:
    """Writes one PDF, readable by its owner alone; gives the problem when the letter cannot be opened or laid out."""
    try:
        contents = envelopes.open_at_workshop(content, *keys)
        pdf = letter_pdf.render(contents)
    except envelopes.UnreadableLetter as error:
        return str(error)
    except typst.TypstError:
        return "la lettre ne tient pas sur sa page"  # the compiler's own message may quote its content
    write_file(folder / f"{contents.letter_id}.pdf", pdf)
    return None
