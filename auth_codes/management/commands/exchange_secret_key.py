"""Has the database count under another SECRET_KEY, while no server serves."""

import json

from django.core.management.base import BaseCommand, CommandError

from auth_codes.codes import known_keys
from auth_codes.crypto import fingerprints


class Command(BaseCommand):
    help = (
        "Pendant un changement de SECRET_KEY, une fois tous les serveurs arrêtés : fait compter les codes erronés sous "
        "la SECRET_KEY de ce serveur. La base refuse ensuite les serveurs qui en mettent une autre en premier. "
        "L’ancienne doit être dans SECRET_KEY_FALLBACKS. Les comptes de codes erronés et les suspensions repartent de "
        "zéro. Affiche une ligne JSON."
    )
    # Checks open the database, which refuses this order of keys until this command has run.
    requires_system_checks = ()

    def handle(self, **options):
        try:
            known_keys.exchange()
        except fingerprints.WrongKeys as error:
            raise CommandError(str(error)) from None
        [counts] = [key for key in fingerprints.at_hand() if key.variable == fingerprints.FIRST]
        self.stdout.write(json.dumps({"counts_under": counts.digest[:16]}))
