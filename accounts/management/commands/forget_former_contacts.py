"""Forgets former contacts of clients, and lets those that they changed themselves count; a timer runs it every day."""

import json

from django.core.management.base import BaseCommand
from django.utils import timezone
from tqdm import tqdm

from accounts.clients import former_values


class Command(BaseCommand):
    help = (
        "Oublie les anciennes coordonnées, 90 jours après le changement et une fois confirmé, et les anciennes "
        "identités, 90 jours après la réponse du second conseiller (RGPD, article 5). Ce qui attend une réponse reste. "
        "Ce que les clients ont changé eux-mêmes il y a 30 jours compte désormais comme confirmé. Affiche une ligne "
        "JSON. À lancer chaque jour ; peut être interrompue et relancée à tout moment."
    )

    def handle(self, **options):
        with tqdm(desc="Lignes oubliées", unit=" lignes", disable=None) as bar:
            forgotten = former_values.forget(timezone.now(), bar.update)
        self.stdout.write(json.dumps(forgotten._asdict()))
