"""Takes the keys of this server for those of its database, after the loss of the former ones."""

import json

from django.core.management.base import BaseCommand

from auth_codes.codes import known_keys
from auth_codes.crypto import fingerprints


class Command(BaseCommand):
    help = (
        "Après la perte de clés, et seulement alors : fait des clés de ce serveur celles de la base, qui refuse "
        "ensuite les serveurs qui en ont d’autres. Ce qui était scellé sous une clé perdue le reste : « manage.py "
        "check --database default » dit combien de codes. Affiche une ligne JSON."
    )
    # Checks open the database, which refuses these keys until this command has run.
    requires_system_checks = ()

    def handle(self, **options):
        known_keys.accept()
        accepted = [f"{key.variable} {key.key_id}" for key in fingerprints.at_hand()]
        self.stdout.write(json.dumps({"accepted": accepted}))
