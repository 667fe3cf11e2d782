"""Writes down the representations that are over by themselves; a timer runs it every night."""

import json

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.bank_accounts import representations


class Command(BaseCommand):
    help = (
        "Note les représentations terminées d’elles-mêmes : majorité, dernier jour passé, fin de la relation avec "
        "l’une des deux personnes ; prévient les deux. À lancer chaque nuit."
    )

    def handle(self, **options):
        self.stdout.write(json.dumps({"ended": representations.end_those_over(timezone.localdate())}))
