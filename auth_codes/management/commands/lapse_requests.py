"""Writes down the requests that no second advisor has judged in time; a timer runs it every night."""

import json

from django.core.management.base import BaseCommand
from django.utils import timezone

from auth_codes import dual_control


class Command(BaseCommand):
    help = (
        "Note les demandes à deux conseillers restées sans réponse plus de trois jours ouvrés, et prévient qui les a "
        "faites. À lancer chaque nuit."
    )

    def handle(self, **options):
        self.stdout.write(json.dumps({"lapsed": dual_control.lapse_all(timezone.now())}))
