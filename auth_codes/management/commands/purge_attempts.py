"""Forgets attempts, budgets and devices whose time is over; a timer runs it every day."""

import json

from django.core.management.base import BaseCommand
from django.utils import timezone
from tqdm import tqdm

from auth_codes.devices import known_devices, remembered
from auth_codes.lockout import budgets, counters


class Command(BaseCommand):
    help = (
        "Oublie les essais de plus de 365 jours, les compteurs et les budgets devenus inutiles, les appareils et codes "
        "client retenus dont le cookie a expiré, pendant que les clients se connectent. Affiche une ligne JSON. À "
        "lancer chaque jour."
    )

    def handle(self, **options):
        now = timezone.now()
        with tqdm(desc="Lignes effacées", unit=" lignes", disable=None) as bar:
            attempts = counters.purge(now, bar.update)
            figures = attempts._asdict() | {
                "budgets": budgets.purge(now, bar.update),
                "remembered": remembered.purge(now, bar.update),
                "devices": known_devices.purge(now, bar.update),
            }
        self.stdout.write(json.dumps(figures))
