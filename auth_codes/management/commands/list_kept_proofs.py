"""Prints the proofs that outlive the journal; for who has to answer a customer, a judge or the auditors."""

import json

from django.core.management.base import BaseCommand

from auth_codes.journal import proofs
from auth_codes.models import KeptProof


class Command(BaseCommand):
    help = (
        "Affiche, une ligne JSON par preuve, ce qui prouve un signalement ou une fermeture et que le journal n’a plus "
        ": la ligne telle qu’elle était, son rang, et si son sceau d’alors se refait (null quand sa clé manque). "
        "verify_journal dit si une preuve a été modifiée, ajoutée ou supprimée."
    )

    def add_arguments(self, parser):
        parser.add_argument("--owner", type=int, metavar="N", help="le numéro interne (« owner_id ») d’une personne")

    def handle(self, *, owner, **options):
        for proof in KeptProof.objects.order_by("number").iterator():
            line = json.loads(proof.line)
            if owner in (None, line["owner_id"]):
                sealed = proofs.is_as_it_was_chained(proof)
                self.stdout.write(json.dumps({"number": proof.number, "is_as_it_was_chained": sealed, "line": line}))
