"""Creates a client's online space, for scripts."""

import json

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.clients.online_space import AlreadyCreated, ContactsUnconfirmed, TooYoung, create_online_space
from accounts.models import Client, User
from auth_codes.actor import SYSTEM


class Command(BaseCommand):
    help = "Crée l’espace en ligne d’un client ; le code secret provisoire part par pli scellé. Affiche une ligne JSON."

    def add_arguments(self, parser):
        parser.add_argument("client_code", metavar="CLIENT_CODE")

    def handle(self, *, client_code, **options):
        try:
            number = User.read_client_code(client_code)
        except ValidationError as error:
            raise CommandError(error.messages[0]) from None
        client = Client.objects.filter(client_code=number).first()
        if client is None:
            raise CommandError("Ce code client n’est attribué à personne.")
        try:
            create_online_space(client, by=SYSTEM)
        except AlreadyCreated:
            raise CommandError("L’espace en ligne de ce client existe déjà.") from None
        except TooYoung:
            raise CommandError("Ce client est trop jeune : ses représentants voient ses comptes.") from None
        except ContactsUnconfirmed:
            raise CommandError(
                "Des coordonnées de ce client ont été modifiées : un second conseiller doit d’abord les confirmer, "
                "depuis sa fiche."
            ) from None
        self.stdout.write(json.dumps({"client_code": client.client_code}))
