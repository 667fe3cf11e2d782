"""The print workshop's command: neither the bank's keys nor its database are needed."""

from collections.abc import Sequence
from pathlib import Path

import typst
from django.core.management.base import BaseCommand, CommandError
from django.views.decorators.debug import sensitive_variables
from tqdm import tqdm

from auth_codes.handover import manifest
from auth_codes.handover.private_files import write_file
from auth_codes.letters import envelopes, letter_pdf


class Command(BaseCommand):
    help = (
        "À l’atelier d’impression : ouvre les plis scellés d’un lot avec la clé privée et écrit un PDF par pli. "
        "Un lot où un fichier manque, est en trop ou a changé n’est pas ouvert, et chaque fichier en cause est nommé : "
        "ne laissez confirmer que ce qui est complet. La somme de contrôle affichée pour le manifeste doit être celle "
        "que la banque a donnée. "
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

    def handle(self, *, identity, source, to, **options):
        try:
            keys = envelopes.identities_from(identity.read_text(errors="replace"))
            sealed = [letter for batch in manifest.batches_in(source) for letter in self._checked(batch)]
            to.mkdir(parents=True, exist_ok=True, mode=0o700)
        except (envelopes.UnreadableLetter, manifest.DamagedBatch) as error:
            raise CommandError(f"Rien n’a été ouvert : {error}.") from None
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

    def _checked(self, batch_folder: Path) -> list[tuple[str, bytes]]:
        sealed = manifest.letters_in(batch_folder)
        said = (
            f"{batch_folder.name} : {len(sealed)} pli(s), lot complet ; manifeste {manifest.checksum_of(batch_folder)}"
        )
        self.stderr.write(said)
        return sealed


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
