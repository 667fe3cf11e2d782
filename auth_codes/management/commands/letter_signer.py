"""Says by what the print workshop knows the bank's batches."""

from django.core.management.base import BaseCommand

from auth_codes.handover import signing


class Command(BaseCommand):
    help = (
        "Affiche la clé publique qui signe les lots de plis scellés. L’atelier l’écrit dans son fichier de clés, sur "
        "une ligne « # signer: … » : il n’ouvre plus alors que les lots de la banque. Donnez-la-lui par une autre voie "
        "que les lots."
    )

    def handle(self, **options):
        self.stdout.write(signing.signer())
