"""Forgets the transfers that were prepared and never confirmed; a timer runs it every day."""

import json

from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import Transfer
from accounts.transfers import ordering


class Command(BaseCommand):
    help = (
        "Oublie les virements préparés il y a plus d’une heure et jamais confirmés : plus personne ne peut les "
        "confirmer. Affiche une ligne JSON. À lancer chaque jour."
    )

    def handle(self, **options):
        forgotten = ordering.forget_unconfirmed(Transfer.objects.all(), timezone.now())
        self.stdout.write(json.dumps({"forgotten": forgotten}))
